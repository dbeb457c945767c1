"""The bar that shows how many days have been played, where somebody looks at a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress(told: Console, doing: str, days: int) -> Iterator[Callable[[], None]]:
    """A bar named ``doing``; what it gives is called after each day.

    It has a thread: processes must have been forked before.
    """
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = Progress(*columns, console=told, transient=True, disable=not told.is_terminal)
    with shown as bar:
        task = bar.add_task("", total=days)
        yield partial(bar.advance, task)
