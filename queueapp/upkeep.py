"""What the system does by itself: yesterday is ended when a new day has begun."""

import logging
import time

from flask import Flask
from flask_socketio import SocketIO
from sqlalchemy import select

from queueapp import operations, screens
from queueapp.core.ticket import OPEN
from queueapp.models import Counter, Ticket

LOOK_EVERY_S = 60.0
# Nobody sits at a counter this long; whoever seems to has forgotten to close it.
LONGEST_SHIFT_S = 16 * 3600.0

log = logging.getLogger(__name__)


def start(app: Flask, socketio: SocketIO) -> None:
    """Look after the days, in the background of the serving process."""

    def look() -> None:
        while True:
            try:
                with app.app_context():
                    end_earlier_days(time.time())
            except Exception:
                log.exception("yesterday could not be ended; trying again in a minute")
            time.sleep(LOOK_EVERY_S)

    socketio.start_background_task(look)


def end_earlier_days(at: float) -> int:
    """End every visit left open from earlier days, and counters left open; gives the visits."""
    t, c = Ticket.__table__, Counter.__table__
    with screens.reading(at) as now:
        today = screens.day_of(now.municipality, at)
        left = select(t.c.office).where(t.c.state.in_(OPEN), t.c.day < today).distinct()
        offices = now.connection.execute(left).scalars().all()
        forgotten = select(c.c.code).where(c.c.state != "closed", c.c.since < at - LONGEST_SHIFT_S)
        counters = now.connection.execute(forgotten).scalars().all()
    ended = sum(operations.close_day(office, at, before_day=today) for office in offices)
    for counter in counters:
        operations.close_forgotten(counter, at)
    return ended
