"""Why a field of a request was refused, in words.

The rules name a reason and pydantic a type of error; here both get their text, from one
catalogue, in the language of the one who asks.
"""

from typing import Any

from flask_babel import lazy_gettext as _
from pydantic import ValidationError

from queueapp.core.ticket import BadInput

Field = dict[str, str]

# By the reason of a BadInput; its facts fill the text.
REASONS = {
    "unknown": _("There is no such choice: %(value)s"),
    "from-after-to": _("The first day is later than the last."),
    "no-date": _("Write the date as year-month-day, 2026-11-23."),
    "period-too-long": _("Choose a period of at most %(most)s years."),
    "two-periods": _("Choose one of day, week, month and year."),
    "too-many-dimensions": _("Group by and choose among at most %(most)s things at once."),
    "too-many-periods": _("That is more than %(most)s rows of time. Choose a coarser one."),
    "not-over": _("Only days that are over are compared. Choose a first day before today."),
    "outside-period": _(
        "Choose a date within the period: later than its first day, and before today."
    ),
    "periods-before-after": _(
        "Before and after a date cannot be shown per day, week, month or year. "
        "Choose something else."
    ),
    "not-begun": _("That period has not begun yet."),
    "no-amount": _("Write an amount in kronor, for example 1500 or 1500,50."),
    "not-between": _("Write a whole number from %(low)s to %(high)s."),
    "too-short": _("Use at least %(number)s characters."),
    "too-long": _("Use at most %(number)s characters."),
    "not-watchable": _("Name one office, one ticket, one counter or one room."),
}

# By pydantic's type of error; what pydantic knows about it fills the text.
SHAPES = {
    "missing": _("This must be given."),
    "extra_forbidden": _("There is no such field."),
    "enum": _("Must be one of: %(expected)s."),
    "literal_error": _("Must be one of: %(expected)s."),
    "string_pattern_mismatch": _("Must be written by the pattern %(pattern)s."),
    "string_too_long": _("Use at most %(max_length)s characters."),
    "too_short": _("Name at least %(min_length)s."),
    "too_long": _("Name at most %(max_length)s."),
    "greater_than_equal": _("Must be at least %(ge)s."),
    "less_than_equal": _("Must be at most %(le)s."),
}
OTHER_SHAPE = _("This is not the kind of value that belongs here.")


def of_refusal(refusal: BadInput) -> Field:
    """The entry of the field that the rules refused."""
    return {"field": refusal.field, "message": str(REASONS[refusal.reason]) % refusal.facts}


def of_validation(error: ValidationError) -> list[Field]:
    """One entry for each field that has the wrong shape."""
    return [_of_shape(dict(one)) for one in error.errors(include_url=False, include_input=False)]


def _of_shape(found: dict[str, Any]) -> Field:
    text = str(SHAPES.get(found["type"], OTHER_SHAPE)) % _facts(found)
    return {"field": ".".join(str(step) for step in found["loc"]) or "body", "message": text}


def _facts(found: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = found.get("ctx", {})
    if "expected" in facts:
        # Pydantic puts an English "or" before the last choice.
        facts["expected"] = facts["expected"].replace(" or ", ", ")
    return facts
