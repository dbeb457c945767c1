"""The server-rendered pages: forms, languages, figures, and what they refuse."""

import csv
import io
import re
import time
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import queueapp
from queueapp import operations, write
from queueapp.core import measures
from queueapp.web import accounts, words
from tests import builders

PASSWORD = "four words in a row"
PLACE = "/counter/varby/1"


@pytest.fixture
def app(tmp_path: Any) -> Flask:
    # No context of its own: requests would share what Flask keeps per context, the token too.
    return builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path / "var")


def signed_in(app: Flask, name: str, where: str = "/counter") -> FlaskClient:
    with app.app_context(), write.transaction() as connection:
        accounts.set_password(connection, name, PASSWORD)
    client = app.test_client()
    post(client, f"/sign-in?next={where}", "/sign-in", name=name, password=PASSWORD)
    return client


def post(client: FlaskClient, page: str, action: str, **fields: Any) -> TestResponse:
    """Send a form as a browser without script would: with the token that its page holds."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    token = found[1] if found else ""
    query = page.partition("?")[2]
    address = f"{action}?{query}" if query else action
    return client.post(address, data={"csrf_token": token, **fields})


def act(client: FlaskClient, verb: str, **fields: Any) -> str:
    """Press a button of the counter page; gives the page that follows."""
    answer = post(client, PLACE, f"{PLACE}/{verb}", **fields)
    assert answer.status_code == 303
    return client.get(answer.location).text


def mode(page: str) -> str:
    found = re.search(r'id="desk"[^>]* data-mode="(\w+)"', page)
    assert found
    return found[1]


def ticket_of(page: str) -> str:
    found = re.search(r'id="desk"[^>]* data-ticket="(\d+)"', page)
    assert found
    return found[1]


def issue(app: Flask, **asked: Any) -> operations.Issued:
    with app.app_context():
        return operations.issue(builders.order(**asked), time.time())


# --- signing in -------------------------------------------------------------------------------


def test_a_page_for_staff_leads_to_the_sign_in_and_back(app: Flask) -> None:
    assert app.test_client().get(PLACE).location == f"/sign-in?next={PLACE}"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_the_sign_in_never_leads_to_another_site(app: Flask, elsewhere: str) -> None:
    with app.app_context(), write.transaction() as connection:
        accounts.set_password(connection, "anna", PASSWORD)
    client = app.test_client()
    token = re.search(r'value="([^"]+)"', client.get("/sign-in").text)
    assert token
    fields = {"csrf_token": token[1], "name": "anna", "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": elsewhere}, data=fields)
    assert answer.location == "/counter"


def test_a_wrong_password_is_refused_without_saying_which_part_was_wrong(app: Flask) -> None:
    client = app.test_client()
    known = post(client, "/sign-in", "/sign-in", name="anna", password="wrong")
    unknown = post(client, "/sign-in", "/sign-in", name="nobody", password="wrong")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert "The name or the password is wrong" in known.text or "Namnet eller" in known.text


def test_a_form_without_its_token_changes_nothing(app: Flask) -> None:
    client = signed_in(app, "anna")
    assert client.post(f"{PLACE}/open").status_code == 400
    assert mode(client.get(PLACE).text) == "closed"


def test_an_invitation_sets_a_password_once_and_signs_in(app: Flask) -> None:
    with app.app_context(), write.transaction() as connection:
        settings = app.config["SETTINGS"]
        link = accounts.invitation_link(connection, settings, "anna", time.time())
    page = link.removeprefix(settings.address)
    client = app.test_client()
    assert post(client, page, page, password="short", again="short").status_code == 422
    assert post(client, page, page, password=PASSWORD, again=PASSWORD[1:]).status_code == 422
    assert post(client, page, page, password=PASSWORD, again=PASSWORD).location == "/counter"
    assert client.get(PLACE).status_code == 200
    assert client.get(page).status_code == 404


# --- the counter ------------------------------------------------------------------------------


def test_a_visit_is_served_with_plain_forms(app: Flask) -> None:
    issued = issue(app)
    client = signed_in(app, "anna")
    assert mode(act(client, "open")) == "free"
    called = act(client, "next")
    assert mode(called) == "called"
    assert issued.ticket.number in called
    ticket = ticket_of(called)
    assert mode(act(client, "start", ticket=ticket)) == "serving"
    errand = {
        "outcome-0": "resolved",
        "service-0": builders.SERVICE,
        "language-0": "sv",
        "outcome-1": "booked",
        "service-1": "bygglov",
        "interpreter-1": "on",
    }
    assert mode(act(client, "finish", ticket=ticket, **errand)) == "free"


def test_pressing_twice_is_refused_calmly(app: Flask) -> None:
    issue(app), issue(app)
    client = signed_in(app, "anna")
    act(client, "open")
    first = ticket_of(act(client, "next"))
    again = act(client, "next")
    assert "message" in again
    assert ticket_of(again) == first


def test_sitting_down_elsewhere_closes_the_counter_left_behind(app: Flask) -> None:
    client = signed_in(app, "anna")
    act(client, "open")
    post(client, "/counter/skogas/2", "/counter/skogas/2/open")
    assert mode(client.get(PLACE).text) == "closed"
    assert client.get("/counter").location == "/counter/skogas/2"


def test_one_who_has_a_visitor_does_not_sit_down_elsewhere(app: Flask) -> None:
    issue(app)
    client = signed_in(app, "anna")
    act(client, "open")
    act(client, "next")
    post(client, "/counter/skogas/2", "/counter/skogas/2/open")
    assert mode(client.get(PLACE).text) == "called"
    assert mode(client.get("/counter/skogas/2").text) == "closed"


def test_a_transfer_without_a_change_is_not_one(app: Flask) -> None:
    issue(app)
    client = signed_in(app, "anna")
    act(client, "open")
    ticket = ticket_of(act(client, "next"))
    act(client, "start", ticket=ticket)
    same = {"ticket": ticket, "languages-before": "sv", "languages": "sv"}
    assert mode(act(client, "transfer", **same)) == "serving"
    assert mode(act(client, "transfer", **same, service="bygglov")) == "free"


@pytest.mark.parametrize("bad", ["", "x", "-1", "9" * 30])
def test_a_ticket_that_is_no_number_is_refused(app: Flask, bad: str) -> None:
    client = signed_in(app, "anna")
    act(client, "open")
    assert mode(act(client, "start", ticket=bad)) == "free"


def test_only_a_manager_closes_the_day(app: Flask) -> None:
    issue(app)
    staff, manager = signed_in(app, "anna"), signed_in(app, "maria")
    address = "/counter/varby/close-day"
    assert post(staff, PLACE, address).status_code == 403
    assert post(manager, "/counter/varby", address).status_code == 303


# --- visitors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "direction", "said"),
    [("sv", "ltr", "Du står i kön"), ("fi", "ltr", "Olet jonossa"), ("ar", "rtl", "أنت في الدور")],
)
def test_a_visitor_reads_their_page_in_their_language(
    app: Flask, language: str, direction: str, said: str
) -> None:
    token = issue(app).ticket.token
    page = app.test_client().get(f"/t/{token}?lang={language}").text
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert said in page


def test_a_visitor_leaves_the_line_without_script(app: Flask) -> None:
    address = f"/t/{issue(app).ticket.token}"
    client = app.test_client()
    post(client, address, f"{address}/leave")
    assert 'data-state="left"' in client.get(address).text


def test_staff_pages_are_swedish_or_english_whatever_the_browser_prefers(app: Flask) -> None:
    client = signed_in(app, "anna")
    arabic = client.get(PLACE, headers={"Accept-Language": "ar"}).text
    english = client.get(PLACE, headers={"Accept-Language": "ar, en;q=0.5"}).text
    assert '<html lang="sv" dir="ltr">' in arabic
    assert '<html lang="en" dir="ltr">' in english


def test_a_missing_page_says_so_in_the_visitors_language(app: Flask) -> None:
    answer = app.test_client().get(
        "/t/none", headers={"Accept": "text/html", "Accept-Language": "ar"}
    )
    assert answer.status_code == 404
    assert 'dir="rtl"' in answer.text


# --- figures ----------------------------------------------------------------------------------


def test_the_file_has_the_rows_of_the_page_with_codes_and_names(app: Flask) -> None:
    issue(app, district="skogas")
    answer = signed_in(app, "maria").get("/statistics.csv?by=office&by=district")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["office"], row["district_name"], row["visits"]) == ("varby", "Skogås", "1")


def test_a_period_that_ends_before_it_begins_is_explained(app: Flask) -> None:
    answer = signed_in(app, "maria").get("/statistics?from=2026-02-01&to=2026-01-01")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_an_empty_period_says_so(app: Flask) -> None:
    page = signed_in(app, "maria").get("/statistics?from=2020-01-01&to=2020-01-02&lang=en").text
    assert "There are no visits in this period" in page


def test_figures_have_the_definitions_by_which_they_are_computed(app: Flask) -> None:
    assert set(words.FIGURES) == set(measures.FIGURES)
    with app.test_request_context("/?lang=en"):
        assert {name: str(text) for name, text in words.DEFINITIONS.items()} == measures.DEFINITIONS


def test_every_text_is_there_in_swedish() -> None:
    package = Path(queueapp.__file__).parent
    mapping, options = parse_mapping_cfg((package / "translations/babel.cfg").open())
    keywords = DEFAULT_KEYWORDS | {"Plural": (1, 2)}
    texts = extract_from_dir(package, mapping, options, keywords)
    used = {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in texts}
    with (package / "translations/sv/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    assert not {text for text in used if not (found := catalogue.get(text)) or not found.string}
