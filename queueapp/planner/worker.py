"""Who plays the saved plans: a process of its own, with low priority, started when one waits.

Playing takes all of a processor for minutes, which within the serving process every call would
feel.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from queueapp import screens
from queueapp.models import db
from queueapp.municipality import Municipality
from queueapp.planner import document, period, play, store
from queueapp.planner.document import Fault, Scenario, Unfit
from queueapp.planner.period import Material
from queueapp.planner.store import Stopped
from queueapp.statistics.engine import NotReady

LOOK_EVERY_S = 2.0
HEAR_EVERY_S = 1.0
WAIT_AT_MOST_S = 900.0
"""For the statistics, where they are still being made: years of visits take minutes."""
NICENESS = 15

log = logging.getLogger(__name__)


def start(app: Flask, socketio: SocketIO) -> None:
    """See to it that waiting plans are played, from the background of the serving process."""

    def look() -> None:
        child: subprocess.Popen[bytes] | None = None
        while True:
            try:
                if child is None or child.poll() is not None:
                    child = _begin(app)
            except Exception:
                log.exception("plans cannot be played; trying again")
            time.sleep(LOOK_EVERY_S)

    socketio.start_background_task(look)


def _begin(app: Flask) -> "subprocess.Popen[bytes] | None":
    with app.app_context(), db.engine.connect() as connection:
        token = store.next_up(connection, time.time())
    if token is None:
        return None
    command = [sys.executable, "-m", "queueapp.cli", "plan", "--saved", token]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603


def play_saved(token: str) -> str:
    """Play the plan and keep its answer; gives what became of it. For a process of its own."""
    os.nice(NICENESS)
    # Being told to end is the same as Ctrl-C: the plan is given back.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    mark = store.claim(token, time.time())
    if mark is None:
        return "is not to be played now"
    hearing = _Hearing(token, mark)
    try:
        answer = _answer(token, hearing)
        store.finish(token, hearing.mark, time.time(), answer)
    except Stopped:
        return "was stopped"
    except Unfit as unfit:
        store.fail(token, hearing.mark, time.time(), *unfit.faults)
        return "cannot be played"
    except NotReady:
        waited = {"minutes": round(WAIT_AT_MOST_S / 60)}
        store.fail(token, hearing.mark, time.time(), Fault("", "not-ready", waited))
        return "cannot be played yet"
    except KeyboardInterrupt:
        store.give_back(token, hearing.mark, time.time())
        return "was given back"
    except Exception:
        store.fail(token, hearing.mark, time.time(), Fault("", "internal", {}))
        raise
    return "is done"


def _answer(token: str, hearing: "_Hearing") -> dict[str, Any]:
    scenario, municipality, material = _gathered(token, hearing)
    player = play.Player(scenario.seed, _jobs(), hearing.seen)
    db.engine.dispose()  # a connection belongs to the process that opened it
    return play.play(scenario, municipality, material, player)


def _gathered(token: str, hearing: "_Hearing") -> tuple[Scenario, Municipality, Material]:
    """What to play, once the statistics are there that tell what of the log may be shown."""
    give_up = time.monotonic() + WAIT_AT_MOST_S
    while True:
        try:
            with screens.reading(time.time()) as now:
                scenario = document.read(store.find(now.connection, token).document)
                return scenario, now.municipality, period.gather(now, scenario)
        except NotReady:
            if time.monotonic() >= give_up:
                raise
        hearing.seen(0, 0)
        time.sleep(LOOK_EVERY_S)


def _jobs() -> int:
    """One processor less than there are: somebody has to answer the counters."""
    return max(1, (os.cpu_count() or 1) - 1)


class _Hearing:
    """Tells the row how far the player has come, once a second."""

    def __init__(self, token: str, mark: float) -> None:
        self.token, self.mark = token, mark

    def seen(self, done: int, of: int) -> None:
        now = time.time()
        if now - self.mark >= HEAR_EVERY_S:
            self.mark = store.hear(self.token, self.mark, now, done, of)
            db.engine.dispose()  # no process that is forked next may inherit the connection
