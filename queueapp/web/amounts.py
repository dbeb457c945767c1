"""Figures as people read them: minutes, per cent, kronor, each with as many decimals as tell."""

from functools import lru_cache

from babel import numbers
from flask_babel import format_decimal, format_percent, get_locale, gettext

from queueapp.core.measures import FIGURES, Kind
from queueapp.core.uncertainty import Interval
from queueapp.statistics.answer import Shown

NOTHING = "–"
MINUS = "\u2212"
_COUNTS = {Kind.COUNT, Kind.ERRANDS}


def amount(figure: str, value: float | None) -> str:
    """A figure's value with its unit; a dash where there is nothing to measure."""
    if value is None:
        return NOTHING
    if figure.endswith("_share"):
        usual = get_locale().percent_formats[None].pattern
        return str(format_percent(value, usual.replace("0", "0.0")))
    return with_unit(figure, number(figure, value)).replace(" ", "\u00a0")


def number(figure: str, value: float) -> str:
    """The same without a unit; a share in per cent."""
    whole = FIGURES[figure].kind in _COUNTS or figure == "cost_per_visit"
    return decimal(value / unit(figure), 0 if whole else 1)


def unit(figure: str) -> float:
    """What a figure's one is worth where it is read: a minute, a per cent."""
    if figure.endswith("_s"):
        return 60.0
    return 0.01 if figure.endswith("_share") else 1.0


def with_unit(figure: str, text: str) -> str:
    """A number of the figure with what it is a number of."""
    if figure.endswith("_s"):
        return str(gettext("%(minutes)s min", minutes=text))
    if figure == "cost_per_visit":
        return str(gettext("%(amount)s kronor", amount=text))
    return text


def apart(figure: str, value: float) -> str:
    """A difference of two of them, as one says it."""
    return in_full(figure, number(figure, value))


def signed(figure: str, value: float) -> str:
    """The number of a difference with its sign. Counts differ per open day, so by parts of one."""
    size = abs(value)
    text = decimal(size, 1) if FIGURES[figure].kind in _COUNTS else number(figure, size)
    if text in {decimal(0, 0), decimal(0, 1)}:
        return text
    return f"{'+' if value > 0 else MINUS}{text}"


def in_full(figure: str, text: str) -> str:
    """The number of a difference, with its unit in a word."""
    if figure.endswith("_s"):
        return str(gettext("%(minutes)s minutes", minutes=text))
    if figure.endswith("_share"):
        return str(gettext("%(points)s percentage points", points=text))
    return with_unit(figure, text)


def between(figure: str, interval: Interval | None) -> str:
    """An interval without units, for a table."""
    if interval is None:
        return NOTHING
    low, high = (number(figure, end) for end in interval)
    return f"{low} – {high}" if MINUS in low + high else f"{low}–{high}"


def cell(figure: str, shown: Shown) -> str:
    """A value, or how a hidden one is marked."""
    return str(gettext("not shown")) if shown.note else amount(figure, shown.value)


def kronor(value: float) -> str:
    """A sum with thousands separators; with öre where it has any."""
    return decimal(value, 0 if value == int(value) else 2)


def decimal(value: float, decimals: int) -> str:
    """A number in the language of the page."""
    # Adding 0 makes nothing of a rounded "minus nothing".
    return _written(round(value, decimals) + 0.0, decimals, str(get_locale()))


@lru_cache(maxsize=20_000)
def _written(value: float, decimals: int, language: str) -> str:
    """Kept: a report has thousands of numbers, most of them more than once."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(numbers.format_decimal(value, pattern, language)).replace("-", MINUS)


def editable(value: float) -> str:
    """A sum as one writes it in a field: without thousands separators."""
    decimals = "" if value == int(value) else ".00"
    return str(format_decimal(value, f"0{decimals}"))
