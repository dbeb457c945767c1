"""The few figures that every benchmark prints, and the table they are printed in."""

from collections.abc import Sequence

Row = tuple[str, ...]


def quantile(values: Sequence[float], q: float) -> float:
    """The ``q`` quantile by linear interpolation."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * q
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def verdict(met: bool) -> str:
    return "met" if met else "NOT MET"


def table(title: str, head: Row, rows: Sequence[Row], notes: Sequence[str] = ()) -> None:
    """Print a table that is Markdown as well."""
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    print(f"\n### {title}\n")
    for row in (head, tuple("-" * width for width in widths), *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("| " + " | ".join(cells) + " |")
    for note in notes:
        print(f"\n{note}")
    print(flush=True)
