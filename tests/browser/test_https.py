"""Behind a proxy that ends HTTPS: what a browser does only there."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK
from tests.browser.steps import PASSWORD, press
from tests.conftest import program
from tests.servers import LOCALHOST, WebProcess, free_port, self_signed, start_nginx


@pytest.fixture(scope="module")
def web(nginx_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    """`queueapp run` behind nginx with HTTPS, at its public address."""
    folder = tmp_path_factory.mktemp("https")
    certificate = program(lambda: self_signed(folder))
    port = free_port()
    settings = {
        "QUEUEAPP_VAR": str(folder / "var"),
        "QUEUEAPP_TRIAL": "1",
        "QUEUEAPP_PUBLIC_URL": f"https://{LOCALHOST}:{port}",
        "QUEUEAPP_TRUSTED_PROXIES": "1",
    }
    with ExitStack() as stack:
        web = WebProcess(settings)
        web.cli("init")
        stack.enter_context(web)
        beside = {"web1": web, "web2": web}
        nginx = start_nginx(nginx_path, port, beside, folder, certificate)
        stack.callback(nginx.stop)
        nginx.wait_ready(lambda: _alive(settings["QUEUEAPP_PUBLIC_URL"]), "nginx")
        yield web


def _alive(url: str) -> bool:
    try:
        return httpx.get(f"{url}/proxy-alive", verify=False).is_success  # noqa: S501
    except httpx.HTTPError:
        return False


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, locale="sv-SE", ignore_https_errors=True)
    yield context.new_page()
    context.close()


def sign_in(page: Page, web: WebProcess, name: str) -> str:
    """By invitation, whose address is the public one; gives that address."""
    link = web.cli("user", "invite", name)
    page.goto(link)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(re.compile(r"^(?!.*invitation)"))
    return link.partition("/invitation")[0]


def test_forms_are_taken_and_the_counter_is_live_over_https(page: Page, web: WebProcess) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    address = sign_in(page, web, "anna")
    assert address.startswith("https://")
    page.goto(f"{address}/counter/varby/1")
    press(page, "o", "free")
    expect(page.locator('[data-slot="waiting_for_you"]')).to_have_text("0")

    headers = {"Authorization": f"Bearer {web.cli('token', 'anna')}"}
    order = {"service": "bygglov", "languages": ["sv"], "request_key": "over-https"}
    httpx.post(f"{web.url}/api/v1/offices/varby/tickets", json=order, headers=headers)
    expect(page.locator('[data-slot="waiting_for_you"]')).to_have_text("1")
    assert sockets[0].startswith("wss://")


def test_the_session_travels_over_https_only(page: Page, web: WebProcess) -> None:
    sign_in(page, web, "anna")
    (cookie,) = page.context.cookies()
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")


def test_one_can_sign_out_from_an_error_page_over_https(page: Page, web: WebProcess) -> None:
    """Its form, too, must be able to say which page it was on."""
    address = sign_in(page, web, "anna")
    page.goto(f"{address}/counter/no-such-office")
    page.locator(".session button").click()
    page.wait_for_url(f"{address}/sign-in")
    assert page.goto(f"{address}/counter/varby/1")
    expect(page.locator("#password")).to_be_visible()
