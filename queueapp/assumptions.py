"""What is assumed of visitors and staff, for want of figures.

All that is invented starts here: the demonstration (``demo``) plays it against the running
service, the simulation (``scenario``) and the invented past (``demo.past``) through the core
alone. None of it is measured; what the kommun's own log shows should replace it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from queueapp.core.ticket import Outcome
from queueapp.municipality import (
    OTHER_DISTRICT,
    UNDISCLOSED_DISTRICT,
    Municipality,
    Office,
    Service,
    StaffMember,
)

MINUTE = 60.0
HOUR = 3600.0

# How many of a hundred visitors prefer each language.
SPOKEN = {
    "sv": 52, "ar": 12, "en": 8, "fi": 5, "so": 4, "tr": 4, "fa": 4, "es": 3, "ckb": 3,
    "kmr": 2, "pl": 2, "uk": 1,
}  # fmt: skip
SECOND_LANGUAGE = 0.5  # of those who prefer another than Swedish, the share who also accept it

# Visitors per staffed counter and hour: with the service times below, lines grow at the peaks
# only.
ARRIVALS_PER_HOUR = 4.3

# A service time is log-normal with the service's typical minutes as its mean, and a median of
# seven minutes where the mean is eleven.
MEDIAN_OF_MEAN = 7 / 11
SHORTEST_SERVICE, LONGEST_SERVICE = 1 * MINUTE, 45 * MINUTE

NEVER_COMES = 0.04  # of those who are called

# Where visitors live, how they take their ticket, and what comes between, of a hundred.
LIVES = {"near": 58, "far": 28, OTHER_DISTRICT: 5, UNDISCLOSED_DISTRICT: 9}
CHANNELS = {"kiosk": 85, "phone": 10, "staff": 5}
DETOURS = {"": 92, "return": 1.5, "park": 3, "transfer": 3.5}
FETCHING = (4 * MINUTE, 12 * MINUTE)  # how long one is away who is parked

# How many have no, one or two errands more than what they came for, and how errands end.
FURTHER_ERRANDS = (76, 19, 5)
OUTCOMES = {
    Outcome.RESOLVED: 72, Outcome.REFERRED: 14, Outcome.BOOKED: 9, Outcome.ESCALATED: 5,
}  # fmt: skip

# For the simulation, which decides the following by itself and does not ask a running service.
COUNTERS_STAFFED = 0.65  # the share of an office's counters that its number of visitors is for
ACCEPT_VIDEO, ACCEPT_INTERPRETER = 0.9, 0.9  # of the visitors
INTERPRETER_AFTER = 30 * MINUTE  # the wait after which those who accept an interpreter do so
PATIENCE = 2 * HOUR  # the mean, exponential: with it about as many leave as in the demonstration
WALK = 30.0  # from the call until the visitor is at the counter
NO_SHOW_AFTER = 2.5 * MINUTE  # from the call until the counter gives up
AFTER_CLOSING = 1 * HOUR  # who came in before closing time is served for so long after it

# For the invented past (``demo.past``): how many more or fewer come than are usual, which is so
# many of those that the counters are there for. Mondays, January and late summer are busy, July
# is not, and on the day after a holiday come those who found the doors closed.
USUAL = 0.72
WEEKDAYS = (1.25, 1.03, 0.95, 0.97, 0.80, 0.70, 0.70)  # Monday first
MONTHS = (1.15, 1.02, 1.00, 0.97, 0.95, 0.90, 0.62, 1.16, 1.18, 1.03, 1.00, 0.86)
AFTER_HOLIDAY = 1.2
DAY_TO_DAY = 0.08  # the deviation of what neither weekday nor season explains
BUSIEST = 2.0  # a day's most, of those that the counters are there for
GROWTH, SHRINKING = 0.04, -0.08  # a year; the second where fewest counters are
LOCAL_USUAL_LANGUAGE = 0.75  # of those who prefer Swedish, so many come to a local office

# How often the services are come for, where not as often as the others: always, and by month.
COME_FOR = {
    "lamna-handlingar": 2.0, "e-tjanst": 2.0, "ekonomiskt-bistand": 1.6, "ovrigt": 1.5,
    "bostad": 1.3, "forskola-skola": 1.3, "bygglov": 0.6, "konsumentvagledning": 0.6,
    "parkeringstillstand": 0.5, "foreningar-lokaler": 0.4, "skolval": 0.4, "bokad-tid": 0.3,
}  # fmt: skip
COME_FOR_IN = {
    "skolval": {1: 5.0, 2: 3.0}, "forskola-skola": {3: 1.4, 8: 1.8, 9: 1.4},
    "bygglov": {4: 1.6, 5: 1.6, 6: 1.3}, "faktura": {1: 1.3},
}  # fmt: skip

BOOKED, PRIORITY = 0.04, 0.05  # of the visitors: an appointment, another reason to go before
UNASKED = 0.5  # of those whom staff give a ticket, so many are not asked where they live
UNCODED = 0.08  # of the visits, finished in haste: nobody recorded what they were about

# How far promises miss on the scale of ``core.learning.scaled``: a deviation, and how far from
# the likely wait the ends of the range are. Waits for rare languages are harder to tell.
MISSED, MISSED_RARE = 0.45, 0.60
RANGE = 0.36

# When in an invented past, as a share of it, a local office opens longer than before, and by how
# much at either end; and when a colleague comes who speaks the most asked for of the languages.
LONGER_FROM, LONGER_BY = 0.5, 1 * HOUR
JOINED_FROM = 0.7

# When breaks begin, as a share of the day, and how long they are.
BREAKS = ((0.22, 10 * MINUTE), (0.45, 30 * MINUTE), (0.75, 10 * MINUTE))


def spoken(municipality: Municipality) -> dict[str, int]:
    """How many of a hundred prefer each language that the municipality has."""
    known = {language.code for language in municipality.languages}
    return {code: weight for code, weight in SPOKEN.items() if code in known}


def rush(share: float) -> float:
    """How busy it is when ``share`` of the day has passed: at opening and after lunch most."""
    if share > 0.96:  # who comes at closing time cannot count on being served
        return 0.1
    opening = math.exp(-(((share - 0.05) / 0.10) ** 2))
    after_lunch = math.exp(-(((share - 0.62) / 0.10) ** 2))
    return 0.8 + 0.7 * opening + 0.5 * after_lunch


def breaks(place: int, places: int, day_s: float) -> list[tuple[float, float]]:
    """When in a day of ``day_s`` seconds the one at ``place`` rests, and for how long.

    One after the other, so that an office is never without anybody.
    """
    lengths = [min(length, day_s / 16) for _, length in BREAKS]
    return [
        (share * day_s + (place - places / 2) * length / 2, length)
        for (share, _), length in zip(BREAKS, lengths, strict=True)
    ]


def pick(chance: Random, weights: Mapping[str, float]) -> str:
    """One of them, by weight."""
    return chance.choices(list(weights), list(weights.values()))[0]


def lives(municipality: Municipality, office: Office, chance: Random) -> str:
    """The district of residence: most live near the office, or would rather not say."""
    kind = pick(chance, LIVES)
    if kind == "near":
        return office.district
    if kind == "far":
        inhabitants = {
            district.code: max((one.inhabitants for one in district.population), default=1)
            for district in municipality.districts
        }
        return pick(chance, inhabitants)
    return kind


def channel(office: Office, chance: Random) -> str:
    """Most take a ticket at the kiosk; some by phone, and some ask staff for one."""
    phone = CHANNELS["phone"] if office.phone_tickets else 0
    return pick(chance, CHANNELS | {"phone": phone})


def errands(service: Service, others: Sequence[Service], chance: Random) -> list[dict[str, str]]:
    """What one came for and perhaps more, each with its outcome."""
    further = chance.choices(range(len(FURTHER_ERRANDS)), FURTHER_ERRANDS)[0]
    matters = [service, *chance.choices(others, k=further)]
    outcomes = chance.choices(list(OUTCOMES), list(OUTCOMES.values()), k=len(matters))
    return [
        {"service": matter.code, "outcome": outcome}
        for matter, outcome in zip(matters, outcomes, strict=True)
    ]


def can(municipality: Municipality, member: StaffMember, service: str, language: str) -> bool:
    """Whether the member does the service and speaks the language, at any level."""
    return language in member.languages and service in municipality.services_of(member.name)


def added(
    municipality: Municipality,
    office: str,
    member: StaffMember,
    colleagues: Iterable[StaffMember],
) -> float:
    """How much of what visitors ask for ``member`` can serve there and no colleague can."""
    there = list(colleagues)
    return sum(
        weight
        for service in municipality.services_at(office)
        for language, weight in spoken(municipality).items()
        if can(municipality, member, service.code, language)
        and not any(can(municipality, other, service.code, language) for other in there)
    )


def places(wanted: dict[str, int]) -> list[str]:
    """The office of each counter to be staffed: first one at every office, then the second, …"""
    rounds = range(max(wanted.values(), default=0))
    return [code for turn in rounds for code, number in wanted.items() if turn < number]
