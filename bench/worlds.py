"""The invented municipalities in which the rules are compared. Every figure is an assumption."""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from random import Random

from queueapp.core.arrivals import Demand, Habits, ServiceTime, Stream
from queueapp.core.matching import Server
from queueapp.core.simulation import Shift, World

HOUR = 3600.0
OPENS, CLOSES = 9, 16
SERVICE = "errand"
SERVICE_MIN = 12.0

# Visitors by preferred language, and by hour from opening: peaks at opening and after lunch.
LANGUAGES = {
    "sv": 0.52, "ar": 0.10, "en": 0.09, "so": 0.05, "fi": 0.05, "tr": 0.04,
    "fa": 0.04, "ckb": 0.03, "es": 0.03, "pl": 0.02, "kmr": 0.015, "uk": 0.015,
}  # fmt: skip
PROFILE = (1.45, 1.20, 0.90, 0.75, 1.10, 0.90, 0.70)

# Who works where, and what they speak besides Swedish. Together with the profile it was chosen so
# that the usual ways to run the line give about the figures that the targets were set beside.
STAFF = {
    "centrum": ("en fi", "ar ckb", "tr kmr", "so pl", "es uk"),
    "skogas": ("fa", "fi en", "so", "pl tr"),
    "varby": ("es ar", "ckb kmr", "fa uk"),
}

Roster = dict[str, Sequence[str]]


def servers(roster: Roster) -> list[Server]:
    does = frozenset({SERVICE})
    return [
        Server(f"{office}-{number}", office, does, frozenset(["sv", *spoken.split()]))
        for office, staff in roster.items()
        for number, spoken in enumerate(staff, 1)
    ]


def streams(load: float, roster: Roster) -> tuple[Stream, ...]:
    """Visitors at ``load``: their work in their own language over the time of the staff.

    Offices get visitors as they have staff.
    """
    count = sum(len(staff) for staff in roster.values())
    per_hour = load * count * 60 / SERVICE_MIN / sum(PROFILE) * len(PROFILE)
    return tuple(
        Stream(office, SERVICE, language, _day(per_hour * len(staff) / count * part))
        for office, staff in roster.items()
        for language, part in LANGUAGES.items()
    )


def _day(per_hour: float) -> tuple[float, ...]:
    rates = [per_hour * part for part in PROFILE]
    return (*[0.0] * OPENS, *rates, *[0.0] * (24 - OPENS - len(rates)))


def anchor(load: float, roster: Roster | None = None) -> World:
    """The world of the targets: no breaks, nobody gives up, rooms enough, consent to video."""
    roster = roster or STAFF
    shifts = tuple(Shift(server, OPENS * HOUR, 24 * HOUR) for server in servers(roster))
    demand = Demand(streams(load, roster), {SERVICE: ServiceTime(SERVICE_MIN * 60)}, Habits())
    return World(shifts, demand, rooms={})


def drawn(number: int) -> Roster:
    """A roster drawn by chance: 8–12 staff in three offices, one to three languages each.

    Common languages are drawn more often, and somebody speaks each.
    """
    rng = Random(number)
    count = rng.randint(8, 12)
    centre, south = max(2, round(count * 0.42)), max(2, round(count * 0.33))
    others = {language: sqrt(share) for language, share in LANGUAGES.items() if language != "sv"}
    while True:
        staff = [_spoken(rng, others) for _ in range(count)]
        if {language for spoken in staff for language in spoken.split()} == set(others):
            break
    return {
        "centrum": staff[:centre],
        "skogas": staff[centre : centre + south],
        "varby": staff[centre + south :],
    }


def _spoken(rng: Random, weights: dict[str, float]) -> str:
    number = rng.choice((1, 2, 2, 3))
    spoken: dict[str, None] = {}
    while len(spoken) < number:
        spoken[rng.choices(list(weights), list(weights.values()))[0]] = None
    return " ".join(spoken)


# --- scenarios: with lunches, rooms, people who give up, do not come or do not want video --------

ROOMS = {"centrum": 3, "skogas": 2, "varby": 2}
HABITS = Habits(video=0.9, interpreter=0.9, patience_s=2 * HOUR, no_show=0.04)
LUNCHES = (11.5, 12.25, 13.0)


def usual(roster: Roster | None = None, demand: tuple[Stream, ...] | None = None) -> World:
    """A normal day: about 300 visits, lunches by turns."""
    roster = roster or STAFF
    shifts = tuple(
        Shift(server, OPENS * HOUR, (CLOSES + 2) * HOUR, ((at * HOUR, (at + 0.75) * HOUR),))
        for place, server in enumerate(servers(roster))
        for at in (LUNCHES[place % len(LUNCHES)],)
    )
    made = Demand(demand or streams(0.71, STAFF), {SERVICE: ServiceTime(SERVICE_MIN * 60)}, HABITS)
    return World(shifts, made, ROOMS, closes=(CLOSES + 2) * HOUR)


def after_holiday() -> World:
    """A quarter more visitors, more still in the morning."""
    more = (1.6, 1.45, 1.3, 1.2, 1.15, 1.1, 1.0)
    day = usual()
    rates = [
        replace(
            stream,
            per_hour=tuple(
                rate * more[hour - OPENS] if OPENS <= hour < CLOSES else 0.0
                for hour, rate in enumerate(stream.per_hour)
            ),
        )
        for stream in day.demand.streams
    ]
    return replace(day, demand=replace(day.demand, streams=tuple(rates)))


def one_arabic_speaker_ill() -> World:
    """The one in Vårby; the one in the centre is left."""
    return usual(STAFF | {"varby": ("ckb kmr", "fa uk")})


def one_counter() -> World:
    """Vårby has one counter for a quarter of the visitors; its others sit in the centre.

    Where they sat are video rooms.
    """
    centre = (*STAFF["centrum"], "ckb kmr", "fa uk")
    made = usual(STAFF | {"centrum": centre, "varby": ("es ar",)})
    return replace(made, rooms=ROOMS | {"varby": ROOMS["varby"] + 2})


def varby_doubled() -> World:
    """Twice the visitors in Vårby, the others as usual."""
    rates = [
        replace(stream, per_hour=tuple(2 * rate for rate in stream.per_hour))
        if stream.office == "varby"
        else stream
        for stream in streams(0.71, STAFF)
    ]
    return usual(demand=tuple(rates))


SCENARIOS = {
    "a normal day": usual,
    "Monday after a holiday": after_holiday,
    "one of two Arabic-speakers ill": one_arabic_speaker_ill,
    "a local office with one counter": one_counter,
    "demand in Vårby doubled": varby_doubled,
}
