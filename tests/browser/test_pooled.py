"""Service pooled over two offices, in real browsers: by video, and when the only speaker leaves."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from queueapp.config import HUDDINGE
from tests.browser.conftest import DESK, PHONE, WALL, Screens
from tests.browser.steps import accessible, kiosk, press, sign_in, take_ticket
from tests.servers import LOCALHOST, WebProcess

MEETING = b"""<!doctype html><html lang="en"><title>Meeting</title>
<main><h1>Meeting</h1></main></html>"""


class Meetings:
    """A stand-in for a meeting service: any path is a meeting. Counts how often each was opened."""

    def __init__(self) -> None:
        opened = self.opened = Counter[str]()

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                opened[self.path] += 1
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(MEETING)

            def log_message(self, *_said: Any) -> None:
                """Nothing: the count is enough."""

        self.server = ThreadingHTTPServer((LOCALHOST, 0), Answer)
        self.url = f"http://{LOCALHOST}:{self.server.server_port}"


@pytest.fixture
def meetings() -> Iterator[Meetings]:
    meetings = Meetings()
    thread = threading.Thread(target=meetings.server.serve_forever, daemon=True)
    thread.start()
    yield meetings
    meetings.server.shutdown()
    thread.join()
    meetings.server.server_close()


@pytest.fixture
def web(tmp_path: Path, meetings: Meetings) -> Iterator[WebProcess]:
    """Huddinge, with its video rooms' meetings at our own stand-in."""
    municipality = tmp_path / "municipality.yaml"
    municipality.write_text(HUDDINGE.read_text().replace("https://meet.jit.si", meetings.url))
    settings = {
        "QUEUEAPP_VAR": str(tmp_path / "var"),
        "QUEUEAPP_TRIAL": "1",
        "QUEUEAPP_MUNICIPALITY": str(municipality),
    }
    web = WebProcess(settings)
    web.cli("init")
    with web:
        yield web


def take(machine: Page, language: str, **how: Any) -> dict[str, Any]:
    """Take a ticket at the kiosk; gives what the kiosk was told of it."""
    with machine.expect_response(lambda answer: "/tickets?" in answer.url) as issued:
        number = take_ticket(machine, language, **how)
    ticket = issued.value.json()
    assert ticket["number"] == number
    return ticket


def frame_of(page: Page) -> Locator:
    return page.locator("iframe")


def test_an_arabic_visitor_in_varby_is_served_by_video_from_the_centre(
    screens: Screens, web: WebProcess, meetings: Meetings
) -> None:
    amira = sign_in(screens, web, "amira", "/counter/sjodalsvagen/1")
    press(amira, "o", "free")
    display = screens.open(f"{web.url}/display/varby", WALL)
    room = screens.open(web.cli("device", "add", "room", "varby-video-1"), DESK)
    expect(room.locator("h1")).to_have_text("Videorum 1")
    accessible(room)
    ticket = take(kiosk(screens, web), "ar", way="video", check=accessible)
    phone = screens.open(f"{ticket['url']}?lang=ar", PHONE, "ar")
    expect(amira.locator(".line__row").first).to_contain_text("Servicecenter Vårby")

    press(amira, "n", "called")
    expect(display.locator(".newest")).to_have_attribute("data-number", ticket["number"])
    expect(display.locator(".newest")).to_contain_text("Videorum")
    expect(room.locator(".visit__number")).to_contain_text(ticket["number"])
    expect(room.locator("html")).to_contain_text("Servicecenter Huddinge centrum")
    meeting = frame_of(amira).get_attribute("src") or ""
    assert meeting.startswith(f"{meetings.url}/huddinge-varby-")
    for page in (amira, room):
        expect(frame_of(page)).to_have_attribute("src", meeting)
        expect(page.frame_locator("iframe").locator("h1")).to_have_text("Meeting")
    expect(phone.locator('[data-slot="called"]')).to_have_text("توجّه إلى غرفة الفيديو 1")
    expect(phone.locator('[data-slot="meeting"]')).to_have_attribute("href", meeting)
    for page in (amira, room, phone, display):
        accessible(page)

    press(amira, "s", "serving")
    amira.keyboard.press("1")
    # The call went on while the counter page was drawn anew: each screen opened it once.
    assert meetings.opened[meeting.removeprefix(meetings.url)] == 2
    press(amira, "f", "free")
    for page in (amira, room):
        expect(frame_of(page)).to_have_count(0)
    expect(room.locator("h1")).to_have_text("Videorum 1")


def test_when_the_only_speaker_leaves_the_phone_offers_an_interpreter_and_keeps_the_place(
    screens: Screens, web: WebProcess
) -> None:
    amira = sign_in(screens, web, "amira", "/counter/sjodalsvagen/1")
    press(amira, "o", "free")
    anna = sign_in(screens, web, "anna", "/counter/varby/1")
    press(anna, "o", "free")
    display = screens.open(f"{web.url}/display/varby", WALL)
    ticket = take(kiosk(screens, web), "ar", way="video")
    phone = screens.open(f"{ticket['url']}?lang=ar", PHONE, "ar")
    told = phone.locator('[data-slot="unstaffed"]')
    expect(told).to_be_hidden()

    amira.keyboard.press("c")
    expect(told).to_be_visible()
    expect(display.locator(".ask")).to_contain_text(ticket["number"])
    expect(anna.locator('[data-slot="unserved"]')).to_have_text("1")
    accept = phone.locator("#offers form button")
    expect(accept).to_have_text("نعم، المترجم الشفوي مناسب لي")
    accessible(phone)
    accessible(display)
    accept.click()
    expect(told).to_be_hidden()
    expect(phone.locator('[data-slot="way"]')).to_contain_text("مترجم")
    expect(display.locator(".ask")).to_have_count(0)

    press(anna, "n", "called")
    expect(anna.locator("#desk .desk__number")).to_have_text(ticket["number"])
    expect(anna.locator('.desk__facts [data-slot="match"]')).to_have_text("arabiska, med tolk")
    expect(phone.locator('[data-slot="called"]')).to_have_text("توجّه إلى الشباك 1")


def test_of_two_who_are_free_the_better_placed_is_told_and_the_other_may_call_all_the_same(
    screens: Screens, web: WebProcess
) -> None:
    rebin = sign_in(screens, web, "rebin", "/counter/varby/1")  # needed for Central Kurdish
    press(rebin, "o", "free")
    anna = sign_in(screens, web, "anna", "/counter/varby/2")
    press(anna, "o", "free")
    told = rebin.locator('[data-slot="better"]')
    expect(told).to_be_hidden()

    ticket = take(kiosk(screens, web), "sv")
    expect(told).to_have_text(re.compile("^Lucka 2, .*Vårby, är ledig och passar nästa besökare"))
    expect(anna.locator('[data-slot="better"]')).to_be_hidden()
    expect(anna.locator("#announcement")).to_contain_text(ticket["number"])
    expect(rebin.locator("#announcement")).not_to_contain_text(ticket["number"])
    accessible(rebin)

    press(rebin, "n", "called")
    expect(rebin.locator("#desk .desk__number")).to_have_text(ticket["number"])
    expect(anna.locator('[data-slot="nobody"]')).to_be_visible()
