"""A day at the service centre, in real browsers: kiosk, counter, display, phone, statistics."""

import time

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WALL, Screens
from tests.browser.steps import (
    accessible,
    by_keyboard,
    kiosk,
    press,
    sign_in,
    take_ticket,
)
from tests.servers import WebProcess


def newest(display: Page):
    return display.locator(".newest")


def shows(display: Page, number: str, seconds: float = 5.0) -> None:
    expect(newest(display)).to_have_attribute("data-number", number, timeout=seconds * 1000)


def serve_more(web: WebProcess, staff: str, counter: str, language: str, number: int) -> None:
    """So many more visitors of that language, served at the counter through the API."""
    headers = {"Authorization": f"Bearer {web.cli('token', staff)}"}
    api = httpx.Client(base_url=f"{web.url}/api/v1", headers=headers)
    for place in range(number):
        body = {"request_key": f"{language}-{place}-of-the-day", "service": "bygglov"}
        api.post("/offices/varby/tickets", json=body | {"languages": [language]})
        ticket = api.post(f"/counters/{counter}/next").json()["id"]
        api.post(f"/tickets/{ticket}/start")
        errand = {"service": "bygglov", "outcome": "resolved"}
        assert api.post(f"/tickets/{ticket}/finish", json={"errands": [errand]}).is_success


def test_the_day_of_a_swedish_and_an_arabic_visitor(screens: Screens, web: WebProcess) -> None:
    display = screens.open(f"{web.url}/display/varby", WALL)
    machine = kiosk(screens, web)

    swedish = take_ticket(machine, "sv", choose=by_keyboard)
    machine.locator(".kiosk__continue").click()
    arabic = take_ticket(machine, "ar")
    assert machine.locator("html").get_attribute("dir") == "rtl"
    assert [swedish, arabic] == ["M1", "M2"]

    anna = sign_in(screens, web, "anna", "/counter/varby/1")
    press(anna, "o", "free")
    press(anna, "n", "called")
    shows(display, swedish)
    press(anna, "s", "serving")
    anna.keyboard.press("1")
    press(anna, "f", "free")

    amira = sign_in(screens, web, "amira", "/counter/varby/2")
    press(amira, "o", "free")
    press(amira, "n", "called")
    expect(amira.locator("#desk .desk__number")).to_have_text(arabic)
    shows(display, arabic)
    expect(newest(display)).to_contain_text("2")
    press(amira, "s", "serving")
    amira.keyboard.press("1")
    press(amira, "f", "free")

    # Figures of fewer than five are nobody's business: four more of each come during the day.
    serve_more(web, "anna", "varby-1", "sv", 4)
    serve_more(web, "amira", "varby-2", "ar", 4)
    maria = sign_in(screens, web, "maria", "/statistics")
    expect(maria.locator("table").first).to_be_visible()
    token = web.cli("token", "maria")
    figures = httpx.get(
        f"{web.url}/api/v1/statistics?by=office,language",
        headers={"Authorization": f"Bearer {token}"},
    ).json()
    assert {row["group"]["language"]: row["figures"]["served"] for row in figures["rows"]} == {
        "ar": 5,
        "sv": 5,
    }
    for page in (display, anna, amira, maria):
        accessible(page)


def test_the_kiosk_is_accessible_at_every_step_in_swedish_and_in_arabic(
    screens: Screens, web: WebProcess
) -> None:
    machine = kiosk(screens, web)
    take_ticket(machine, "sv", check=accessible)
    machine.locator(".kiosk__continue").click()
    take_ticket(machine, "ar", check=accessible)


def test_the_phone_follows_the_ticket_and_can_leave_the_line(
    screens: Screens, web: WebProcess
) -> None:
    headers = {"Authorization": f"Bearer {web.cli('token', 'anna')}"}
    api = httpx.Client(base_url=web.url, headers=headers)
    body = {"service": "bygglov", "languages": ["ar", "sv"]}
    first, second = (
        api.post("/api/v1/offices/varby/tickets", json=body | {"request_key": key}).json()
        for key in ("first-ticket", "second-ticket")
    )
    phone = screens.open(f"{first['url']}?lang=ar", PHONE, "ar")
    assert phone.locator("html").get_attribute("dir") == "rtl"
    expect(phone.locator("body")).to_contain_text(first["number"])
    accessible(phone)
    before = phone.title()
    api.put("/api/v1/counters/varby-1", json={"state": "open"})
    called = api.post("/api/v1/counters/varby-1/next").json()
    assert called["number"] == first["number"]
    expect(phone).not_to_have_title(before)
    accessible(phone)
    other = screens.open(second["url"], PHONE)
    other.locator("details.confirm summary, [data-leave]").first.click()
    other.locator("form button").last.click()
    expect(other.locator("body")).not_to_contain_text("Server Error")
    seen = api.get(f"/api/v1/tickets/{second['token']}").json()
    assert seen["state"] == "left"


def test_a_double_touch_gives_one_ticket(screens: Screens, web: WebProcess) -> None:
    machine = kiosk(screens, web)
    machine.locator('.tile--language[lang="sv"]').click()
    machine.locator(".tile--service").first.click()
    machine.locator(".kiosk__continue").click()
    machine.locator(".tile").filter(has_text="Vårby").click()
    machine.locator("button.way").first.dblclick()
    expect(machine.locator(".ticket__number")).to_have_text("M1")
    assert httpx.get(f"{web.url}/api/v1/offices/varby/display").json()["waiting"] == 1


def test_a_kiosk_without_network_says_so_and_then_gives_one_ticket(
    screens: Screens, web: WebProcess
) -> None:
    machine = kiosk(screens, web)
    machine.locator('.tile--language[lang="ar"]').click()
    machine.locator(".tile--service").first.click()
    machine.locator(".kiosk__continue").click()
    machine.locator(".tile").filter(has_text="Vårby").click()
    expect(machine.locator("button.way").first).to_be_visible()
    machine.context.set_offline(True)
    machine.locator("button.way").first.click()
    expect(machine.locator(".message")).to_be_visible()
    machine.context.set_offline(False)
    expect(machine.locator(".ticket__number")).to_have_text("M1", timeout=20_000)
    assert httpx.get(f"{web.url}/api/v1/offices/varby/display").json()["waiting"] == 1


def test_a_kiosk_left_alone_warns_can_be_extended_and_returns_to_the_start(
    screens: Screens, web: WebProcess
) -> None:
    machine = kiosk(screens, web)
    expect(machine.locator(".tile--language").first).to_be_visible()
    machine.clock.install()
    machine.reload()
    machine.locator('.tile--language[lang="sv"]').click()
    expect(machine.locator(".tile--service").first).to_be_visible()
    machine.clock.run_for(46_000)
    expect(machine.get_by_role("dialog")).to_be_visible()
    machine.get_by_role("dialog").get_by_role("button").first.click()
    expect(machine.locator(".tile--service").first).to_be_visible()
    machine.clock.run_for(46_000)
    expect(machine.get_by_role("dialog")).to_be_visible()
    machine.clock.run_for(16_000)
    expect(machine.locator(".tile--language").first).to_be_visible()


def test_a_display_is_right_again_within_a_second_of_the_server_being_back(
    screens: Screens, web: WebProcess
) -> None:
    headers = {"Authorization": f"Bearer {web.cli('token', 'anna')}"}
    api = httpx.Client(base_url=web.url, headers=headers)
    display = screens.open(f"{web.url}/display/varby", WALL)

    def call(key: str) -> str:
        body = {"service": "bygglov", "languages": ["sv"], "request_key": key}
        api.post("/api/v1/offices/varby/tickets", json=body)
        called = api.post("/api/v1/counters/varby-1/next").json()
        api.post(f"/api/v1/tickets/{called['id']}/start")
        api.post(f"/api/v1/tickets/{called['id']}/finish", json={})
        return called["number"]

    api.put("/api/v1/counters/varby-1", json={"state": "open"})
    shows(display, call("before-the-fall"))
    web.kill9()
    time.sleep(4)
    web.start()
    api = httpx.Client(base_url=web.url, headers=headers)
    shows(display, call("after-the-fall"), seconds=1.0)
