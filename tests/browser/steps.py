"""What people do at the screens."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, KIOSK, Screens
from tests.servers import WebProcess

PASSWORD = "en lang mening som losen"


def accessible(page: Page) -> None:
    """No violation that axe-core finds, WCAG 2.1 AA included."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


def fits(page: Page) -> None:
    """Nothing makes the page itself wider than the screen: tables scroll in their own frame."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"


def tab_to(page: Page, target: Locator) -> None:
    """Move there with the Tab key alone."""
    expect(target).to_be_visible()
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never comes to {target}")


def by_keyboard(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def by_touch(page: Page, target: Locator) -> None:
    target.click()


def kiosk(screens: Screens, web: WebProcess, office: str = "varby") -> Page:
    return screens.open(web.cli("device", "add", "kiosk", office), KIOSK)


def take_ticket(
    page: Page, language: str, choose=by_touch, check=lambda page: None, way: str | None = None
) -> str:
    """From the start to the number, in that language; gives the number.

    ``way`` is the one to choose; the first that is offered where left out.
    """
    expect(page.locator(".tile--language").first).to_be_visible()
    check(page)
    choose(page, page.locator(f'.tile--language[lang="{language}"]'))
    expect(page.locator(".tile--service").first).to_be_visible()
    check(page)
    choose(page, page.locator(".tile--service").first)
    expect(page.locator(".tile--choice").first).to_be_visible()
    check(page)
    choose(page, page.locator(".kiosk__continue"))
    expect(page.locator(".tile").filter(has_text="Vårby")).to_be_visible()
    check(page)
    choose(page, page.locator(".tile").filter(has_text="Vårby"))
    expect(page.locator("button.way").first).to_be_visible()
    check(page)
    offered = f'button.way[data-way="{way}"]' if way else "button.way"
    choose(page, page.locator(offered).first)
    number = page.locator(".ticket__number")
    expect(number).to_be_visible()
    check(page)
    return number.inner_text()


def sign_in(screens: Screens, web: WebProcess, name: str, path: str) -> Page:
    """Choose a password with the one-time invitation, and go to ``path``."""
    page = screens.open(web.cli("user", "invite", name), DESK)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(re.compile(r"^(?!.*invitation)"))
    page.goto(web.url + path)
    return page


def press(page: Page, key: str, mode: str) -> None:
    """Press a shortcut on the counter page, and wait for what it leads to."""
    expect(page.locator("html[data-keys=on]")).to_have_count(1)
    page.keyboard.press(key)
    expect(page.locator(f'#desk[data-mode="{mode}"]')).to_be_visible()
