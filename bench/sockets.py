"""Displays by the hundred: memory per connected display, and how long an event takes to the last.

The displays are bare WebSockets that speak Engine.IO and Socket.IO by hand, all on one thread,
so that a thousand of them fit beside the server.
"""

import base64
import json
import resource
import secrets
import select
import socket
import time
from collections.abc import Callable
from pathlib import Path

from bench.client import PATIENCE_S, Conversation, request, talk
from bench.figures import Row, median, ms, table
from bench.place import Place, installation

OFFICE, COUNTER = "skogas", "skogas-1"
EVENTS = 10
NAMESPACE = "/live"
# A display's connection is made in a moment; thousands at once would measure the backlog.
AT_ONCE = 50

OPEN, PING, PONG = b"0", b"2", b"3"
JOIN = f"40{NAMESPACE},".encode()
WATCH = f'42{NAMESPACE},["watch",{json.dumps({"office": OFFICE})}]'.encode()
SNAPSHOT = f'42{NAMESPACE},["snapshot"'.encode()
EVENT = f'42{NAMESPACE},["event"'.encode()
CALLED = b'"type":"ticket-called"'


class Display:
    """One display's WebSocket: joins, watches, and notes when it hears of a call."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.socket.sendall(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.upgraded = self.watching = False
        self.received = b""
        self.heard_at = 0.0

    def hear(self) -> None:
        got = self.socket.recv(65536)
        assert got, f"the server closed the connection after {self.received!r}"
        self.received += got
        if not self.upgraded:
            head, blank, self.received = self.received.partition(b"\r\n\r\n")
            if not blank:
                self.received = head
                return
            assert b" 101 " in head, head
            self.upgraded = True
        while (message := self._message()) is not None:
            self._answer(message)

    def _message(self) -> bytes | None:
        """The next whole message; the server's frames are unmasked and never split."""
        if len(self.received) < 2:
            return None
        size = self.received[1] & 0x7F
        if size < 126:
            return self._cut(2, size)
        return self._cut(4, int.from_bytes(self.received[2:4]))

    def _cut(self, start: int, size: int) -> bytes | None:
        if len(self.received) < start + size:
            return None
        message = self.received[start : start + size]
        self.received = self.received[start + size :]
        return message

    def _answer(self, message: bytes) -> None:
        if message.startswith(EVENT):
            if CALLED in message.replace(b" ", b""):
                self.heard_at = time.perf_counter()
        elif message.startswith(PING):
            self._say(PONG)
        elif message.startswith(OPEN):
            self._say(JOIN)
        elif message.startswith(JOIN):
            self._say(WATCH)
        elif message.startswith(SNAPSHOT):
            self.watching = True

    def _say(self, message: bytes) -> None:
        # A client must mask; a mask of zeros leaves the message as it is.
        self.socket.sendall(bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message)


class Displays:
    """All displays on one thread."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.all: dict[int, Display] = {}
        self.poll = select.epoll()

    def grow(self, number: int) -> None:
        """Connect until there are ``number``."""
        while len(self.all) < number:
            for _ in range(min(AT_ONCE, number - len(self.all))):
                display = Display(self.port)
                self.all[display.socket.fileno()] = display
                self.poll.register(display.socket, select.EPOLLIN)
            self.listen(lambda: all(display.watching for display in self.all.values()))

    def listen(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            assert time.monotonic() < deadline, "not every display heard of it"
            for number, _ in self.poll.poll(0.05):
                self.all[number].hear()

    def rest(self, seconds: float) -> None:
        """Let whatever is still under way come."""
        end = time.monotonic() + seconds
        self.listen(lambda: time.monotonic() > end)

    def heard_by(self, since: float) -> list[float]:
        return [one.heard_at - since for one in self.all.values() if one.heard_at > since]

    def close(self) -> None:
        for display in self.all.values():
            display.socket.close()
        self.poll.close()


def time_of_an_event(place: Place, displays: Displays) -> tuple[float, float]:
    """Seconds from asking for the call until the first display knows of it, and the last."""
    called: list[int] = []

    def call() -> Conversation:
        answer = yield request("POST", f"/api/v1/counters/{COUNTER}/next", place.token)
        called.append(answer.json()["id"])

    def no_show() -> Conversation:
        yield request("POST", f"/api/v1/tickets/{called[0]}/no-show", place.token)

    began = time.perf_counter()
    talk([(place.ports[0], call())])
    displays.listen(lambda: len(displays.heard_by(began)) == len(displays.all))
    heard = displays.heard_by(began)
    displays.rest(0.1)
    talk([(place.ports[0], no_show())])
    displays.rest(0.3)
    return min(heard), max(heard)


def memory_kb(pid: int) -> int:
    """What the processes under ``pid`` hold in memory, without what they share with it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_private_kb(child) for child in children)


def _private_kb(pid: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def measure(name: str, place: Place, numbers: tuple[int, ...]) -> list[Row]:
    place.open([COUNTER])
    place.fill(200, [OFFICE])
    warm = Displays(place.ports[0])
    warm.grow(1)
    time_of_an_event(place, warm)
    warm.close()
    displays = Displays(place.ports[0])
    empty = memory_kb(place.pids[0])
    rows: list[Row] = []
    for number in numbers:
        displays.grow(number)
        times = [time_of_an_event(place, displays) for _ in range(EVENTS)]
        first, last = (median(column) for column in zip(*times, strict=True))
        held = memory_kb(place.pids[0])
        memory = f"{held / 1024:.0f} MB", f"{(held - empty) / number:.0f} kB"
        rows.append((name, str(number), *memory, ms(first), ms(last), ms(last - first)))
    displays.close()
    return rows


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with installation(scale=True) as place:
        rows = measure("gevent, PostgreSQL, Redis", place, (1, 100, 1000))
    with installation(scale=False) as place:
        rows += measure("threads, SQLite", place, (1, 100, 200))
    table(
        "Connected displays: one server process",
        ("server", "displays", "memory", "more each", "first told", "last told", "in between"),
        rows,
        [
            "Memory: private to the serving process; the first display pays for what all share. "
            f"Told: from asking for the call, medians of {EVENTS} calls."
        ],
    )


if __name__ == "__main__":
    main()
