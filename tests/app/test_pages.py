"""The server-rendered pages: forms, languages, figures, and what they refuse."""

import csv
import io
import json
import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import queueapp
from queueapp import cli, configuration, operations, write
from queueapp.config import HUDDINGE
from queueapp.core import measures
from queueapp.municipality import load
from queueapp.web import access, accounts, fields, words
from tests import builders

PASSWORD = "four words in a row"
PLACE = "/counter/varby/1"
CENTRE = "/counter/sjodalsvagen/1"
WAITS = json.loads((Path(__file__).parents[1] / "waits.json").read_text())


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


def test_a_password_that_is_too_short_is_refused_on_the_command_line_in_words(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    env = {"QUEUEAPP_DATABASE_URL": settings.database_url, "QUEUEAPP_VAR": str(settings.var)}
    command = ["user", "password", "anna", "--password", "short"]
    done = CliRunner(env=env).invoke(cli.cli, command)
    assert done.exit_code != 0
    assert done.output.endswith("Use at least 12 characters.\n")


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


def test_a_no_show_says_how_to_press_again_but_needs_no_script(app: Flask) -> None:
    issue(app)
    client = signed_in(app, "anna")
    act(client, "open")
    called = act(client, "next")
    assert 'data-again="Tryck igen: utebliven"' in called
    assert mode(act(client, "no-show", ticket=ticket_of(called))) == "free"


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


def video_call(app: Flask) -> tuple[FlaskClient, str]:
    """Amira, in the centre, has called a visitor in Vårby; gives her and her page."""
    issue(app, languages=("ar",), way="video")
    amira = signed_in(app, "amira", CENTRE)
    post(amira, CENTRE, f"{CENTRE}/open")
    post(amira, CENTRE, f"{CENTRE}/next")
    return amira, amira.get(CENTRE).text


def test_a_visitor_called_by_video_is_met_on_the_counter_page_without_script(app: Flask) -> None:
    _, page = video_call(app)
    frame = re.search(r'<iframe[^>]* src="([^"]+)"[^>]* allow="camera; microphone', page)
    assert frame
    assert f'href="{frame[1]}" target="_blank" rel="noopener noreferrer"' in page
    assert "arabiska, med video" in page
    assert "Servicecenter Vårby, videorum 1 – du avlastar deras kö" in page
    assert "är kallad till videorum 1 på Servicecenter Vårby" in page


def test_the_meeting_is_gone_when_the_visitor_leaves_the_counter(app: Flask) -> None:
    amira, page = video_call(app)
    post(amira, CENTRE, f"{CENTRE}/return", ticket=ticket_of(page))
    assert 'data-meeting=""' in amira.get(CENTRE).text


def test_a_colleague_who_looks_at_the_counter_is_not_let_into_the_meeting(app: Flask) -> None:
    video_call(app)
    page = signed_in(app, "anna").get(CENTRE).text
    assert mode(page) == "taken"
    assert "meet.jit.si" not in page


def test_only_the_pages_with_a_meeting_may_hold_one(app: Flask) -> None:
    amira, _ = video_call(app)
    held = {
        address: "frame-src https://meet.jit.si"
        in amira.get(address).headers["Content-Security-Policy"]
        for address in (CENTRE, "/room/varby-video-1", "/kiosk/varby", "/")
    }
    assert held == {CENTRE: True, "/room/varby-video-1": True, "/kiosk/varby": False, "/": False}


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


@pytest.mark.parametrize(
    ("language", "said", "button"),
    [
        ("sv", "tolk som talar arabiska", "Ja, med tolk går bra"),
        ("en", "an interpreter who speaks Arabic", "Yes, with an interpreter is fine"),
        ("fi", "Tulkin kieli: arabia", "Kyllä, tulkki sopii"),
        ("ar", "يتحدث اللغة العربية", "نعم، المترجم الشفوي مناسب لي"),
    ],
)
def test_one_whom_nobody_on_duty_can_help_reads_of_other_ways_in_their_language(
    app: Flask, language: str, said: str, button: str
) -> None:
    act(signed_in(app, "anna"), "open")
    token = issue(app, languages=("ar",)).ticket.token
    page = app.test_client().get(f"/t/{token}?lang={language}").text
    assert "data-offers open" in page
    assert said in page
    assert button in page


def test_another_way_is_accepted_without_script_and_the_place_is_kept(app: Flask) -> None:
    act(signed_in(app, "anna"), "open")
    address = f"/t/{issue(app, languages=('ar',)).ticket.token}"
    client = app.test_client()
    post(client, address, f"{address}/way", way="interpreter")
    page = client.get(address).text
    assert "Du behåller din plats i kön" in page
    assert "Här, med video eller med tolk" in page
    assert "Ja, med tolk går bra" not in page


def test_a_way_that_cannot_be_waited_for_is_not_accepted(app: Flask) -> None:
    address = f"/t/{issue(app).ticket.token}"
    client = app.test_client()
    post(client, address, f"{address}/way", way="booking")
    assert '<span data-slot="way">Här på kontoret</span>' in client.get(address).text


def test_a_visitor_called_by_video_is_shown_the_room_and_a_link_to_the_meeting(app: Flask) -> None:
    issued = issue(app, languages=("ar",), way="video")
    amira = signed_in(app, "amira", CENTRE)
    post(amira, CENTRE, f"{CENTRE}/open")
    post(amira, CENTRE, f"{CENTRE}/next")
    page = app.test_client().get(f"/t/{issued.ticket.token}?lang=fi").text
    assert "Mene videohuoneeseen 1" in page
    assert re.search(r'href="https://meet.jit.si/huddinge-varby-[^"]+" target="_blank"', page)


@pytest.mark.parametrize("case", WAITS)
def test_a_wait_is_rounded_as_the_scripts_round_it(case: dict[str, Any]) -> None:
    said = words.rounded(case["low_s"], case["high_s"])
    assert case == {"low_s": case["low_s"], "high_s": case["high_s"]} | asdict(said)


@pytest.mark.parametrize(
    ("language", "low_s", "high_s", "said"),
    [
        ("sv", 0, 30, "mindre än 1 minut"),
        ("sv", 430, 1210, "ca 7–25 minuter"),
        ("en", 7000, 17000, "about 1–5 hours"),
        ("fi", 600, 9000, "enintään 3 tuntia"),
        ("ar", 60, 120, "من دقيقة إلى دقيقتين تقريباً"),
    ],
)
def test_a_wait_is_said_in_the_language_of_the_page(
    app: Flask, language: str, low_s: int, high_s: int, said: str
) -> None:
    with app.test_request_context(f"/?lang={language}"):
        assert words.wait_text({"low_s": low_s, "high_s": high_s}) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "Ingen lucka är öppen just nu"),
        ("en", "No counter is open right now"),
        ("fi", "Yksikään luukku ei ole juuri nyt auki"),
        ("ar", "لا يوجد شباك مفتوح الآن"),
    ],
)
def test_no_wait_is_promised_for_an_office_without_an_open_counter(
    app: Flask, language: str, said: str
) -> None:
    def told() -> int:
        return app.test_client().get(f"/?lang={language}").text.count(said)

    assert told() == 3
    act(signed_in(app, "anna"), "open")
    assert told() == 2


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
    for _ in range(12):  # fewer are not shown
        issue(app, district="skogas")
    answer = signed_in(app, "maria").get("/statistics.csv?by=office&by=district")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["office"], row["district_name"], row["visits"]) == ("varby", "Skogås", "12")


def test_page_and_file_show_the_offices_that_are_ticked(app: Flask) -> None:
    issue(app), issue(app, office="skogas"), issue(app, office="sjodalsvagen")
    maria = signed_in(app, "maria")
    page = maria.get("/statistics?office=skogas&office=varby&by=day&by=office").text
    ticked = re.findall(r'name="office" value="(\w+)"[^>]* checked', page)
    assert set(ticked) == {"skogas", "varby"}
    link = re.search(r'href="(/statistics\.csv[^"]*)"', page)
    assert link
    answer = maria.get(link[1].replace("&amp;", "&"))
    rows = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert {row["office"] for row in rows} == {"skogas", "varby"}
    assert "skogas-varby" in answer.headers["Content-Disposition"]


def test_another_language_asks_the_same_question(app: Flask) -> None:
    page = signed_in(app, "maria").get("/statistics?office=skogas&office=varby").text
    assert "/statistics?office=skogas&amp;office=varby&amp;lang=en" in page


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("sv", "Kontor: Det finns inget sådant val: nacka"),
        ("en", "Office: There is no such choice"),
    ],
)
def test_an_office_that_does_not_exist_is_named_in_the_language_of_the_page(
    app: Flask, language: str, told: str
) -> None:
    answer = signed_in(app, "maria").get(f"/statistics?office=nacka&lang={language}")
    assert answer.status_code == 422
    assert told in answer.text


def test_the_addresses_printed_at_the_start_lead_to_each_offices_figures(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    with app.app_context():
        cli._print_addresses(app.config["SETTINGS"], configuration.current())
    printed = re.findall(r"http://\S+(/statistics\S*)", capsys.readouterr().out)
    offices = ("sjodalsvagen", "skogas", "varby")
    assert printed == [f"/statistics?office={code}" for code in offices]
    maria = signed_in(app, "maria")
    assert {maria.get(address).status_code for address in printed} == {200}


def test_in_a_trial_the_printed_address_of_a_video_room_connects_its_screen(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        with app.app_context():
            cli._print_addresses(app.config["SETTINGS"], configuration.current())
    first, again = re.findall(r"/room/varby-video-1#token=(\S+)", capsys.readouterr().out)
    assert first == again
    headers = {"Authorization": f"Bearer {first}"}
    assert app.test_client().get("/api/v1/rooms/varby-video-1", headers=headers).status_code == 200


def test_a_period_that_ends_before_it_begins_is_explained(app: Flask) -> None:
    answer = signed_in(app, "maria").get("/statistics?from=2026-02-01&to=2026-01-01")
    assert answer.status_code == 422
    assert "Från och med: Den första dagen är senare än den sista." in answer.text


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


@pytest.mark.parametrize("language", ["fi", "ar"])
def test_what_can_be_wrong_with_a_field_is_there_in_every_language(language: str) -> None:
    package = Path(queueapp.__file__).parent
    with (package / f"translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    found = list(extract_from_file("python", package / "web/fields.py"))
    assert found
    assert not {text for _, text, _, _ in found if not catalogue.get(text)}


def test_every_reason_to_refuse_a_field_has_its_words() -> None:
    package = Path(queueapp.__file__).parent
    raised = {
        reason
        for path in package.rglob("*.py")
        for reason in re.findall(r'BadInput\(\s*field=[^)]*?reason="([a-z-]+)"', path.read_text())
    }
    assert raised == set(fields.REASONS)


# --- the accessibility statement ----------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/sign-in", "/counter", "/no-such-page"])
def test_every_page_leads_to_the_accessibility_statement(app: Flask, address: str) -> None:
    client = signed_in(app, "anna")
    page = client.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
    assert 'href="/tillganglighet"' in page.text


def test_the_visitors_page_names_the_statement_in_the_visitors_language(app: Flask) -> None:
    page = app.test_client().get(f"/t/{issue(app).ticket.token}?lang=fi").text
    assert '<a href="/tillganglighet">Saavutettavuusseloste</a>' in page


@pytest.mark.parametrize(
    ("language", "told"),
    [("sv", "delvis förenligt med lagen"), ("en", "partly compliant with the act")],
)
def test_the_statement_says_how_far_the_law_is_met_and_where_to_complain(
    app: Flask, language: str, told: str
) -> None:
    page = app.test_client().get(f"/tillganglighet?lang={language}").text
    assert told in page
    assert 'href="https://www.digg.se/tdosanmalan"' in page


def test_without_a_contact_the_statement_says_that_there_is_none(app: Flask) -> None:
    page = app.test_client().get("/tillganglighet?lang=en").text
    assert "has not yet said where to write about accessibility" in page
    assert "mailto:" not in page


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("tillganglighet@example.se", "mailto:tillganglighet@example.se"),
        ("https://example.se/tyck-till", "https://example.se/tyck-till"),
        ("https://example.se/@tyck-till", "https://example.se/@tyck-till"),
    ],
)
def test_the_statement_gives_the_kommuns_own_contact(app: Flask, contact: str, link: str) -> None:
    changed = load(HUDDINGE).model_copy(update={"accessibility_contact": contact})
    with app.app_context(), write.transaction() as connection:
        configuration.install(connection, changed, builders.NOON)
    page = app.test_client().get("/tillganglighet?lang=en").text
    assert f'<a href="{link}">{contact}</a>' in page
    assert "has not yet said" not in page


def test_a_session_begun_in_another_process_counts_at_once(app: Flask) -> None:
    with app.app_context():
        for generation, password in enumerate(("en lång lösenfras", "en annan lösenfras"), 1):
            with write.transaction() as connection:
                accounts.set_password(connection, "maria", password)
            assert access._session(f"maria:{generation}")  # and this process remembers it
        assert access._session("maria:3") is None


# --- what every page carries ---------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/no-such-page", "/api/v1/offices", "/kiosk/varby"])
def test_the_address_of_a_page_is_told_to_our_own_pages_only(app: Flask, address: str) -> None:
    answer = app.test_client().get(address, headers={"Accept": "text/html"})
    assert answer.headers["Referrer-Policy"] == "same-origin"
