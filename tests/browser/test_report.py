"""The equality report and the costs in a real browser: read, operated by keyboard, printed."""

import datetime as dt
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from queueapp import create_app
from queueapp.models import db
from tests import builders
from tests.browser.conftest import DESK, PHONE, Screens
from tests.browser.steps import accessible, by_keyboard, sign_in
from tests.report_data import Visits, write_day
from tests.servers import WebProcess

LAST_YEAR = time.localtime().tm_year - 1


@pytest.fixture
def filled(web: WebProcess, tmp_path: Path) -> WebProcess:
    """The server, with last year's visits in its log."""
    made = create_app(
        builders.settings(f"sqlite:///{tmp_path / 'var/queueapp.sqlite3'}", tmp_path / "var")
    )
    with made.app_context():
        write_day(
            dt.date(LAST_YEAR, 1, 8),
            Visits(60, waits=(11, 13, 15, 17)),
            Visits(60, office="skogas", waits=(1, 3, 5, 7), district="skogas"),
            Visits(40, language="fi", served_in="sv", waits=(6, 8)),
        )
        db.engine.dispose()
    return web


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    ("language", "conclusion"),
    [("sv", "väntade i medel"), ("en", "longer on average")],
    ids=["sv", "en"],
)
def test_the_report_can_be_read_by_everybody(
    screens: Screens, filled: WebProcess, size: dict[str, int], language: str, conclusion: str
) -> None:
    page = sign_in(screens, filled, "maria", f"/statistics/report?lang={language}")
    page.set_viewport_size(size)
    expect(page.locator(".report__conclusions")).to_contain_text(conclusion)
    expect(page.locator("svg[role=img]").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_the_table_behind_a_chart_opens_by_keyboard(screens: Screens, filled: WebProcess) -> None:
    page = sign_in(screens, filled, "maria", "/statistics/report?lang=sv")
    table = page.locator(".panel details").first
    summary = table.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(table.locator("table")).to_be_visible()
    expect(table.locator("tbody")).to_contain_text("Vårby")
    accessible(page)


def test_another_period_is_chosen_by_keyboard(screens: Screens, filled: WebProcess) -> None:
    page = sign_in(screens, filled, "maria", "/statistics/report?lang=sv")
    page.select_option("#period", f"{LAST_YEAR}-H2")
    by_keyboard(page, page.locator("main form .button").first)
    page.wait_for_url(re.compile("period="))
    expect(page.locator("main")).to_contain_text("Det finns inga besök i den här perioden")
    accessible(page)


def test_tables_stand_open_on_paper(screens: Screens, filled: WebProcess) -> None:
    page = sign_in(screens, filled, "maria", "/statistics/report?lang=sv")
    page.emulate_media(media="print")
    assert page.locator(".panel details table").first.evaluate("e => e.checkVisibility()")
    expect(page.locator(".statistics-nav")).to_be_hidden()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_costs_are_entered_by_keyboard_and_what_is_wrong_is_told(
    screens: Screens, filled: WebProcess, language: str
) -> None:
    page = sign_in(screens, filled, "maria", f"/statistics/costs?lang={language}")
    page.fill("#fixed", "1,500")
    by_keyboard(page, page.locator(".costs-form .button"))
    expect(page.locator("#fixed-wrong")).to_be_visible()
    expect(page.locator("#fixed")).to_have_attribute("aria-invalid", "true")
    accessible(page)
    for name, sum_ in {"fixed": "1500000", "staff_hour": "450", "interpreter": "600"}.items():
        page.fill(f"#{name}", sum_)
    by_keyboard(page, page.locator(".costs-form .button"))
    expect(page.locator("tbody tr")).to_have_count(1)
    accessible(page)
    by_keyboard(page, page.locator("tbody button"))
    expect(page.locator("tbody tr")).to_have_count(0)
