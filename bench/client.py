"""A light HTTP client: many conversations on one thread, so that the servers get the processors.

A conversation is a generator: it yields a request's bytes and is sent the answer. Each has one
keep-alive connection and one request under way at a time, like a person at a screen.
"""

import json
import select
import socket
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

PATIENCE_S = 30


class Answer(NamedTuple):
    status: int
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


Conversation = Generator[bytes, Answer, None]


class BadAnswer(Exception):
    """The server answered something the measurement cannot go on from."""


def request(method: str, path: str, token: str, body: Any = None) -> bytes:
    """A whole HTTP/1.1 request."""
    payload = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload


@dataclass
class Run:
    """How long all conversations took together, and how much processor the client used."""

    seconds: float
    own_cpu_seconds: float


class _Line:
    def __init__(self, port: int, conversation: Conversation) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.conversation = conversation
        self.received = b""
        self.sent_at = 0.0

    def say(self, answer: Answer | None) -> bool:
        """Send the next request; False when the conversation is over."""
        try:
            message = self.conversation.send(answer)  # type: ignore[arg-type]
        except StopIteration:
            self.socket.close()
            return False
        self.sent_at = time.perf_counter()
        self.socket.sendall(message)
        return True

    def hear(self) -> Answer | None:
        """The answer, once it has come whole."""
        got = self.socket.recv(65536)
        if not got:
            raise BadAnswer(f"the server closed the connection after {self.received!r}")
        self.received += got
        head, blank, body = self.received.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return None
        self.received = b""
        return Answer(int(head[9:12]), body, time.perf_counter() - self.sent_at)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


def talk(conversations: Iterable[tuple[int, Conversation]]) -> Run:
    """Hold every (port, conversation) at once, to the end."""
    began, cpu = time.perf_counter(), time.process_time()
    poll = select.epoll()
    lines = {}
    for port, conversation in conversations:
        line = _Line(port, conversation)
        lines[line.socket.fileno()] = line
        poll.register(line.socket, select.EPOLLIN)
    began = time.perf_counter()
    for number, line in list(lines.items()):
        if not line.say(None):
            del lines[number]
    while lines:
        ready = poll.poll(PATIENCE_S)
        if not ready:
            raise BadAnswer(f"no answer within {PATIENCE_S} s")
        for number, _ in ready:
            answer = lines[number].hear()
            if answer and not lines[number].say(answer):
                del lines[number]
    poll.close()
    return Run(time.perf_counter() - began, time.process_time() - cpu)
