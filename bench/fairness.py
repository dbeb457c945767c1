"""Our rule against the usual ways to run the line, and against the bound that none can beat.

The same invented visitors meet each rule: the differences are the rules' alone. Prints short
tables; ``python -m bench.fairness DOCUMENT`` also writes the full ones at that document's end.
Intervals are 95 %, by ``core.uncertainty`` over ten parts of the days.
"""

import io
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path
from random import Random

from bench.figures import Row, median, quantile, table, verdict
from bench.fluid import own_language_bound
from bench.worlds import LANGUAGES, SCENARIOS, SERVICE, STAFF, anchor, drawn, servers
from queueapp.core import measures
from queueapp.core.discipline import Duty, Head, choose_next
from queueapp.core.matching import Way, Wish
from queueapp.core.policies import ALONE, BASELINES, BOUND, COMMON, OURS, PER_LANGUAGE, arranged
from queueapp.core.simulation import World, simulate
from queueapp.core.uncertainty import PARTS, interval

PROCESSES = min(2, os.cpu_count() or 1)

FIRST_SEED = 1_000_000
LOADS = {0.70: 600, 0.80: 1200, 0.88: 600}  # days
SCENARIO_DAYS = 100
BASELINE_DAYS = {ALONE: 60, PER_LANGUAGE: 40}  # their lines are long, and so are their days
FIRST_ROSTER, ROSTERS, ROSTER_DAYS = 1000, 16, 200  # the rule was tuned on others
MARK = "<!-- The rest of this page is written by python -m bench.fairness docs/fairness.md -->\n"


@dataclass
class Sample:
    """What some days gave: the waits in minutes per office and language, and the counts."""

    waits: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    others: int = 0  # served, and prefer another language than Swedish
    own: int = 0  # … and got it
    alone: int = 0  # served, and accept no Swedish
    interpreted: int = 0  # … and got an interpreter
    arrived: int = 0
    left: int = 0

    def add(self, visit: measures.Visit) -> None:
        self.arrived += 1
        self.left += visit.outcome == "left"
        first = visit.languages[0]
        if visit.wait_s is not None:
            self.waits[visit.office, first].append(visit.wait_s / 60)
        if visit.errands and first != COMMON:
            (errand,) = visit.errands
            self.others += 1
            self.own += errand["language"] == first and not errand["interpreter"]
            if len(visit.languages) == 1:
                self.alone += 1
                self.interpreted += errand["interpreter"]

    def merge(self, other: "Sample") -> None:
        for cell, waits in other.waits.items():
            self.waits[cell].extend(waits)
        for name in ("others", "own", "alone", "interpreted", "arrived", "left"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def by(self, place: int) -> dict[str, list[float]]:
        """The waits per office (0) or per language (1)."""
        groups: dict[str, list[float]] = defaultdict(list)
        for cell, waits in self.waits.items():
            groups[cell[place]].extend(waits)
        return groups

    @property
    def all(self) -> list[float]:
        return [wait for waits in self.waits.values() for wait in waits]


def mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def means(sample: Sample, place: int) -> list[float]:
    return [mean(waits) for waits in sample.by(place).values()]


Figure = Callable[[Sample, Sample], float]
"""A figure of a rule's days, beside the bound's."""

FIGURES: dict[str, Figure] = {
    "mean": lambda mine, _: mean(mine.all),
    "p95": lambda mine, _: quantile(mine.all, 0.95),
    "mean ÷ bound": lambda mine, bound: mean(mine.all) / mean(bound.all),
    "p95 ÷ bound": lambda mine, bound: quantile(mine.all, 0.95) / quantile(bound.all, 0.95),
    "worst ÷ overall": lambda mine, _: max(means(mine, 1)) / mean(mine.all),
    "worst ÷ best language": lambda mine, _: max(means(mine, 1)) / min(means(mine, 1)),
    "worst ÷ best office": lambda mine, _: max(means(mine, 0)) / min(means(mine, 0)),
    "own language": lambda mine, _: mine.own / mine.others,
    "interpreter": lambda mine, _: mine.interpreted / mine.alone,
    "left": lambda mine, _: mine.left / mine.arrived,
}


def whole(days: Iterable[Sample]) -> Sample:
    total = Sample()
    for day in days:
        total.merge(day)
    return total


@dataclass
class Result:
    """The days of one rule in one world, beside the same days of the bound."""

    days: list[Sample]
    bound: list[Sample]

    def estimate(self, names: Iterable[str] = ()) -> dict[str, tuple[float, float]]:
        """Each figure with the half width of its interval."""
        return {name: self.interval(FIGURES[name]) for name in names or FIGURES}

    def interval(self, figure: Figure) -> tuple[float, float]:
        """The figure, and half the width of its interval."""
        mine, bound = self._batches
        value = figure(whole(mine), whole(bound))
        found = interval(value, [figure(*part) for part in self._parts])
        return value, found[1] - value if found else inf

    @cached_property
    def _batches(self) -> tuple[list[Sample], list[Sample]]:
        same_days = self.days, self.bound[: len(self.days)]
        mine, bound = ([whole(days[n::PARTS]) for n in range(PARTS)] for days in same_days)
        return mine, bound

    @cached_property
    def _parts(self) -> list[tuple[Sample, Sample]]:
        """Both without one batch of days in turn."""
        mine, bound = self._batches
        return [(_without(mine, n), _without(bound, n)) for n in range(PARTS)]

    @property
    def total(self) -> Sample:
        return whole(self.days)


def _without(batches: list[Sample], left_out: int) -> Sample:
    return whole(batch for number, batch in enumerate(batches) if number != left_out)


# --- the runs ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """Some days of a rule in a world."""

    name: str
    world: World
    rule: str
    days: int


def run(task: Task) -> list[Sample]:
    world, policy = arranged(task.rule, task.world)
    days = []
    for day in range(task.days):
        sample = Sample()
        for visit in measures.fold(simulate(world, policy, FIRST_SEED + day)):
            sample.add(visit)
        days.append(sample)
    return days


def tasks() -> list[Task]:
    asked = [
        Task(name, world, rule, BASELINE_DAYS.get(rule, days))
        for name, world, days in worlds()
        for rule in (*BASELINES, OURS, BOUND)
    ]
    asked += [
        Task(f"roster {number}", anchor(0.8, drawn(FIRST_ROSTER + number)), rule, ROSTER_DAYS)
        for number in range(ROSTERS)
        for rule in (OURS, BOUND)
    ]
    return sorted(asked, key=lambda task: -task.days)  # the long ones first


def worlds() -> list[tuple[str, World, int]]:
    loads = [(f"load {load:.2f}", anchor(load), days) for load, days in LOADS.items()]
    return loads + [(name, made(), SCENARIO_DAYS) for name, made in SCENARIOS.items()]


Results = dict[str, dict[str, Result]]
"""By world and rule."""


def run_all() -> Results:
    asked = tasks()
    with ProcessPoolExecutor(PROCESSES) as pool:
        days = dict(zip(((t.name, t.rule) for t in asked), pool.map(run, asked), strict=True))
    results: Results = defaultdict(dict)
    for (name, rule), sampled in days.items():
        results[name][rule] = Result(sampled, days[name, BOUND])
    return results


# --- the tables -------------------------------------------------------------------------------

RATIOS = ("mean ÷ bound", "p95 ÷ bound")
EQUALITY = ("worst ÷ overall", "worst ÷ best language", "worst ÷ best office")
SHARES = ("own language", "interpreter", "left")


@dataclass(frozen=True)
class Target:
    """A figure at a load, and what it must reach."""

    load: float
    figure: str
    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


TARGETS = (
    Target(0.80, "mean ÷ bound", 1.8),
    Target(0.80, "p95 ÷ bound", 1.45),
    Target(0.80, "worst ÷ best language", 1.4),
    Target(0.80, "worst ÷ best office", 1.10),
    Target(0.80, "own language", 0.90, at_least=True),  # of what the linear program allows
    Target(0.80, "interpreter", 0.03),
    Target(0.70, "mean ÷ bound", 2.5),
    Target(0.88, "mean ÷ bound", 1.55),
)


def shown(name: str, value: float, margin: float) -> str:
    if name in SHARES:
        return f"{value:.1%} ± {margin:.1%}"
    return f"{value:.2f} ± {margin:.2f}"


def target_table(results: Results) -> None:
    rows: list[Row] = []
    for target in TARGETS:
        by_rule = results[f"load {target.load:.2f}"]
        estimates = {
            rule: by_rule[rule].estimate([target.figure])[target.figure]
            for rule in (*BASELINES, OURS)
        }
        allowed = own_language_bound(anchor(target.load)) if target.at_least else 1.0
        met = target.met(estimates[OURS][0] / allowed)
        sign = "≥" if target.at_least else "≤"
        rows.append(
            (
                f"{target.load:.2f}",
                target.figure,
                *(shown(target.figure, *estimate) for estimate in estimates.values()),
                f"{sign} {target.limit * allowed:.2f}",
                verdict(met),
            )
        )
    head = ("load", "figure", *BASELINES, OURS, "target", "")
    table("The targets, in the world they were set in", head, rows)


def world_table(results: Results) -> None:
    rows: list[Row] = []
    for name, world, _ in worlds():
        best = min(BASELINES, key=lambda rule: mean(results[name][rule].total.all))
        for rule in (best, OURS):
            found = results[name][rule].estimate()
            rows.append(
                (
                    name,
                    rule,
                    *(shown(figure, *found[figure]) for figure in ("mean", "p95", *RATIOS)),
                    *(shown(figure, *found[figure]) for figure in (*EQUALITY, *SHARES)),
                    f"{own_language_bound(world):.0%}",
                )
            )
    head = ("world", "rule", "mean, min", "p95, min", *RATIOS, *EQUALITY, *SHARES, "LP own")
    table("Ours and the best of (a)–(c) by mean wait", head, rows)


def roster_table(results: Results) -> None:
    names = ("mean ÷ bound", "worst ÷ best language", "own language", "interpreter")
    found = [
        [FIGURES[name](whole(mine.days), whole(mine.bound)) for name in names]
        for number in range(ROSTERS)
        for mine in (results[f"roster {number}"][OURS],)
    ]
    ratio, language, own, interpreter = (list(column) for column in zip(*found, strict=True))
    rows: list[Row] = [
        ("mean ÷ bound", _span(ratio), "median ≤ 2.0", verdict(median(ratio) <= 2.0)),
        ("mean ÷ bound", _span(ratio), "worst ≤ 2.8", verdict(max(ratio) <= 2.8)),
        (names[1], _span(language), "median ≤ 1.7", verdict(median(language) <= 1.7)),
        ("own language", f"{min(own):.0%} – {median(own):.0%} – {max(own):.0%}", "", ""),
        (
            names[3],
            f"{min(interpreter):.1%} – {median(interpreter):.1%} – {max(interpreter):.1%}",
            "",
            "",
        ),
    ]
    title = f"{ROSTERS} rosters drawn by chance, 8–12 staff, load 0.80"
    table(title, ("figure", "least – median – most", "target", ""), rows)


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.2f} – {median(values):.2f} – {max(values):.2f}"


def group_table(results: Results, name: str, place: int, title: str) -> None:
    """Mean and 95th percentile per office or language, of every rule."""
    rules = (*BASELINES, OURS, BOUND)
    groups = {rule: results[name][rule].total.by(place) for rule in rules}
    rows = [
        (
            group,
            *(
                f"{mean(waits):.1f} ± {_margin(results[name][rule], place, group):.1f} / "
                f"{quantile(waits, 0.95):.0f}"
                for rule in rules
                for waits in (groups[rule][group],)
            ),
        )
        for group in sorted(groups[OURS], key=lambda one: -len(groups[OURS][one]))
    ]
    table(f"{name}: mean wait / 95th percentile, minutes, {title}", (title, *rules), rows)


def _margin(result: Result, place: int, group: str) -> float:
    return result.interval(lambda mine, _: mean(mine.by(place)[group]))[1]


# --- speed ------------------------------------------------------------------------------------

DECISIONS = 2000


def speed_table() -> None:
    rows: list[Row] = []
    for waiting in (10, 1_000, 100_000):
        lines, rate = _decision_rate(waiting)
        rows.append((f"choose_next, {waiting:,} waiting in {lines} classes", f"{rate:,.0f} /s"))
    began, days = time.process_time(), 30
    world, policy = arranged(OURS, anchor(0.80))
    for day in range(days):
        simulate(world, policy, day)
    rows.append(("simulated days at load 0.80", f"{days / (time.process_time() - began):.0f} /s"))
    table("Speed, on one core (processor time)", ("what", "rate"), rows)


def _decision_rate(waiting: int) -> tuple[int, float]:
    """Decisions a second, with so many waiting: each on the first of every class."""
    rng = Random(1)
    staff = servers(STAFF)
    lines: dict[Wish, list[Head]] = {}
    for ticket in range(waiting):
        language = rng.choice(list(LANGUAGES))
        wish = Wish(rng.choice(list(STAFF)), SERVICE, (language,), Way.VIDEO)
        lines.setdefault(wish, []).append(Head(ticket, f"M{ticket}", wish, float(ticket)))
    duty = Duty(tuple(staff), {}, LANGUAGES)
    began = time.process_time()
    for number in range(DECISIONS):
        choose_next((line[0] for line in lines.values()), staff[number % len(staff)], duty, 1e5)
    return len(lines), DECISIONS / (time.process_time() - began)


# --- all of it --------------------------------------------------------------------------------


def main(document: str | None = None) -> None:
    began = time.monotonic()
    speed = io.StringIO()
    with redirect_stdout(speed):
        speed_table()
    results = run_all()
    short = io.StringIO()
    with redirect_stdout(short):
        target_table(results)
        roster_table(results)
        world_table(results)
    text = short.getvalue() + speed.getvalue()
    print(text, f"\n{time.monotonic() - began:.0f} s", flush=True)
    if document:
        _write(Path(document), text + _full(results))


def _full(results: Results) -> str:
    text = io.StringIO()
    with redirect_stdout(text):
        for name, _, _ in worlds():
            group_table(results, name, 1, "language")
            group_table(results, name, 0, "office")
    return text.getvalue()


def _write(path: Path, tables: str) -> None:
    before, mark, _ = path.read_text().partition(MARK)
    path.write_text(before + (mark or MARK) + tables)


if __name__ == "__main__":
    main(*sys.argv[1:])
