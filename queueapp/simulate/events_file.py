"""The simulated events as JSON lines, shaped as the API's feed of the log gives them."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from queueapp import screens
from queueapp.core.events import Event
from queueapp.municipality import Municipality


class CannotWrite(ValueError):
    """The file cannot be written; what was there before is there still."""


class Writer:
    """Numbers events and tickets through all days, as one log would."""

    def __init__(self, out: TextIO, municipality: Municipality) -> None:
        self._out, self._municipality = out, municipality
        self._seq = self._tickets = 0

    def write(self, log: Sequence[Event]) -> None:
        """The events of one more day, whose tickets are numbered from 1."""
        for event in log:
            self._seq += 1
            row = {
                "seq": self._seq,
                "at": screens.rfc3339(event.at, self._municipality),
                "type": event.type,
                "office": event.office,
                "ticket": None if event.ticket is None else event.ticket + self._tickets,
                "counter": event.counter,
                "invented": event.invented,
                "data": event.data,
            }
            self._out.write(json.dumps(row, ensure_ascii=False) + "\n")
        self._tickets += max((event.ticket or 0 for event in log), default=0)


@contextmanager
def replacing(path: Path, municipality: Municipality) -> Iterator[Writer]:
    """A writer of ``path``, which at the end is there whole; if it comes to no end, as before."""
    if path.is_dir():
        raise CannotWrite(f"{path}: cannot be written: is a directory")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            yield Writer(out, municipality)
        part.replace(path)
    except OSError as error:
        raise CannotWrite(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink()
