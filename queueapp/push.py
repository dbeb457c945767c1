"""Live screens: rooms, who may watch what, and the package's only emit.

The log is the message queue. After a commit the writer rings a bell; each process has one
follower, which reads the events it has not seen from the log, in order and without gaps, and
sends them to the sockets connected to its process. Redis only carries the bell from process to
process: with Redis gone each follower looks once a second, and no screen misses anything.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis
from flask import Flask, current_app, request, session
from flask_socketio import SocketIO, join_room
from sqlalchemy import select

from queueapp import configuration, screens
from queueapp.core import events as e
from queueapp.core.ticket import BadInput, NotAllowed, NotFound, Refusal
from queueapp.models import Ticket, TicketEvent, read_event
from queueapp.municipality import Municipality, Unknown
from queueapp.screens import Moment

NAMESPACE = "/live"
CHANNEL = "queueapp:bell"
LOOK_EVERY_S = 1.0
READ_AT_MOST = 500
# What happened longer ago is no news to a screen: an invented past is written long afterwards.
NEWS_S = 3600.0
GATHER_S = 0.02
# A snapshot grows too old even where nothing has happened: opening hours pass.
SNAPSHOT_KEPT_S = 10.0
# How long a failing Redis is left alone, so that it cannot hold up the screens it serves.
REDIS_REST_S = 5.0

Body = dict[str, Any]
log = logging.getLogger(__name__)
_event = TicketEvent.__table__
_ticket = Ticket.__table__
# What every event of an office carries, so that a display can draw itself without asking.
_OFFICE_EVENT = (
    "calls",
    "waiting",
    "wait",
    "ask_staff",
    "staffed",
    "open",
    "opens_at",
    "trial",
    "invented",
    "now",
    "build",
)


def ring() -> None:
    """Tell the followers that the log has grown. Never fails, never waits."""
    current_app.extensions["bell"].ring()


class Bell:
    """Wakes this process's follower, and over Redis the other processes'."""

    def __init__(self, redis_url: str | None) -> None:
        self._name = secrets.token_bytes(8)
        self._rung = threading.Event()
        self._ours = False
        self._rest_until = 0.0
        self._redis = (
            redis.Redis.from_url(redis_url, socket_connect_timeout=0.25, socket_timeout=0.25)
            if redis_url
            else None
        )

    def ring(self) -> None:
        """Called after a commit in this process."""
        self._ours = True
        self._rung.set()

    def wait(self) -> None:
        """Until somebody rings, or a second has passed; passes our own ringing on to the others."""
        self._rung.wait(LOOK_EVERY_S)
        self._rung.clear()
        if self._ours:
            self._ours = False
            self._tell_others()

    def _tell_others(self) -> None:
        if self._redis is None or time.monotonic() < self._rest_until:
            return
        try:
            self._redis.publish(CHANNEL, self._name)
        except redis.RedisError as error:
            self._rest_until = time.monotonic() + REDIS_REST_S
            log.warning("Redis is away, the other processes look by themselves: %s", error)

    def listen(self) -> None:
        """Hear the other processes' bells, for ever; with Redis gone, try again calmly."""
        while self._redis is not None:
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
                    channel.subscribe(CHANNEL)
                    self._rung.set()
                    while True:
                        message = channel.get_message(timeout=30.0)
                        if message and message["data"] != self._name:
                            self._rung.set()
            except redis.RedisError:
                time.sleep(1.0)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A snapshot, and when and by which configuration it was drawn."""

    at: float
    municipality: Municipality
    body: Body

    def holds(self, now: Moment) -> bool:
        """Whether it would be drawn the same now, but for what passes in a few seconds."""
        unchanged = self.body["seq"] == now.seq and self.municipality is now.municipality
        return unchanged and now.at - self.at < SNAPSHOT_KEPT_S


class Follower:
    """Reads the log for this process and sends each event to the rooms that may see it."""

    def __init__(self, app: Flask, socketio: SocketIO, bell: Bell) -> None:
        self._app, self._socketio, self._bell = app, socketio, bell
        self._seq: int | None = None
        self._last_in_room: dict[str, int] = {}
        self._last_body: dict[str, Body] = {}
        self._snapshots: dict[str, _Drawn] = {}
        self._lock = threading.RLock()

    def start(self) -> None:
        """Begin to follow, in the background of the serving process."""
        self._socketio.start_background_task(self._bell.listen)
        self._socketio.start_background_task(self._follow)

    def _follow(self) -> None:
        while True:
            self._bell.wait()
            try:
                with self._app.app_context():
                    self.catch_up()
                # Under load, several events share one reading and one drawing.
                time.sleep(GATHER_S)
            except Exception:
                log.exception("the screens could not be updated; trying again")
                time.sleep(LOOK_EVERY_S)

    def catch_up(self) -> None:
        """Send everything the log has gained since last time."""
        with self._lock:
            if not self._watched():
                self._seq = None
                return
            with screens.reading(time.time()) as now:
                self._send_new(now)

    def answer(self, sid: str, room: str, draw: Callable[[Moment], Body]) -> None:
        """Let the client ``sid`` into ``room`` with a snapshot; every later event follows it."""
        with self._lock, screens.reading(time.time()) as now:
            self._send_new(now)
            self._send("snapshot", self._snapshot(now, room, draw), sid)
            join_room(room)

    def _snapshot(self, now: Moment, room: str, draw: Callable[[Moment], Body]) -> Body:
        """A room's snapshot is drawn once per change: all displays may reconnect at once."""
        known = self._snapshots.get(room)
        if known is None or not known.holds(now):
            known = self._snapshots[room] = _Drawn(now.at, now.municipality, draw(now))
        return known.body | {"now": screens.rfc3339(now.at, now.municipality)}

    def refuse(self, sid: str, problem: Body) -> None:
        """Tell the client why it may not watch, and nothing else."""
        self._send("refused", problem, sid)

    def _send(self, name: str, body: Body, to: str) -> None:
        self._socketio.emit(name, body, namespace=NAMESPACE, to=to)

    def _send_new(self, now: Moment) -> None:
        if self._seq is None:
            self._seq = now.seq
        while self._seq < now.seq:
            new = self._read(now)
            if new:
                self._send_events(now, new)
            self._seq = new[-1][0] if len(new) == READ_AT_MOST else now.seq

    def _read(self, now: Moment) -> list[tuple[int, e.Event]]:
        rows = now.connection.execute(
            select(_event)
            .where(
                _event.c.seq > self._seq,
                _event.c.seq <= now.seq,
                _event.c.at > now.at - NEWS_S,
            )
            .order_by(_event.c.seq)
            .limit(READ_AT_MOST)
        ).all()
        return [(row.seq, read_event(row)) for row in rows]

    def _send_events(self, now: Moment, new: list[tuple[int, e.Event]]) -> None:
        # An import may have taken away what somebody still watches; the others go on.
        watched = {room for room in self._watched() if _exists(now.municipality, room)}
        drawn: dict[str, Body] = {}
        for seq, event in new:
            for office in _offices(now, event):
                self._to_office(now, watched, drawn, office, seq, event)
            self._to_counters(now, watched, drawn, seq, event)
        self._to_tickets(now, watched, new)
        self._to_rooms(now, watched, new[-1][0])
        self._forget(watched)

    def _watched(self) -> set[str]:
        known = self._socketio.server.manager.rooms.get(NAMESPACE, {})
        return {room for room in list(known) if isinstance(room, str) and ":" in room}

    def _to_office(
        self,
        now: Moment,
        watched: set[str],
        drawn: dict[str, Body],
        office: str,
        seq: int,
        event: e.Event,
    ) -> None:
        room = f"office:{office}"
        if room not in watched:
            return
        if office not in drawn:
            whole = screens.display(now, office)
            drawn[office] = {name: whole[name] for name in _OFFICE_EVENT}
        body = drawn[office] | {"type": event.type}
        if isinstance(event, e.TicketCalled | e.TicketCalledAgain) and event.counter:
            body["call"] = screens.call(
                now.municipality, event.number, event.counter, event.room, event.at
            )
        self._in_order(room, seq, body)

    def _to_counters(
        self, now: Moment, watched: set[str], drawn: dict[str, Body], seq: int, event: e.Event
    ) -> None:
        for room in watched:
            kind, _, code = room.partition(":")
            if kind != "counter":
                continue
            if room not in drawn:
                drawn[room] = screens.counter(now, code)
            self._in_order(room, seq, drawn[room] | {"type": event.type})

    def _to_tickets(self, now: Moment, watched: set[str], new: list[tuple[int, e.Event]]) -> None:
        tokens = [room.partition(":")[2] for room in watched if room.startswith("ticket:")]
        if not tokens:
            return
        about = {event.ticket for _, event in new if event.ticket is not None}
        offices = {office for _, event in new for office in _offices(now, event)}
        rows = now.connection.execute(
            select(_ticket.c.id, _ticket.c.token).where(
                _ticket.c.token.in_(tokens),
                _ticket.c.office.in_(offices) | _ticket.c.id.in_(about),
            )
        ).all()
        views = screens.tickets(now, [row.token for row in rows])
        for row in rows:
            own = [(seq, event.type) for seq, event in new if event.ticket == row.id]
            self._to_ticket(f"ticket:{row.token}", views[row.token], own, new[-1][0])

    def _to_ticket(self, room: str, view: Body, own: list[tuple[int, str]], seq: int) -> None:
        """What happened to the ticket itself; else, where its place or wait changed, that."""
        told = {name: value for name, value in view.items() if name != "seq"}
        changed = self._last_body.get(room) != told
        self._last_body[room] = told
        for at, type_ in own or ([(seq, "line-moved")] if changed else []):
            self._in_order(room, at, view | {"type": type_})

    def _to_rooms(self, now: Moment, watched: set[str], seq: int) -> None:
        """A video room's screen, where anything there changed."""
        for name in watched:
            kind, _, code = name.partition(":")
            if kind == "room":
                self._to_ticket(name, screens.room(now, code), [], seq)

    def _in_order(self, room: str, seq: int, body: Body) -> None:
        """Send with the sequence number of the room's event before, so that a gap shows."""
        previous = self._last_in_room.get(room)
        self._last_in_room[room] = seq
        self._send("event", body | {"seq": seq, "prev": previous}, room)

    def _forget(self, watched: set[str]) -> None:
        for memory in (self._last_in_room, self._last_body, self._snapshots):
            for room in memory.keys() - watched:
                del memory[room]


def _exists(municipality: Municipality, room: str) -> bool:
    """Whether the configuration has what is watched there; a ticket always is."""
    lookups: dict[str, Callable[[str], Any]] = {
        "office": municipality.office,
        "counter": municipality.office_of_counter,
        "room": municipality.office_of_room,
    }
    kind, _, code = room.partition(":")
    try:
        if kind in lookups:
            lookups[kind](code)
    except Unknown:
        return False
    return True


def _offices(now: Moment, event: e.Event) -> list[str]:
    """The offices whose screens an event changes.

    Two, where a visit moved between them; all, where a counter opened or closed, since who sits
    there may serve the others' visitors by video.
    """
    if isinstance(event, e.CounterOpened | e.CounterPaused | e.CounterClosed):
        return [office.code for office in now.municipality.offices]
    moved = [event.from_office] if isinstance(event, e.TicketTransferred) else []
    return sorted({event.office, *moved})


# --- sockets ----------------------------------------------------------------------------------

Draw = Callable[[Moment], Body]
Seen = tuple[str, Draw]


def serve(
    socketio: SocketIO,
    follower: Follower,
    may_watch: Callable[[Any, str, str], bool],
    problem: Callable[[Refusal], Body],
) -> None:
    """Answer the clients of ``/live``. ``may_watch`` says who sees a counter or a video room."""

    @socketio.on("connect", namespace=NAMESPACE)  # type: ignore[untyped-decorator]
    def connect(auth: Any = None) -> None:
        """Anybody may connect; what one may watch is decided at each ``watch``."""
        session["token"] = auth.get("token") if isinstance(auth, dict) else None

    @socketio.on("watch", namespace=NAMESPACE)  # type: ignore[untyped-decorator]
    def watch(what: Any = None) -> None:
        sid: str = request.sid  # type: ignore[attr-defined]
        try:
            room, draw = _what_to_watch(what, may_watch)
            follower.answer(sid, room, draw)
        except (Refusal, Unknown) as refusal:
            follower.refuse(sid, problem(as_refusal(refusal)))


def as_refusal(error: Refusal | Unknown) -> Refusal:
    """A code that the configuration does not know is a thing that does not exist."""
    return NotFound(kind=error.kind, code=error.code) if isinstance(error, Unknown) else error


def _what_to_watch(what: Any, may_watch: Callable[[Any, str, str], bool]) -> Seen:
    match what:
        case {"office": str(office)}:
            configuration.current().office(office)
            return f"office:{office}", lambda now: screens.display(now, office)
        case {"ticket": str(token)}:
            return f"ticket:{token}", lambda now: screens.ticket(now, token)
        case {"counter": str(counter)}:
            configuration.current().office_of_counter(counter)
            if not may_watch(session.get("token"), "counter", counter):
                raise NotAllowed(counter=counter)
            return f"counter:{counter}", lambda now: screens.counter(now, counter)
        case {"room": str(room)}:
            configuration.current().office_of_room(room)
            if not may_watch(session.get("token"), "room", room):
                raise NotAllowed(room=room)
            return f"room:{room}", lambda now: screens.room(now, room)
    raise BadInput(field="watch", reason="not-watchable")
