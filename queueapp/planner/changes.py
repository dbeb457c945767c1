"""A scenario's changes, applied to the municipality's document.

Each change gives another document, and ``municipality.parse`` judges it by all rules that hold
for the real one. What contradicts them, or each other, is told by the change and its field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from queueapp.municipality import (
    PREFIXES,
    ConfigurationError,
    Municipality,
    Unknown,
    parse,
    to_document,
)
from queueapp.planner.document import (
    AddStaff,
    Change,
    CloseOffice,
    Counters,
    OpeningHours,
    OpenOffice,
    RemoveStaff,
    Scale,
    StaffHours,
    Unfit,
    Video,
)
from queueapp.simulate import rota

MEETING = {"meeting": "https://example.org/{key}", "meeting_confirmed": False}
"""Stands for a video room's meeting, which nobody joins in a simulation."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Changed:
    """A world: the municipality, and who of its staff is ill."""

    municipality: Municipality
    ill: frozenset[str] = frozenset()


def apply(municipality: Municipality, changes: Sequence[Change]) -> list[Changed]:
    """The world after each of the changes in turn, today's first.

    :class:`Unfit` names the first change that does not fit, and why.
    """
    worlds = [Changed(municipality)]
    for number, change in enumerate(changes):
        try:
            worlds.append(_after(worlds[-1], change))
        except _Misfit as misfit:
            field = f"changes.{number}.{misfit.field}" if misfit.field else f"changes.{number}"
            raise Unfit.of(field, misfit.reason, **misfit.facts) from None
    return worlds


def refer(municipality: Municipality, scales: Sequence[Scale]) -> None:
    """:class:`Unfit` where more or fewer visitors are asked for of what there is not today."""
    for number, scale in enumerate(scales):
        for field, code in (("office", scale.office), ("language", scale.language)):
            try:
                if code is not None:
                    getattr(municipality, field)(code)
            except Unknown:
                place = f"demand.scale.{number}.{field}"
                raise Unfit.of(place, "unknown", value=code) from None


class _Misfit(Exception):
    """A change that does not fit the world before it."""

    def __init__(self, field: str, reason: str, **facts: object) -> None:
        self.field, self.reason, self.facts = field, reason, facts


def _after(world: Changed, change: Change) -> Changed:
    _refer(world.municipality, change)
    if isinstance(change, RemoveStaff) and change.ill:
        return replace(world, ill=world.ill | {change.staff})
    document = to_document(world.municipality)
    _APPLIED[type(change)](document, change, world.municipality)
    return replace(world, municipality=_parsed(world.municipality, document))


def _parsed(before: Municipality, document: Document) -> Municipality:
    """The changed municipality; where a rule says no, why not."""
    spoken = {language for member in document["staff"] for language in _well(member)}
    for language in sorted(before.right_languages - spoken):
        raise _Misfit("staff", "right-unmet", language=language)
    try:
        return parse(document)
    except ConfigurationError as error:
        raise _Misfit("", "contradiction", why="; ".join(error.messages)) from None


def _well(member: Mapping[str, Any]) -> list[str]:
    return [code for code, level in member["languages"].items() if level != "basic"]


_CODES: dict[str, str] = {
    "office": "office",
    "to": "office",
    "offices": "office",
    "district": "district",
    "districts": "district",
    "services": "service",
    "languages": "language",
    "staff": "staff_member",
}
"""The fields that name something the municipality must have, by what they name."""

_MAY_BE_ALL = {"offices", "services"}


def _refer(municipality: Municipality, change: Change) -> None:
    """Refuse codes that the municipality does not have, or has not any more; and of the staff who
    serves nobody."""
    for field, kind in _CODES.items():
        named = getattr(change, field, None)
        if field in _MAY_BE_ALL and named == "all":
            continue
        for code in [named] if isinstance(named, str) else named or ():
            try:
                getattr(municipality, kind)(code)
            except Unknown:
                raise _Misfit(field, "unknown", value=code) from None
    if name := getattr(change, "staff", None):
        _serves(municipality, name)


# --- each kind ------------------------------------------------------------------------------------


def _open(document: Document, change: OpenOffice, municipality: Municipality) -> None:
    taken = {office["number_prefix"] for office in document["offices"]}
    free = [letter for letter in PREFIXES if letter not in taken]
    if not free:
        raise _Misfit("", "no-letter-left", number=len(PREFIXES))
    if change.code in {office.code for office in municipality.offices}:
        raise _Misfit("code", "taken", value=change.code)
    document["offices"].append(
        {
            "code": change.code,
            "name": change.name,
            "kind": "local",
            "district": change.district,
            "address": change.name,
            "address_confirmed": False,
            "number_prefix": free[0],
            "counters": change.counters,
            "video_rooms": [MEETING] * change.video_rooms,
            "services": "all",
            "phone_tickets": True,
            "display_languages": [municipality.default_language],
            "opening_hours": _hours(change),
            "opening_hours_confirmed": False,
            "exceptions": document["offices"][0].get("exceptions", []),
        }
    )


def _close(document: Document, change: CloseOffice, municipality: Municipality) -> None:
    del municipality
    document["offices"] = [o for o in document["offices"] if o["code"] != change.office]
    for member in document["staff"]:
        if member["offices"] != "all":
            left = [code for code in member["offices"] if code != change.office]
            member["offices"] = left or [change.to]  # who worked there only goes along


def _open_at(document: Document, change: OpeningHours, municipality: Municipality) -> None:
    del municipality
    office = _one(document["offices"], "code", change.office)
    kept = [h for h in office["opening_hours"] if h["weekday"] not in change.weekdays]
    office["opening_hours"] = kept + ([] if change.closed else _hours(change))


def _add(document: Document, change: AddStaff, municipality: Municipality) -> None:
    names = {member.name for member in municipality.staff}
    free = (f"ny-{n}" for n in range(1, len(names) + change.number + 1) if f"ny-{n}" not in names)
    for name, _ in zip(free, range(change.number), strict=False):
        document["staff"].append(
            {
                "name": name,
                "display_name": name,
                "role": "staff",
                "services": _listed(change.services),
                "offices": _listed(change.offices),
                "languages": dict(change.languages),
                "on_duty": _hours(change),
            }
        )


def _remove(document: Document, change: RemoveStaff, municipality: Municipality) -> None:
    del municipality
    document["staff"] = [m for m in document["staff"] if m["name"] != change.staff]


def _on_duty(document: Document, change: StaffHours, municipality: Municipality) -> None:
    del municipality
    _one(document["staff"], "name", change.staff)["on_duty"] = _hours(change)


def _serves(municipality: Municipality, name: str) -> None:
    if municipality.staff_member(name) not in rota.serving(municipality):
        raise _Misfit("staff", "serves-nobody", value=name)


def _count(document: Document, change: Counters, municipality: Municipality) -> None:
    del municipality
    _one(document["offices"], "code", change.office)["counters"] = change.counters


def _video(document: Document, change: Video, municipality: Municipality) -> None:
    del municipality
    for office in document["offices"]:
        if change.office in {None, office["code"]}:
            office["video_rooms"] = [MEETING] * change.rooms


_APPLIED: dict[type[Change], Callable[[Document, Any, Municipality], None]] = {
    OpenOffice: _open,
    CloseOffice: _close,
    OpeningHours: _open_at,
    AddStaff: _add,
    RemoveStaff: _remove,
    StaffHours: _on_duty,
    Counters: _count,
    Video: _video,
}


def _one(items: Sequence[Document], field: str, value: str) -> Document:
    return next(item for item in items if item[field] == value)


def _hours(change: OpenOffice | OpeningHours | AddStaff | StaffHours) -> list[Document]:
    span = {"opens": f"{change.opens:%H:%M}", "closes": f"{change.closes:%H:%M}"}
    return [{"weekday": day} | span for day in sorted(set(change.weekdays))]


def _listed(choice: str | Sequence[str]) -> str | list[str]:
    return choice if isinstance(choice, str) else list(choice)
