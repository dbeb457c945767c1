"""The process's forecast: made anew when the day, the configuration or the log's past changes."""

import datetime as dt
import json
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask, current_app
from flask_socketio import SocketIO
from pydantic import TypeAdapter

from queueapp import screens
from queueapp.core.ticket import Refusal
from queueapp.municipality import Municipality, to_document
from queueapp.outlook import counts
from queueapp.outlook.values import Outlook
from queueapp.statistics import engine, question

log = logging.getLogger(__name__)

WORKER = [sys.executable, "-m", "queueapp.outlook.worker"]
GIVE_UP_S = 120.0
LOOK_EVERY_S = 60.0


class NoForecast(Refusal):
    """The forecast could not be worked out; the process's log says why."""

    code = "no-forecast"


class Outlooks:
    """The latest forecast, and what it was made of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[object, ...] = ()
        self._outlook: Outlook | None = None

    @property
    def day(self) -> dt.date | None:
        """The day that the latest forecast was made on."""
        return self._outlook.first if self._outlook else None

    def at(self, now: screens.Moment) -> Outlook:
        """The forecast of that day; :class:`NoForecast`. One is made at a time."""
        today = question.today(now)
        with self._lock, engine.opened(now) as opened:
            key = (today, now.municipality, counts.known(opened, today))
            if self._outlook is None or self._key != key:
                with TemporaryDirectory() as folder:
                    counts.write(opened, today, Path(folder))
                    self._outlook = _made(now.municipality, today, folder)
                self._key = key
            return self._outlook


def at(now: screens.Moment) -> Outlook:
    """The forecast from that day on."""
    outlooks: Outlooks = current_app.extensions["outlooks"]
    return outlooks.at(now)


def start(app: Flask, socketio: SocketIO) -> None:
    """Work out each day's forecast in the background, so that nobody waits for it."""

    def look() -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            try:
                with app.app_context():
                    prepare(time.time())
            except Refusal:
                pass  # the figures are not ready yet, or the fault has been logged
            except Exception:
                log.exception("the forecast could not be prepared; trying again in a minute")

    socketio.start_background_task(look)


def prepare(when: float) -> None:
    """Work out the forecast of a day that has none yet."""
    outlooks: Outlooks = current_app.extensions["outlooks"]
    with screens.reading(when) as now:
        if outlooks.day != question.today(now):
            outlooks.at(now)


def _made(municipality: Municipality, today: dt.date, folder: str) -> Outlook:
    order = {
        "municipality": to_document(municipality),
        "today": today.isoformat(),
        "folder": folder,
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            WORKER,
            input=json.dumps(order).encode(),
            capture_output=True,
            check=True,
            timeout=GIVE_UP_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", None) or b""
        log.error("the forecast failed: %s\n%s", error, told.decode(errors="replace"))
        raise NoForecast from None
    return TypeAdapter(Outlook).validate_json(done.stdout)
