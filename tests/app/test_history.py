"""Years of invented visits in the log: what they look like, and what they leave alone."""

import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from queueapp import cli, operations, screens
from queueapp.config import HUDDINGE
from queueapp.core import events as e
from queueapp.core import measures
from queueapp.core.measures import Visit
from queueapp.core.ticket import Outcome
from queueapp.demo import years
from queueapp.demo.ending import CannotPlay
from queueapp.demo.past import Past, closed_days, season
from queueapp.models import Line, TicketEvent, db, read_event
from queueapp.municipality import load
from queueapp.statistics import answer, question
from tests import builders
from tests.builders import NOON, order

HUDDINGES = load(HUDDINGE)
ZONE = HUDDINGES.zone
FIRST, LAST = dt.date(2024, 12, 2), dt.date(2025, 1, 17)  # seven weeks with Christmas
THREE_DAYS = dt.date(2025, 3, 3), dt.date(2025, 3, 5)


def past(first: dt.date = THREE_DAYS[0], last: dt.date = THREE_DAYS[1], seed: int = 1) -> Past:
    return Past(HUDDINGES, first, last, seed)


def write(of: Past, jobs: int = 1) -> int:
    """Write all of it; gives how many visits there were."""
    with years.writing(of, jobs) as days:
        return sum(days)


def rows() -> list[Any]:
    with db.engine.connect() as connection:
        return connection.execute(select(TicketEvent.__table__).order_by(TicketEvent.seq)).all()


def log() -> list[e.Event]:
    return [read_event(row) for row in rows()]


def gap_free(found: list[Any]) -> bool:
    return [row.seq for row in found] == list(range(1, len(found) + 1))


def local(at: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, ZONE)


def issued(of: list[e.Event]) -> list[e.TicketIssued]:
    return [event for event in of if isinstance(event, e.TicketIssued)]


# --- what is written, on either database --------------------------------------------------------


def test_a_past_is_in_the_log_without_a_gap_and_marked_as_invented(app: Flask) -> None:
    number = write(past())
    found = rows()
    assert gap_free(found)
    assert all(row.invented for row in found)
    assert len({event.ticket for event in issued(log())}) == number > 300
    with db.engine.connect() as connection:
        line = connection.execute(select(Line.__table__)).one()
    assert (line.seq, line.invented) == (len(found), True)


def test_no_later_ticket_gets_the_id_of_a_past_visit(app: Flask) -> None:
    earlier = operations.issue(order(invented=True), NOON).ticket.id
    write(past())
    later = operations.issue(order(invented=True), NOON).ticket.id
    used = {event.ticket for event in issued(log())} - {earlier, later}
    assert earlier < min(used) <= max(used) < later


def test_a_ticket_taken_between_two_days_takes_its_place_in_the_log(app: Flask) -> None:
    with years.writing(past(), 1) as days:
        next(days)
        taken = operations.issue(order(invented=True), NOON).ticket.id
        list(days)
    assert gap_free(rows())
    (own,) = [event for event in log() if event.ticket == taken]
    assert own.at == NOON
    assert all(visit.outcome for visit in measures.fold(log()) if visit.issued_at != NOON)


def test_whoever_ends_it_early_leaves_whole_days(app: Flask) -> None:
    with suppress(KeyboardInterrupt), years.writing(past(), 1) as days:
        number = next(days) + next(days)
        raise KeyboardInterrupt
    visits = measures.fold(log())
    assert len(visits) == number
    assert all(visit.outcome for visit in visits)
    assert {local(visit.issued_at).date() for visit in visits} == {
        THREE_DAYS[0],
        dt.date(2025, 3, 4),
    }


def test_what_is_invented_is_not_mixed_with_a_real_visit(app: Flask) -> None:
    operations.issue(order(), NOON)
    with pytest.raises(CannotPlay, match="the log holds real visits"):
        write(past())
    assert len(rows()) == 1


def test_a_past_is_not_written_twice(app: Flask) -> None:
    write(past())
    before = len(rows())
    with pytest.raises(CannotPlay, match="has visits already, from 2025-03-03 on"):
        write(past(seed=2))
    assert len(rows()) == before


def test_of_two_that_begin_at_once_only_one_writes_a_day(app: Flask) -> None:
    with years.writing(past(), 1) as days, years.writing(past(), 1) as others:
        next(days)
        with pytest.raises(CannotPlay, match="has visits already"):
            next(others)
    assert gap_free(rows())


def test_visits_of_the_running_demonstration_of_today_are_no_obstacle(app: Flask) -> None:
    operations.issue(order(invented=True), NOON)
    assert write(past()) > 300


def test_the_statistics_count_a_past_that_was_written_after_todays_visits(app: Flask) -> None:
    operations.issue(order(invented=True), NOON)
    number = write(past())
    with screens.reading(NOON) as now:
        asked = {"first": "2025-03-03", "last": "2025-03-05"}
        shown = answer.document(answer.answer(now, question.ask(now, **asked)))
    assert shown["total"]["visits"] == shown["invented_visits"] == number


# --- the same past again ------------------------------------------------------------------------


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    made = builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path)
    with made.app_context():
        yield made
        db.engine.dispose()


def logged_by(var: Path, seed: int, jobs: int) -> list[e.Event]:
    with builders.app(f"sqlite:///{var / f'{seed}-{jobs}.sqlite3'}", var).app_context():
        write(past(seed=seed), jobs)
        found = log()
        db.engine.dispose()
    return found


def test_the_same_seed_gives_the_same_past_whatever_the_number_of_processes(
    tmp_path: Path,
) -> None:
    assert logged_by(tmp_path, 1, 1) == logged_by(tmp_path, 1, 2)


def test_another_seed_gives_another_past(tmp_path: Path) -> None:
    assert logged_by(tmp_path, 1, 1) != logged_by(tmp_path, 2, 1)


# --- what it looks like -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[e.Event]:
    """The log of seven weeks."""
    var = tmp_path_factory.mktemp("var")
    with builders.app(f"sqlite:///{var / 'q.sqlite3'}", var).app_context():
        write(past(FIRST, LAST))
        found = log()
        db.engine.dispose()
    return found


@pytest.fixture(scope="module")
def visits(written: list[e.Event]) -> list[Visit]:
    return measures.fold(written)


def figure(name: str, of: list[Visit]) -> float:
    (group,) = measures.tabulate(of, []).values()
    value = measures.FIGURES[name](group)
    assert value is not None
    return value


def share(name: str, of: list[Visit]) -> float:
    return figure(name, of) / len(of)


def test_every_visit_has_ended(visits: list[Visit]) -> None:
    assert {visit.outcome for visit in visits} == {"finished", "no_show", "left"}


def test_some_do_not_come_and_some_leave(visits: list[Visit]) -> None:
    assert 0.02 < share("no_show", visits) < 0.06
    assert 0.02 < share("left", visits) < 0.10


def test_errands_end_in_every_way(visits: list[Visit]) -> None:
    errands = [errand for visit in visits for errand in visit.errands]
    outcomes = Counter(errand["outcome"] for errand in errands)
    assert set(outcomes) == set(Outcome)
    assert 0.68 < outcomes["resolved"] / len(errands) < 0.76
    assert {errand["owner"] for errand in errands} == {"municipal", "state", "other"}


def test_some_visits_have_several_errands_and_some_none(visits: list[Visit]) -> None:
    served = [visit for visit in visits if visit.outcome == "finished"]
    assert 0.05 < sum(not visit.errands for visit in served) / len(served) < 0.11
    assert sum(len(visit.errands) > 1 for visit in served) > 0.1 * len(served)


def test_an_errand_is_handled_as_the_visitor_was_called(written: list[e.Event]) -> None:
    called = {event.ticket: event for event in written if isinstance(event, e.TicketCalled)}
    for event in written:
        if isinstance(event, e.TicketFinished):
            call = called[event.ticket]
            for errand in event.errands:
                assert errand["language"] == call.language
                assert errand["interpreter"] == (call.way == "interpreter")


def test_most_promises_are_kept(visits: list[Visit]) -> None:
    assert all(len(visit.promised) == 3 for visit in visits)
    assert 0.75 < figure("promise_kept_share", visits) < 0.90


def test_some_needs_are_not_met(visits: list[Visit]) -> None:
    assert 0.003 < share("unmet", visits) < 0.06


def test_some_visits_are_broken_off_and_taken_up_again(written: list[e.Event]) -> None:
    found = Counter(event.type for event in written)
    number = found["ticket-issued"]
    for type_ in ("ticket-parked", "ticket-returned", "ticket-transferred"):
        assert 0 < found[type_] < 0.06 * number
    assert found["ticket-called"] > found["ticket-finished"] + found["ticket-no-show"]


def test_who_does_not_come_was_called_twice(written: list[e.Event]) -> None:
    found = Counter(event.type for event in written)
    assert found["ticket-called-again"] == found["ticket-no-show"] > 0


def test_a_video_room_has_one_visitor_at_a_time(written: list[e.Event]) -> None:
    there: dict[str, int | None] = {}
    calls = 0
    for event in written:
        if isinstance(event, e.TicketCalled) and event.way == "video":
            assert event.room in HUDDINGES.video_rooms(event.office)
            assert there.setdefault(event.room, event.ticket) == event.ticket
            calls += 1
        elif event.ticket and not isinstance(event, e.ServiceStarted | e.TicketCalledAgain):
            there = {room: ticket for room, ticket in there.items() if ticket != event.ticket}
    assert calls > 100


def test_a_counter_serves_one_visitor_at_a_time(written: list[e.Event]) -> None:
    at: dict[str | None, int | None] = {}
    for event in written:
        if isinstance(event, e.TicketCalled):
            assert at.setdefault(event.counter, event.ticket) == event.ticket
        elif event.counter and not isinstance(event, e.ServiceStarted | e.TicketCalledAgain):
            at.pop(event.counter, None)


def test_the_log_of_a_day_is_in_order_of_time(written: list[e.Event]) -> None:
    assert all(one.at <= other.at for one, other in pairwise(written))


def test_most_live_near_their_office_and_some_do_not_say(written: list[e.Event]) -> None:
    districts = {district.code for district in HUDDINGES.districts}
    for office in HUDDINGES.offices:
        here = Counter(one.district for one in issued(written) if one.office == office.code)
        assert here[office.district] > 0.5 * here.total()
        assert set(here) == {*districts, "other", "undisclosed", None}


def test_tickets_are_taken_in_every_way_and_some_go_before(written: list[e.Event]) -> None:
    assert {one.channel for one in issued(written)} == {"kiosk", "phone", "staff", "booking"}
    known = {priority.code for priority in HUDDINGES.priorities}
    assert {one.priority for one in issued(written)} == {*known, None}


def test_as_many_come_as_to_offices_of_that_size(visits: list[Visit]) -> None:
    days = len({local(visit.issued_at).date() for visit in visits})
    a_day = {code: n / days for code, n in Counter(visit.office for visit in visits).items()}
    assert 60 < a_day["sjodalsvagen"] < 200
    assert all(20 < a_day[code] < 75 for code in ("skogas", "varby"))


# --- the calendar -------------------------------------------------------------------------------


def test_on_holidays_and_the_eves_that_the_configuration_closes_nothing_happens(
    written: list[e.Event],
) -> None:
    days = {local(event.at).date() for event in written}
    for closed in ("12-24", "12-25", "12-26", "12-31"):
        assert dt.date.fromisoformat(f"2024-{closed}") not in days
    assert not {dt.date(2025, 1, 1), dt.date(2025, 1, 6)} & days
    assert {dt.date(2024, 12, 23), dt.date(2024, 12, 27), dt.date(2025, 1, 2)} <= days


def test_an_eve_that_the_configuration_does_not_close_is_a_day_as_any() -> None:
    open_eves = HUDDINGES.model_copy(
        update={
            "offices": tuple(
                office.model_copy(update={"exceptions": ()}) for office in HUDDINGES.offices
            )
        }
    )
    year = dt.date(2024, 1, 1), dt.date(2024, 12, 31)
    eves = {dt.date(2024, 6, 21), dt.date(2024, 12, 24), dt.date(2024, 12, 31)}
    assert closed_days(HUDDINGES, *year) - closed_days(open_eves, *year) == eves


def test_mondays_and_late_summer_are_busy_and_july_is_not() -> None:
    busy = {day.date: day.busy["sjodalsvagen"] for day in past(FIRST, LAST).days}
    by_weekday = Counter({1: 0.0})
    for date, share_ in busy.items():
        by_weekday[date.isoweekday()] += share_
    assert by_weekday.most_common(1)[0][0] == 1
    july, august, september = (season(dt.date(2025, month, 15)) for month in (7, 8, 9))
    assert july < 0.7
    assert min(august, september) > 1.1


def test_one_office_shrinks_while_the_others_grow() -> None:
    days = past(dt.date(2022, 1, 1), dt.date(2024, 12, 31)).days
    ratio = [day.busy["varby"] / day.busy["skogas"] for day in days]
    assert ratio[0] > 1.3
    assert ratio[-1] == pytest.approx(1.0, abs=0.01)


def test_a_local_office_opens_longer_from_a_day_on(written: list[e.Event]) -> None:
    changed = past(FIRST, LAST).longer_from
    clocks: dict[bool, set[int]] = {True: set(), False: set()}
    for one in issued(written):
        if one.office == "skogas":
            clocks[local(one.at).date() >= changed].add(local(one.at).hour)
    assert (min(clocks[False]), min(clocks[True])) == (10, 9)
    assert max(clocks[False]) < max(clocks[True])


def test_a_colleague_who_speaks_arabic_comes_on_a_day() -> None:
    of = past(FIRST, LAST)
    speakers = {
        day.date: sum("ar" in shift.server.languages for shift in day.world.shifts)
        for day in of.days
        if day.date.isoweekday() == 1
    }
    assert {n for date, n in speakers.items() if date < of.joined_from} == {1}
    assert {n for date, n in speakers.items() if date >= of.joined_from} == {2}


def test_years_end_yesterday_and_begin_on_the_same_date() -> None:
    assert years.span(HUDDINGES, 3, NOON) == (dt.date(2023, 11, 23), dt.date(2026, 11, 22))
    leap = dt.datetime(2028, 2, 29, 12, tzinfo=ZONE).timestamp()
    assert years.span(HUDDINGES, 1, leap) == (dt.date(2027, 3, 1), dt.date(2028, 2, 28))


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def command(empty: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs ``queueapp demo`` with a past of three days: its status, and what it printed."""
    settings = empty.config["SETTINGS"]
    monkeypatch.setenv("QUEUEAPP_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("QUEUEAPP_VAR", str(settings.var))
    monkeypatch.setattr(years, "span", lambda *_: THREE_DAYS)

    def run(*args: str) -> tuple[Any, str, str]:
        monkeypatch.setattr(sys, "argv", ["queueapp", "demo", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    return run


def test_the_command_says_what_it_wrote_and_what_can_be_found(command: Any) -> None:
    code, out, told = command("--years", "3", "--jobs", "2")
    assert (code, told) == (0, "")
    number = len(issued(log()))
    assert f"Written: 3 whole days with {number} invented visits, from 2025-03-03" in out
    assert "Servicecenter Skogås is open longer from 2025-03-04." in out
    assert "One more colleague speaks Arabic from 2025-03-04." in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--years", "0"), "--years"),
        (("--years", "11"), "--years"),
        (("--years", "1.5"), "--years"),
        (("--years", "1", "--speed", "60"), "--speed is for a day"),
        (("--years", "1", "--hours", "8"), "--hours is for a day"),
        (("--jobs", "2"), "--jobs is for --years"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(
    command: Any, args: tuple[str, ...], words: str
) -> None:
    code, out, told = command(*args)
    assert (code, out) == (2, "")
    assert words in told
    assert not rows()


def test_a_refusal_is_one_clear_line(command: Any) -> None:
    operations.issue(order(), NOON)
    code, out, told = command("--years", "1")
    assert (code, out) == (1, "")
    assert told.startswith("Error: the log holds real visits")
    assert len(told.splitlines()) == 1
