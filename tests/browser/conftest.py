"""A real server and a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.servers import WebProcess

# The browser runs as root in containers, and must not look for its maker's servers.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
KIOSK = {"width": 1080, "height": 1920}
WALL = {"width": 1920, "height": 1080}
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

# How long to wait for what must come; a small machine that is busy takes its time.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebProcess]:
    """The embedded default in trial, as `make run` starts it."""
    web = WebProcess({"QUEUEAPP_VAR": str(tmp_path / "var"), "QUEUEAPP_TRIAL": "1"})
    web.cli("init")
    with web:
        yield web


class Screens:
    """Opens screens, each a browser context of its own, and notes what goes wrong in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.faults: list[str] = []

    def open(self, url: str, size: dict[str, int], locale: str = "sv-SE") -> Page:
        page = self._browser.new_context(viewport=size, locale=locale).new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.faults.append(f"{url}: {error}"))
        page.on(
            "console",
            lambda said: (
                self.faults.append(f"{url}: {said.text}")
                if "Content Security Policy" in said.text
                else None
            ),
        )
        page.goto(url)
        return page


@pytest.fixture
def screens(browser: Browser) -> Iterator[Screens]:
    screens = Screens(browser)
    yield screens
    for context in browser.contexts:
        context.close()
    assert screens.faults == []
