"""The planner's figures as they are written: rounded, with units, differences and intervals."""

import datetime as dt
from collections.abc import Sequence

from flask_babel import format_date, format_decimal, format_number, gettext


def amount(figure: str, value: float | None) -> str:
    """A figure with its unit."""
    if value is None:
        return "–"
    if figure.endswith("_s"):
        return kept_together(gettext("%(minutes)s min", minutes=decimals(value / 60)))
    if figure.endswith("_share"):
        return kept_together(gettext("%(number)s %%", number=decimals(100 * value)))
    return kept_together(_plain(figure, value))


def kept_together(text: str) -> str:
    """With no line broken between a number and its unit."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def difference(figure: str, value: float | None) -> str:
    """A difference with its sign; of shares, in percentage points."""
    if value is None:
        return "–"
    sign = "" if not _bare(figure, abs(value)).strip("0.,") else "+" if value > 0 else "−"
    return f"{sign}{size(figure, value)}"


def size(figure: str, difference: float) -> str:
    """A difference without its sign; of shares, in percentage points."""
    if figure.endswith("_share"):
        points = gettext("%(points)s points", points=decimals(abs(100 * difference)))
        return kept_together(points)
    return amount(figure, abs(difference))


def apart(figure: str, before: float | None, after: float | None) -> float | None:
    """The difference of two figures as they are written: whoever subtracts comes to the same."""
    if before is None or after is None:
        return None
    return _written(figure, after) - _written(figure, before)


def around(ends: Sequence[float] | None, value: float | None) -> Sequence[float] | None:
    """The interval of a difference, with the difference in it as it is written."""
    if ends is None or value is None:
        return ends
    return min(ends[0], value), max(ends[1], value)


def _written(figure: str, value: float) -> float:
    """The value as it is rounded to be written."""
    if figure.endswith("_s"):
        return 60 * round(value / 60, 1)
    if figure.endswith("_share"):
        return round(100 * value, 1) / 100
    if figure.startswith("cost"):
        return float(round(value))
    return round(value, 2 if figure.startswith("worst") else 1)


def span(figure: str, ends: Sequence[float] | None, *, signed: bool = False) -> str:
    """An interval; what cannot be below zero is not said to be."""
    if ends is None:
        return ""
    if signed:
        return str(
            gettext(
                "%(low)s to %(high)s", low=_signed(figure, ends[0]), high=_signed(figure, ends[1])
            )
        )
    low, high = max(0.0, ends[0]), max(0.0, ends[1])
    high = min(1.0, high) if figure.endswith("_share") else high
    return from_to(_bare(figure, low), _bare(figure, high))


def from_to(low: str, high: str) -> str:
    """Both ends, never on two lines."""
    return f"{low}\N{WORD JOINER}–\N{WORD JOINER}{high}"


def _signed(figure: str, value: float) -> str:
    number = _bare(figure, abs(value))
    nothing = not number.strip("0.,")
    return number if nothing else f"{'−' if value < 0 else '+'}{number}"


def _bare(figure: str, value: float) -> str:
    """Without its unit."""
    if figure.endswith("_s"):
        return decimals(value / 60)
    if figure.endswith("_share"):
        return decimals(100 * value)
    return _number(figure, value)


def _plain(figure: str, value: float) -> str:
    number = _number(figure, value)
    if figure.startswith("cost"):
        return str(gettext("%(amount)s kr", amount=number))
    if figure.startswith("staff_hours"):
        return str(gettext("%(number)s h", number=number))
    return number


def _number(figure: str, value: float) -> str:
    if figure.startswith("cost"):
        return str(format_number(round(value)))
    if figure.startswith("worst"):
        return str(format_decimal(round(value, 2), format="0.00"))
    if figure == "visits_per_day":
        return plain_decimals(value)
    return decimals(value)


def decimals(value: float) -> str:
    """With one decimal."""
    return str(format_decimal(round(value, 1), format="#,##0.0"))


def plain_decimals(value: float) -> str:
    """Without a decimal where there is none."""
    return str(format_decimal(round(value, 1), format="#,##0.#"))


def day(text: str) -> str:
    """A date, from how documents write it."""
    return kept_together(str(format_date(dt.date.fromisoformat(text), "d MMM y")))
