"""What a request names must exist, and the office must offer it; a clear refusal where not."""

from collections.abc import Callable
from typing import TypeVar

from queueapp.core.matching import Way, Wish
from queueapp.core.ticket import BadInput, NotOffered, WayNotOffered
from queueapp.municipality import Municipality, Unknown

T = TypeVar("T")


def known(field: str, lookup: Callable[[str], T], code: str) -> T:
    """The thing that ``code`` names in a field of the request."""
    try:
        return lookup(code)
    except Unknown:
        raise BadInput(field=field, reason="unknown", value=code) from None


def wish(municipality: Municipality, asked: Wish) -> None:
    """The office offers the service in that way, and the languages are ones we know."""
    known("service", municipality.service, asked.service)
    if not municipality.offers(asked.office, asked.service):
        raise NotOffered(office=asked.office, service=asked.service)
    for language in asked.languages:
        known("languages", municipality.language, language)
    _way(municipality, asked)


def _way(municipality: Municipality, asked: Wish) -> None:
    """Video needs a room; going elsewhere and booking are advice, not ways to wait."""
    no_room = asked.way is Way.VIDEO and not municipality.video_rooms(asked.office)
    if no_room or asked.way in {Way.OFFICE, Way.BOOKING}:
        raise WayNotOffered(office=municipality.office(asked.office).name, way=str(asked.way))
