"""Many days, played on all processors. What comes out depends on the run alone, not on how many."""

import gc
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from random import Random

from queueapp.core import measures
from queueapp.core.events import Event
from queueapp.core.simulation import play
from queueapp.simulate.policies import POLICIES
from queueapp.simulate.scenario import Day

# A fork is ready at once, where a new interpreter first imports the whole application. On other
# systems it is not safe.
START = "fork" if sys.platform == "linux" else "spawn"

AHEAD = 8
"""Days played for each process before they are asked for: more would only fill the memory."""


@dataclass(frozen=True)
class Run:
    """What to play. ``keep_log``: whether the events are wanted, and not the visits alone."""

    days: tuple[Day, ...]
    policy: str
    seed: int
    keep_log: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """A day that was played."""

    visits: list[measures.Visit]
    log: list[Event]


def play_day(run: Run, number: int) -> Played:
    """The day with that number. Each has a stream of chance of its own, whoever plays it."""
    day = run.days[number]
    world, policy = POLICIES[run.policy](day.world)
    chance = Random(f"{run.seed} {number}")  # noqa: S311 - a repeatable day, not a secret
    log = play(world, policy, day.arrivals(chance))
    return Played(measures.fold(log), log if run.keep_log else [])


@contextmanager
def playing(run: Run, jobs: int) -> Iterator[Iterator[Played]]:
    """Every day in order, played in ``jobs`` processes, which end with the context."""
    if jobs == 1:
        yield (play_day(run, number) for number in range(len(run.days)))
        return
    context = multiprocessing.get_context(START)
    with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(run,)) as pool:
        with _deaf_to_interrupts(), _keeping_what_they_inherit():
            results = _ahead(pool, len(run.days), AHEAD * jobs)
        try:
            yield results
        except BaseException:
            # The days under way are played to their end, a second's work. A process that is ended
            # while it hands over its day leaves half of it, and the pool would wait for the rest.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _ahead(pool: ProcessPoolExecutor, days: int, ahead: int) -> Iterator[Played]:
    """The days in order; the first ``ahead`` of them are begun at once, and never more."""
    numbers = iter(range(days))
    waiting = deque(pool.submit(_play_here, number) for number in islice(numbers, ahead))

    def played() -> Iterator[Played]:
        while waiting:
            done = waiting.popleft().result()
            waiting.extend(pool.submit(_play_here, number) for number in islice(numbers, 1))
            yield done

    return played()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started within inherit that they do not hear Ctrl-C: one process ends them all.

    For this process it is only put off.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _keeping_what_they_inherit() -> Iterator[None]:
    """Processes started within never collect as garbage what was there before them.

    The engine of the figures has threads, which a fork does not have: to end it there crashes.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


_runs: list[Run] = []
"""What this process plays, sent to it once and not with every day."""


def _begin(run: Run) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _runs[:] = [run]


def _play_here(number: int) -> Played:
    return play_day(_runs[0], number)
