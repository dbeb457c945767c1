"""How a demonstration ends before its time: what it cannot do, and being asked to stop."""

import signal
import time
from types import FrameType
from typing import Any, Self

import click


class CannotPlay(click.ClickException):
    """The demonstration cannot begin or go on. The message is one clear line."""


class Ending:
    """Being asked to stop, by Ctrl-C or SIGTERM: heeded between two actions, not within one.

    A ticket whose answer is cut off would be in the line with nobody who knows of it. Whoever
    asks twice does not want to wait for that.
    """

    def __init__(self) -> None:
        self._asked = self._resting = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(self, *failure: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._asked or self._resting:
            raise KeyboardInterrupt
        self._asked = True

    def rest(self, seconds: float) -> None:
        """Wait, and stop here if that is asked or has been."""
        self._resting = True
        try:
            if self._asked:
                raise KeyboardInterrupt
            time.sleep(seconds)
        finally:
            self._resting = False
