"""Keeping the archive up to yesterday while the service runs."""

import logging
import subprocess
import sys
import time

from flask import Flask
from flask_socketio import SocketIO

from queueapp import screens
from queueapp.statistics import archive, engine
from queueapp.statistics.question import today

LOOK_EVERY_S = 60.0
# After everybody else, and in a process of its own: a long log must not slow a call.
FEED = ["nice", "-n", "10", sys.executable, "-m", "queueapp.cli", "figures", "feed"]

log = logging.getLogger(__name__)


def start(app: Flask, socketio: SocketIO) -> None:
    """Feed the archive in the background of the serving process."""

    def look() -> None:
        while True:
            try:
                with app.app_context():
                    if is_stale(time.time()):
                        _feed()
            except Exception:
                log.exception("the figures could not be prepared; trying again in a minute")
            time.sleep(LOOK_EVERY_S)

    socketio.start_background_task(look)


def is_stale(at: float) -> bool:
    """Whether a past day is not in the archive."""
    with screens.reading(at) as now:
        manifest = archive.read(engine.folder(), now.connection, now.municipality)
        return bool(archive.stale(now.connection, manifest, today(now), now.municipality.zone))


def _feed() -> None:
    done = subprocess.run(FEED, check=False, capture_output=True, text=True)  # noqa: S603 - our own
    if done.returncode:
        log.error("the figures could not be prepared: %s", done.stderr.strip())
