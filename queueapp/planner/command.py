"""What ``queueapp plan FILE`` does: a scenario read from a file, played, and told."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from flask import current_app, url_for
from rich.console import Console
from rich.table import Table

from queueapp import configuration, screens
from queueapp.models import db
from queueapp.municipality import ConfigurationError, Municipality, read_yaml
from queueapp.planner import document, period, play, store
from queueapp.planner.document import Scenario, Unfit
from queueapp.statistics import archive, engine
from queueapp.web import plan_amounts, plan_words, words

SHOWN = ("wait_mean_s", "within_10_share", "first_language_share", "left_share")


class CannotPlan(click.ClickException):
    """The scenario cannot be played. The message is clear, and nothing was written."""


def run(file: Path, *, save: bool, jobs: int, as_json: bool) -> None:
    """Play the scenario in the file and print the answer; or ``save`` it for the page."""
    municipality = configuration.current()
    names = words.Names(municipality, "en")
    try:
        scenario = document.read(_document(file))
        if save:
            _save(scenario, municipality)
            return
        result = _played(scenario, municipality, jobs)
    except Unfit as unfit:
        told = [f"  {one.field}: {plan_words.fault(one, names)}" for one in unfit.faults]
        raise CannotPlan("\n".join([f"{file}: nothing was played, because of", *told])) from None
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        _print(result, names)


def _document(file: Path) -> dict[str, Any]:
    try:
        found = read_yaml(file.read_text(encoding="utf-8-sig"), file.name)
    except OSError as error:
        raise CannotPlan(f"{file}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise CannotPlan(f"{file}: is not text in UTF-8") from None
    except ConfigurationError as error:
        raise CannotPlan(str(error)) from None
    if not isinstance(found, dict):
        raise CannotPlan(f"{file}: must hold a group of named fields")
    return found


def _save(scenario: Scenario, municipality: Municipality) -> None:
    token = store.save(scenario, municipality, time.time())
    with current_app.test_request_context():
        address = url_for("pages.plan", token=token)
    click.echo(f"{current_app.config['SETTINGS'].address}{address}")


def _played(scenario: Scenario, municipality: Municipality, jobs: int) -> dict[str, Any]:
    with screens.reading(time.time()) as now:
        if scenario.demand.invented is None:
            _make_statistics(now)
        material = period.gather(now, scenario)
    db.engine.dispose()  # a connection belongs to the process that opened it
    bar = _Bar()
    try:
        return play.play(
            scenario, municipality, material, play.Player(scenario.seed, jobs, bar.seen)
        )
    finally:
        bar.end()


def _make_statistics(now: screens.Moment) -> None:
    """They tell what of the log may be shown; where the service runs, it has made them already."""
    archive.feed(engine.folder(), now.connection, now.municipality, now.at)


class _Bar:
    """A progress bar without a thread: a process that has threads must not fork."""

    def __init__(self) -> None:
        self._out = sys.stderr
        self._shown = self._out.isatty()

    def seen(self, done: int, of: int) -> None:
        if self._shown:
            filled = 40 * done // max(1, of)
            self._out.write(f"\rplaying {'━' * filled}{'╌' * (40 - filled)} {done}/{of} days ")
            self._out.flush()

    def end(self) -> None:
        if self._shown:
            self._out.write("\n")


def _print(result: dict[str, Any], names: words.Names) -> None:
    console = Console(highlight=False, soft_wrap=True)
    parts: dict[str, Callable[[dict[str, Any], words.Names], Iterator[str]]] = {
        "The forecast it is played with": plan_words.forecast,
        "How well the simulator reproduces the log": plan_words.reproduced,
        "The fewest staff": _staffing,
        "What would change": plan_words.conclusions,
        "To be read with it": plan_words.notes,
    }
    for title, told in parts.items():
        if lines := list(told(result, names)):
            console.print(f"\n[bold]{title}[/bold]")
            for line in lines:
                console.print(f"· {line}", markup=False)
    for name in SHOWN:
        console.print(_table(name, result, names))


def _staffing(result: dict[str, Any], names: words.Names) -> Iterator[str]:
    if result["staffing"]:
        yield from plan_words.staffing(result, names)
        for row in plan_words.roster(result, names):
            yield f"{row['number']} × {row['office']}: {row['languages']}. {row['when']}"


def _table(name: str, result: dict[str, Any], names: words.Names) -> Table:
    table = Table("", title=f"\n{plan_words.FIGURES[name]}", title_justify="left")
    for heading in ("today", "changed", "difference", "95 % of the difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result["rows"]:
        figure = row["figures"][name]
        apart = plan_amounts.apart(name, figure["today"], figure["changed"])
        ends = plan_amounts.around(figure["interval_difference"], apart)
        table.add_row(
            plan_words.group(row["by"], row["group"], names, result),
            plan_amounts.amount(name, figure["today"]),
            plan_amounts.amount(name, figure["changed"]),
            plan_amounts.difference(name, apart),
            plan_amounts.span(name, ends, signed=True),
        )
    return table
