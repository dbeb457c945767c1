"""Years of invented visits, played by the simulation and written into the log.

Each day is written whole, as rows that the running service would have written: the service may
run meanwhile, and the line is held for one day's rows at a time. Visits long past need no ticket:
nobody waits any more, and the statistics read the log alone. Their ids come from the tickets' own,
so that no later ticket gets one again.
"""

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random

import click
from rich.console import Console
from sqlalchemy import Connection, exists, select

from queueapp import ids, screens, write
from queueapp.core import events as e
from queueapp.demo.ending import CannotPlay, Ending
from queueapp.demo.past import ONE_DAY, Past
from queueapp.demo.record import recorded
from queueapp.models import TicketEvent, db
from queueapp.municipality import Municipality
from queueapp.simulate import rota
from queueapp.simulate.progress import progress
from queueapp.simulate.runs import Run, playing
from queueapp.web import words

_event = TicketEvent.__table__
_ISSUED = _event.c.type == e.TicketIssued.type


@dataclass(slots=True)
class Tally:
    """What has been written so far."""

    days: int = 0
    visits: int = 0


# --- the writing --------------------------------------------------------------------------------


@contextmanager
def writing(past: Past, jobs: int) -> Iterator[Iterator[int]]:
    """Write each day of ``past`` when it is asked for; gives how many visits it had.

    :class:`CannotPlay` where the log has visits that an invented past must not be mixed with.
    """
    with db.engine.connect() as connection:
        _check_log(connection, past)
    db.engine.dispose()  # a connection belongs to the process that opened it
    run = Run(tuple(past.days), "ours", past.seed, keep_log=True)
    with playing(run, jobs) as days:
        yield (
            _write_day(past, day.date, played.log)
            for day, played in zip(past.days, days, strict=True)
        )


def _write_day(past: Past, date: dt.date, played: list[e.Event]) -> int:
    chance = Random(f"{past.seed} {date} record")  # noqa: S311 - repeatable, not a secret
    log = recorded(played, past.municipality, chance)
    visits = sum(isinstance(event, e.TicketIssued) for event in log)
    with write.line(time.time()) as held:
        # Somebody else may have begun the same a moment ago.
        _check_span(held.connection, past.municipality, date, date)
        before = ids.take(held.connection, visits)
        for event in log:
            held.record(event if event.ticket is None else _numbered(event, before))
    return visits


def _numbered(event: e.Event, before: int) -> e.Event:
    """The event with its ticket's id in the log; a played day numbers its tickets from 1."""
    return replace(event, ticket=before + (event.ticket or 0))


def _check_log(connection: Connection, past: Past) -> None:
    if connection.execute(select(exists().where(_ISSUED, _event.c.invented.is_(False)))).scalar():
        raise CannotPlay(
            "the log holds real visits, and what is invented must not be mixed with them: "
            "choose an empty database (QUEUEAPP_VAR, QUEUEAPP_DATABASE_URL)"
        )
    _check_span(connection, past.municipality, past.first, past.last)


def _check_span(
    connection: Connection, municipality: Municipality, first: dt.date, last: dt.date
) -> None:
    begin = rota.midnight(municipality, first)
    end = rota.midnight(municipality, last + ONE_DAY)
    query = select(_event.c.at).where(_ISSUED, _event.c.at >= begin, _event.c.at < end)
    found = connection.execute(query.order_by(_event.c.at).limit(1)).scalar()
    if found is not None:
        raise CannotPlay(
            f"the log has visits already, from {screens.day_of(municipality, found)} on: "
            "a past can be invented once, in an empty database"
        )


# --- the command --------------------------------------------------------------------------------


def write_years(municipality: Municipality, years: int, *, seed: int, jobs: int) -> None:
    """Write so many years of invented visits, which end yesterday."""
    past = Past(municipality, *span(municipality, years, time.time()), seed)
    if not past.days:
        raise CannotPlay(f"from {past.first} to {past.last} no office is ever open")
    console = Console(highlight=False, soft_wrap=True)
    began, tally = time.perf_counter(), Tally()
    interrupted = _write(past, jobs, tally)
    console.print(
        f"{'Ended early' if interrupted else 'Written'}: {tally.days} whole days with "
        f"{tally.visits} invented visits, from {past.first}, "
        f"in {time.perf_counter() - began:.0f} s."
    )
    if interrupted:
        raise click.exceptions.Exit(130)
    for line in _changes(past):
        console.print(line)


def span(municipality: Municipality, years: int, at: float) -> tuple[dt.date, dt.date]:
    """The first and the last day of so many years, the last the one before ``at``."""
    today = dt.datetime.fromtimestamp(at, municipality.zone).date()
    # On a 29th of February the year begins a day later.
    leap = (today.month, today.day) == (2, 29)
    first = (today + ONE_DAY if leap else today).replace(year=today.year - years)
    return first, today - ONE_DAY


def _write(past: Past, jobs: int, tally: Tally) -> bool:
    """Write the days; whether somebody ended it early, which is heeded between two days."""
    told = Console(stderr=True, highlight=False)
    try:
        # In this order: the progress bar has a thread, and a process with threads must not fork.
        with (
            Ending() as ending,
            writing(past, min(jobs, len(past.days))) as days,
            progress(told, "inventing", len(past.days)) as seen,
        ):
            for visits in days:
                tally.days += 1
                tally.visits += visits
                seen()
                ending.rest(0)
    except KeyboardInterrupt:
        return True
    return False


def _changes(past: Past) -> Iterator[str]:
    """What can be found by comparing before and after."""
    if past.longer:
        yield f"{past.longer.name} is open longer from {past.longer_from}."
    if past.language:
        language = words.Names(past.municipality, "en").language(past.language)
        yield f"One more colleague speaks {language} from {past.joined_from}."
