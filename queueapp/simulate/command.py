"""What ``queueapp simulate`` does, from its options to what it prints."""

import datetime as dt
import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random

import click
from rich.console import Console

from queueapp import screens
from queueapp.models import db
from queueapp.municipality import Municipality
from queueapp.simulate import arrivals_file, arrivals_log, events_file, results, rota
from queueapp.simulate.progress import progress
from queueapp.simulate.results import Results
from queueapp.simulate.runs import Run, playing
from queueapp.simulate.scenario import Day, Scenario
from queueapp.web import words

FIRST_DAY = dt.date(2027, 1, 11)
"""A Monday with no holidays for weeks after it. Not today: a seed should repeat itself tomorrow."""

DAYS = 20
WIDE = 120  # columns, where nobody looks at a terminal


class CannotSimulate(click.ClickException):
    """The simulation cannot begin. The message is clear, and nothing was written."""


@dataclass(frozen=True)
class Asked:
    """The options of the command; None where not given."""

    days: int | None = None
    seed: int = 1
    policy: str = "ours"
    first: dt.date | None = None
    per_day: int | None = None
    arrivals: Path | None = None
    log: tuple[dt.date, dt.date] | None = None
    events: Path | None = None
    ill: tuple[str, ...] = ()
    jobs: int = 1
    as_json: bool = False


def simulate(municipality: Municipality, asked: Asked) -> None:
    """Play the days, and print what they come to."""
    _check(asked)
    told = Console(stderr=True, highlight=False, soft_wrap=True)
    run = Run(_days(municipality, asked, told), asked.policy, asked.seed, asked.events is not None)
    jobs = min(asked.jobs, len(run.days))
    db.engine.dispose()  # a connection belongs to the process that opened it
    began = time.perf_counter()
    try:
        with _heeding_sigterm():
            found = _play(run, jobs, municipality, asked.events, told)
    except KeyboardInterrupt:
        told.print("Ended early; nothing was written.")
        raise click.exceptions.Exit(130) from None
    except events_file.CannotWrite as error:
        raise CannotSimulate(str(error)) from None
    seconds = time.perf_counter() - began
    _print(found, run, municipality, asked.as_json)
    rate = len(run.days) / seconds
    told.print(f"{_counted(run)} in {seconds:.1f} s: {rate:.1f} simulated days a second.")


# --- the days -----------------------------------------------------------------------------------


def _days(municipality: Municipality, asked: Asked, told: Console) -> tuple[Day, ...]:
    scenario = Scenario(municipality, _ill(municipality, asked), asked.per_day)
    if asked.log is not None:
        return tuple(_logged(scenario, asked.log, told))
    if asked.arrivals is not None:
        return tuple(_from_file(scenario, asked.arrivals, asked))
    return tuple(map(scenario.day, _dates(scenario, asked, asked.days or DAYS)))


def _check(asked: Asked) -> None:
    """Refuse options that contradict each other, rather than pass over one."""
    if asked.log and asked.arrivals:
        raise click.UsageError("--log and --arrivals both say who comes: choose one")
    if asked.per_day and (asked.log or asked.arrivals):
        raise click.UsageError("--per-day is for invented visitors, not for given ones")
    if asked.log and (asked.days or asked.first):
        raise click.UsageError("--log names the days: leave out --days and --first")
    for date in (asked.first, *(asked.log or ())):
        if date and not 2000 <= date.year < 2100:
            raise click.UsageError(f"{date} is not a date from 2000 to 2099")


def _ill(municipality: Municipality, asked: Asked) -> frozenset[str]:
    for name in asked.ill:
        if municipality.staff_member(name) not in rota.serving(municipality):
            raise CannotSimulate(f"--staff-ill {name}: {name} serves no visitors anyway")
    return frozenset(asked.ill)


def _dates(scenario: Scenario, asked: Asked, number: int) -> list[dt.date]:
    first = asked.first or FIRST_DAY
    found = list(islice(scenario.open_days(first), number))
    if len(found) < number:
        raise CannotSimulate(f"after {first} the offices are open on only {len(found)} days")
    return found


def _logged(scenario: Scenario, span: tuple[dt.date, dt.date], told: Console) -> Iterator[Day]:
    with screens.consistent() as connection:
        found = arrivals_log.read(connection, scenario.municipality, *span)
    if found.strange:
        told.print(f"{found.strange} visits were left out: what they came for is offered no more.")
    if not found.days:
        raise CannotSimulate(f"the log holds no visits from {span[0]} to {span[1]}")
    for date, arrivals in sorted(found.days.items()):
        yield scenario.day(date, arrivals)


def _from_file(scenario: Scenario, file: Path, asked: Asked) -> Iterator[Day]:
    """Each date in the file once; with ``--days``, so many days, with new chance in each."""
    try:
        rows = arrivals_file.read(file, scenario.municipality)
    except arrivals_file.BadFile as error:
        raise CannotSimulate(str(error)) from None
    dated = arrivals_file.by_date(rows, scenario.municipality)
    dates = sorted(dated) if dated else _dates(scenario, asked, asked.days or 1)
    for number, date in enumerate(islice(cycle(dates), asked.days or len(dates))):
        chance = Random(f"{asked.seed} {number} file")  # noqa: S311 - repeatable, not a secret
        of_day = dated.get(date, rows)
        arrivals = [arrivals_file.arrival(row, scenario, date, chance) for row in of_day]
        yield scenario.day(date, arrivals)


# --- playing and printing -----------------------------------------------------------------------


def _play(
    run: Run, jobs: int, municipality: Municipality, events: Path | None, told: Console
) -> Results:
    found = Results()
    with ExitStack() as stack:
        writer = (
            stack.enter_context(events_file.replacing(events, municipality)) if events else None
        )
        # In this order: the progress bar has a thread, and a process with threads must not fork.
        days = stack.enter_context(playing(run, jobs))
        seen = stack.enter_context(progress(told, "simulating", len(run.days)))
        for played in days:
            found.days.append(played.visits)
            if writer:
                writer.write(played.log)
            seen()
    return found


@contextmanager
def _heeding_sigterm() -> Iterator[None]:
    """Being told to end is the same as Ctrl-C: no process and no half a file is left behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(found: Results, run: Run, municipality: Municipality, as_json: bool) -> None:
    about = {"policy": run.policy, "seed": run.seed}
    if as_json:
        click.echo(json.dumps(about | results.document(found), ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    console.print(f"Invented: {_counted(run)}, rule {run.policy}, seed {run.seed}.\n")
    for table in results.tables(found, words.Names(municipality, "en").value):
        console.print(table)
    for line in results.worst(found):
        console.print(line)


def _counted(run: Run) -> str:
    return "1 day" if len(run.days) == 1 else f"{len(run.days)} days"
