"""The planner's form: its fields → a scenario's document, and back.

The form works without script. What has been added so far travels with it, a JSON document for
each change, so that nothing half made is kept on the server.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from queueapp.municipality import Municipality, Part
from queueapp.planner import changes, document
from queueapp.planner.document import KINDS, Fault, Unfit
from queueapp.planner.examples import Example

Form = MultiDict[str, str]
Document = dict[str, Any]


KINDS_OF_DEMAND = ("log", "forecast", "invented")
FIELDS = {
    "demand.log.first": "first",
    "demand.log.last": "last",
    "demand.forecast.first": "begins",
    "demand.forecast.weeks": "weeks",
    "demand.invented.days": "days",
    "demand.invented.per_day": "per_day",
    "staffing.minutes": "minutes",
    "staffing.days": "kept",
}
"""The form's names of a scenario's fields, where they are others."""


@dataclass
class Draft:
    """What the form holds. ``fields`` are its texts as they were written."""

    fields: Form = field(default_factory=MultiDict)
    changes: list[Document] = field(default_factory=list)
    scales: list[Document] = field(default_factory=list)

    def fill(self, fields: Mapping[str, str]) -> None:
        """Write into fields, over what stands in them."""
        for name, value in fields.items():
            self.fields[name] = value


# --- out of the form ----------------------------------------------------------------------------


def read(form: Form) -> Draft:
    """The draft as it was sent."""
    return Draft(
        form.copy(),
        _documents(form.getlist("change"), document.read_change),
        _documents(form.getlist("scale"), document.read_scale),
    )


def _documents(texts: list[str], read_one: Callable[[Document], Part]) -> list[Document]:
    """What was added before; whoever has written into it by hand is not believed."""
    try:
        return [_plain(read_one(dict(json.loads(text)))) for text in texts]
    except (ValueError, TypeError, RecursionError, Unfit):
        raise Unfit.of("", "malformed") from None


def do(draft: Draft, action: str, municipality: Municipality) -> None:
    """Add or remove what the pressed button says; :class:`Unfit` names the bad fields of it."""
    verb, _, what = action.partition(":")
    if verb == "add" and what == "scale":
        draft.scales.append(_scale(draft.fields, municipality))
    elif verb == "add" and what in KINDS:
        added = _change(what, draft.fields)
        _fit([*draft.changes, added], municipality)
        draft.changes.append(added)
    elif verb in _TAKEN_OUT and what.isdecimal():
        items = _TAKEN_OUT[verb](draft)
        if int(what) < len(items):
            del items[int(what)]


def _fit(documents: list[Document], municipality: Municipality) -> None:
    """Refuse a last change that does not fit those before it, by the fields it was written in."""
    try:
        changes.apply(municipality, [document.read_change(one) for one in documents])
    except Unfit as unfit:
        last = f"changes.{len(documents) - 1}"
        kind = documents[-1]["kind"]
        raise Unfit(
            *(Fault(kind + one.field.removeprefix(last), one.reason, one.facts)
              for one in unfit.faults if one.field.startswith(last)),
            *(one for one in unfit.faults if not one.field.startswith(last)),
        ) from None  # fmt: skip


_TAKEN_OUT: dict[str, Callable[[Draft], list[Document]]] = {
    "remove": lambda draft: draft.changes,
    "unscale": lambda draft: draft.scales,
}


def _change(kind: str, form: Form) -> Document:
    try:
        return _plain(document.read_change({"kind": kind} | _READ[kind](_Fields(form, kind))))
    except Unfit as unfit:
        raise _under(kind, unfit) from None


def _under(prefix: str, unfit: Unfit) -> Unfit:
    """The same faults, named as the form's fields are."""
    return Unfit(*(_in_form(one, f"{prefix}.{one.field}") for one in unfit.faults))


SHARES = ("takes", "lost", "from_home", "move", "accept", "factor", "staffing.days")
"""The fields that the form has in per cent."""


def _in_form(one: Fault, field: str) -> Fault:
    """The fault under the form's name of the field, with limits in the form's unit."""
    facts = dict(one.facts)
    if field.endswith(SHARES):
        facts |= {name: round(100 * facts[name]) for name in ("ge", "le") if name in facts}
    return Fault(field, one.reason, facts)


def _plain(change: Part) -> Document:
    return change.model_dump(mode="json", exclude_none=True)


def _scale(form: Form, municipality: Municipality) -> Document:
    told = _Fields(form, "scale")
    found = {"factor": told.share("factor"), "office": told.text("office")}
    asked = {"language": told.text("language")} | found
    try:
        scale = document.read_scale(_given(asked))
    except Unfit as unfit:
        raise _under("scale", unfit) from None
    changes.refer(municipality, [scale])
    return _plain(scale)


def scenario(draft: Draft) -> document.Scenario:
    """The whole scenario; :class:`Unfit` names the bad fields."""
    told = _Fields(draft.fields, "")
    asked: Document = {
        "title": (told.text("title") or "")[:200],
        "demand": _demand(told) | {"scale": draft.scales},
        "changes": draft.changes,
        "staffing": _staffing(told),
    }
    try:
        return document.read(_given(asked))
    except Unfit as unfit:
        raise Unfit(*(_in_form(one, one.field) for one in unfit.faults)) from None


def _demand(told: "_Fields") -> Document:
    match told.text("demand"):
        case "forecast":
            asked = {"first": told.text("begins"), "weeks": told.number("weeks")}
            return {"forecast": _given(asked)}
        case "invented":
            asked = {"days": told.number("days"), "per_day": told.number("per_day")}
            return {"invented": _given(asked)}
        case _:
            return {"log": _given({"first": told.text("first"), "last": told.text("last")})}


def _staffing(told: "_Fields") -> Document | None:
    if told.text("staffing") is None:
        return None
    return _given({"minutes": told.number("minutes"), "days": told.share("kept")})


def _given(asked: Document) -> Document:
    return {name: value for name, value in asked.items() if value is not None}


class _Fields:
    """The fields whose names begin with a prefix. What is no number stays text, and is refused
    with all else.
    """

    def __init__(self, form: Form, prefix: str) -> None:
        self._form, self._prefix = form, f"{prefix}." if prefix else ""

    def text(self, name: str) -> str | None:
        return self._form.get(self._prefix + name, "").strip() or None

    def texts(self, name: str) -> list[str]:
        return [one for one in self._form.getlist(self._prefix + name) if one]

    def number(self, name: str) -> int | str | None:
        text = self.text(name)
        return int(text) if text and re.fullmatch(r"\d{1,9}", text) else text

    def numbers(self, name: str) -> list[int]:
        return [int(one) for one in self.texts(name) if one.isdecimal()]

    def amount(self, name: str) -> float | str | None:
        text = self.text(name)
        plain = re.sub(r"\s", "", text or "").replace(",", ".")
        return float(plain) if re.fullmatch(r"\d{1,12}(\.\d{1,4})?", plain) else text

    def share(self, name: str) -> float | str | None:
        """Written in per cent."""
        found = self.amount(name)
        return found / 100 if isinstance(found, float) else found

    def when(self) -> Document:
        spans = {"opens": self.text("opens"), "closes": self.text("closes")}
        return {"weekdays": self.numbers("weekdays")} | _given(spans)


def code_of(name: str) -> str:
    """A code made of a name: ``Flemingsberg södra`` is ``flemingsberg-sodra``.

    It begins with a letter, whatever the name is written in: ``2:a huset`` is ``office-2-a-huset``.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    begun = code if code[:1].isalpha() else f"office-{code}"
    return begun[:40].strip("-")


def _open_office(told: _Fields) -> Document:
    return _given(
        {
            "code": code_of(told.text("name") or ""),
            "name": told.text("name"),
            "district": told.text("district"),
            "counters": told.number("counters"),
            "video_rooms": told.number("video_rooms"),
            "districts": told.texts("districts") or _given_texts(told.text("district")),
            "takes": told.share("takes"),
            "fixed_cost": told.amount("fixed_cost"),
            **told.when(),
        }
    )


def _given_texts(text: str | None) -> list[str]:
    return [text] if text else []


def _close_office(told: _Fields) -> Document:
    return _given(
        {
            "office": told.text("office"),
            "to": told.text("to"),
            "lost": told.share("lost"),
            "from_home": told.share("from_home"),
        }
    )


def _opening_hours(told: _Fields) -> Document:
    about = {"office": told.text("office"), "closed": told.text("closed") == "1"}
    return _given({**about, "move": told.share("move"), **told.when()})


def _add_staff(told: _Fields) -> Document:
    return _given(
        {
            "number": told.number("number"),
            "languages": dict.fromkeys(told.texts("languages"), "fluent"),
            "offices": told.texts("offices") or "all",
            **told.when(),
        }
    )


def _remove_staff(told: _Fields) -> Document:
    return _given({"staff": told.text("staff")}) | {"ill": told.text("ill") == "1"}


def _staff_hours(told: _Fields) -> Document:
    return _given({"staff": told.text("staff"), **told.when()})


def _counters(told: _Fields) -> Document:
    return _given({"office": told.text("office"), "counters": told.number("counters")})


def _video(told: _Fields) -> Document:
    return _given(
        {
            "office": told.text("office"),
            "rooms": told.number("rooms"),
            "accept": told.share("accept"),
        }
    )


_READ: dict[str, Callable[[_Fields], Document]] = {
    "open_office": _open_office,
    "close_office": _close_office,
    "opening_hours": _opening_hours,
    "add_staff": _add_staff,
    "remove_staff": _remove_staff,
    "staff_hours": _staff_hours,
    "counters": _counters,
    "video": _video,
}


# --- into the form ----------------------------------------------------------------------------


def of_scenario(scenario: document.Scenario) -> Draft:
    """The form of a scenario, to be changed."""
    told = document.to_document(scenario)
    demand = told["demand"]
    kind = next(one for one in KINDS_OF_DEMAND if one in demand)
    fields = Form({"title": told["title"], "demand": kind})
    for name, value in demand[kind].items():
        if field := FIELDS.get(f"demand.{kind}.{name}"):
            fields[field] = str(value)
    fields.update(_fewest(scenario.staffing))
    return Draft(fields, told["changes"], demand["scale"])


def asked_by(example: Example) -> dict[str, str]:
    """The form's fields that an example asks with, besides its changes."""
    forecast = example.forecast
    coming = {"demand": "forecast", "weeks": str(forecast.weeks)} if forecast else {}
    return coming | _fewest(example.staffing)


def _fewest(staffing: document.Staffing | None) -> dict[str, str]:
    if staffing is None:
        return {}
    return {
        "staffing": "1",
        "minutes": str(staffing.minutes),
        "kept": f"{100 * staffing.days:g}",
    }
