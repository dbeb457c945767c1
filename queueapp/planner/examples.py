"""Ready-made changes to begin with, for any municipality; for Huddinge those its council asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from queueapp.municipality import District, Level, Municipality, Office
from queueapp.planner.document import (
    AddStaff,
    Change,
    CloseOffice,
    Forecast,
    OpenOffice,
    Staffing,
    Video,
)

WANTED_DISTRICT, QUESTIONED_OFFICE, WANTED_LANGUAGE = "flemingsberg", "skogas", "ar"
MONDAY = 1


@dataclass(frozen=True, slots=True)
class Example:
    """A kind of example, the place or language it is about, and what it asks."""

    kind: str
    about: str
    changes: tuple[Change, ...] = ()
    forecast: Forecast | None = None
    staffing: Staffing | None = None


def of(municipality: Municipality) -> list[Example]:
    """Those that make sense there."""
    common = municipality.default_language
    found = [
        Example("video", "", (Video(rooms=3, accept=0.5),)),
        Example(
            "weekday",
            "1",
            (AddStaff(languages={common: "native"}, weekdays=(MONDAY,)),),
        ),
        Example("rota", "", forecast=Forecast(), staffing=Staffing()),
    ]
    if any(language.code == WANTED_LANGUAGE for language in municipality.languages):
        languages: dict[str, Level] = {WANTED_LANGUAGE: "native", common: "fluent"}
        found.insert(0, Example("speaker", WANTED_LANGUAGE, (AddStaff(languages=languages),)))
    if len(municipality.offices) > 1:
        office, to = _to_close(municipality.offices)
        found.insert(0, Example("close", office, (CloseOffice(office=office, to=to),)))
    if district := _without_office(municipality):
        found.insert(0, Example("open", district.code, (_opened(district),)))
    return found


def _without_office(municipality: Municipality) -> District | None:
    served = {office.district for office in municipality.offices}
    without = [d for d in municipality.districts if d.code not in served]
    return min(without, key=lambda one: one.code != WANTED_DISTRICT, default=None)


def _opened(district: District) -> OpenOffice:
    return OpenOffice(
        code=f"{district.code[:30]}-ny",
        name=district.name,
        district=district.code,
        districts=(district.code,),
    )


def _to_close(offices: Sequence[Office]) -> tuple[str, str]:
    """The office to close, and where its visitors would go: to the centre."""
    local = [office for office in offices if office.kind == "local"] or list(offices)
    closed = min(local, key=lambda one: one.code != QUESTIONED_OFFICE)
    left = [office for office in offices if office is not closed]
    return closed.code, min(left, key=lambda one: one.kind != "central").code
