"""The accessibility statement must itself be accessible."""

import pytest

from tests.browser.conftest import PHONE, Screens
from tests.browser.steps import accessible, by_keyboard
from tests.servers import WebProcess


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_statement_is_reached_by_keyboard_and_is_accessible(
    screens: Screens, web: WebProcess, language: str
) -> None:
    page = screens.open(f"{web.url}/?lang={language}", PHONE)
    by_keyboard(page, page.locator(".site-footer a"))
    page.wait_for_url("**/tillganglighet")
    assert page.locator("html").get_attribute("lang") == language
    accessible(page)
