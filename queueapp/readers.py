"""Figures are answered by a process of their own, so that reading them holds up nobody who calls.

An answer is a tenth of a second of pure Python and some of the engine's. In the serving process
every call beside it would wait for the interpreter; here it has the priority of what can wait.
The reader is begun when figures are first asked for. Until it answers, and whenever it does not,
the serving process answers itself.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

FIGURES = re.compile(
    r"/statistics(\.\w+|/heat|/report(\.pdf|/summary\.pdf)?)?|/api/v1/statistics|/open-data(/.*)?"
)
"""The addresses that ask the archive. What else managers read is made in the serving process."""

NICENESS = 10
THREADS = 4
LONGEST_S = 150.0
BEGIN_AGAIN_S = 60.0
"""A reader that ended is not begun again sooner."""

# What is between two neighbours and not passed on, and what the server adds itself.
_OF_THE_HOP = {
    "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "accept-encoding",
    "server", "date",
}  # fmt: skip

log = logging.getLogger(__name__)


class Readers:
    """WSGI: asks the reader for figures where it runs, and ``here`` for all else."""

    def __init__(self, here: Wsgi) -> None:
        self._here = here
        self._guard = threading.Lock()
        self._reader: _Reader | None = None
        self._begun_at = 0.0

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = environ["REQUEST_METHOD"] in {"GET", "HEAD"}
        if asked and FIGURES.fullmatch(environ["PATH_INFO"]) and (reader := self._running()):
            try:
                answer = reader.ask(environ)
            except httpx.HTTPError as error:
                log.warning("the reader does not answer, figures are read here: %r", error)
            else:
                start_response(f"{answer.status_code} {answer.reason_phrase}", _passed_on(answer))
                return [answer.content]
        return self._here(environ, start_response)

    def _running(self) -> "_Reader | None":
        """The reader, where it takes questions; begins one where none runs."""
        with self._guard:
            if self._reader is None or self._reader.ended:
                if not self._begun_at or time.monotonic() - self._begun_at > BEGIN_AGAIN_S:
                    self._begun_at = time.monotonic()
                    self._reader = _Reader()
                return None
            return self._reader if self._reader.ready else None


class _Reader:
    """The other process, seen from this one."""

    def __init__(self) -> None:
        self._socket = Path(tempfile.mkdtemp(prefix="kolapp-reader-")) / "socket"
        command = ["nice", "-n", str(NICENESS), sys.executable, "-m", __name__, str(self._socket)]
        # The pipe closes when this process ends, however it ends, and the reader with it.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own
        # No client of httpx: it would keep one visitor's cookies and send them with the next.
        self._transport = httpx.HTTPTransport(uds=str(self._socket))

    @property
    def ready(self) -> bool:
        """Whether it takes questions."""
        return self._socket.exists()

    @property
    def ended(self) -> bool:
        """Whether it will never take one again."""
        return self._process.poll() is not None

    def ask(self, environ: Environ) -> httpx.Response:
        """Its answer to the same request; :class:`httpx.HTTPError`."""
        request = httpx.Request(
            environ["REQUEST_METHOD"],
            f"http://reader{environ['RAW_URI']}",
            headers=_headers(environ),
            extensions={"timeout": httpx.Timeout(LONGEST_S).as_dict()},
        )
        answer = self._transport.handle_request(request)
        answer.read()
        return answer


def _passed_on(answer: httpx.Response) -> list[tuple[str, str]]:
    pairs = answer.headers.multi_items()
    return [(name, value) for name, value in pairs if name.lower() not in _OF_THE_HOP]


def _headers(environ: Environ) -> dict[str, str]:
    """The request's own, with this process as one more proxy (:func:`main` trusts it)."""
    sent = {
        name.removeprefix("HTTP_").replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    sent = {name: value for name, value in sent.items() if name.lower() not in _OF_THE_HOP}
    seen = {
        "X-Forwarded-For": environ["REMOTE_ADDR"],
        "X-Forwarded-Proto": environ["wsgi.url_scheme"],
        "X-Forwarded-Host": environ["HTTP_HOST"],
        "X-Forwarded-Port": environ["SERVER_PORT"],
    }
    more = {name: ", ".join(filter(None, [sent.get(name), seen[name]])) for name in seen}
    return sent | more | {"Accept-Encoding": "identity"}


# --- the reader --------------------------------------------------------------------------------


def main(socket: str) -> None:
    """Answer questions on the socket until the process that began this one has ended."""
    # What only the reader needs is not loaded by whoever begins it.
    from waitress import create_server  # noqa: PLC0415

    from queueapp import create_app  # noqa: PLC0415
    from queueapp.config import from_environment  # noqa: PLC0415

    threading.Thread(target=_end_with_the_other, args=(Path(socket).parent,), daemon=True).start()
    settings = from_environment()
    app = create_app(replace(settings, trusted_proxies=settings.trusted_proxies + 1))
    create_server(
        app,
        unix_socket=socket,
        unix_socket_perms="600",
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=False,  # the application knows how many it may trust
    ).run()


def _end_with_the_other(folder: Path) -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
