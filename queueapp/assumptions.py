"""What is assumed of visitors and staff, for want of figures.

All that is invented starts here: the demonstration (``demo``) plays it against the running
service, the simulation (``scenario``) through the core alone. None of it is measured; what the
kommun's own log shows should replace it.
"""

import math
from collections.abc import Iterable

from queueapp.municipality import Municipality, StaffMember

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

# For the simulation, which decides the following by itself and does not ask a running service.
COUNTERS_STAFFED = 0.65  # the share of an office's counters that its number of visitors is for
ACCEPT_VIDEO, ACCEPT_INTERPRETER = 0.9, 0.9  # of the visitors
INTERPRETER_AFTER = 30 * MINUTE  # the wait after which those who accept an interpreter do so
PATIENCE = 2 * HOUR  # the mean, exponential: with it about as many leave as in the demonstration
WALK = 30.0  # from the call until the visitor is at the counter
NO_SHOW_AFTER = 2.5 * MINUTE  # from the call until the counter gives up
AFTER_CLOSING = 1 * HOUR  # who came in before closing time is served for so long after it

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
