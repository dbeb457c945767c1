"""The contract, through the test client."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from queueapp.models import db
from tests import builders
from tests.builders import SERVICE, bearer


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """On SQLite: the contract is the same on both databases, and the operations are run on both.

    Not in a context of its own, so that each request has one, as in the serving process.
    """
    made = builders.app(f"sqlite:///{tmp_path / 'queueapp.sqlite3'}", tmp_path)
    yield made
    with made.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def anna(app: Flask) -> dict[str, str]:
    return bearer(app, "anna")


def asked(**changes: Any) -> dict[str, Any]:
    body = {"request_key": secrets.token_urlsafe(12), "service": SERVICE, "languages": ["sv"]}
    return body | changes


def take(client: FlaskClient, office: str = "varby", **changes: Any) -> Any:
    return client.post(f"/api/v1/offices/{office}/tickets", json=asked(**changes))


def test_a_ticket_is_created_once_and_then_given_again(client: FlaskClient) -> None:
    body = asked()
    first = client.post("/api/v1/offices/varby/tickets", json=body)
    again = client.post("/api/v1/offices/varby/tickets", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["number"] == again.json["number"]
    assert first.json["token"] == again.json["token"]


def test_a_visit_goes_from_ticket_to_finish(client: FlaskClient, anna: dict[str, str]) -> None:
    ticket = take(client).json
    client.put("/api/v1/counters/varby-1", json={"state": "open"}, headers=anna)
    called = client.post("/api/v1/counters/varby-1/next", headers=anna)
    assert (called.status_code, called.json["id"]) == (200, ticket["id"])
    assert called.json["match"] == {"way": "here", "language": "sv"}
    assert called.json["reason"]
    seen = client.get(f"/api/v1/tickets/{ticket['token']}").json
    assert (seen["state"], seen["counter"]) == ("called", "varby-1")
    for verb, body in (
        ("start", None),
        ("finish", {"errands": [{"service": SERVICE, "outcome": "resolved"}]}),
    ):
        done = client.post(f"/api/v1/tickets/{ticket['id']}/{verb}", json=body, headers=anna)
        assert done.status_code == 200
    assert done.json["state"] == "finished"
    assert client.post("/api/v1/counters/varby-1/next", headers=anna).status_code == 204


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service": "no-such"}, "service"),
        ({"languages": ["xx"]}, "languages"),
        ({"languages": []}, "languages"),
        ({"request_key": "short"}, "request_key"),
        ({"request_key": "nul\0nul\0nul"}, "request_key"),
        ({"district": "atlantis"}, "district"),
        ({"name": "Anna"}, "name"),
        ({"languages": ["sv"] * 9}, "languages"),
    ],
)
def test_a_bad_field_is_named(client: FlaskClient, changes: dict[str, Any], field: str) -> None:
    answer = take(client, **changes)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["type"] == "/problems/invalid-input"
    assert answer.json["errors"][0]["field"].startswith(field)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("sv", "Det finns inget sådant val: atlantis"),
        ("en", "There is no such choice: atlantis"),
        ("fi", "Tällaista vaihtoehtoa ei ole: atlantis"),
        ("ar", "لا يوجد خيار كهذا: atlantis"),
    ],
)
def test_what_is_wrong_with_a_field_is_told_in_the_language_of_the_one_who_asks(
    client: FlaskClient, language: str, told: str
) -> None:
    answer = client.post(
        "/api/v1/offices/varby/tickets",
        json=asked(district="atlantis"),
        headers={"Accept-Language": language},
    )
    assert answer.json["errors"] == [{"field": "district", "message": told}]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Anna"}, "Det finns inget sådant fält."),
        ({"way": "boat"}, "Måste vara något av: 'here', 'video', 'interpreter'."),
        ({"languages": ["sv"] * 9}, "Ange högst 8."),
        ({"service": 7}, "Värdet är inte av rätt slag."),
    ],
)
def test_a_wrong_shape_is_told_in_the_same_words_and_not_in_a_librarys(
    client: FlaskClient, changes: dict[str, Any], told: str
) -> None:
    assert take(client, **changes).json["errors"][0]["message"] == told


@pytest.mark.parametrize(
    ("body", "status"),
    [("{bad", 400), ("[]", 422), ("null", 400), ('{"a": "' + "x" * 70_000 + '"}', 413)],
)
def test_a_body_that_is_no_ticket_is_refused(client: FlaskClient, body: str, status: int) -> None:
    answer = client.post(
        "/api/v1/offices/varby/tickets", data=body, content_type="application/json"
    )
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/offices/no-such/services",
        "/api/v1/offices/no-such/display",
        "/api/v1/offices/no-such/kiosk",
        "/api/v1/tickets/no-such",
        "/api/v1/tickets/%00",
        "/api/v1/nothing",
    ],
)
def test_what_does_not_exist_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")


def test_an_unknown_counter_is_not_found(client: FlaskClient, anna: dict[str, str]) -> None:
    for answer in (
        client.post("/api/v1/counters/varby-9/next", headers=anna),
        client.put("/api/v1/counters/varby-9", json={"state": "open"}, headers=anna),
        client.get("/api/v1/counters/varby-9", headers=anna),
    ):
        assert answer.status_code == 404


def test_an_unknown_ticket_and_an_unknown_verb_are_not_found(
    client: FlaskClient, anna: dict[str, str]
) -> None:
    assert client.post("/api/v1/tickets/999/start", headers=anna).status_code == 404
    ticket = take(client).json["id"]
    assert client.post(f"/api/v1/tickets/{ticket}/explode", headers=anna).status_code == 404


def test_a_wrong_state_is_refused_by_name(client: FlaskClient, anna: dict[str, str]) -> None:
    ticket = take(client).json["id"]
    answer = client.post(f"/api/v1/tickets/{ticket}/start", headers=anna)
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/wrong-state")


def test_an_error_speaks_the_language_asked_for(client: FlaskClient) -> None:
    titles = {
        lang: client.get(f"/api/v1/offices/no-such/display?lang={lang}").json["title"]
        for lang in ("sv", "en")
    }
    assert titles["en"] == "There is no such thing"
    assert titles["sv"] != titles["en"]


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("GET", "/api/v1/offices", {"public", "kiosk", "anna", "maria", "admin"}),
        ("GET", "/api/v1/counters/varby-1", {"anna", "maria", "admin"}),
        ("POST", "/api/v1/offices/varby/close-day", {"maria", "admin"}),
        ("GET", "/api/v1/statistics", {"maria", "admin"}),
        ("GET", "/api/v1/events", {"admin"}),
    ],
)
def test_each_role_may_do_what_is_declared_and_no_more(
    app: Flask, client: FlaskClient, method: str, path: str, may: set[str]
) -> None:
    callers = {
        "public": {},
        "kiosk": bearer(app, "kiosk-varby", "kiosk", "varby"),
        **{name: bearer(app, name) for name in ("anna", "maria", "admin")},
    }
    for name, headers in callers.items():
        status = client.open(path, method=method, headers=headers).status_code
        assert (status == 200) == (name in may), f"{name}: {status}"


def test_a_token_that_is_not_valid_is_refused_even_where_anybody_may(client: FlaskClient) -> None:
    for token in ("nonsense", "1.nonsense", "999999.x", "1." + "A" * 43):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/v1/offices", headers=headers).status_code == 401


def test_a_kiosk_issues_only_at_its_own_office(app: Flask, client: FlaskClient) -> None:
    kiosk = bearer(app, "kiosk-varby", "kiosk", "varby")
    here, there = (
        client.post(f"/api/v1/offices/{office}/tickets", json=asked(), headers=kiosk)
        for office in ("varby", "skogas")
    )
    assert (here.status_code, there.status_code) == (201, 403)


def test_the_public_cannot_give_itself_priority(client: FlaskClient) -> None:
    assert take(client, priority="infant").status_code == 403


def test_a_closed_office_says_when_it_opens(app: Flask, client: FlaskClient) -> None:
    from tests.app.test_operations import NOON  # a Monday

    app.config["SETTINGS"] = replace(app.config["SETTINGS"], trial=False)
    with app.app_context():
        from queueapp import operations
        from queueapp.core.ticket import OfficeClosed
        from tests.builders import order

        with pytest.raises(OfficeClosed) as refused:
            operations.issue(order(), NOON - 6 * 3600)
    assert str(refused.value.facts["opens_at"]).startswith("2026-11-23T")


def test_quotes_come_before_the_ticket_and_say_whether_anybody_is_on_duty(
    client: FlaskClient, anna: dict[str, str]
) -> None:
    def quotes(*languages: str) -> list[dict[str, Any]]:
        body = {"service": SERVICE, "languages": languages}
        return client.post("/api/v1/offices/varby/quotes", json=body).json["quotes"]

    assert not quotes("sv")[0]["staffed"]
    client.put("/api/v1/counters/varby-1", json={"state": "open"}, headers=anna)
    assert quotes("sv")[0]["staffed"]
    assert [(one["way"], one["staffed"]) for one in quotes("ar")] == [
        ("here", False),
        ("interpreter", True),
        ("booking", False),
    ]


def test_the_display_and_the_list_of_offices_say_whether_any_counter_is_open(
    client: FlaskClient, anna: dict[str, str]
) -> None:
    def staffed() -> tuple[bool, list[str]]:
        offices = client.get("/api/v1/offices").json["offices"]
        shown = client.get("/api/v1/offices/varby/display").json
        return shown["staffed"], [office["code"] for office in offices if office["staffed"]]

    assert staffed() == (False, [])
    client.put("/api/v1/counters/varby-1", json={"state": "open"}, headers=anna)
    assert staffed() == (True, ["varby"])
    client.put("/api/v1/counters/varby-1", json={"state": "break"}, headers=anna)
    assert staffed() == (False, [])


def test_a_display_never_tells_what_anybody_came_for(
    client: FlaskClient, anna: dict[str, str]
) -> None:
    ticket = take(client, languages=["ar", "sv"]).json
    client.put("/api/v1/counters/varby-1", json={"state": "open"}, headers=anna)
    client.post("/api/v1/counters/varby-1/next", headers=anna)
    shown = client.get("/api/v1/offices/varby/display")
    assert shown.json["calls"][0]["number"] == ticket["number"]
    assert set(shown.json["calls"][0]) == {
        "number",
        "counter",
        "counter_name",
        "room",
        "called_at",
        "call_id",
    }
    assert SERVICE not in shown.text
    assert ticket["token"] not in shown.text


def test_statistics_count_visits_and_errands_and_name_a_bad_dimension(
    app: Flask, client: FlaskClient
) -> None:
    for _ in range(5):
        take(client)
    maria = bearer(app, "maria")
    rows = client.get("/api/v1/statistics?by=office,language", headers=maria).json["rows"]
    assert rows[0]["group"] == {"office": "varby", "language": "sv"}
    assert rows[0]["figures"]["visits"] == 5
    bad = client.get("/api/v1/statistics?by=shoe-size", headers=maria)
    assert (bad.status_code, bad.json["errors"][0]["field"]) == (422, "by")
    late = client.get("/api/v1/statistics?from=2026-02-30", headers=maria)
    assert (late.status_code, late.json["errors"][0]["field"]) == (422, "from")


@pytest.mark.parametrize(
    ("office", "visits"),
    [("varby", 6), ("skogas", 5), ("skogas,varby", 11), ("", 11), ("sjodalsvagen", None)],
)
def test_statistics_of_an_office_are_of_the_visits_whose_ticket_was_issued_there(
    app: Flask, client: FlaskClient, anna: dict[str, str], office: str, visits: int | None
) -> None:
    moved = take(client, "varby").json["id"]
    for office_of_others in 5 * ("varby", "skogas"):
        take(client, office_of_others)
    client.put("/api/v1/counters/varby-1", json={"state": "open"}, headers=anna)
    client.post("/api/v1/counters/varby-1/next", headers=anna)
    client.post(f"/api/v1/tickets/{moved}/start", headers=anna)
    to = {"office": "skogas"}
    assert (
        client.post(f"/api/v1/tickets/{moved}/transfer", json=to, headers=anna).status_code == 200
    )
    maria = bearer(app, "maria")
    shown = client.get(f"/api/v1/statistics?by=office&office={office}", headers=maria).json
    assert shown["total"]["visits"] == visits
    assert shown["office"] == [code for code in office.split(",") if code]
    named = {row["group"]["office"] for row in shown["rows"]}
    assert named <= set(shown["office"]) or not office


def test_statistics_of_an_office_that_does_not_exist_are_refused(
    app: Flask, client: FlaskClient
) -> None:
    headers = bearer(app, "maria") | {"Accept-Language": "en"}
    answer = client.get("/api/v1/statistics?office=varby,nacka", headers=headers)
    told = {"field": "office", "message": "There is no such choice: nacka"}
    assert (answer.status_code, answer.json["errors"]) == (422, [told])


def test_the_event_feed_goes_on_after_a_sequence_number(app: Flask, client: FlaskClient) -> None:
    for _ in range(3):
        take(client)
    admin = bearer(app, "admin")
    feed = client.get("/api/v1/events?after=1", headers=admin).json
    assert [event["seq"] for event in feed["events"]] == [2, 3]
    assert feed["last"] == 3


def test_every_answer_carries_a_strict_content_security_policy(client: FlaskClient) -> None:
    policy = client.get("/api/v1/offices").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_openapi_document_is_valid_and_names_every_call_of_the_contract(
    client: FlaskClient,
) -> None:
    document = client.get("/api/openapi.json").json
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert {
        "/api/v1/offices",
        "/api/v1/offices/{office}/services",
        "/api/v1/offices/{office}/quotes",
        "/api/v1/offices/{office}/tickets",
        "/api/v1/tickets/{token}",
        "/api/v1/counters/{counter}",
        "/api/v1/counters/{counter}/next",
        "/api/v1/offices/{office}/display",
        "/api/v1/statistics",
        "/api/v1/events",
        "/healthz",
        "/readyz",
    } <= set(document["paths"])


def test_the_public_is_limited_and_told_so(client: FlaskClient) -> None:
    answers = [take(client).status_code for _ in range(31)]
    assert (set(answers[:30]), answers[30]) == ({201}, 429)


def test_a_video_room_is_seen_by_its_own_screen_alone(
    app: Flask, client: FlaskClient, anna: dict[str, str]
) -> None:
    address = "/api/v1/rooms/varby-video-1"
    own = bearer(app, "varby-video-1", "room", "varby")
    other = bearer(app, "skogas-video-1", "room", "skogas")
    machine = bearer(app, "kiosk-varby", "kiosk", "varby")
    seen = [client.get(address, headers=who).status_code for who in (own, other, machine, anna)]
    assert seen == [200, 403, 403, 403]
    assert client.get(address).status_code == 401


def test_one_who_waits_can_widen_the_way_by_the_tickets_token(
    client: FlaskClient, anna: dict[str, str]
) -> None:
    client.put("/api/v1/counters/varby-1", json={"state": "open"}, headers=anna)
    ticket = take(client, languages=["ar"]).json
    address = f"/api/v1/tickets/{ticket['token']}"
    offered = client.get(f"{address}/offers").json["quotes"]
    assert offered[0]["way"] == "interpreter"
    widened = client.patch(address, json={"way": "interpreter"})
    assert (widened.status_code, widened.json["staffed"]) == (200, True)
    refused = client.patch(address, json={"way": "booking"})
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/invalid-input")
