"""Every figure, computed a second time from the raw log by hand, and the archive it comes from."""

import datetime as dt
import json
import math
import statistics as stats
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, text

from queueapp import screens, write
from queueapp.core import events as e
from queueapp.core import measures, uncertainty
from queueapp.models import TicketEvent, db
from queueapp.statistics import (
    answer,
    archive,
    cube,
    engine,
    lengths,
    protection,
    question,
    rates,
    tallies,
)
from tests import random_log

MONDAY = dt.date(2026, 9, 28)
NOW = dt.datetime(2026, 10, 30, 20, 0, tzinfo=dt.UTC).timestamp()

Row = dict[str, Any]


def ask(by: str = "office", at: float = NOW, **asked: Any) -> answer.Answer:
    with screens.reading(at) as now:
        return answer.answer(now, question.ask(now, by=by, **asked))


# --- the raw log, read by hand: nothing here comes from the package's definitions ---------------


def raw_visits(made: Flask) -> list[Row]:
    """Every visit as a plain record, from the rows of the log."""
    visits: dict[int, Row] = {}
    with db.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT at, type, office, ticket, counter, data FROM ticket_event ORDER BY seq")
        ).all()
    for row in rows:
        data = row.data if isinstance(row.data, dict) else json.loads(row.data)
        if row.type == "ticket-issued":
            visits[row.ticket] = data | {"office": row.office, "at": row.at, "served": 0.0}
        elif row.ticket is not None:
            note(visits[row.ticket], row, data)
    compare_hours(list(visits.values()))
    return list(visits.values())


def note(visit: Row, row: Any, data: Row) -> None:
    if row.type == "ticket-called":
        visit.setdefault("called", row.at)
        visit["way"] = data["way"]
    elif row.type == "service-started":
        visit["started"] = row.at
    elif row.type in {"ticket-parked", "ticket-finished"}:
        visit["served"] += row.at - visit.pop("started")
    if row.type in {"ticket-finished", "ticket-no-show", "ticket-left"}:
        visit["end"] = row.type
        visit["errands"] = data.get("errands", [])


def wait(visit: Row) -> float | None:
    return round(visit["called"] - visit["at"]) if "called" in visit else None


def finished(visit: Row) -> bool:
    return visit["end"] == "ticket-finished"


def coded(visit: Row) -> bool:
    return finished(visit) and bool(visit["errands"])


def part(visits: list[Row], true: Callable[[Row], bool], of: Callable[[Row], bool]) -> float | None:
    known = [visit for visit in visits if of(visit)]
    return sum(map(true, known)) / len(known) if known else None


def in_first(visit: Row) -> bool:
    return all(
        one["language"] == visit["languages"][0] and not one["interpreter"]
        for one in visit["errands"]
    )


def interpreted(visit: Row) -> bool:
    return visit["way"] == "interpreter" or any(one["interpreter"] for one in visit["errands"])


def resolved(owner: str | None) -> tuple[Callable[[Row], bool], Callable[[Row], bool]]:
    def mine(visit: Row) -> list[Row]:
        return [one for one in visit["errands"] if owner in (None, one["owner"])]

    return (
        lambda visit: all(one["outcome"] == "resolved" for one in mine(visit)),
        lambda visit: coded(visit) and bool(mine(visit)),
    )


def kept(visit: Row) -> bool:
    low, _, high = visit["promised"]
    return low // 60 <= (wait(visit) or 0) / 60 <= max(1, -(-high // 60))


def promised(visit: Row) -> bool:
    return "called" in visit and visit["staffed"]


def p90(values: list[float]) -> float:
    return stats.quantiles(values, n=10, method="inclusive")[8]


def compare_hours(visits: list[Row]) -> None:
    """Each wait less the mean wait of that hour's Swedish visitors at the office."""
    hours: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for visit in visits:
        if "called" in visit:
            hours[visit["office"], int(visit["at"] // 3600)].append(visit)
    for there in hours.values():
        swedish = [wait(one) for one in there if one["languages"][0] == "sv"]
        for visit in there:
            if swedish and visit["languages"][0] != "sv":
                visit["extra"] = round(wait(visit) - stats.fmean(swedish))


ALL: Callable[[Row], bool] = lambda visit: True  # noqa: E731 - a plain name reads best below

BY_HAND: dict[str, Callable[[list[Row]], float | None]] = {
    "visits": len,
    "errands": lambda v: sum(len(one["errands"]) for one in v),
    "called": lambda v: sum("called" in one for one in v),
    "served": lambda v: sum(map(finished, v)),
    "no_show": lambda v: sum(one["end"] == "ticket-no-show" for one in v),
    "left": lambda v: sum(one["end"] == "ticket-left" for one in v),
    "open": lambda v: sum("end" not in one for one in v),
    "wait_mean_s": lambda v: stats.fmean(wait(one) for one in v if "called" in one),
    "wait_median_s": lambda v: stats.median(wait(one) for one in v if "called" in one),
    "wait_p90_s": lambda v: p90([wait(one) for one in v if "called" in one]),
    "within_10_share": lambda v: part(v, lambda one: "called" in one and wait(one) <= 600, ALL),
    "left_share": lambda v: part(v, lambda one: one["end"] == "ticket-left", ALL),
    "no_show_share": lambda v: part(
        v, lambda one: one["end"] == "ticket-no-show", lambda one: one["end"] != "ticket-left"
    ),
    "service_median_s": lambda v: stats.median(round(one["served"]) for one in v if finished(one)),
    "resolved_share": lambda v: part(v, *resolved(None)),
    "resolved_own_share": lambda v: part(v, *resolved("municipal")),
    "first_language_share": lambda v: part(v, in_first, coded),
    "other_language_share": lambda v: part(
        v, lambda one: not in_first(one) and not interpreted(one), coded
    ),
    "interpreter_share": lambda v: part(v, interpreted, finished),
    "video_share": lambda v: part(v, lambda one: one["way"] == "video", finished),
    "unserved_share": lambda v: part(v, lambda one: not finished(one), ALL),
    "by_video": lambda v: sum(one["way"] == "video" and finished(one) for one in v),
    "by_interpreter": lambda v: sum(interpreted(one) and finished(one) for one in v),
    "language_extra_wait_s": lambda v: stats.fmean(one["extra"] for one in v if "extra" in one),
    "promise_kept_share": lambda v: part(v, kept, promised),
    "promise_error_median_s": lambda v: stats.median(
        wait(one) - one["promised"][1] for one in v if promised(one)
    ),
    "unmet": lambda v: sum(not one["staffed"] for one in v),
    "unmet_share": lambda v: part(v, lambda one: not one["staffed"], ALL),
    "coded_share": lambda v: part(v, coded, finished),
}


@pytest.fixture
def filled(app: Flask) -> Flask:
    """Five weeks of visits, of which the last day is today."""
    random_log.fill(app, random_log.working_days(MONDAY, 25), number=80)
    return app


@pytest.fixture
def unprotected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small cells are shown, so that their figures can be compared too."""
    monkeypatch.setattr(protection.Guard, "shows", lambda *_: True)


def value(row: answer.Row, name: str) -> float | None:
    return row.figures[name].value


def alike(name: str, told: float | None, by_hand: float | None) -> bool:
    """Whether a figure is the one computed by hand; seconds are told in whole ones."""
    if name.endswith("_s") and told is not None:
        return told == round(told) and by_hand == pytest.approx(told, abs=0.500001)
    return told == pytest.approx(by_hand)


@pytest.mark.usefixtures("unprotected")
@pytest.mark.parametrize("dimension", ["office", "district", "way"])
def test_every_figure_is_what_the_raw_log_says_by_hand(filled: Flask, dimension: str) -> None:
    visits = raw_visits(filled)
    found = ask(by=dimension, first="2026-09-28", last="2026-10-30")
    groups = {"": (found.total, visits)} | {
        row.values[dimension]: (
            row,
            [one for one in visits if (one[dimension] or "unknown") == row.values[dimension]],
        )
        for row in found.rows
    }
    wrong = {
        (group, name): (value(row, name), by_hand(mine))
        for group, (row, mine) in groups.items()
        for name, by_hand in BY_HAND.items()
        if row.figures[name].note is None and not alike(name, value(row, name), by_hand(mine))
    }
    assert wrong == {}
    assert {visit[dimension] or "unknown" for visit in visits} == set(groups) - {""}


def test_the_figures_by_hand_are_all_but_the_rates() -> None:
    rates = {name for name, one in measures.FIGURES.items() if one.kind is measures.Kind.RATE}
    assert set(BY_HAND) == set(measures.FIGURES) - rates


# --- rates --------------------------------------------------------------------------------------


def test_open_and_staff_hours_are_those_of_the_counters(filled: Flask) -> None:
    """Two counters an office from 8.48 to 16.30, both with half an hour's break at noon."""
    found = ask(first="2026-09-28", last="2026-10-02")
    hours = 5 * (7.7 - 0.5)
    for row in found.rows:
        visits = value(row, "visits")
        assert value(row, "visits_per_open_hour") == pytest.approx(visits / hours)
        assert value(row, "visits_per_staff_hour") == pytest.approx(visits / (2 * hours))


def test_occupancy_is_the_time_served_of_the_time_staffed(app: Flask) -> None:
    at = archive.midnight(MONDAY, screens_municipality())
    here: dict[str, Any] = {"office": "varby", "counter": "varby-1"}
    log = [
        e.CounterOpened(at=at + 36_000, **here),
        e.ServiceStarted(at=at + 36_900, **here, ticket=1),
        e.TicketFinished(at=at + 38_700, **here, ticket=1),
        e.CounterClosed(at=at + 39_600, **here),
    ]
    with write.line(at) as held:
        held.events.extend(log)
    assert duty_of("varby") == (3600.0, 3600.0, 1800.0)


def screens_municipality() -> Any:
    with screens.reading(NOW) as now:
        return now.municipality


def duty_of(office: str) -> tuple[float, float, float]:
    with screens.reading(NOW) as now, engine.opened(now) as opened:
        asked = question.ask(now, first="2026-09-28", last="2026-09-28")
        duty = cube.duty(opened, asked, ("office",))[office,]
        return duty.open_s, duty.staff_s, duty.serving_s


def test_visits_per_inhabitant_need_that_years_population(filled: Flask) -> None:
    [first, *_] = ask(by="district", figures="visits_per_1000", first="2026-09-28").rows
    shown = first.figures["visits_per_1000"]
    assert (shown.value, shown.note) == (None, "no-population")
    assert shown.facts == {"district": "Flemingsberg", "year": 2026}


def test_nothing_is_said_of_inhabitants_where_a_district_is_none(filled: Flask) -> None:
    found = ask(by="district", figures="visits_per_1000", first="2026-09-28")
    notes = {row.values["district"]: row.figures["visits_per_1000"].note for row in found.rows}
    assert {notes[name] for name in ("other", "undisclosed", "unknown")} == {"no-inhabitants"}


def test_cost_per_visit_says_which_costs_are_missing(filled: Flask) -> None:
    [first, *_] = ask(figures="cost_per_visit").rows
    assert first.figures["cost_per_visit"].note == "no-costs"


# --- the archive --------------------------------------------------------------------------------


told = answer.document


def archived(made: Flask) -> archive.Manifest:
    with screens.reading(NOW) as now:
        return archive.read(engine.folder(), now.connection, now.municipality)


def feed(at: float) -> archive.Manifest:
    with screens.reading(at) as now:
        return archive.feed(engine.folder(), now.connection, now.municipality, at)


def rebuild(at: float) -> archive.Manifest:
    with screens.reading(at) as now:
        return archive.rebuild(engine.folder(), now.connection, now.municipality, at)


def evening(day: dt.date) -> float:
    return dt.datetime(day.year, day.month, day.day, 20, tzinfo=dt.UTC).timestamp()


def test_fed_day_by_day_or_rebuilt_the_figures_are_the_same(app: Flask) -> None:
    days = random_log.working_days(MONDAY, 25)
    for place, day in enumerate(days):
        random_log.fill(app, [day], number=20, seed=place + 1)
        feed(evening(day))
    fed = told(ask(by="office,week", first="2026-09-28"))
    rebuild(NOW)
    assert told(ask(by="office,week", first="2026-09-28")) == fed


def test_today_is_never_in_the_archive_and_always_in_the_figures(filled: Flask) -> None:
    assert value(ask(by="day", first="2026-10-30").total, "visits") == 80
    assert archived(filled).months["2026-10"].through == "2026-10-29"


def test_what_was_logged_since_the_last_question_is_in_the_next_answer(filled: Flask) -> None:
    ask()
    random_log.fill(filled, [dt.date(2026, 10, 30)], number=5, seed=9)
    assert value(ask(by="day", first="2026-10-30").total, "visits") == 85


def test_a_day_that_was_today_when_the_archive_was_fed_is_in_it_later(app: Flask) -> None:
    friday = dt.date(2026, 10, 30)
    random_log.fill(app, [friday], number=20)
    feed(evening(friday))
    tuesday = evening(dt.date(2026, 11, 3))
    random_log.fill(app, [dt.date(2026, 11, 3)], number=10, seed=2)
    assert value(ask(at=tuesday, first="2026-10-30", last="2026-11-03").total, "visits") == 30


def test_a_day_is_in_the_next_days_figures_although_nothing_happened_since(app: Flask) -> None:
    thursday, friday = dt.date(2026, 10, 29), dt.date(2026, 10, 30)
    random_log.fill(app, [thursday, friday], number=40)
    ask(at=evening(friday), first="2026-10-01", last="2026-10-30")
    saturday = evening(dt.date(2026, 10, 31))
    found = ask(at=saturday, by="day", first="2026-10-30", last="2026-10-30", figures="visits")
    assert value(found.total, "visits") == 40


def test_what_happens_today_does_not_make_the_archive_again(filled: Flask) -> None:
    ask()
    before = archived(filled)
    random_log.fill(filled, [dt.date(2026, 10, 30)], number=5, seed=9)
    ask()
    assert archived(filled) == before


def test_history_written_later_is_found(filled: Flask) -> None:
    ask()
    random_log.fill(filled, [dt.date(2025, 3, 3)], number=30, seed=9)
    assert value(ask(first="2025-03-01", last="2025-03-31").total, "visits") == 30


def test_a_visit_that_ends_days_later_is_ended_in_the_figures(app: Flask) -> None:
    log = random_log.fill(app, [MONDAY], number=30)
    [*_, last] = [one for one in log if isinstance(one, e.TicketFinished)]
    with write.transaction() as connection:
        table = TicketEvent.__table__
        connection.execute(
            delete(table).where(table.c.type == "ticket-finished", table.c.ticket == last.ticket)
        )
    feed(evening(MONDAY + dt.timedelta(days=1)))
    with write.line(NOW) as held:
        held.record(e.TicketLeft(at=NOW, office=last.office, ticket=last.ticket, reason="closing"))
    found = ask(first="2026-09-28", last="2026-09-28", figures="visits")
    assert found.visits == 30
    with screens.reading(NOW) as now, engine.opened(now) as opened:
        assert opened.rows('SELECT count(*) FILTER ("open") FROM visits') == [(0,)]


def test_a_visit_that_was_forgotten_until_the_next_day_is_counted_too(app: Flask) -> None:
    with write.line(NOW) as held:
        log = random_log.day(held.municipality, MONDAY, 30, random_log.Random(1), 1)
        last = next(one for one in reversed(log) if isinstance(one, e.TicketFinished))
        log[log.index(last)] = replace(last, at=last.at + 20 * 3600)
        held.events.extend(log)
    found = ask(first="2026-09-28", last="2026-09-28", figures="visits,service_median_s")
    assert value(found.total, "service_median_s") is not None


def test_an_interrupted_rebuild_leaves_the_archive_that_was(
    filled: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = told(ask(first="2026-09-28"))
    manifest = archived(filled)
    made = archive._make

    def breaks(folder: Any, connection: Any, municipality: Any, name: str, *rest: Any) -> Any:
        if name == "2026-10":
            raise KeyboardInterrupt
        return made(folder, connection, municipality, name, *rest)

    monkeypatch.setattr(archive, "_make", breaks)
    with pytest.raises(KeyboardInterrupt):
        rebuild(NOW)
    assert archived(filled) == manifest
    assert told(ask(first="2026-09-28")) == before


def test_a_last_month_in_which_counters_opened_and_nobody_came_hides_no_year_before(
    app: Flask,
) -> None:
    random_log.fill(app, [dt.date(2025, 12, 1), dt.date(2026, 1, 12)], number=80)
    february = dt.datetime(2026, 2, 2, 8, 0, tzinfo=dt.UTC).timestamp()
    with write.line(february) as held:
        held.events.append(e.CounterOpened(at=february, office="varby", counter="varby-1"))
    january = ask(first="2026-01-01", last="2026-01-31")
    assert not january.empty
    assert january.total.figures["visits"].value == 80


@pytest.mark.parametrize("by", ["office", "month,language,weekday", "year,service"])
def test_what_the_archive_has_counted_is_what_the_visits_say(
    filled: Flask, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    counted = told(ask(by=by, first="2026-09-01"))
    monkeypatch.setattr(tallies, "AT_MOST", -1)
    assert told(ask(by=by, first="2026-09-01")) == counted


@pytest.mark.parametrize("chosen", [{}, {"where": {"office": "varby,skogas"}}])
def test_the_lengths_that_the_archive_has_counted_are_what_the_visits_say(
    filled: Flask, monkeypatch: pytest.MonkeyPatch, chosen: dict[str, Any]
) -> None:
    september = {"by": "office", "first": "2026-09-01", "last": "2026-09-30", **chosen}
    counted = told(ask(**september))
    monkeypatch.setattr(lengths, "KEPT_BY", ())
    assert told(ask(**september)) == counted


def test_a_restored_backup_is_another_log_and_is_read_anew(filled: Flask) -> None:
    assert ask(first="2026-09-28").visits == 25 * 80
    with write.transaction() as connection:
        connection.execute(delete(TicketEvent.__table__))
    random_log.fill(filled, [MONDAY], number=10, seed=2)
    assert ask(first="2026-09-28").visits == 10


def test_a_damaged_archive_is_made_again(filled: Flask) -> None:
    before = told(ask(first="2026-09-28"))
    month = archived(filled).months["2026-09"]
    (engine.folder() / month.files["visits"]).unlink()
    assert told(ask(first="2026-09-28")) == before


def test_too_much_to_read_while_somebody_waits_is_said(
    filled: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "READ_WITH_A_QUESTION", 100)
    with pytest.raises(engine.NotReady):
        ask()


def test_the_day_the_clocks_change_is_one_day_with_its_own_hours(app: Flask) -> None:
    sunday = dt.date(2026, 10, 25)  # at 3 o'clock it is 2 o'clock once more
    random_log.fill(app, [sunday], number=40)
    by_hour = ask(by="hour", first="2026-10-25", last="2026-10-25")
    # Nine hours after midnight it is eight o'clock.
    assert {row.values["hour"] for row in by_hour.rows} <= {f"{hour:02}" for hour in range(8, 15)}
    assert by_hour.visits == 40
    assert ask(by="day", first="2026-10-24", last="2026-10-24").visits == 0


def test_visits_still_going_on_are_counted_as_such_and_in_no_share(app: Flask) -> None:
    at = evening(MONDAY)
    with write.line(at) as held:
        for ticket in range(1, 8):
            issued = random_log.day(held.municipality, MONDAY, 1, random_log.Random(ticket), ticket)
            held.record(next(one for one in issued if isinstance(one, e.TicketIssued)))
    found = ask(at=at, by="day", first="2026-09-28", last="2026-09-28")
    assert (value(found.total, "visits"), value(found.total, "open")) == (7, 7)
    assert value(found.total, "left_share") is None


def test_who_waits_now_does_not_hide_what_became_of_earlier_visitors(filled: Flask) -> None:
    asked = {"by": "office", "first": "2026-09-28", "last": "2026-10-29"}
    before = ask(**asked)
    with write.line(NOW) as held:
        held.events.extend(replace(one, at=NOW - 60, ticket=9000) for one in tickets({"sv": 1}))
    after = ask(at=NOW + 120, **asked)
    for name in ("served", "no_show", "left", "left_share", "no_show_share"):
        assert value(before.total, name) is not None
        assert counts(after, name) == counts(before, name)


def test_nothing_in_the_archive_names_a_ticket(filled: Flask) -> None:
    with screens.reading(NOW) as now, engine.opened(now) as opened:
        columns = {row[0] for row in opened.rows("DESCRIBE visits")}
    assert not columns & {"ticket", "number", "token", "counter", "staff"}


def test_a_question_takes_the_same_few_statements_however_many_visits(filled: Flask) -> None:
    ask()
    assert len(db_statements(lambda: ask(first="2026-09-28"))) == len(
        db_statements(lambda: ask(first="2026-10-26"))
    )


def db_statements(work: Callable[[], object]) -> list[str]:
    found: list[str] = []

    def note_statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note_statement)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note_statement)
    return found


# --- small numbers ------------------------------------------------------------------------------


def counts(found: answer.Answer, name: str = "visits") -> dict[str, float | None]:
    """The shown values by group, and of all together under ""."""
    key = found.question.by[0]
    shown = {row.values[key]: value(row, name) for row in found.rows}
    return shown | {"": value(found.total, name)}


def test_a_cell_under_five_is_hidden_and_so_is_another_that_would_tell_it(app: Flask) -> None:
    with write.line(evening(MONDAY)) as held:
        held.events.extend(tickets({"ar": 20, "fi": 3, "sv": 40, "so": 9}))
    found = ask(at=evening(MONDAY), by="language", first="2026-09-28")
    shown = counts(found)
    assert shown[""] == 72
    assert shown["fi"] is None
    assert sum(one is None for one in shown.values()) >= 2
    assert {row.figures["visits"].note for row in found.rows if value(row, "visits") is None} == {
        answer.SMALL
    }


def test_a_choice_of_few_is_hidden_as_it_is_in_the_table(app: Flask) -> None:
    with write.line(evening(MONDAY)) as held:
        held.events.extend(tickets({"ar": 20, "fi": 3, "sv": 40, "so": 9}))
    table = counts(ask(at=evening(MONDAY), by="language", first="2026-09-28"))
    for language in ("ar", "fi", "sv", "so"):
        one = ask(at=evening(MONDAY), by="", first="2026-09-28", where={"language": language})
        assert value(one.total, "visits") == table[language]


def tickets(languages: dict[str, int]) -> list[e.Event]:
    """Tickets issued on a Monday morning, so many in each language."""
    asked = [language for language, number in languages.items() for _ in range(number)]
    at = evening(MONDAY) - 8 * 3600
    return [
        e.TicketIssued(
            at=at + ticket, office="varby", ticket=ticket, number=f"M{ticket}", service="bygglov",
            languages=[language], way="here", channel="kiosk", district="varby", priority=None,
            promised=[0, 300, 600],
        )
        for ticket, language in enumerate(asked, start=1)
    ]  # fmt: skip


def test_no_difference_of_two_periods_tells_of_fewer_than_five(filled: Flask) -> None:
    days = random_log.working_days(MONDAY, 25)
    for dimension in ("language", "way", "district"):
        shown = [
            counts(ask(by=dimension, first="2026-09-28", last=day.isoformat())) for day in days
        ]
        for group in set().union(*shown):
            known = [one[group] for one in shown if one.get(group) is not None]
            differences = {abs(a - b) for a in known for b in known}
            assert not differences & {1, 2, 3, 4}, (dimension, group)


def test_no_total_less_the_others_tells_of_fewer_than_five(filled: Flask) -> None:
    for first in ("2026-09-28", "2026-10-05", "2026-10-28"):
        for name in ("visits", "no_show", "unmet", "by_interpreter"):
            shown = counts(ask(by="language", first=first, figures=name), name)
            hidden = [group for group, one in shown.items() if one is None and group]
            assert len(hidden) != 1 or shown[""] is None, (first, name)


def test_a_median_needs_ten_and_a_mean_five(app: Flask) -> None:
    log: list[e.Event] = []
    for one in tickets({"sv": 30, "ar": 7}):
        log.append(one)
        about = {"office": "varby", "ticket": one.ticket, "counter": "varby-1"}
        log.append(
            e.TicketCalled(
                at=one.at + 60, **about, number="M", way="here", language=one.languages[0]
            )
        )
    with write.line(evening(MONDAY)) as held:
        held.events.extend(log)
    rows = ask(at=evening(MONDAY), by="language", first="2026-09-28").rows
    arabic = next(row for row in rows if row.values["language"] == "ar")
    assert (value(arabic, "wait_mean_s"), value(arabic, "wait_median_s")) == (60.0, None)


def day_of(**ends: int) -> answer.Answer:
    """What is answered of a day on which so many visits ended in each way, all called at once
    but those that ``left``, and the ``late`` ones, who were called after twenty minutes."""
    ways = [way for way, number in ends.items() for _ in range(number)]
    with write.line(evening(MONDAY)) as held:
        for one, way in zip(tickets({"sv": len(ways)}), ways, strict=True):
            held.events.extend(visit(one, way))
    return ask(at=evening(MONDAY), by="", first="2026-09-28", last="2026-09-28")


def visit(issued: e.TicketIssued, way: str) -> list[e.Event]:
    about: dict[str, Any] = {"office": "varby", "ticket": issued.ticket}
    here = about | {"counter": "varby-1"}
    at = issued.at + (1200 if way == "late" else 60)
    if way == "unpromised":
        issued = replace(issued, staffed=False)
    called = e.TicketCalled(at=at, **here, number="M", way="here", language=issued.languages[0])
    left = e.TicketLeft(at=at + 1, **about, reason="visitor")
    errand = {
        "service": "bygglov", "owner": "state" if way == "state" else "municipal",
        "outcome": "referred" if way == "referred" else "resolved",
        "language": "en" if way == "referred" else issued.languages[0],
        "interpreter": way == "interpreted",
    }  # fmt: skip
    errands = [] if way == "uncoded" else [errand]
    after: dict[str, list[e.Event]] = {
        "no_show": [called, e.TicketNoShow(at=at + 1, **here)],
        "left_called": [called, left],
        "left": [left],
        "waiting": [],
        "at_the_counter": [called],
    }
    served = [
        called,
        e.ServiceStarted(at=at + 1, **here),
        e.TicketFinished(at=at + 61, **here, errands=errands),
    ]
    return [issued, *after.get(way, served)]


def test_how_many_were_called_is_hidden_where_few_of_them_left(app: Flask) -> None:
    found = day_of(served=30, late=10, no_show=10, left=10, left_called=3).total
    assert value(found, "called") is None
    assert (value(found, "served"), value(found, "left")) == (40, 13)


def test_how_many_were_called_is_hidden_where_few_were_called_late(app: Flask) -> None:
    found = day_of(served=30, late=3, no_show=10, left=10, left_called=7).total
    assert value(found, "called") is None
    assert value(found, "within_10_share") == 47 / 60


def test_how_many_were_called_shows_where_enough_of_each_kind_came(app: Flask) -> None:
    found = day_of(served=30, late=10, no_show=10, left=10, left_called=7).total
    assert value(found, "called") == 57


@pytest.mark.parametrize("left_called", [0, 3, 7])
def test_the_share_of_no_shows_has_none_of_those_who_left_after_a_call(
    app: Flask, left_called: int
) -> None:
    found = day_of(served=30, no_show=10, left=10, left_called=left_called).total
    assert value(found, "no_show_share") == 10 / 40


CODED_SHARES = ["resolved_share", "first_language_share", "coded_share"]


@pytest.mark.parametrize("name", CODED_SHARES)
def test_a_share_of_the_coded_is_hidden_where_few_were_not_coded(app: Flask, name: str) -> None:
    found = day_of(served=30, referred=20, uncoded=3, left=10, no_show=10).total
    assert (value(found, "served"), value(found, name)) == (53, None)


@pytest.mark.parametrize("name", CODED_SHARES)
def test_a_share_of_the_coded_shows_where_enough_were_not_coded(app: Flask, name: str) -> None:
    found = day_of(served=30, referred=20, uncoded=8, left=10, no_show=10).total
    assert value(found, name) == pytest.approx(
        (50 if name == "coded_share" else 30) / (58 if name == "coded_share" else 50)
    )


@pytest.mark.parametrize(("foreign", "told"), [(3, None), (7, 30 / 50)])
def test_the_share_of_own_errands_is_hidden_where_few_came_with_others(
    app: Flask, foreign: int, told: float | None
) -> None:
    found = day_of(served=30, referred=20, state=foreign, uncoded=8, left=10, no_show=10).total
    assert value(found, "resolved_own_share") == told


@pytest.mark.parametrize(("unpromised", "told"), [(3, None), (7, 30 / 50)])
def test_the_share_of_kept_promises_is_hidden_where_few_were_promised_nothing(
    app: Flask, unpromised: int, told: float | None
) -> None:
    found = day_of(served=30, late=20, unpromised=unpromised, left=10).total
    assert value(found, "promise_kept_share") == told


def test_the_share_called_soon_is_hidden_where_it_would_tell_how_few_wait(app: Flask) -> None:
    found = day_of(served=30, late=10, waiting=3).total
    assert value(found, "within_10_share") is None


def test_the_cost_of_a_visit_is_hidden_where_few_were_interpreted(app: Flask) -> None:
    assert value(costs_of(served=30, no_show=10, interpreted=3), "cost_per_visit") is None


def test_the_cost_of_a_visit_is_hidden_where_few_were_not_served(app: Flask) -> None:
    assert value(costs_of(served=30, no_show=3, interpreted=10), "cost_per_visit") is None


def test_the_cost_of_a_visit_shows_where_its_parts_may(app: Flask) -> None:
    found = costs_of(served=30, no_show=10, interpreted=10)
    offices = len(screens_municipality().offices)
    assert value(found, "cost_per_visit") == pytest.approx(offices * 100 / 40)


def test_interpreters_cost_also_where_no_counter_was_open(app: Flask) -> None:
    with db.engine.begin() as connection:
        for office in screens_municipality().offices:
            rates.keep(connection, office.code, MONDAY.year, rates.Costs(0, 0, 800))
    found = day_of(served=30, no_show=10, interpreted=10).total
    assert value(found, "cost_per_visit") == pytest.approx(10 * 800 / 40)


def costs_of(**ends: int) -> answer.Row:
    """A day's figures where an office costs 100 a day."""
    with db.engine.begin() as connection:
        for office in screens_municipality().offices:
            rates.keep(connection, office.code, MONDAY.year, rates.Costs(36500, 0, 0))
    return day_of(**ends).total


def test_few_coded_visits_hide_their_errands_and_others_that_would_tell_them(app: Flask) -> None:
    log = tickets({"ar": 20, "fi": 8, "sv": 40, "so": 9})
    with write.line(evening(MONDAY)) as held:
        for place, one in enumerate(log):
            uncoded = one.languages == ["fi"] and place < 25
            held.events.extend(visit(one, "uncoded" if uncoded else "served"))
    found = ask(at=evening(MONDAY), by="language", first="2026-09-28", figures="visits,errands")
    assert None not in counts(found).values()
    shown = counts(found, "errands")
    assert shown["fi"] is None
    assert shown[""] == 72
    assert sum(one is None for one in shown.values()) >= 2


def test_that_none_of_the_visits_have_errands_is_not_told(app: Flask) -> None:
    found = day_of(uncoded=20).total
    assert (value(found, "visits"), value(found, "errands")) == (20, None)


def test_a_choice_that_nobody_was_of_has_hidden_rows_as_one_of_few_has(app: Flask) -> None:
    log = tickets({"ar": 20, "fi": 3, "sv": 40})
    next_day = [replace(one, at=one.at + 86_400, ticket=one.ticket + 100) for one in log[:20]]
    tuesday = MONDAY + dt.timedelta(days=1)
    with write.line(evening(tuesday)) as held:
        held.events.extend([*log, *next_day])

    def rows(day: dt.date) -> dict[str, float | None]:
        span = {"first": day.isoformat(), "last": day.isoformat()}
        return counts(ask(at=evening(tuesday), where={"language": "fi"}, **span))

    assert rows(tuesday) == rows(MONDAY) == {"varby": None, "": None}


def test_a_day_on_which_nobody_came_has_no_rows(filled: Flask) -> None:
    found = ask(first="2026-10-03", last="2026-10-04")
    assert (list(found.rows), found.empty, value(found.total, "visits")) == ([], True, 0)


@pytest.mark.parametrize("first", ["2026-09-28", "2026-10-26"])
@pytest.mark.parametrize("by", ["language", "office,service"])
def test_served_by_video_shows_where_the_served_do_whose_way_is_video(
    filled: Flask, by: str, first: str
) -> None:
    span = {"first": first, "last": "2026-10-30"}
    found = ask(by=by, figures="by_video,video_share,served", **span)
    chosen = ask(by=by, figures="served", where={"way": "video"}, **span)
    by_group = {tuple(row.values.items()): row for row in [chosen.total, *chosen.rows]}
    for row in [found.total, *found.rows]:
        by_video = by_group.get(tuple(row.values.items()))
        told = value(row, "by_video")
        assert told == (value(by_video, "served") if by_video else None)
        assert (value(row, "video_share") is None) == (None in {told, value(row, "served")})


def test_with_three_other_dimensions_it_is_not_told_how_many_were_served_by_video(
    filled: Flask,
) -> None:
    found = ask(by="office,weekday,hour", figures="by_video,visits", first="2026-10-01")
    assert {value(row, "by_video") for row in [found.total, *found.rows]} == {None}


def test_of_those_whose_way_is_another_none_were_served_by_video(filled: Flask) -> None:
    found = ask(by="way", figures="by_video,served", first="2026-10-01")
    shown = counts(found, "by_video")
    assert shown == {"here": 0, "interpreter": 0} | dict.fromkeys(
        ["video", ""], counts(found, "served")["video"]
    )


@pytest.mark.parametrize("name", ["wait_mean_s", "wait_median_s", "wait_p90_s"])
def test_seconds_have_no_fraction_that_would_tell_of_how_many(filled: Flask, name: str) -> None:
    for row in ask(by="language", first="2026-09-28", figures=name).rows:
        shown = row.figures[name]
        if shown.value is not None:
            assert shown.interval
            assert all(one == int(one) for one in (shown.value, *shown.interval))


def test_the_interval_of_a_mean_is_widened_to_whole_seconds() -> None:
    waits = cube.Said(10, 0, 61.3, 5.0)
    numbers = cube.Numbers({"arrived": cube.Said(10), "wait_s": waits})
    exact = uncertainty.of_mean(61.3, 5.0, 10)
    assert exact
    assert cube.value("wait_mean_s", numbers) == 61
    assert answer.interval("wait_mean_s", numbers) == (math.floor(exact[0]), math.ceil(exact[1]))
