"""One municipality's configuration: its shape, its rules, and the lookups the server needs.

A configuration is one document, kept as a YAML file for people and as JSON in the database.
`load` and `parse` are the only ways in: what they return has passed every rule below, so the
rest of the program never has to ask whether a code it meets exists.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from io import StringIO
from itertools import pairwise, product
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    StrictBool,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from queueapp.core.matching import Server

# Texts that nobody has translated yet are shown in Swedish, and said to be.
FALLBACK = "sv"

# Answers to "which district do you live in?" that are not districts of the municipality.
OTHER_DISTRICT = "other"
UNDISCLOSED_DISTRICT = "undisclosed"

# I, O and Q are left out: on a slip of paper they are read as 1 and 0.
PREFIXES = "ABCDEFGHJKLMNPRSTUVWXYZ"

# Longer than any holiday, so that "never opens again" is an answer and not an endless search.
SEARCH_DAYS = 400
# A visitor is not helped by hearing of a day further off than this.
ROTA_DAYS = 14

# What an export keeps on one line is about this wide.
LINE = 90
EXPORT_HEADER = "# Exported from Kölapp. A field ending in `confirmed` says whether the fact is."

Loc = tuple[str | int, ...]
Problem = tuple[Loc, str]
T = TypeVar("T")


class Unknown(KeyError):
    """A code that this municipality does not have."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(kind, code)
        self.kind = kind
        self.code = code

    def __str__(self) -> str:
        return f"unknown {self.kind}: {self.code!r}"


class ConfigurationError(ValueError):
    """Everything that is wrong with a configuration, one message each."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))


# --- values ----------------------------------------------------------------------------------


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("missing text")
    return text.strip()


def _clock(value: object) -> object:
    """Only HH:MM: seconds, offsets and numbers would be guesses at what was meant."""
    if isinstance(value, time):
        return value
    try:
        if not isinstance(value, str) or len(value) != len("08:00"):
            raise ValueError
        return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise ValueError('must be a time written as "08:00"') from None


def _day(value: object) -> object:
    """Only YYYY-MM-DD, not a number or a moment."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if not isinstance(value, str) or len(value) != len("2026-12-24"):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date written as 2026-12-24") from None


def _all_or_codes(value: object) -> Literal["all"] | tuple[str, ...]:
    # One check of our own: a union would report each of its branches as an error.
    if value == "all":
        return "all"
    if isinstance(value, list | tuple) and all(isinstance(code, str) for code in value):
        return tuple(value)
    raise ValueError('must be "all" or a list of codes')


def _feedback_address(text: str) -> str:
    """Where people write: an e-mail address, or the https address of a form."""
    if not re.fullmatch(r"[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+|https://[^\s/]+\.\S+", text):
        raise ValueError("must be an e-mail address, or an address that begins with https://")
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there, not a name, a directory of zones
        raise ValueError(f"unknown timezone {name!r}") from None
    return name


Text = Annotated[str, AfterValidator(_not_blank)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=20)]
Clock = Annotated[time, BeforeValidator(_clock), PlainSerializer(lambda t: t.strftime("%H:%M"))]
Day = Annotated[date, BeforeValidator(_day)]
Choice = Annotated[Literal["all"] | tuple[str, ...], BeforeValidator(_all_or_codes)]
Timezone = Annotated[str, AfterValidator(_timezone)]
FeedbackAddress = Annotated[str, AfterValidator(_feedback_address)]
Weekday = Annotated[StrictInt, Field(ge=1, le=7)]
Minutes = Annotated[StrictInt, Field(ge=1, le=240)]
Icon = Literal[
    "people", "house", "building", "school", "care", "document", "id-card", "payment",
    "culture", "recycle", "work", "tax", "question", "language", "key", "child",
]  # fmt: skip
Level = Literal["native", "fluent", "basic"]
Role = Literal["staff", "manager", "admin"]


class Part(BaseModel):
    """Any part of the document: never changed in place, and no field that means nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Texts(RootModel[dict[LanguageCode, Text]]):
    """One text in several languages."""

    model_config = ConfigDict(frozen=True)

    def get(self, language: str) -> tuple[str, str]:
        """The text and the language it is really in."""
        used = language if language in self.root else FALLBACK
        return self.root[used], used


# --- the document ----------------------------------------------------------------------------


class Language(Part):
    code: LanguageCode
    name: Text  # its own name in its own script
    direction: Literal["ltr", "rtl"]
    signed: StrictBool = False
    # True when everything a visitor reads is translated; otherwise one may ask to be served
    # in the language, but reads the screens in another.
    visitor_texts: StrictBool


class Right(Part):
    """A language in which service is a legal right, and so never quietly replaced."""

    language: LanguageCode
    basis: Text
    since: StrictInt | None = None


class Population(Part):
    year: Annotated[StrictInt, Field(ge=1900, le=2100)]
    inhabitants: Annotated[StrictInt, Field(gt=0)]
    source: Text
    confirmed: StrictBool


class District(Part):
    code: Code
    name: Text
    population: tuple[Population, ...]


class Group(Part):
    code: Code
    name: Texts


class Service(Part):
    code: Code
    group: Code
    icon: Icon
    owner: Literal["municipal", "state", "other"]
    name: Texts
    description: Texts
    typical_minutes: Minutes
    typical_minutes_confirmed: StrictBool


class Priority(Part):
    """A reason to be called earlier, worth this many minutes of waiting."""

    code: Code
    minutes: Minutes
    name: Texts


class Span(Part):
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens must be earlier than closes")
        return self


class _OfWeekday(Part):
    weekday: Weekday  # 1 is Monday


class Hours(Span, _OfWeekday):  # in this order, an export names the weekday first
    pass


class SpecialDay(Part):
    """A date with other hours than its weekday: closed, or open at other times."""

    date: Day
    closed: StrictBool
    hours: tuple[Span, ...] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _closed_or_hours(self) -> Self:
        if self.closed == bool(self.hours):
            raise ValueError("must be either closed: true or have hours")
        return self


class VideoRoom(Part):
    """A room in an office where a visitor is served by video from another office.

    ``meeting`` is the address of its video meeting (Jitsi, or any that opens in a browser);
    ``{key}`` in it becomes a new unguessable word for each visit, so that nobody can walk in on
    the one before.
    """

    meeting: str
    meeting_confirmed: StrictBool

    @field_validator("meeting")
    @classmethod
    def _an_address(cls, meeting: str) -> str:
        parts = urlsplit(meeting)
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise ValueError("must be a web address, https://…")
        if set(re.findall(r"{[^}]*}?", meeting)) - {"{key}"}:
            raise ValueError("may hold {key}, and no other braces")
        if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1"}:
            raise ValueError("must begin with https: browsers give no camera to other pages")
        return meeting


class Office(Part):
    code: Code
    name: Text
    kind: Literal["central", "local"]
    district: Code
    address: Text
    address_confirmed: StrictBool
    number_prefix: str
    counters: Annotated[StrictInt, Field(ge=1, le=99)]
    video_rooms: tuple[VideoRoom, ...] = ()
    services: Choice
    phone_tickets: StrictBool
    display_languages: tuple[LanguageCode, ...]
    opening_hours: tuple[Hours, ...]
    opening_hours_confirmed: StrictBool
    exceptions: tuple[SpecialDay, ...] = ()

    def opening(self, day: date) -> list[tuple[time, time]]:
        """When the office opens and closes on that date, earliest first; empty when closed."""
        special = self._special_days.get(day)
        spans = special.hours if special else self._weekdays.get(day.isoweekday(), ())
        return sorted((span.opens, span.closes) for span in spans)

    @cached_property
    def _special_days(self) -> dict[date, SpecialDay]:
        return {special.date: special for special in self.exceptions}

    @cached_property
    def _weekdays(self) -> dict[int, list[Hours]]:
        weekdays: dict[int, list[Hours]] = {}
        for hours in self.opening_hours:
            weekdays.setdefault(hours.weekday, []).append(hours)
        return weekdays


class StaffMember(Part):
    name: Code  # what one signs in with
    display_name: Text
    role: Role
    services: Choice
    offices: Choice
    languages: dict[LanguageCode, Level]
    # When the member is usually on duty: tells a visitor when a language is spoken next.
    on_duty: tuple[Hours, ...] = ()

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The languages spoken well enough for any errand."""
        return frozenset(code for code, level in self.languages.items() if level != "basic")

    @cached_property
    def basic(self) -> frozenset[str]:
        """The languages that suffice for a simple errand."""
        return frozenset(self.languages) - self.spoken


class Municipality(Part):
    format: Literal[1]
    code: Code
    name: Texts
    timezone: Timezone
    default_language: Literal["sv"]
    # Who answers for what is not accessible; the accessibility statement shows it.
    accessibility_contact: FeedbackAddress | None = None
    languages: tuple[Language, ...]
    rights: tuple[Right, ...] = ()
    districts: tuple[District, ...]
    groups: tuple[Group, ...]
    services: tuple[Service, ...]
    priorities: tuple[Priority, ...] = ()
    offices: tuple[Office, ...]
    staff: tuple[StaffMember, ...]

    # Lookups by code: each raises Unknown, and none searches, since every request uses them.

    def language(self, code: str) -> Language:
        return _find("language", self._languages, code)

    def district(self, code: str) -> District:
        return _find("district", self._districts, code)

    def group(self, code: str) -> Group:
        return _find("group", self._groups, code)

    def service(self, code: str) -> Service:
        return _find("service", self._services, code)

    def priority(self, code: str) -> Priority:
        return _find("priority", self._priorities, code)

    def office(self, code: str) -> Office:
        return _find("office", self._offices, code)

    def staff_member(self, name: str) -> StaffMember:
        return _find("staff member", self._staff, name)

    def counters(self, office: str) -> tuple[str, ...]:
        """The codes of the office's counters, skogas-1 and on."""
        return _find("office", self._counters, office)

    def office_of_counter(self, counter: str) -> Office:
        return _find("counter", self._counter_places, counter)[0]

    def counter_number(self, counter: str) -> int:
        return _find("counter", self._counter_places, counter)[1]

    def video_rooms(self, office: str) -> tuple[str, ...]:
        """The codes of the office's video rooms, varby-video-1 and on."""
        return _find("office", self._video_rooms, office)

    @cached_property
    def with_video_rooms(self) -> frozenset[str]:
        """The codes of the offices that have a video room: only they are reached by video."""
        return frozenset(office.code for office in self.offices if office.video_rooms)

    def room_number(self, room: str) -> int:
        return _find("video room", self._rooms, room)[0]

    def meeting(self, room: str) -> str:
        """The address of the room's video meeting, with ``{key}`` still in it."""
        return _find("video room", self._rooms, room)[1].meeting

    def office_of_room(self, room: str) -> Office:
        return _find("video room", self._rooms, room)[2]

    def services_at(self, office: str) -> tuple[Service, ...]:
        """What one can come for at the office, in the document's order."""
        return _find("office", self._services_at, office)

    def offers(self, office: str, service: str) -> bool:
        """Whether one can come for the service there."""
        return any(offered.code == service for offered in self.services_at(office))

    def services_of(self, name: str) -> frozenset[str]:
        """The codes of the services that the staff member serves."""
        return _find("staff member", self._services_of, name)

    def offices_of(self, name: str) -> frozenset[str]:
        """The codes of the offices where the staff member may sit down."""
        return _find("staff member", self._offices_of, name)

    def server(self, counter: str, staff: str) -> Server:
        """The competence at a counter where the staff member sits; the same object each time."""
        known = self._servers
        if (found := known.get((counter, staff))) is None:
            office = self.office_of_counter(counter).code
            found = known[counter, staff] = self.seated(counter, office, staff)
        return found

    def seated(self, counter: str, office: str, staff: str) -> Server:
        """The same of any counter at the office, whether or not it is one of the municipality's."""
        member, services = self.staff_member(staff), self.services_of(staff)
        video = self.with_video_rooms
        return Server(counter, office, services, member.spoken, member.basic, video)

    @cached_property
    def _servers(self) -> dict[tuple[str, str], Server]:
        return {}

    @cached_property
    def right_languages(self) -> frozenset[str]:
        return frozenset(right.language for right in self.rights)

    @cached_property
    def visitor_languages(self) -> tuple[Language, ...]:
        """The languages in which a visitor can read every screen."""
        return tuple(language for language in self.languages if language.visitor_texts)

    @cached_property
    def typical_s(self) -> dict[str, float]:
        """Each service's typical service time in seconds."""
        return {service.code: service.typical_minutes * 60.0 for service in self.services}

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    # Opening, by the clock on the municipality's own walls.

    def spoken_next(
        self,
        visited: str,
        service: str,
        language: str,
        at: datetime,
        offices: Collection[str],
    ) -> datetime | None:
        """When somebody who speaks the language well and does the service is usually on duty
        next, at one of ``offices``, while both that and the office ``visited`` are open.

        None where the document does not say, or within a fortnight nobody is.
        """
        local = self._local(at)
        able = [
            member
            for member in self.staff
            if language in member.spoken and service in self._services_of[member.name]
        ]
        for days in range(ROTA_DAYS):
            day = local.date() + timedelta(days=days)
            begins = [
                datetime.combine(day, begin, self.zone)
                for member in able
                for office in self._offices_of[member.name].intersection(offices)
                for begin in self._begins(member, {office, visited}, day)
            ]
            if later := [begin for begin in begins if begin > local]:
                return min(later)
        return None

    def off_duty(self, name: str, at: datetime) -> datetime | None:
        """When the staff member, usually on duty now, usually ends; None where it does not say."""
        local = self._local(at)
        clock = local.time()
        ends = (
            hours.closes
            for hours in self.staff_member(name).on_duty
            if hours.weekday == local.isoweekday() and hours.opens <= clock < hours.closes
        )
        end = next(ends, None)
        return None if end is None else datetime.combine(local.date(), end, self.zone)

    def _begins(self, member: StaffMember, offices: Iterable[str], day: date) -> Iterator[time]:
        """When the member begins to work on that date, while all the offices are open."""
        for hours in member.on_duty:
            if hours.weekday != day.isoweekday():
                continue
            for spans in product(*(self._offices[code].opening(day) for code in offices)):
                begin = max(hours.opens, *(opens for opens, _ in spans))
                if begin < min(hours.closes, *(closes for _, closes in spans)):
                    yield begin

    def is_open(self, office: str, at: datetime) -> bool:
        local = self._local(at)
        clock = local.time()
        return any(o <= clock < c for o, c in self.office(office).opening(local.date()))

    def opens_next(self, office: str, at: datetime) -> datetime | None:
        """The first opening later than `at`, also when it is open already."""
        local, place = self._local(at), self.office(office)
        for days in range(SEARCH_DAYS):
            day = local.date() + timedelta(days=days)
            for opens, _ in place.opening(day):
                moment = datetime.combine(day, opens, self.zone)
                if moment > local:
                    return moment
        return None

    def _local(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("a time without a timezone")
        return at.astimezone(self.zone)

    @cached_property
    def _languages(self) -> dict[str, Language]:
        return {language.code: language for language in self.languages}

    @cached_property
    def _districts(self) -> dict[str, District]:
        return {district.code: district for district in self.districts}

    @cached_property
    def _groups(self) -> dict[str, Group]:
        return {group.code: group for group in self.groups}

    @cached_property
    def _services(self) -> dict[str, Service]:
        return {service.code: service for service in self.services}

    @cached_property
    def _priorities(self) -> dict[str, Priority]:
        return {priority.code: priority for priority in self.priorities}

    @cached_property
    def _offices(self) -> dict[str, Office]:
        return {office.code: office for office in self.offices}

    @cached_property
    def _staff(self) -> dict[str, StaffMember]:
        return {member.name: member for member in self.staff}

    @cached_property
    def _counters(self) -> dict[str, tuple[str, ...]]:
        return {
            office.code: tuple(f"{office.code}-{n}" for n in range(1, office.counters + 1))
            for office in self.offices
        }

    @cached_property
    def _counter_places(self) -> dict[str, tuple[Office, int]]:
        return {
            counter: (office, number)
            for office in self.offices
            for number, counter in enumerate(self._counters[office.code], start=1)
        }

    @cached_property
    def _video_rooms(self) -> dict[str, tuple[str, ...]]:
        return {
            office.code: tuple(
                f"{office.code}-video-{n}" for n in range(1, len(office.video_rooms) + 1)
            )
            for office in self.offices
        }

    @cached_property
    def _rooms(self) -> dict[str, tuple[int, VideoRoom, Office]]:
        return {
            code: (number, room, office)
            for office in self.offices
            for number, (code, room) in enumerate(
                zip(self._video_rooms[office.code], office.video_rooms, strict=True), start=1
            )
        }

    @cached_property
    def _services_at(self) -> dict[str, tuple[Service, ...]]:
        return {
            office.code: tuple(s for s in self.services if _chosen(office.services, s.code))
            for office in self.offices
        }

    @cached_property
    def _services_of(self) -> dict[str, frozenset[str]]:
        return {
            member.name: frozenset(s for s in self._services if _chosen(member.services, s))
            for member in self.staff
        }

    @cached_property
    def _offices_of(self) -> dict[str, frozenset[str]]:
        return {
            member.name: frozenset(o for o in self._offices if _chosen(member.offices, o))
            for member in self.staff
        }


def _find(kind: str, table: Mapping[str, T], code: str) -> T:
    try:
        return table[code]
    except KeyError:
        raise Unknown(kind, code) from None


def _chosen(choice: Choice, code: str) -> bool:
    return choice == "all" or code in choice


# --- in and out ------------------------------------------------------------------------------


def load(path: str | Path) -> Municipality:
    """Read a YAML file. Every mistake found is named with its line and field."""
    path = Path(path)
    try:
        # An editor on Windows may begin the file with a byte order mark.
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError([f"{path}: cannot be read: {reason}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{path}: is not text in UTF-8"]) from error
    document = read_yaml(text, path.name)
    municipality, problems = _check(document)
    if municipality is None:
        # Lines are looked up only now: a correct file is not read twice.
        tree = _yaml().compose(StringIO(text))
        raise ConfigurationError(
            f"{path.name}:{_line(tree, loc)}: {_words(loc, message)}" for loc, message in problems
        )
    return municipality


def parse(document: Mapping[str, Any]) -> Municipality:
    """The JSON document from the database, or from the admin pages."""
    municipality, problems = _check(document)
    if municipality is None:
        raise ConfigurationError(_words(loc, message) for loc, message in problems)
    return municipality


def to_document(municipality: Municipality) -> dict[str, Any]:
    """The JSON document that `parse` reads back to an equal value."""
    return municipality.model_dump(mode="json", exclude_none=True)


def dump(municipality: Municipality) -> str:
    """The YAML text that `load` reads back to an equal value."""
    yaml = YAML(pure=True)
    yaml.allow_unicode = True
    yaml.width = 1000
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    # What has its default value is left out: the file is for people.
    yaml.dump(_readable(municipality.model_dump(exclude_defaults=True)), out)
    spaced = re.sub(r"^(?=\w+:\n  - )", "\n", out.getvalue(), flags=re.MULTILINE)
    return f"{EXPORT_HEADER}\n{spaced}"


def _readable(value: object, short: bool = False) -> object:
    """The same value, laid out for a reader: small things on one line, times in quotes."""
    if isinstance(value, dict):
        mapping = CommentedMap({key: _readable(item) for key, item in value.items()})
        if short and _fits_on_a_line(value.values()):
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, tuple):
        sequence = CommentedSeq([_readable(item, short=True) for item in value])
        if _fits_on_a_line(value):
            sequence.fa.set_flow_style()
        return sequence
    # Without quotes, older YAML readers take 08:00 for a number of minutes.
    if isinstance(value, str) and re.fullmatch(r"\d\d:\d\d", value):
        return DoubleQuotedScalarString(value)
    return value


def _fits_on_a_line(items: Collection[object]) -> bool:
    nested = any(isinstance(item, dict | tuple) for item in items)
    return not nested and sum(len(str(item)) + 10 for item in items) <= LINE


class _Constructor(SafeConstructor):
    """Dates stay text here, so that an impossible one is told like any other mistake."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    return yaml


def read_yaml(text: str, name: str) -> object:
    """What a YAML text holds, dates as text; :class:`ConfigurationError` names a faulty line."""
    try:
        return _yaml().load(StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigurationError([f"{name}:{line}: not valid YAML: {error.problem}"]) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigurationError([f"{name}:{line}: not valid YAML: {error.reason}"]) from error
    except (YAMLError, ValueError) as error:
        raise ConfigurationError([f"{name}: not valid YAML: {error}"]) from error
    except RecursionError as error:
        raise ConfigurationError([f"{name}: nested too deeply"]) from error


def _check(document: object) -> tuple[Municipality | None, list[Problem]]:
    try:
        municipality = Municipality.model_validate(document)
    except ValidationError as error:
        return None, [_shape_problem(dict(found)) for found in error.errors(include_url=False)]
    problems = [problem for rule in RULES for problem in rule(municipality)]
    return (None, problems) if problems else (municipality, [])


def _words(loc: Loc, message: str) -> str:
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return f"{field.lstrip('.') or 'the document'}: {message}"


def _line(node: Node | None, loc: Loc) -> int:
    """The line of the field, or of the nearest thing around it when the field is missing."""
    line = node.start_mark.line + 1 if node else 1
    for step in loc:
        key, node = _child(node, step)
        if node is None:
            break
        line = (key or node).start_mark.line + 1
    return line


def _child(node: Node | None, step: str | int) -> tuple[Node | None, Node | None]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key, value
    elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None, None


# Pydantic's own words speak of Python types; whoever edits the file has never seen them.
PLAIN_WORDS = {
    "missing": "missing",
    "extra_forbidden": "unknown field",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "literal_error": "must be {expected}",
    "model_type": "must be a group of named fields",
    "dict_type": "must be a group of named fields",
    "tuple_type": "must be a list",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must be at most {max_length} characters",
    "string_pattern_mismatch": "must be a code: small letters a-z, digits and hyphens",
    "value_error": "{error}",
}


def _shape_problem(found: dict[str, Any]) -> Problem:
    loc = tuple(step for step in found["loc"] if step != "[key]")
    if found["type"] == "string_type" and found["input"] is None:
        return loc, "missing text"
    words = PLAIN_WORDS.get(found["type"], found["msg"])
    return loc, words.format(**found.get("ctx", {})) if found["type"] in PLAIN_WORDS else words


# --- rules that span more than one field -------------------------------------------------------


def _unique(loc: Loc, items: Iterable[BaseModel], field: str) -> Iterator[Problem]:
    seen: dict[object, int] = {}
    for index, item in enumerate(items):
        value = getattr(item, field)
        if value in seen:
            first = _words((*loc, seen[value]), "").rstrip(": ")
            yield (*loc, index, field), f"{str(value)!r} is already used by {first}"
        seen.setdefault(value, index)


def _codes_are_unique(m: Municipality) -> Iterator[Problem]:
    for name in ("languages", "districts", "groups", "services", "priorities", "offices"):
        yield from _unique((name,), getattr(m, name), "code")
    yield from _unique(("staff",), m.staff, "name")
    yield from _unique(("rights",), m.rights, "language")


def _nothing_is_empty(m: Municipality) -> Iterator[Problem]:
    for name in ("languages", "districts", "services", "offices", "staff"):
        if not getattr(m, name):
            yield (name,), "must have at least one"
    for index, office in enumerate(m.offices):
        if not office.display_languages:
            yield ("offices", index, "display_languages"), "must have at least one"
    for index, member in enumerate(m.staff):
        if not member.languages:
            yield ("staff", index, "languages"), "must have at least one"


def _texts(value: object, loc: Loc = ()) -> Iterator[tuple[Loc, Texts]]:
    if isinstance(value, Texts):
        yield loc, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), (*loc, name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, (*loc, index))


def _every_visitor_language_has_its_texts(m: Municipality) -> Iterator[Problem]:
    required = [FALLBACK, *(lang.code for lang in m.visitor_languages if lang.code != FALLBACK)]
    for loc, texts in _texts(m):
        for code in required:
            if code not in texts.root:
                yield (*loc, code), "missing text"
        for code in texts.root:
            if code not in m._languages:
                yield (*loc, code), f"unknown language {code!r}"


def _the_default_language_can_be_read(m: Municipality) -> Iterator[Problem]:
    if m.default_language not in {language.code for language in m.visitor_languages}:
        yield ("default_language",), "must be a language with visitor_texts: true"


def _district_codes_are_not_answers(m: Municipality) -> Iterator[Problem]:
    for index, district in enumerate(m.districts):
        if district.code in (OTHER_DISTRICT, UNDISCLOSED_DISTRICT):
            yield ("districts", index, "code"), f"{district.code!r} is kept for another answer"


def _population_years_are_unique(m: Municipality) -> Iterator[Problem]:
    for index, district in enumerate(m.districts):
        yield from _unique(("districts", index, "population"), district.population, "year")


def _references_exist(m: Municipality) -> Iterator[Problem]:
    for index, right in enumerate(m.rights):
        yield from _known(("rights", index, "language"), "language", [right.language], m._languages)
    for index, service in enumerate(m.services):
        yield from _known(("services", index, "group"), "group", [service.group], m._groups)
    for index, office in enumerate(m.offices):
        loc: Loc = ("offices", index)
        yield from _known((*loc, "district"), "district", [office.district], m._districts)
        yield from _known((*loc, "services"), "service", office.services, m._services)
        shown = {language.code for language in m.visitor_languages}
        yield from _known(
            (*loc, "display_languages"), "visitor language", office.display_languages, shown
        )
    for index, member in enumerate(m.staff):
        loc = ("staff", index)
        yield from _known((*loc, "services"), "service", member.services, m._services)
        yield from _known((*loc, "offices"), "office", member.offices, m._offices)
        for code in member.languages:
            yield from _known((*loc, "languages", code), "language", [code], m._languages)


def _known(loc: Loc, kind: str, choice: Iterable[str], table: Iterable[str]) -> Iterator[Problem]:
    if choice == "all":
        return
    known, seen = set(table), set[str]()
    for code in choice:
        if code not in known:
            yield loc, f"unknown {kind} {code!r}"
        if code in seen:
            yield loc, f"{code!r} is named twice"
        seen.add(code)


def _number_prefixes_tell_offices_apart(m: Municipality) -> Iterator[Problem]:
    for index, office in enumerate(m.offices):
        if len(office.number_prefix) != 1 or office.number_prefix not in PREFIXES:
            yield ("offices", index, "number_prefix"), f"must be one letter of {PREFIXES}"
    yield from _unique(("offices",), m.offices, "number_prefix")


def _opening_hours_do_not_overlap(m: Municipality) -> Iterator[Problem]:
    for index, office in enumerate(m.offices):
        loc: Loc = ("offices", index, "opening_hours")
        for spans in office._weekdays.values():
            if _overlap(spans):
                yield loc, f"hours overlap on weekday {spans[0].weekday}"
        loc = ("offices", index, "exceptions")
        yield from _unique(loc, office.exceptions, "date")
        for number, special in enumerate(office.exceptions):
            if _overlap(special.hours):
                yield (*loc, number, "hours"), "hours overlap"


def _staff_hours_do_not_overlap(m: Municipality) -> Iterator[Problem]:
    for index, member in enumerate(m.staff):
        for weekday in {hours.weekday for hours in member.on_duty}:
            if _overlap(hours for hours in member.on_duty if hours.weekday == weekday):
                yield ("staff", index, "on_duty"), f"hours overlap on weekday {weekday}"


def _a_right_can_be_met(m: Municipality) -> Iterator[Problem]:
    for index, right in enumerate(m.rights):
        known = right.language in m._languages
        if known and not any(right.language in member.spoken for member in m.staff):
            yield (
                ("rights", index, "language"),
                f"nobody on the staff speaks {right.language!r} well",
            )


def _overlap(spans: Iterable[Span]) -> bool:
    ordered = sorted((span.opens, span.closes) for span in spans)
    return any(later[0] < earlier[1] for earlier, later in pairwise(ordered))


def _somebody_is_administrator(m: Municipality) -> Iterator[Problem]:
    if m.staff and not any(member.role == "admin" for member in m.staff):
        yield ("staff",), "at least one must have role: admin"


RULES: tuple[Callable[[Municipality], Iterator[Problem]], ...] = (
    _nothing_is_empty,
    _codes_are_unique,
    _references_exist,
    _the_default_language_can_be_read,
    _every_visitor_language_has_its_texts,
    _district_codes_are_not_answers,
    _population_years_are_unique,
    _number_prefixes_tell_offices_apart,
    _opening_hours_do_not_overlap,
    _staff_hours_do_not_overlap,
    _a_right_can_be_met,
    _somebody_is_administrator,
)
