"""The explorer in a real browser: accessible, by keyboard, on a desk and on a phone."""

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from queueapp import create_app
from tests import builders, random_log
from tests.browser.conftest import DESK, PHONE, Screens
from tests.browser.steps import accessible, by_keyboard, fits, sign_in, tab_to
from tests.servers import WebProcess

LATER = random_log.working_days(dt.date(2024, 10, 21), 5)
EARLIER = [day - dt.timedelta(days=364) for day in LATER]
PERIOD = f"from={LATER[0]}&to={LATER[-1]}"
VIEWS = {
    "figures": f"/statistics?{PERIOD}&by=district&set=language&intervals=1",
    "notes": f"/statistics?{PERIOD}&set=use",
    "comparison": f"/statistics?{PERIOD}&compare=last-year",
    "heat": f"/statistics/heat?{PERIOD}&figure=wait_median_s",
    "wrong": "/statistics?from=2024-02-30",
    "empty": "/statistics?from=2020-01-01&to=2020-01-02",
    "open-data": "/open-data",
}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    """A server whose log has two weeks of visits, a year apart."""
    var = tmp_path_factory.mktemp("statistics") / "var"
    trial = {"QUEUEAPP_TRIAL": "1", "QUEUEAPP_OPEN_DATA": "1"}
    web = WebProcess({"QUEUEAPP_VAR": str(var), **trial})
    web.cli("init")
    app = create_app(builders.settings(f"sqlite:///{var / 'queueapp.sqlite3'}", var))
    with app.app_context():
        random_log.fill(app, EARLIER, 60, seed=1)
        random_log.fill(app, LATER, 60, seed=2)
    with web:
        yield web


@pytest.mark.parametrize(("size", "lang"), [(DESK, "sv"), (PHONE, "en")])
def test_every_view_is_accessible_and_fits_a_desk_and_a_phone(
    screens: Screens, web: WebProcess, size: dict[str, int], lang: str
) -> None:
    page = sign_in(screens, web, "maria", "/statistics")
    page.set_viewport_size(size)
    for address in VIEWS.values():
        page.goto(f"{web.url}{address}{'&' if '?' in address else '?'}lang={lang}")
        accessible(page)
        fits(page)
    page.goto(f"{web.url}{VIEWS['figures']}")
    for summary in page.locator(".chooser__summary").all():
        summary.click()
    accessible(page)


def test_a_view_is_asked_for_by_keyboard_and_its_address_shows_it_again(
    screens: Screens, web: WebProcess
) -> None:
    page = sign_in(screens, web, "maria", f"/statistics?{PERIOD}&lang=en")
    by_keyboard(page, page.locator("summary", has_text="Office"))
    tab_to(page, page.locator('input[name="office"][value="varby"]'))
    page.keyboard.press("Space")
    tab_to(page, page.locator("#compare"))
    page.keyboard.type("The same")
    by_keyboard(page, page.get_by_role("button", name="Show"))
    expect(page.locator(".compared")).to_contain_text("chance")
    expect(page.locator(".chooser__summary").first).to_contain_text("Vårby")
    shown, address = page.locator(".compared").inner_text(), page.url
    page.goto("about:blank")
    page.goto(address)
    assert page.locator(".compared").inner_text() == shown
    with page.expect_download() as download:
        by_keyboard(page, page.locator("a[download]", has_text="Excel").last)
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_heading_leads_to_its_definition(screens: Screens, web: WebProcess) -> None:
    page = sign_in(screens, web, "maria", f"/statistics?{PERIOD}&lang=en")
    by_keyboard(page, page.locator('a[href="#def-left_share"]'))
    expect(page.locator("#def-left_share")).to_be_in_viewport()
