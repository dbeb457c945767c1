"""A scenario: the period whose visitors come, and what is changed.

It is one document, kept as YAML by people and as JSON in the table ``plan``. :func:`read` is the
only way in. What it returns has the right shape; whether it fits the municipality is for
``changes`` to say.
"""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, StrictBool, StrictInt, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from queueapp.core.ticket import Refusal
from queueapp.municipality import Clock, Code, Day, Level, Part, Weekday
from queueapp.outlook.values import USUAL_WEEKS, WEEKS

LONGEST_PERIOD = 190
"""Days from the first to the last: half a year, which keeps what is played within memory."""

MOST_INVENTED = 130
MOST_CHANGES = 20

WORKDAYS = (1, 2, 3, 4, 5)

Shaped = TypeVar("Shaped", bound=Part)
Share = Annotated[float, Field(ge=0, le=1)]
Few = Annotated[StrictInt, Field(ge=1, le=10)]


def _printable(text: str) -> str:
    """Refuse control characters: no page shows them, and PostgreSQL keeps no zero byte."""
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise PydanticCustomError("unprintable", "no control characters")
    return text


Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_printable)]
Title = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_printable)]
Codes = Annotated[tuple[Code, ...], Field(min_length=1)]
Weekdays = Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]


EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


def _plausible(day: dt.date) -> dt.date:
    """Refuse what can only be a slip: a day without a neighbour cannot be reckoned with."""
    if not EARLIEST <= day <= LATEST:
        facts = {"first": EARLIEST.isoformat(), "last": LATEST.isoformat()}
        raise PydanticCustomError("day_out_of_reach", "from {first} to {last}", facts)
    return day


PlannedDay = Annotated[Day, AfterValidator(_plausible)]


class Period(Part):
    """The days of the log whose visitors come again."""

    first: PlannedDay
    last: PlannedDay

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise PydanticCustomError("days_in_order", "the first day is later than the last")
        if (self.last - self.first).days >= LONGEST_PERIOD:
            raise PydanticCustomError(
                "period_too_long", "at most {number} days", {"number": LONGEST_PERIOD}
            )
        return self


class Invented(Part):
    """Days whose visitors are invented from ``assumptions``; ``per_day`` is their mean number."""

    first: PlannedDay = dt.date(2027, 1, 11)
    days: Annotated[StrictInt, Field(ge=1, le=MOST_INVENTED)] = 20
    per_day: Annotated[StrictInt, Field(ge=1, le=2000)] | None = None


class Forecast(Part):
    """The coming ``weeks``, with the visitors that the forecast holds likely.

    ``first``: their first day. Where it is left out, they begin on the day they are played, so
    that the same question can be asked again next month.
    """

    first: Day | None = None
    weeks: Annotated[StrictInt, Field(ge=1, le=WEEKS)] = USUAL_WEEKS


class Scale(Part):
    """So many times as many visitors of an office, of a language, or of both; of all by default."""

    office: Code | None = None
    language: str | None = None
    factor: Annotated[float, Field(ge=0, le=5)]


class Demand(Part):
    """Who comes: logged visitors, those of a forecast or invented ones; how many more or fewer."""

    log: Period | None = None
    forecast: Forecast | None = None
    invented: Invented | None = None
    scale: Annotated[tuple[Scale, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if sum(one is not None for one in (self.log, self.forecast, self.invented)) != 1:
            raise PydanticCustomError("one_demand", "one of log, forecast and invented")
        return self


# --- what can be changed ------------------------------------------------------------------------


class _When(Part):
    """On which weekdays, and from when until when."""

    weekdays: Weekdays = WORKDAYS
    opens: Clock = dt.time(9)
    closes: Clock = dt.time(17)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise PydanticCustomError("clocks_in_order", "it must begin before it ends")
        return self


class OpenOffice(_When):
    """A new office. Of the visitors who live in ``districts`` the share ``takes`` goes there.

    ``fixed_cost``: what it costs in a year besides staff, where that is known.
    """

    kind: Literal["open_office"] = "open_office"
    code: Code
    name: Name
    district: Code
    counters: Few = 2
    video_rooms: Annotated[StrictInt, Field(ge=0, le=9)] = 1
    districts: Codes
    takes: Share = 0.7
    fixed_cost: Annotated[float, Field(ge=0, le=1e9)] | None = None


class CloseOffice(Part):
    """An office that is closed. Of its visitors some come no more, some are served by video from
    home, and the others go to the office ``to``.
    """

    kind: Literal["close_office"] = "close_office"
    office: Code
    to: Code
    lost: Share = 0.2
    from_home: Share = 0.0

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        if self.lost + self.from_home > 1:
            raise PydanticCustomError("shares_over_one", "the shares are more than all together")
        if self.to == self.office:
            raise PydanticCustomError("to_itself", "the visitors must go to another office")
        return self


class OpeningHours(_When):
    """Other opening hours on some weekdays; ``closed``: none at all.

    Who came when it is closed now comes at another open time. The share ``move`` of the visitors
    of such a day comes in the time that is new, where any is.
    """

    kind: Literal["opening_hours"] = "opening_hours"
    office: Code
    closed: StrictBool = False
    move: Share = 0.1


class AddStaff(_When):
    """``number`` more staff members, alike."""

    kind: Literal["add_staff"] = "add_staff"
    number: Few = 1
    languages: Annotated[dict[str, Level], Field(min_length=1)]
    services: Literal["all"] | Codes = "all"
    offices: Literal["all"] | Codes = "all"


class RemoveStaff(Part):
    """A staff member who works there no more; ``ill``: who is missing, and nobody moves for it."""

    kind: Literal["remove_staff"] = "remove_staff"
    staff: Code
    ill: StrictBool = False


class StaffHours(_When):
    """Other hours on duty for a staff member: these, and no others."""

    kind: Literal["staff_hours"] = "staff_hours"
    staff: Code


class Counters(Part):
    """Another number of counters."""

    kind: Literal["counters"] = "counters"
    office: Code
    counters: Annotated[StrictInt, Field(ge=1, le=99)]


class Video(Part):
    """So many video rooms at the office, or at every one; with none, no video.

    ``accept``: of the visitors there who took a ticket for the office alone, the share who would
    say yes to video.
    """

    kind: Literal["video"] = "video"
    office: Code | None = None
    rooms: Annotated[StrictInt, Field(ge=0, le=9)]
    accept: Share = 0.0


Change = (
    OpenOffice | CloseOffice | OpeningHours | AddStaff | RemoveStaff | StaffHours | Counters | Video
)
KINDS: dict[str, type[Change]] = {
    str(kind.model_fields["kind"].default): kind
    for kind in (
        OpenOffice,
        CloseOffice,
        OpeningHours,
        AddStaff,
        RemoveStaff,
        StaffHours,
        Counters,
        Video,
    )
}


class Staffing(Part):
    """The question of the fewest staff: every language's mean wait at most ``minutes``, on at
    least the share ``days`` of the days.
    """

    minutes: Annotated[StrictInt, Field(ge=1, le=120)] = 10
    days: Annotated[float, Field(ge=0.5, le=1)] = 0.9


class Scenario(Part):
    """The whole question. The same scenario and ``seed`` give the same answer."""

    title: Title
    demand: Demand
    changes: Annotated[
        tuple[Annotated[Change, Field(discriminator="kind")], ...], Field(max_length=MOST_CHANGES)
    ] = ()
    staffing: Staffing | None = None
    seed: Annotated[StrictInt, Field(ge=0, le=10**9)] = 1


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field: a reason that ``web/plan_words.py`` has words for, and facts."""

    field: str
    reason: str
    facts: Mapping[str, Any]


class Unfit(Refusal):
    """A scenario that cannot be played; nothing was. Every fault that was found is told."""

    code = "invalid-input"

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults=faults)
        self.faults = faults

    @classmethod
    def of(cls, field: str, reason: str, **facts: object) -> "Unfit":
        """With a single fault."""
        return cls(Fault(field, reason, facts))


def read(document: Mapping[str, Any]) -> Scenario:
    """The scenario that a document holds; :class:`Unfit` names what is wrong in it."""
    return _shaped(Scenario, document)


def read_change(document: Mapping[str, Any]) -> Change:
    """One change, as :func:`read` reads it within a scenario."""
    kind = KINDS.get(str(document.get("kind")))
    if kind is None:
        raise Unfit.of("kind", "unknown", value=document.get("kind"))
    return _shaped(kind, document)


def read_scale(document: Mapping[str, Any]) -> Scale:
    """One factor on the visitors, as :func:`read` reads it within a scenario."""
    return _shaped(Scale, document)


def _shaped(kind: type[Shaped], document: Mapping[str, Any]) -> Shaped:
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise Unfit(*map(_fault, error.errors(include_url=False))) from None


def _fault(found: Any) -> Fault:
    steps = [str(step) for step in found["loc"] if step != "[key]"]
    if steps[:1] == ["changes"] and len(steps) > 2:
        del steps[2]  # Pydantic names the kind of a change as if it were a field in it
    return Fault(".".join(steps), found["type"], found.get("ctx", {}))


def coming(asked: Forecast, today: dt.date) -> Period:
    """The days asked for; :class:`Unfit` where a forecast made ``today`` does not have them."""
    first, days = asked.first or today, 7 * asked.weeks
    latest = today + dt.timedelta(days=7 * WEEKS - days)
    if not today <= first <= latest:
        facts = {"first": today.isoformat(), "last": latest.isoformat()}
        raise Unfit.of("demand.forecast.first", "not-forecast", **facts)
    return Period(first=first, last=first + dt.timedelta(days=days - 1))


def to_document(scenario: Scenario) -> dict[str, Any]:
    """The document that :func:`read` reads back to an equal value."""
    return scenario.model_dump(mode="json", exclude_none=True)
