"""The process's forecaster: what the log has taught it, and how much time it may take to tell.

It learns in the background, so that no request waits for it.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from flask import Flask, current_app
from flask_socketio import SocketIO
from sqlalchemy import Connection, func, select

from queueapp import configuration
from queueapp.core import estimate
from queueapp.core.discipline import Duty, Head, choose_next
from queueapp.core.experience import Experience
from queueapp.core.matching import Server, Wish
from queueapp.models import TicketEvent, db, read_event
from queueapp.municipality import Municipality

LOOK_EVERY_S = 1.0
# A hundred events a second: a busy service centre has one in several seconds.
READ_AT_ONCE = 100
BETWEEN_PORTIONS_S = 0.01
# A season is enough to know a service by, and soon read at start-up.
REMEMBER_S = 120 * 24 * 3600.0
# Of each second, so much may go to playing the present forward; then counts alone must do.
SHARE = 0.02
BURST_S = 0.2

_event = TicketEvent.__table__
log = logging.getLogger(__name__)


class Budget:
    """Time that may be spent: so much of each second, saved up to ``BURST_S``.

    One event's screens are all told from the future played forward, while a rush gets one such
    forecast now and then, and never a row of them that everybody waits for.
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._share, self._clock = share, clock
        self._saved_s, self._at = BURST_S, clock()

    def left(self) -> bool:
        """Whether there is any time left."""
        now = self._clock()
        self._saved_s = min(BURST_S, self._saved_s + self._share * (now - self._at))
        self._at = now
        return self._saved_s > 0

    def spend(self, seconds: float) -> None:
        """So much was used."""
        self._saved_s -= seconds


class Forecaster:
    """Tells waits from the present state, by what the log has taught so far.

    One thread at a time plays the present forward or learns, since what is known must not change
    meanwhile. Nobody waits for that: counts alone must do then too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._budget = Budget(SHARE)
        self._asked: Mapping[str, float] = {}
        self._experience: Experience | None = None
        self._seq: int | None = None
        self._duty: Duty | None = None

    def duty(self, servers: tuple[Server, ...], free_rooms: Mapping[str, int]) -> Duty:
        """Who is on duty, for the discipline, with the shares of languages learned so far.

        What follows from who sits there is worked out once, and not at every call. A call never
        waits for a forecast, so this takes no turn.
        """
        duty, asked = self._duty, self._asked
        if duty is None or duty.servers != servers or duty.asked is not asked:
            duty = self._duty = Duty(servers, asked=asked)
        return duty.at(free_rooms)

    def newcomers(self, present: estimate.Present, wishes: Sequence[Wish]) -> list[estimate.Quote]:
        """What one who comes now would be told of each of the wishes."""
        if told := self._played(present, wishes, []):
            return told
        return [estimate.quick(present, wish, self.known) for wish in wishes]

    def waiting(self, present: estimate.Present, watched: Sequence[Head]) -> list[estimate.Quote]:
        """What each of those in the lines would be told of the rest of their wait."""
        if not watched:
            return []
        if told := self._played(present, [], watched):
            return told
        return [estimate.quick(present.ahead_of(head), head.wish, self.known) for head in watched]

    def _played(
        self, present: estimate.Present, wishes: Sequence[Wish], watched: Sequence[Head]
    ) -> list[estimate.Quote]:
        """The forecasts from the future played forward; none where there is no time for it."""
        if not self._budget.left() or not self._lock.acquire(blocking=False):
            return []
        try:
            began = time.perf_counter()
            told = estimate.quotes(present, wishes, self.known, choose_next, watched)
            self._budget.spend(time.perf_counter() - began)
            return told
        finally:
            self._lock.release()

    @property
    def known(self) -> estimate.Knowledge:
        """What has been learned so far."""
        return self._begun(configuration.current()).known

    def _begun(self, municipality: Municipality) -> Experience:
        if self._experience is None:
            zone = municipality.zone

            def hour(at: float) -> str:
                return f"hour {dt.datetime.fromtimestamp(at, zone).hour}"

            self._experience = Experience(municipality.typical_s, hour)
        return self._experience

    def learn(self, connection: Connection, at: float) -> int:
        """Read on in the log, at most ``READ_AT_ONCE`` events; gives how many there were.

        What happened longer ago than is remembered is passed over, even where it was written
        later than what is known: so is an invented past.
        """
        experience = self._begun(configuration.current())
        since = at - REMEMBER_S
        if self._seq is None:
            self._seq = _first_after(connection, since)
        newest = connection.execute(select(func.max(_event.c.seq))).scalar() or 0
        rows = connection.execute(
            select(_event)
            .where(_event.c.seq > self._seq, _event.c.seq <= newest, _event.c.at >= since)
            .order_by(_event.c.seq)
            .limit(READ_AT_ONCE)
        ).all()
        for row in rows:
            with self._lock:
                experience.take(read_event(row))
        self._seq = rows[-1].seq if len(rows) == READ_AT_ONCE else newest
        with self._lock:
            self._asked = experience.known.asked.shares()
        return len(rows)


def _first_after(connection: Connection, at: float) -> int:
    """The sequence number before the first event since ``at``."""
    query = select(func.min(_event.c.seq)).where(_event.c.at >= at)
    return int(connection.execute(query).scalar() or 1) - 1


def forecaster() -> Forecaster:
    """This process's own."""
    found: Forecaster = current_app.extensions["forecaster"]
    return found


def start(app: Flask, socketio: SocketIO) -> None:
    """Learn from the log in the background of the serving process."""

    def look() -> None:
        caught_up = False
        while True:
            try:
                with app.app_context(), db.engine.connect() as connection:
                    learned = forecaster().learn(connection, time.time())
                caught_up = caught_up or learned < READ_AT_ONCE
                # Between portions, whoever has a request goes first.
                time.sleep(LOOK_EVERY_S if caught_up else BETWEEN_PORTIONS_S)
            except Exception:
                log.exception("the log could not be learned from; trying again")
                time.sleep(LOOK_EVERY_S)

    socketio.start_background_task(look)
