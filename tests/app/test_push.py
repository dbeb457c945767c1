"""What the sockets are sent, without a process of their own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from queueapp import configuration, operations, push, screens, write
from queueapp.config import HUDDINGE
from queueapp.municipality import Municipality, load
from tests.builders import NOON, order, token

Watch = Callable[..., Any]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the follower's clock; it is noon where the test does not."""

    def set_to(at: float) -> None:
        monkeypatch.setattr(push.time, "time", lambda: at)

    set_to(NOON)
    return set_to


def client(app: Flask, who: str | None = None) -> Any:
    auth = {"token": token(app, who)} if who else None
    return app.extensions["socketio"].test_client(app, namespace=push.NAMESPACE, auth=auth)


def sent(to: Any) -> list[Any]:
    return [one["args"][0] for one in to.get_received(push.NAMESPACE)]


def watch(app: Flask, what: dict[str, str]) -> Any:
    """The answer to one who connects and asks to watch."""
    fresh = client(app)
    fresh.emit("watch", what, namespace=push.NAMESPACE)
    [answer] = sent(fresh)
    return answer


def install(municipality: Municipality) -> None:
    with write.transaction() as connection:
        configuration.install(connection, municipality, NOON)


def varby(**changes: Any) -> Municipality:
    """Huddinge with another office in Vårby."""
    whole = load(HUDDINGE)
    offices = tuple(
        one.model_copy(update=changes) if one.code == "varby" else one for one in whole.offices
    )
    fields = {name: getattr(whole, name) for name in Municipality.model_fields}
    return Municipality.model_construct(**fields | {"offices": offices})


def test_displays_that_come_back_together_share_one_drawing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, display = [], screens.display
    monkeypatch.setattr(screens, "display", lambda *asked: drawn.append(1) or display(*asked))
    for _ in range(3):
        watch(app, {"office": "varby"})
    assert len(drawn) == 1


def test_a_display_that_connects_when_the_office_has_closed_is_told_though_nothing_happened(
    app: Flask, clock: Callable[[float], None]
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], trial=False)
    assert watch(app, {"office": "varby"})["open"]
    clock(NOON + 14 * 3600)
    assert not watch(app, {"office": "varby"})["open"]


def test_a_display_that_connects_after_an_import_is_drawn_by_the_new_configuration(
    app: Flask,
) -> None:
    watch(app, {"office": "varby"})
    install(varby(name="Vårbys nya"))
    assert watch(app, {"office": "varby"})["office_name"] == "Vårbys nya"


def test_a_counter_that_an_import_took_away_does_not_keep_news_from_the_other_screens(
    app: Flask,
) -> None:
    desk, display = client(app, "anna"), client(app)
    desk.emit("watch", {"counter": "varby-3"}, namespace=push.NAMESPACE)
    display.emit("watch", {"office": "varby"}, namespace=push.NAMESPACE)
    install(varby(counters=2))
    operations.issue(order(), NOON)
    app.extensions["follower"].catch_up()
    assert [one.get("type") for one in sent(display)] == [None, "ticket-issued"]


@pytest.mark.parametrize("key", ["no-such", "a\0b", "\ud800"])
def test_a_ticket_that_cannot_be_is_refused_as_one_that_is_not(app: Flask, key: str) -> None:
    assert watch(app, {"ticket": key})["type"] == "/problems/not-found"
