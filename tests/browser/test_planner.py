"""The planner in a real browser: asked by keyboard alone, accessible, on a desk and on a phone."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from queueapp import configuration, create_app
from queueapp import screens as reading
from queueapp.models import db
from queueapp.planner import document, period, play, store
from queueapp.planner.document import Fault
from tests import builders
from tests.app.test_outlook import log_visits
from tests.browser.conftest import DESK, Screens
from tests.browser.steps import accessible, by_keyboard, fits, sign_in, tab_to
from tests.servers import WebProcess

NARROW = {"width": 360, "height": 740}
QUESTION = {
    "title": "En till som talar somaliska",
    "demand": {"forecast": {"weeks": 1}},
    "changes": [{"kind": "add_staff", "languages": {"so": "native", "sv": "fluent"}}],
    "staffing": {"minutes": 60, "days": 0.5},
}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebProcess, dict[str, str]]]:
    """A server with a plan in each state, by the state."""
    var = tmp_path_factory.mktemp("planner") / "var"
    web = WebProcess({"QUEUEAPP_VAR": str(var), "QUEUEAPP_TRIAL": "1"})
    web.cli("init")
    app = create_app(builders.settings(f"sqlite:///{var / 'queueapp.sqlite3'}", var))
    log_visits(app, "varby", 12, weeks=12)
    with app.app_context():
        tokens = dict(_plans())
        db.engine.dispose()
    with web:
        yield web, tokens


def _plans() -> Iterator[tuple[str, str]]:
    scenario, municipality = document.read(QUESTION), configuration.current()
    with reading.reading(time.time()) as now:
        material = period.gather(now, scenario)
    result = play.play(scenario, municipality, material, play.Player())
    for state in ("done", "failed", "playing", "waiting"):
        token = store.save(scenario, municipality, time.time())
        yield state, token
        if state == "waiting":
            return
        mark = store.claim(token, time.time())
        assert mark
        if state == "done":
            store.finish(token, mark, time.time(), json.loads(json.dumps(result)))
        elif state == "failed":
            store.fail(token, mark, time.time(), Fault("demand.forecast", "too-little-history", {}))
        else:
            # Heard of in an hour: nobody takes it up as long as the test looks at it.
            store.hear(token, mark, time.time() + 3600, 3, 12)


def look(page: Page) -> None:
    accessible(page)
    fits(page)


@pytest.mark.parametrize(("size", "lang"), [(DESK, "en"), (NARROW, "sv")])
def test_every_page_is_accessible_and_fits_a_desk_and_a_phone(
    screens: Screens, plans: tuple[WebProcess, dict[str, str]], size: dict[str, int], lang: str
) -> None:
    web, tokens = plans
    page = sign_in(screens, web, "maria", f"/planner?lang={lang}")
    page.set_viewport_size(size)
    look(page)
    for token in tokens.values():
        page.goto(f"{web.url}/planner/{token}")
        open_all(page)
        look(page)
    page.goto(f"{web.url}/planner/new?example=rota")
    open_all(page)
    look(page)
    page.fill("#title", "")
    page.fill("#minutes", "soon")
    page.click("button[value=play]")
    expect(page.locator("[role=alert] li")).to_have_count(2)
    open_all(page)
    look(page)


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def test_progress_is_shown_while_a_plan_is_played(
    screens: Screens, plans: tuple[WebProcess, dict[str, str]]
) -> None:
    web, tokens = plans
    page = sign_in(screens, web, "maria", f"/planner/{tokens['playing']}?lang=en")
    expect(page.get_by_role("progressbar")).to_have_accessible_name("3 of 12 days played")


def test_the_answer_names_the_forecast_and_its_error_before_what_would_change(
    screens: Screens, plans: tuple[WebProcess, dict[str, str]]
) -> None:
    web, tokens = plans
    page = sign_in(screens, web, "maria", f"/planner/{tokens['done']}?lang=en")
    expect(page.locator("main h2")).to_have_text(
        [
            "The forecast it is played with",
            "How well the simulator reproduces the log",
            "The fewest staff",
            "What would change",
            "Waits",
            "All figures",
            "Share and go on",
        ]
    )
    forecast = page.locator("section[aria-labelledby=forecast]")
    expect(forecast).to_contain_text("In the last eight weeks the forecast missed by")


def test_an_error_leads_to_its_field(
    screens: Screens, plans: tuple[WebProcess, dict[str, str]]
) -> None:
    web, _ = plans
    page = sign_in(screens, web, "maria", "/planner/new?weeks=2&lang=en")
    page.fill("#title", "x")
    page.fill("#begins", "2020-01-01")
    page.click("button[value=play]")
    expect(page.locator("#begins")).to_have_attribute("aria-invalid", "true")
    by_keyboard(page, page.locator("[role=alert] a"))
    expect(page.locator("#begins")).to_be_in_viewport()


def write(page: Page, field: Locator, text: str) -> None:
    tab_to(page, field)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def ask_by_keyboard(page: Page) -> None:
    """For one more who speaks Arabic on four invented days, with no other key than the keyboard's."""
    by_keyboard(page, page.get_by_role("link", name="A question of your own"))
    write(page, page.locator("#title"), "One more who speaks Arabic")
    tab_to(page, page.locator('[name="demand"]:checked'))
    while page.locator('[name="demand"][value="invented"]:checked').count() == 0:
        page.keyboard.press("ArrowDown")
    write(page, page.locator("#days"), "4")
    write(page, page.locator("#per_day"), "60")
    by_keyboard(page, page.locator("summary", has_text="Add staff"))
    tab_to(page, page.locator('[name="add_staff.languages"][value="ar"]'))
    page.keyboard.press("Space")
    by_keyboard(page, page.locator('button[value="add:add_staff"]'))
    expect(page.locator(".plan-change")).to_contain_text("Arabic")
    by_keyboard(page, page.locator('button[value="play"]'))


def test_a_question_is_asked_by_keyboard_alone_and_its_answer_is_shared(
    screens: Screens, web: WebProcess
) -> None:
    page = sign_in(screens, web, "maria", "/planner?lang=en")
    ask_by_keyboard(page)
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("#plan[data-state=done]")).to_be_visible(timeout=60_000)
    expect(page.locator("#plan-said")).to_have_text("Done")
    waits = page.locator("details", has=page.locator("summary", has_text="Wait, mean"))
    expect(waits.locator("th[scope=col]")).to_have_text(["Who", "Today", "Changed", "Difference"])
    address = page.locator("#address").input_value()
    other = sign_in(screens, web, "admin", address.removeprefix(web.url))
    expect(other.locator("h1")).to_have_text("One more who speaks Arabic")
    expect(other.locator("#conclusions")).to_be_visible()


def test_a_plan_is_stopped_by_keyboard(
    screens: Screens, plans: tuple[WebProcess, dict[str, str]]
) -> None:
    web, tokens = plans
    page = sign_in(screens, web, "maria", f"/planner/{tokens['waiting']}?lang=en")
    by_keyboard(page, page.locator("#stop"))
    expect(page.locator("#plan[data-state=stopped]")).to_contain_text("It was stopped")
