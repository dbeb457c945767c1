"""How far off are the promised waits, on a real service's queue log, beside the classic estimates?

``python -m bench waits --log FILE --learn 1-10 --predict 11-20``. The log is replayed fact by fact
(bench/queue_log.py). At each arrival the product's own estimator (queueapp/core/estimate.py) and
the classic ones are asked for the wait, given that there is one; none of them can have seen
anything later. All go on learning from what happens, as in the live system. Scored are those
callers of the predicted days who had to wait and were served.
"""

import argparse
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from time import perf_counter

from bench.figures import ms, quantile, table, verdict
from bench.hall import Hall, wish
from bench.queue_log import Arrived, BadLog, Called, Caller, Finished, Left, Record, read, replay
from queueapp.core import estimate
from queueapp.core.discipline import choose_next

LOG = Path(__file__).parents[2] / "shared/data/queue-log-days01-20.csv"

OVERALL = (0.77, 0.83)
EACH = (0.72, 0.88)
ENOUGH = 100  # a service or an hour with fewer such callers says nothing
ON_DUTY_S = 900  # for queue length ÷ servers: seen to serve within a quarter of an hour
LONGEST_S = 3600  # longer services are mistakes of the log, and would ruin a plain mean


@dataclass(frozen=True, slots=True)
class Told:
    """What was told on arrival: ours, and each classic estimate in seconds."""

    caller: Caller
    quote: estimate.Quote
    classic: Mapping[str, float]
    took_s: float


# --- the classic estimators ----------------------------------------------------------------------


class Classics:
    """Last to enter service, head of line, queue length, rolling mean (Ibrahim & Whitt 2009).

    Each is kept in its usual variants: over everybody or the caller's service, over all calls or
    those that had waited. The table shows the variant that turns out best on the very days it is
    judged by, which favours the classics.
    """

    def __init__(self) -> None:
        self.last: dict[tuple[str, bool], deque[float]] = {}
        self.services_s, self.services = 0.0, 0

    def take(self, fact: object) -> None:
        if isinstance(fact, Called):
            waited = fact.at - fact.caller.at
            for service in ("", fact.caller.service):
                for only_waits in (False, True)[: 1 + (waited > 0)]:
                    self.last.setdefault((service, only_waits), deque(maxlen=10)).append(waited)
        elif isinstance(fact, Finished) and fact.lasted_s <= LONGEST_S:
            self.services_s += fact.lasted_s
            self.services += 1

    def estimates(self, hall: Hall, caller: Caller) -> dict[str, float]:
        return self._history(caller) | self._head_of_line(hall, caller) | self._length(hall, caller)

    def _history(self, caller: Caller) -> dict[str, float]:
        told = {}
        for whose, service in (("all", ""), ("service", caller.service)):
            for which, only_waits in (("calls", False), ("waits", True)):
                last = self.last.get((service, only_waits)) or deque((0.0,))
                told[f"last to enter service ({whose}, {which})"] = last[-1]
                told[f"rolling mean of 10 ({whose}, {which})"] = fmean(last)
        return told

    def _head_of_line(self, hall: Hall, caller: Caller) -> dict[str, float]:
        told = {}
        for whose, service in (("all", ""), ("service", caller.service)):
            waiting = [
                head.arrived_at
                for asked, line in hall.waiting.items()
                if service in ("", asked.service)
                for head in line.values()
            ]
            last = (self.last.get((service, True)) or (0.0,))[-1]
            told[f"head of line ({whose})"] = caller.at - min(waiting, default=caller.at)
            told[f"head of line ({whose}, else last)"] = (
                caller.at - min(waiting) if waiting else last
            )
        return told

    def _length(self, hall: Hall, caller: Caller) -> dict[str, float]:
        since = wish(caller).credit_s
        everybody = [
            (asked.service, caller.at - head.since >= since)
            for asked, line in hall.waiting.items()
            for head in line.values()
        ]
        mean_s = self.services_s / max(1, self.services)
        told = {}
        for whose, ahead in (
            ("everybody", len(everybody)),
            ("those before", sum(before for _, before in everybody)),
            ("service", sum(service == caller.service for service, _ in everybody)),
        ):
            for which, servers in _on_duty(hall, caller).items():
                for self_too in (0, 1):
                    name = f"queue length ({whose}{' + 1' * self_too} ÷ {which})"
                    told[name] = (ahead + self_too) * mean_s / max(1, servers)
        return told


def _on_duty(hall: Hall, caller: Caller) -> dict[str, int]:
    agents = [
        agent
        for agent in hall.agents.values()
        if agent.serving or caller.at - agent.since <= ON_DUTY_S
    ]
    able = sum(caller.service in agent.services for agent in agents)
    return {"all servers": len(agents), "its servers": able}


# --- asking --------------------------------------------------------------------------------------


def ask(records: Sequence[Record], days: Iterable[int]) -> list[Told]:
    """What each caller of ``days`` is told on arrival, in order."""
    hall, classics, told = Hall(), Classics(), []
    for day in sorted(days):
        hall.open()
        told += _day([record for record in records if record.caller.day == day], hall, classics)
    return told


def _day(records: Sequence[Record], hall: Hall, classics: Classics) -> list[Told]:
    told: dict[int, Told] = {}
    for fact in replay(records):
        if isinstance(fact, Arrived):
            told[fact.caller.id] = _ask(hall, classics, fact.caller)
        elif isinstance(fact, Called | Left) and fact.at > fact.caller.at:
            left = isinstance(fact, Left)
            waited_s = fact.at - fact.caller.at
            estimate.learn(hall.known, told[fact.caller.id].quote, waited_s, left)
        hall.take(fact)
        classics.take(fact)
    return list(told.values())


def _ask(hall: Hall, classics: Classics, caller: Caller) -> Told:
    started = perf_counter()
    present = hall.present(caller.at)
    quote = estimate.quotes(present, [wish(caller)], hall.known, choose_next)[0]
    took_s = perf_counter() - started
    return Told(caller, quote, classics.estimates(hall, caller), took_s)


# --- judging -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scored caller: what was told and how long it was."""

    told: Told
    waited_s: int

    @property
    def covered(self) -> bool:
        wait = self.told.quote.forecast.wait
        return wait.low_s <= self.waited_s <= wait.high_s


def scored(records: Sequence[Record], told: Iterable[Told], days: Iterable[int]) -> list[Outcome]:
    """Those of ``days`` who had to wait and were served."""
    by_id, wanted = {record.caller.id: record for record in records}, set(days)
    outcomes = [Outcome(one, by_id[one.caller.id].waited_s) for one in told]
    return [
        outcome
        for outcome in outcomes
        if outcome.told.caller.day in wanted
        and outcome.waited_s > 0
        and by_id[outcome.told.caller.id].served
    ]


def off(outcomes: Sequence[Outcome], likely: Callable[[Told], float]) -> float:
    """The mean absolute error in seconds."""
    return fmean(abs(likely(one.told) - one.waited_s) for one in outcomes)


def best_classics(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Each classic estimator's best variant and its error."""
    names = outcomes[0].told.classic
    errors = {name: off(outcomes, lambda told, name=name: told.classic[name]) for name in names}
    best: dict[str, float] = {}
    for name, error in sorted(errors.items(), key=lambda pair: pair[1]):
        kind = name.split(" (")[0]
        if not any(other.startswith(kind) for other in best):
            best[name] = error
    return best


def print_estimators(outcomes: Sequence[Outcome]) -> None:
    mean_s = fmean(one.waited_s for one in outcomes)
    ours = off(outcomes, lambda told: told.quote.forecast.wait.likely_s)
    classics = best_classics(outcomes)
    waits = [one.told.quote.forecast.wait for one in outcomes]
    width = fmean(wait.high_s - wait.low_s for wait in waits)
    rows = [("ours", *_error(ours, mean_s), _percent(_share(outcomes)), f"{width:.0f} s")]
    rows += [(name, *_error(error, mean_s), "–", "–") for name, error in classics.items()]
    took = [one.told.took_s for one in outcomes]
    nearest = min(classics.values())
    table(
        f"Promise against outcome, {len(outcomes)} callers who waited {mean_s:.0f} s on average",
        ("estimator", "mean absolute error", "÷ mean wait", "80 % range holds", "its mean width"),
        rows,
        (
            f"Error below every classic estimator, {1 - ours / nearest:.1%} below the nearest: "
            f"{verdict(ours < nearest)}.",
            f"Coverage {_percent(_share(outcomes))}, wanted {_span(OVERALL)}: "
            f"{verdict(_within(_share(outcomes), OVERALL))}. "
            f"Shorter than told {_percent(_shorter(outcomes))}, longer "
            f"{_percent(1 - _share(outcomes) - _shorter(outcomes))}.",
            f"Cost of one prediction: mean {ms(fmean(took))}, p99 {ms(quantile(took, 0.99))}.",
        ),
    )


def print_groups(title: str, outcomes: Sequence[Outcome], group: Callable[[Caller], str]) -> None:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(group(one.told.caller), []).append(one)
    rows = [
        (
            name,
            str(len(few)),
            _percent(_share(few)),
            f"{off(few, lambda told: told.quote.forecast.wait.likely_s):.0f} s",
            verdict(_within(_share(few), EACH)) if len(few) >= ENOUGH else "too few",
        )
        for name, few in sorted(groups.items())
    ]
    head = (title, "callers", "80 % range holds", "mean absolute error", f"within {_span(EACH)}")
    table(f"Coverage per {title}", head, rows)


def _error(error: float, mean_s: float) -> tuple[str, str]:
    return f"{error:.1f} s", f"{error / mean_s:.2f}"


def _share(outcomes: Sequence[Outcome]) -> float:
    return fmean(one.covered for one in outcomes)


def _shorter(outcomes: Sequence[Outcome]) -> float:
    return fmean(one.waited_s < one.told.quote.forecast.wait.low_s for one in outcomes)


def _within(share: float, span: tuple[float, float]) -> bool:
    return span[0] <= share <= span[1]


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _span(span: tuple[float, float]) -> str:
    return f"{span[0] * 100:.0f}–{span[1] * 100:.0f} %"


# --- the command ---------------------------------------------------------------------------------


def days(text: str) -> list[int]:
    """``1-5,8`` as days."""
    spans = [part.partition("-") for part in text.split(",")]
    return [day for first, _, last in spans for day in range(int(first), int(last or first) + 1)]


def main(*options: str) -> None:
    asked = _options(options)
    if missing := [str(path) for path in asked.log if not path.is_file()]:
        message = f"no queue log at {', '.join(missing)}; name one with --log FILE"
        if options:
            sys.exit(message)
        print(f"Not run: {message}.")
        return
    if max(asked.learn) >= min(asked.predict):
        sys.exit("the days to predict must come after those to learn from")
    try:
        records = read(asked.log)
    except BadLog as error:
        sys.exit(str(error))
    outcomes = scored(records, ask(records, asked.learn + asked.predict), asked.predict)
    if not outcomes:
        sys.exit("nobody on the days to predict had to wait and was served")
    print_estimators(outcomes)
    print_groups("service", outcomes, lambda caller: caller.service)
    print_groups("hour", outcomes, lambda caller: f"{caller.at // 3600:02}")


def _options(options: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench waits", description=__doc__)
    parser.add_argument("--log", type=Path, nargs="+", default=[LOG], metavar="FILE")
    parser.add_argument("--learn", type=days, default=days("1-10"), metavar="DAYS")
    parser.add_argument("--predict", type=days, default=days("11-20"), metavar="DAYS")
    return parser.parse_args(options)
