"""The shapes of requests and answers, from which the OpenAPI document is made."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from queueapp.core.matching import Way
from queueapp.core.ticket import Outcome, State
from queueapp.outlook.values import USUAL_WEEKS, WEEKS

Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
LanguageCode = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=20)]
RequestKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
# How wide the visitor's consent is; the other ways are advice before a ticket is taken.
Consent = Literal["here", "video", "interpreter"]
Languages = Annotated[list[LanguageCode], Field(min_length=1, max_length=8)]


class Asked(BaseModel):
    """What a client sends: fields we do not know are refused, not passed over."""

    model_config = ConfigDict(extra="forbid", str_max_length=200)


class OfficePath(BaseModel):
    """An office's code."""

    office: str


class CounterPath(BaseModel):
    """A counter's code, OFFICE-NUMBER."""

    counter: str


class RoomPath(BaseModel):
    """A video room's code, OFFICE-video-NUMBER."""

    room: str


class TokenPath(BaseModel):
    """A ticket's public token."""

    token: str


class TicketPath(BaseModel):
    """A ticket's number in the database."""

    ticket: Annotated[int, Field(ge=1, le=2**53)]


class LangQuery(BaseModel):
    """The language of the texts (BCP 47)."""

    lang: LanguageCode = "sv"


class QuoteAsked(Asked):
    """What the visitor comes for, and the languages they accept, the preferred first."""

    service: Code
    languages: Languages


class TicketAsked(Asked):
    """A ticket to be issued. ``request_key`` makes a repeat give the same ticket."""

    request_key: RequestKey
    service: Code
    languages: Languages
    way: Consent = "here"
    district: Code | None = None
    channel: Literal["kiosk", "phone", "staff", "booking"] | None = None
    priority: Code | None = None


class WidenAsked(Asked):
    """What one who waits accepts from now on: what is left out stays as it is."""

    way: Consent | None = None
    languages: Languages | None = None


class CounterAsked(Asked):
    """Sit down, pause or leave."""

    state: Literal["open", "break", "closed"]


class ErrandAsked(Asked):
    """A matter handled. Language and interpreter default to how the visitor was called."""

    service: Code
    outcome: Outcome
    language: LanguageCode | None = None
    interpreter: bool | None = None


class FinishAsked(Asked):
    """The errands of the visit; none means that it is not coded."""

    errands: Annotated[list[ErrandAsked], Field(max_length=20)] = []


class TransferAsked(Asked):
    """Where the visit goes on: what is left out stays as it is."""

    office: Code | None = None
    service: Code | None = None
    languages: Languages | None = None


class StatisticsQuery(BaseModel):
    """A period of local days, both included, which visits, and what to group by and show."""

    model_config = ConfigDict(populate_by_name=True)

    from_: str | None = Field(None, alias="from", description="first day, YYYY-MM-DD")
    to: str | None = Field(None, description="last day, YYYY-MM-DD")
    office: str | None = Field(
        None, description="where the tickets were issued, comma-separated; all where left out"
    )
    district: str | None = Field(None, description="home districts, comma-separated")
    service: str | None = Field(None, description="services, comma-separated")
    language: str | None = Field(None, description="first languages, comma-separated")
    channel: str | None = Field(None, description="channels, comma-separated")
    way: str | None = Field(None, description="ways of being served, comma-separated")
    by: str = Field(
        "office",
        description="dimensions, comma-separated: office, district, service, language, channel, "
        "way, hour, weekday, and one of day, week, month, year; at most three besides that one, "
        "those chosen among included",
    )
    figure: str | None = Field(None, description="figures, comma-separated; all where left out")
    compare: str | None = Field(
        None,
        description="last-year: with the same weekdays 52 weeks earlier (per month or year: with "
        "the same dates the year before); before-after: the days from `at` on with those before",
    )
    at: str | None = Field(None, description="the day of the change, YYYY-MM-DD")


class ForecastQuery(BaseModel):
    """How far ahead, and where."""

    weeks: int = Field(USUAL_WEEKS, ge=1, le=WEEKS, description="how many, from today on")
    office: str | None = Field(None, description="offices, comma-separated; all where left out")


class EventsQuery(BaseModel):
    """From which sequence number on."""

    after: Annotated[int, Field(ge=0, le=2**62)] = 0


class Wait(BaseModel):
    """A wait in seconds: 80 % range and likely value."""

    low_s: int
    likely_s: int
    high_s: int


class OpeningHours(BaseModel):
    """``weekday`` 1 is Monday; local time."""

    weekday: int
    opens: str
    closes: str


class Office(BaseModel):
    """An office, as anybody may know it. ``staffed`` is false where no counter is open."""

    code: str
    name: str
    kind: Literal["central", "local"]
    district: str
    address: str
    open: bool
    opens_at: str | None
    opening_hours: list[OpeningHours]
    phone_tickets: bool
    waiting: int
    wait: Wait
    staffed: bool
    trial: bool
    invented: bool


class Offices(BaseModel):
    """All offices."""

    offices: list[Office]


class Service(BaseModel):
    """What one can come for. ``lang`` is the texts' language; ``fallback``: not the one asked."""

    code: str
    group: str
    group_name: str
    icon: str
    name: str
    description: str
    lang: str
    fallback: bool


class Services(BaseModel):
    """What an office offers."""

    services: list[Service]


class Quote(BaseModel):
    """One way to be served. ``staffed`` is false where nobody on duty can, now; ``in_time`` where
    whoever can will probably have gone home before it would be the visitor's turn.

    ``available_at`` tells when a competence that nobody on duty has is there next, for the way
    ``booking``.
    """

    way: Way
    office: str
    office_name: str
    address: str
    language: str
    staffed: bool
    in_time: bool
    ahead: int
    wait: Wait
    available_at: str | None


class Quotes(BaseModel):
    """The ways to be served, before a ticket is taken."""

    quotes: list[Quote]
    at: str


class Ticket(BaseModel):
    """A ticket, to the one who took it."""

    id: int
    number: str
    token: str
    url: str
    state: State
    office: str
    service: str
    languages: list[str]
    way: Way
    ahead: int
    wait: Wait
    staffed: bool
    in_time: bool
    issued_at: str
    counter: str | None
    invented: bool


class TicketSeen(BaseModel):
    """A visitor's own view."""

    seq: int
    number: str
    state: State
    office: str
    office_name: str
    service: str
    languages: list[str]
    way: Way
    counter: str | None
    room: str | None
    counter_name: str | None
    meeting: str | None
    called_at: str | None
    issued_at: str
    ahead: int
    wait: Wait | None
    staffed: bool
    in_time: bool
    trial: bool
    invented: bool


class Match(BaseModel):
    """How the visitor is served."""

    way: Way
    language: str


class TicketServed(BaseModel):
    """A ticket, to the staff."""

    id: int
    number: str
    state: State
    office: str
    service: str
    languages: list[str]
    way: Way
    priority: str | None
    leg: int
    counter: str | None
    room: str | None
    room_name: str | None
    meeting: str | None
    arrived_at: str
    issued_at: str
    called_at: str | None
    started_at: str | None
    match: Match | None
    invented: bool


class TicketCalled(TicketServed):
    """The one called, and why."""

    reason: str


class Place(BaseModel):
    """A counter at an office."""

    office: str
    counter_name: str


class Counter(BaseModel):
    """What the one at a counter sees.

    Of those who wait at this office (``waiting``), ``waiting_for_colleagues`` are for somebody
    else on duty, and ``waiting_unserved`` for nobody; ``waiting_for_you``, whom this counter may
    call now, counts all offices. ``better_placed``: a free counter that suits the first in
    ``line`` better; this one may call all the same.
    """

    seq: int
    counter: str
    counter_name: str
    office: str
    state: Literal["open", "break", "closed"]
    staff: str | None
    since: str
    ticket: TicketServed | None
    parked: list[TicketServed]
    waiting: int
    waiting_for_you: int
    waiting_for_colleagues: int
    waiting_unserved: int
    line: list[dict[str, Any]]
    better_placed: Place | None
    trial: bool
    invented: bool


class Call(BaseModel):
    """A call on a display. With ``room``, ``counter_name`` is the video room's number."""

    number: str
    counter: str
    room: str | None
    counter_name: str
    called_at: str
    call_id: str


class Display(BaseModel):
    """The waiting room's display. ``staffed`` is false where no counter is open."""

    seq: int
    office: str
    office_name: str
    municipality: str
    languages: list[str]
    open: bool
    opens_at: str | None
    now: str
    build: str
    calls: list[Call]
    waiting: int
    wait: Wait
    staffed: bool
    ask_staff: list[str]
    trial: bool
    invented: bool


class VideoVisit(BaseModel):
    """The visitor called to a video room, and the meeting with the other office.

    ``language_name`` is the language's own name.
    """

    number: str
    state: State
    language: str
    language_name: str
    from_office: str
    meeting: str
    called_at: str


class Room(BaseModel):
    """The screen of a video room."""

    seq: int
    room: str
    room_name: str
    office: str
    office_name: str
    languages: list[str]
    visit: VideoVisit | None
    trial: bool
    invented: bool


class KioskLanguage(BaseModel):
    """A language by its own name."""

    code: str
    name: str
    direction: Literal["ltr", "rtl"]


class Named(BaseModel):
    """A thing with a name."""

    code: str
    name: str


class Kiosk(BaseModel):
    """What a kiosk needs to begin."""

    office: Named
    municipality: Named
    open: bool
    opens_at: str | None
    trial: bool
    invented: bool
    languages: list[KioskLanguage]
    districts: list[Named]
    idle_s: int
    warn_s: int


class StatisticsRow(BaseModel):
    """A group and its figures; a figure that nothing can be said of, or may be, is null.

    ``intervals`` are of 95 %. ``notes`` say why a figure is not there: ``small`` (so few visits
    that somebody could be singled out), ``uncoded`` (too few errands recorded), ``no-population``,
    ``no-costs``, and the like.
    """

    group: dict[str, str]
    figures: dict[str, float | int | None]
    intervals: dict[str, tuple[float, float]]
    notes: dict[str, str]


class Compared(BaseModel):
    """The figures of the earlier period, and the later ones less these.

    The difference of a count is per day on which the office was open. ``difference_intervals`` are
    of 95 %; ``more_than_chance`` is null where that cannot be told.
    """

    earlier: dict[str, float | int | None]
    earlier_notes: dict[str, str]
    differences: dict[str, float | None]
    difference_intervals: dict[str, tuple[float, float]]
    difference_notes: dict[str, str]
    more_than_chance: dict[str, bool | None]


class ComparedRow(Compared):
    """A group of either period, named as in the later one."""

    group: dict[str, str]


class Comparison(BaseModel):
    """The earlier period and, group by group, how the later one differs from it."""

    how: Literal["last-year", "before-after"]
    from_: str = Field(alias="from")
    to: str
    rows: list[ComparedRow]
    total: Compared


class WithoutInhabitants(BaseModel):
    """Visits that the total per inhabitant does not count, by home district: of people who live
    where no number of inhabitants is known. Null: how many is not told."""

    visits: int | None


class Statistics(BaseModel):
    """Figures for a period, with their definitions. No ``office`` named means all of them.

    With a comparison they are those of the later period.
    """

    from_: str = Field(alias="from")
    to: str
    office: list[str]
    where: dict[str, list[str]]
    by: list[str]
    definitions: dict[str, str]
    rows: list[StatisticsRow]
    total: dict[str, float | int | None]
    total_intervals: dict[str, tuple[float, float]]
    total_notes: dict[str, str]
    invented_visits: int | None
    without_inhabitants: WithoutInhabitants | None
    comparison: Comparison | None = None
    trial: bool
    invented: bool


class ExpectedVisits(BaseModel):
    """Visits: the mean, and the range that four of five outcomes lie in. Null: nothing is known."""

    visits: float | None
    low: int | None
    high: int | None


class ForecastDay(ExpectedVisits):
    """An office's day. ``hours``: the mean visits by hour of the clock."""

    day: str
    open: bool
    holiday: str | None
    hours: dict[str, float]


class ForecastLanguage(ExpectedVisits):
    """The visits of the seven days that begin ``from``, with that first language."""

    from_: str = Field(alias="from")
    language: str


ForecastBasis = Literal["model", "last-week", "four-weeks", "weekday-mean", "nothing"]


class ForecastError(BaseModel):
    """How a way to forecast has missed in the last eight weeks, told one to four weeks ahead."""

    basis: ForecastBasis
    days: int
    mean_absolute_error: float
    error_share: float
    within_range_share: float


class ForecastOffice(BaseModel):
    """An office's forecast, and the way it was made: the one that has missed least there."""

    office: str
    basis: ForecastBasis
    history_since: str | None
    errors: list[ForecastError]
    days: list[ForecastDay]
    languages: list[ForecastLanguage]


class TooFewStaff(BaseModel):
    """Hours of a weekday (1 is Monday; from, to) when the rota has too few for what comes."""

    office: str
    weekday: int
    hours: tuple[int, int]
    visits_per_hour: float
    staff_needed: float
    staff_on_rota: float


class UnspokenLanguage(BaseModel):
    """Visits in all of the weeks in a language that nobody on duty at the office speaks well.

    ``weekday`` and ``hours`` are null where they are too few to be told by the hour.
    ``by_video_from``: offices where somebody on duty then does.
    """

    office: str
    weekday: int | None
    hours: tuple[int, int] | None
    language: str
    visits: float
    by_video_from: list[str]


class Forecast(BaseModel):
    """The visits of the coming weeks, and the rota beside them.

    ``rota_told``: whether the configuration says when anybody works; else all are taken to work
    all day. ``occupancy``: the part of the staff's time that visits should take.
    """

    from_: str = Field(alias="from")
    to: str
    weeks: int
    offices: list[ForecastOffice]
    rota_told: bool
    occupancy: float
    short: list[TooFewStaff]
    unspoken: list[UnspokenLanguage]


class LoggedEvent(BaseModel):
    """A row of the log."""

    seq: int
    at: str
    type: str
    office: str
    ticket: int | None
    counter: str | None
    invented: bool
    data: dict[str, Any]


class Events(BaseModel):
    """Rows of the log; ask again with ``after`` = ``last`` for more."""

    events: list[LoggedEvent]
    last: int


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = []
