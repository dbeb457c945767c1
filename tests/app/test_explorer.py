"""The explorer: what an address shows, comparisons, and what is said where nothing can be shown."""

import datetime as dt
import re
import statistics as stats
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from werkzeug.datastructures import MultiDict

from queueapp import configuration, screens, write
from queueapp.core import events as e
from queueapp.core.ticket import BadInput
from queueapp.models import db
from queueapp.statistics import answer, comparison, question
from queueapp.statistics.answer import Row, Shown
from queueapp.statistics.comparison import How, Wanted
from queueapp.web import explorer, heat, notes, views, words
from tests import builders, random_log
from tests.app.explored import EARLIER, LATER, PERIOD, Explored, Filled, table

NOW = dt.datetime(2024, 11, 20, 20, 0, tzinfo=dt.UTC).timestamp()


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explored]:
    made = Explored(tmp_path_factory.mktemp("explored"))
    yield made
    with made.app.app_context():
        db.engine.dispose()


# --- an address is a view -----------------------------------------------------------------------

VIEWS: list[dict[str, Any]] = [
    {},
    {"by": ["district", "office"], "office": ["skogas", "varby"], "set": "language"},
    {"by": ["month"], "set": "use", "language": ["sv", "ar"], "way": ["here"], "intervals": "1"},
    {"by": ["office"], "compare": "last-year", "channel": ["kiosk"]},
    {"by": ["weekday"], "compare": "before-after", "at": "2024-10-28", "set": "waits"},
    {"by": ["hour"], "figure": ["called,served"]},
]


@pytest.mark.parametrize("asked", VIEWS)
def test_the_form_of_a_view_asks_for_the_same_view(
    explored: Explored, asked: dict[str, Any]
) -> None:
    page = explored.get("/statistics", **asked)
    assert page.status_code == 200
    again = explored.client.get(
        "/statistics",
        query_string=MultiDict(Filled(page.text).sent),
        headers=explored.manager,
    )
    assert table(again.text) == table(page.text)
    assert Filled(again.text).sent == Filled(page.text).sent


@pytest.mark.parametrize("asked", VIEWS)
def test_the_files_of_a_view_have_its_groups(explored: Explored, asked: dict[str, Any]) -> None:
    page = explored.get("/statistics", **asked)
    files = {re.search(r"\.(\w+)\?", link)[1]: link for link in Filled(page.text).downloads}  # type: ignore[index]
    assert set(files) == {"csv", "xlsx", "json", "parquet"}
    body = explored.client.get(files["json"], headers=explored.manager).json
    assert body["by"] == asked.get("by", ["office"])
    assert ("comparison" in body) == ("compare" in asked)


def test_the_usual_table_can_be_read(explored: Explored) -> None:
    head = table(explored.get("/statistics", lang="en").text)[0]
    assert len(head) == 1 + len(views.SETS[views.USUAL]) <= 10


def test_every_figure_set_has_figures_that_there_are() -> None:
    assert set(views.SETS) == set(views.SET_NAMES)
    assert {name for names in views.SETS.values() for name in names} == set(words.FIGURES)


def test_every_figure_stands_with_its_definition_denominator_and_source(
    explored: Explored,
) -> None:
    page = explored.get("/statistics", set="all", lang="en").text
    for name in words.FIGURES:
        assert f'id="def-{name}"' in page
    with explored.app.test_request_context("/?lang=en"):
        about = words.meaning("left_share")
    assert all(str(escape(text)) in page for text in about)


def test_the_page_may_load_nothing_but_our_own(explored: Explored) -> None:
    for path in ("/statistics", "/statistics/heat"):
        answer_ = explored.get(path)
        assert answer_.headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert not re.search(r"\sstyle=|<script(?![^>]*\ssrc=)", answer_.text)


# --- what is wrong with an address ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "swedish", "english"),
    [
        ({"from": "2024-02-30"}, "Från och med: Skriv datumet", "From: Write the date"),
        ({"to": "0001-01-01"}, "Till och med: Skriv datumet", "To: Write the date"),
        ({"set": "nice"}, "Siffror: Det finns inget sådant val", "Figures: There is no such"),
        ({"way": "flying"}, "Sätt: Det finns inget sådant val", "Way: There is no such choice"),
        ({"compare": "moon"}, "Jämför med: Det finns inget", "Compare with: There is no such"),
        (
            {"compare": "before-after"},
            "Dagen för ändringen: Skriv datumet",
            "The date of the change: Write the date",
        ),
        (
            {"compare": "before-after", "at": PERIOD["from"]},
            "Dagen för ändringen: Välj ett datum i perioden",
            "The date of the change: Choose a date within the period",
        ),
        (
            {"compare": "before-after", "at": "2024-10-28", "by": "month"},
            "Dela upp per: Före och efter ett datum",
            "Per: Before and after a date cannot",
        ),
        (
            {"compare": "last-year", "from": "2199-01-01", "to": "2199-01-02"},
            "Från och med: Bara dagar som är slut",
            "From: Only days that are over",
        ),
        (
            {"by": ["office", "district"], "language": "sv", "way": "here"},
            "Dela upp per: Gruppera och välj",
            "Per: Group by and choose",
        ),
    ],
)
def test_what_is_wrong_is_said_by_field_and_no_figure_is_shown(
    explored: Explored, asked: dict[str, Any], swedish: str, english: str
) -> None:
    for lang, told in (("sv", swedish), ("en", english)):
        page = explored.get("/statistics", **asked, lang=lang)
        assert page.status_code == 422
        assert told in page.text
        assert "<table" not in page.text


def test_a_form_that_was_refused_keeps_what_was_written(explored: Explored) -> None:
    page = explored.get("/statistics", **{"from": "2024-10-32", "office": "skogas"})
    sent = Filled(page.text).sent
    assert ("from", "2024-10-32") in sent
    assert ("office", "skogas") in sent


def usual(made: Flask) -> tuple[str, str]:
    """The first and the last day of the view that an address without dates asks for."""
    with made.app_context(), screens.reading(NOW) as now:
        form = views.view(now, views.form(MultiDict())).form
    return form.first, form.last


def test_without_dates_the_view_is_of_the_last_whole_month(explored: Explored) -> None:
    assert usual(explored.app) == ("2024-10-01", "2024-10-31")


def test_where_the_log_began_in_that_month_the_view_goes_on_until_today(tmp_path: Path) -> None:
    made = builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path / "var")
    with made.app_context():
        random_log.fill(made, [LATER[0]])
    assert usual(made) == ("2024-10-01", "2024-11-20")


# --- what there is nothing to show of -----------------------------------------------------------


def test_a_period_without_visits_says_so_also_beside_another(explored: Explored) -> None:
    empty = {"from": "2020-01-01", "to": "2020-01-31", "lang": "en"}
    for more in ({}, {"compare": "last-year"}):
        page = explored.get("/statistics", **empty, **more).text
        assert "There are no visits in this period" in page
        assert "<table" not in page
    assert "There are no visits" in explored.get("/statistics/heat", **empty).text


def test_who_was_not_asked_for_a_district_has_a_row_of_its_own(explored: Explored) -> None:
    rows = table(explored.get("/statistics", by="district", lang="en").text)
    assert "Not asked" in [row[0] for row in rows]


@pytest.mark.parametrize("more", [{}, {"compare": "last-year"}])
def test_a_missing_population_is_named_with_district_and_year(
    explored: Explored, more: dict[str, str]
) -> None:
    page = explored.get("/statistics", set="use", office="skogas", lang="en", **more).text
    assert "No number of inhabitants is entered for Skogås in 2024." in page
    assert "No costs are entered for" in page


def test_visits_that_are_not_over_are_told_above_the_table(tmp_path: Path) -> None:
    made = builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path / "var")
    with made.app_context():
        log = random_log.day(configuration.current(), LATER[0], 200, Random(3), 1)
        ended = [event.ticket for event in log if isinstance(event, e.TicketFinished)]
        still = set(ended[::2])
        with write.line(NOW) as held:
            held.events.extend(
                event
                for event in log
                if not (isinstance(event, e.TicketFinished) and event.ticket in still)
            )
        db.engine.dispose()
    query = {**PERIOD, "lang": "en"}
    page = made.test_client().get(
        "/statistics", query_string=query, headers=builders.bearer(made, "maria")
    )
    assert f"{len(still)} visits are not over yet" in page.text


def test_of_today_it_is_said_that_visits_may_not_be_over_also_where_their_number_is_hidden(
    explored: Explored,
) -> None:
    with explored.app.test_request_context("/?lang=en"), screens.reading(NOW) as now:
        asked = question.ask(now, first=PERIOD["from"], last=PERIOD["to"])
        whole = Row({}, asked.first, asked.end, {"open": Shown(note="small")})
        found = answer.Answer(asked, [], whole, 0, 3)
        assert explorer.still_open(found, asked.last).startswith("Visits of today may")
        assert explorer.still_open(found, asked.end) == ""


# --- comparisons --------------------------------------------------------------------------------


def visits_of(log: list[e.Event], office: str, days: list[dt.date]) -> dict[int, dict[str, Any]]:
    """Each visit of the office on those days, read from the events by hand."""
    found: dict[int, dict[str, Any]] = {}
    for event in log:
        if event.ticket is None:
            continue
        if isinstance(event, e.TicketIssued):
            day = dt.datetime.fromtimestamp(event.at, dt.UTC).date()
            if event.office == office and day in days:
                found[event.ticket] = {"at": event.at}
        elif event.ticket in found:
            if isinstance(event, e.TicketCalled):
                found[event.ticket].setdefault("called", event.at)
            found[event.ticket]["end"] = event.type
    return found


def byar(count: int) -> tuple[float, float]:
    """Byar's interval of a count, as Breslow & Day print it."""
    more = count + 1
    return (
        count * (1 - 1 / (9 * count) - 1.96 / (3 * sqrt(count))) ** 3,
        more * (1 - 1 / (9 * more) + 1.96 / (3 * sqrt(more))) ** 3,
    )


def wilson(true: int, of: int) -> tuple[float, float]:
    """Wilson's interval of a share."""
    share, z = true / of, 1.96
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return centre - half, centre + half


def apart(
    one: float, ones: tuple[float, float], other: float, others: tuple[float, float]
) -> list[float]:
    """Newcombe's interval of a difference."""
    return [
        one - other - sqrt((one - ones[0]) ** 2 + (others[1] - other) ** 2),
        one - other + sqrt((ones[1] - one) ** 2 + (other - others[0]) ** 2),
    ]


def compared(explored: Explored, **asked: Any) -> dict[str, Any]:
    headers, query = explored.manager, {**PERIOD, **asked}
    answer_ = explored.client.get("/api/v1/statistics", query_string=query, headers=headers)
    assert answer_.status_code == 200, answer_.text
    body: dict[str, Any] = answer_.json
    return body


def test_last_year_is_the_same_weekdays_and_its_differences_are_those_by_hand(
    explored: Explored,
) -> None:
    body = compared(explored, compare="last-year", figure="visits,left_share,wait_median_s")
    told = body["comparison"]
    assert (told["from"], told["to"]) == (EARLIER[0].isoformat(), EARLIER[-1].isoformat())
    for row in told["rows"]:
        office = row["group"]["office"]
        later = list(visits_of(explored.log, office, LATER).values())
        earlier = list(visits_of(explored.log, office, EARLIER).values())
        days = len(LATER)
        n, m = len(later), len(earlier)
        assert row["earlier"]["visits"] == m
        assert row["differences"]["visits"] == pytest.approx((n - m) / days)
        around = [tuple(end / days for end in byar(count)) for count in (n, m)]
        assert row["difference_intervals"]["visits"] == pytest.approx(
            apart(n / days, around[0], m / days, around[1]), rel=1e-3
        )
        left = [sum(one["end"] == "ticket-left" for one in some) for some in (later, earlier)]
        assert row["difference_intervals"]["left_share"] == pytest.approx(
            apart(left[0] / n, wilson(left[0], n), left[1] / m, wilson(left[1], m)), rel=1e-3
        )
        waits = [
            stats.median(round(one["called"] - one["at"]) for one in some if "called" in one)
            for some in (later, earlier)
        ]
        assert row["differences"]["wait_median_s"] == round(waits[0]) - round(waits[1])


def test_more_than_chance_is_what_has_nothing_of_zero_in_its_interval(explored: Explored) -> None:
    told = compared(explored, compare="last-year", by="weekday")["comparison"]
    seen = set()
    for row in told["rows"]:
        for name, (low, high) in row["difference_intervals"].items():
            assert row["more_than_chance"][name] == (low > 0 or high < 0)
            seen.add(row["more_than_chance"][name])
        assert row["more_than_chance"]["occupancy_share"] is None
    assert seen == {True, False}


def test_before_and_after_counts_are_compared_per_open_day(explored: Explored) -> None:
    at = LATER[3]  # three open days before it, seven from it on
    body = compared(explored, compare="before-after", at=at.isoformat(), figure="visits,errands")
    assert (body["from"], body["to"]) == (at.isoformat(), LATER[-1].isoformat())
    assert body["comparison"]["to"] == (at - dt.timedelta(days=1)).isoformat()
    for row in body["comparison"]["rows"]:
        office = row["group"]["office"]
        before = len(visits_of(explored.log, office, LATER[:3]))
        after = len(visits_of(explored.log, office, LATER[3:]))
        assert row["earlier"]["visits"] == before
        assert row["differences"]["visits"] == pytest.approx(after / 7 - before / 3)


def test_the_hours_of_days_before_and_after_the_clock_change_are_compared_by_the_clock(
    explored: Explored,
) -> None:
    # Summer time ended on 2024-10-27 and on 2023-10-29, between the weeks of both periods.
    told = compared(explored, compare="last-year", by="hour", figure="visits")["comparison"]
    hours = {row["group"]["hour"] for row in told["rows"]}
    assert hours == {f"{hour:02}" for hour in range(9, 16)}
    assert all(row["differences"]["visits"] is not None for row in told["rows"])


def test_months_are_compared_with_the_same_months_of_the_year_before(explored: Explored) -> None:
    asked = {"from": "2024-10-01", "to": "2024-10-31"}
    told = compared(explored, **asked, compare="last-year", by="month", figure="visits")
    assert told["comparison"]["from"] == "2023-10-01"
    (row,) = told["comparison"]["rows"]
    assert row["group"] == {"month": "2024-10"}
    october = [day for day in EARLIER if day.month == 10]
    assert row["earlier"]["visits"] == 60 * len(october)


def test_days_weeks_and_years_meet_those_that_they_are_compared_with(explored: Explored) -> None:
    for by, groups in (("day", len(LATER)), ("week", 2), ("year", 1)):
        told = compared(explored, compare="last-year", by=by, figure="visits")["comparison"]
        notes_of = [row["difference_notes"].get("visits") for row in told["rows"]]
        assert notes_of.count(None) == groups
        # The weekend between the two weeks, when no counter was open.
        assert notes_of.count("no-open-days") == (2 if by == "day" else 0) == len(notes_of) - groups


def test_a_group_of_one_period_only_has_no_difference(explored: Explored) -> None:
    asked = {"from": "2023-01-01", "to": "2023-12-31", "compare": "last-year"}
    for row in compared(explored, **asked, figure="visits")["comparison"]["rows"]:
        assert row["differences"] == {"visits": None}
        assert row["difference_notes"] == {"visits": "not-in-both"}
    page = explored.get("/statistics", **asked, lang="en").text
    assert "There are figures in one of the periods only." in page


def test_the_day_that_is_not_over_is_left_out_of_a_comparison(explored: Explored) -> None:
    noon = dt.datetime.combine(LATER[-1], dt.time(12), dt.UTC).timestamp()
    with explored.app.app_context(), screens.reading(noon) as now:
        asked = question.ask(now, first=PERIOD["from"], last=PERIOD["to"])
        later, earlier = comparison.questions(now, asked, Wanted(How.LAST_YEAR))
        assert later.last == LATER[-1] - dt.timedelta(days=1)
        assert (later.first - earlier.first, later.last - earlier.last) == (
            comparison.YEAR_OF_WEEKS,
            comparison.YEAR_OF_WEEKS,
        )


def test_the_page_says_which_dates_are_compared_and_what_is_chance(explored: Explored) -> None:
    page = explored.get("/statistics", compare="last-year", lang="en").text
    assert f"Compared with {EARLIER[0]} – {EARLIER[-1]}" in page
    assert "52 weeks earlier" in page
    assert "may be chance" in page
    assert "more than chance" in page
    assert "per open day" in page


def test_a_leap_day_is_compared_with_the_last_of_february(explored: Explored) -> None:
    with explored.app.app_context(), screens.reading(NOW) as now:
        asked = question.ask(now, first="2024-02-29", last="2024-03-31", by="month")
        _, earlier = comparison.questions(now, asked, Wanted(How.LAST_YEAR))
        assert earlier.first == dt.date(2023, 2, 28)


def test_a_hidden_figure_has_no_difference() -> None:
    small = Shown(note="small")
    known = Shown(12.0, (8.0, 17.0))
    for later, earlier in ((small, known), (known, small)):
        found = comparison.difference(later, earlier)
        assert (found.value, found.interval, found.note) == (None, None, "small")


def test_there_is_no_comparison_with_nothing() -> None:
    assert comparison.wanted("none", "2024-01-01") is None
    with pytest.raises(BadInput):
        comparison.wanted("sideways", None)


# --- the heat map -------------------------------------------------------------------------------


def test_the_heat_map_has_every_visit_by_weekday_and_hour(explored: Explored) -> None:
    page = explored.get("/statistics/heat", lang="en").text
    head, *rows = table(page)
    assert head == ["Hour", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert len(rows) == 7
    assert sum(int(cell) for row in rows for cell in row[1:] if cell) == 80 * len(LATER)
    assert set(re.findall(r'<td class="heat__cell heat__cell--(\w+)"', page)) <= set("12345")


def test_the_address_of_the_heat_map_has_its_figure_and_its_visits(explored: Explored) -> None:
    page = explored.get("/statistics/heat", figure="wait_median_s", office="skogas").text
    sent = Filled(page).sent
    assert ("figure", "wait_median_s") in sent
    assert ("office", "skogas") in sent
    (csv, _) = Filled(page).downloads
    assert all(part in csv for part in ("by=weekday", "by=hour", "figure=wait_median_s"))


def test_without_dates_the_heat_map_is_of_the_last_twelve_whole_months() -> None:
    asked = heat.form(MultiDict(), dt.date(2024, 3, 15))
    assert (asked.first, asked.last) == ("2023-03-01", "2024-02-29")
    given = heat.form(MultiDict(PERIOD), dt.date(2024, 3, 15))
    assert (given.first, given.last) == (PERIOD["from"], PERIOD["to"])


@pytest.mark.parametrize("figure", ["nice", "visits,errands"])
def test_the_heat_map_is_of_one_figure_that_there_is(explored: Explored, figure: str) -> None:
    page = explored.get("/statistics/heat", figure=figure)
    assert page.status_code == 422


def test_the_steps_go_from_the_lowest_to_the_highest_and_tell_nothing_of_what_is_hidden() -> None:
    steps = [heat.step(Shown(float(value)), 0.0, 10.0) for value in (0, 2, 5, 9, 10)]
    assert steps == ["1", "2", "3", "5", "5"]
    assert heat.step(Shown(note="small"), 0.0, 10.0) == heat.HIDDEN
    assert heat.step(Shown(), 0.0, 10.0) == heat.NONE


# --- small numbers ------------------------------------------------------------------------------


def test_a_hidden_figure_is_a_dash_with_a_star_that_is_explained(explored: Explored) -> None:
    with explored.app.test_request_context("/?lang=en"):
        found = notes.Notes()
        cell = explorer.cell("visits", Shown(note="small"), found, interval=True)
        assert (cell.text, cell.around, cell.mark) == ("–", "", "*")
        assert list(found.marks.values()) == ["*"]
        again = explorer.cell("errands", Shown(note="uncoded"), found)
        other = explorer.cell("errands", Shown(note="no-staff-time"), found)
        assert (again.mark, other.mark) == ("1", "2")


def test_what_the_answer_hides_is_hidden_on_the_page_and_in_the_heat_map(
    explored: Explored,
) -> None:
    asked = {"from": LATER[0].isoformat(), "to": LATER[1].isoformat(), "by": "language"}
    body = explored.get("/statistics.json", **asked).json
    names = list(body["definitions"])
    shown = table(explored.get("/statistics", **asked, intervals="1", lang="en").text)[1:-1]
    hidden = 0
    for row, cells in zip(body["rows"], shown, strict=True):
        # The bar has a cell of its own, between the group and the number of visits.
        for name, cell in zip(names, cells[2:], strict=True):
            if row["notes"].get(name) == "small":
                assert (row["figures"][name], cell) == (None, "– note *")
                hidden += 1
    assert hidden > len(names)
    page = explored.get("/statistics/heat", **asked, lang="en").text
    assert "heat__cell--hidden" in page
    assert not [cell for row in table(page)[1:] for cell in row[1:] if cell.isdigit()]


def test_that_nobody_came_is_not_said_of_a_choice_while_others_came(explored: Explored) -> None:
    asked = {"language": "pl", "lang": "en"}
    page = explored.get("/statistics", **asked).text
    assert "There are no visits in this period" not in page
    assert (
        "There are no visits in this period" not in explored.get("/statistics/heat", **asked).text
    )


def test_every_note_has_its_words() -> None:
    package = Path(explorer.__file__).parents[1] / "statistics"
    raised = {
        note
        for path in package.glob("*.py")
        for note in re.findall(r'Missing\("([a-z-]+)"', path.read_text())
    }
    known = {answer.SMALL, answer.UNCODED, comparison.NOT_IN_BOTH, comparison.NO_OPEN_DAYS}
    assert raised | known <= set(notes.NOTES)


# --- on the other database ----------------------------------------------------------------------


def test_a_view_and_its_comparison_are_answered_on_both_databases(
    database_url: str, tmp_path: Path
) -> None:
    made = Explored(tmp_path, database_url)
    rows = table(made.get("/statistics", compare="last-year", lang="en").text)
    assert ["Visits", str(60 * len(EARLIER)), str(80 * len(LATER))] in [row[:3] for row in rows]
    with made.app.app_context():
        db.engine.dispose()


def test_last_year_of_whole_months_is_the_same_dates(explored: Explored) -> None:
    asked = {"from": "2024-02-01", "to": "2024-02-29", "compare": "last-year"}
    told = compared(explored, **asked)["comparison"]
    assert (told["from"], told["to"]) == ("2023-02-01", "2023-02-28")
