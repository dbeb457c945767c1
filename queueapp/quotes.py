"""The ways to be served, each with its wait: before a ticket is taken, and while one waits."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from queueapp import checks, screens, standing
from queueapp.core import estimate
from queueapp.core.matching import Way, Wish, match


@dataclass(frozen=True, slots=True)
class Quote:
    """A way to be served and its wait. ``staffed``: somebody on duty can do it now; ``in_time``:
    and will probably not have gone home before it would be the visitor's turn.

    For a booking the wait lasts until somebody with the competence is usually on duty next,
    at ``available_at`` (seconds since 1970).
    """

    way: Way
    office: str
    office_name: str
    address: str
    language: str
    staffed: bool
    in_time: bool
    ahead: int
    wait: estimate.Wait
    available_at: float | None = None

    @property
    def promised(self) -> bool:
        """Whether the wait is a promise."""
        return self.staffed and self.in_time


# What a visitor's consent covers besides being served here: to offer it again would say nothing.
_INCLUDES = {Way.VIDEO: (Way.VIDEO,), Way.INTERPRETER: (Way.VIDEO, Way.INTERPRETER)}


class _Counsel:
    """Who serves and who waits, read once for all quotes of one answer."""

    def __init__(self, now: screens.Moment, wish: Wish, came_at: float | None = None) -> None:
        """``came_at``: when the visitor came, who waits here already."""
        self.now, self.wish = now, wish
        present = standing.read(now.connection, now.municipality, now.at)
        self.servers = present.duty.servers
        ways = [replace(wish, way=way) for way in (Way.HERE, Way.VIDEO, Way.INTERPRETER)]
        offices = [replace(wish, office=office) for office in self._other_offices()]
        if came_at is None:
            told = present.forecasts(*ways, *offices)  # of one and the same future
        else:
            ahead = present.ahead_of(now.connection, came_at, wish.credit_s)
            # At another office one takes a new ticket, behind all who wait there.
            told = [*ahead.forecasts(*ways), *present.forecasts(*offices)]
        pairs = zip((*ways, *offices), told, strict=True)
        self.told = {one: quote.forecast for one, quote in pairs}

    def ways(self) -> list[Quote]:
        """All ways, being served here first."""
        here = self._quote(Way.HERE, self.wish)
        return [here, *self._others(served=here.promised)]

    def _quote(self, way: Way, wish: Wish) -> Quote:
        """The way ``way`` for a visitor who waits with ``wish``."""
        told = self.told[wish]
        matches = [found for one in self.servers if (found := match(wish, one))]
        spoken = {found.language for found in matches if way in {Way.OFFICE, found.way}}
        language = next((one for one in wish.languages if one in spoken), wish.languages[0])
        place = self._place(wish.office)
        return Quote(way, *place, language, told.staffed, told.in_time, told.ahead, told.wait)

    def _place(self, office: str) -> tuple[str, str, str]:
        """The office's code, name and address."""
        found = self.now.municipality.office(office)
        return found.code, found.name, found.address

    def _by_video(self) -> Quote | None:
        """By video, where somebody on duty at another office can serve the visitor so."""
        wish = replace(self.wish, way=Way.VIDEO)
        if any(match(wish, one) for one in self.servers if one.office != wish.office):
            return self._quote(Way.VIDEO, wish)
        return None

    def _others(self, served: bool) -> Iterator[Quote]:
        """The ways besides waiting for somebody here; ``served``: somebody here will in time."""
        by_video = self._by_video()
        if by_video:
            yield by_video
        if not served and self.wish.languages != (self.now.municipality.default_language,):
            yield self._quote(Way.INTERPRETER, replace(self.wish, way=Way.INTERPRETER))
        yield from self._elsewhere()
        if not served and not (by_video and by_video.promised):
            yield from self._later()

    def _other_offices(self) -> list[str]:
        """The other offices that offer the service."""
        municipality = self.now.municipality
        return [
            office.code
            for office in municipality.offices
            if office.code != self.wish.office
            and municipality.offers(office.code, self.wish.service)
        ]

    def _elsewhere(self) -> Iterator[Quote]:
        """The offices, open now, where somebody on duty can serve the visitor."""
        municipality, at = self.now.municipality, self.now.at
        for office in self._other_offices():
            if not screens.is_open(municipality, office, at):
                continue
            quote = self._quote(Way.OFFICE, replace(self.wish, office=office))
            if quote.promised:
                yield quote

    def _later(self) -> Iterator[Quote]:
        """Where nobody on duty has the competence: when it comes, as far as the rota tells."""
        now, wish = self.now.at, self.wish
        spoken = [(self._spoken_next(language), language) for language in wish.languages]
        # Of languages that are spoken equally soon the first, the most preferred.
        coming = [(at, language) for at, language in spoken if at is not None]
        at, language = min(coming, key=lambda one: one[0], default=(None, ""))
        if at is not None:
            away = round(at - now)
            wait = estimate.Wait(away, away, away)
            yield Quote(Way.BOOKING, *self._place(wish.office), language, False, False, 0, wait, at)

    def _spoken_next(self, language: str) -> float | None:
        """When the language comes to the visitor's office: to a counter, or to a video room."""
        municipality, wish = self.now.municipality, self.wish
        rooms = municipality.video_rooms(wish.office)
        offices = [one.code for one in municipality.offices] if rooms else [wish.office]
        now = dt.datetime.fromtimestamp(self.now.at, dt.UTC)
        at = municipality.spoken_next(wish.office, wish.service, language, now, offices)
        return at.timestamp() if at else None


def quotes(
    now: screens.Moment, office: str, service: str, languages: tuple[str, ...]
) -> list[Quote]:
    """The ways to be served at and from ``office``, each with its wait.

    Being served here in an accepted language comes first; then by video from another office;
    with an interpreter, where nobody here speaks one of the languages; the other offices where
    somebody does; and where nobody on duty does, when somebody will.
    """
    now.municipality.office(office)
    wish = Wish(office, service, languages)
    checks.wish(now.municipality, wish)
    return _Counsel(now, wish).ways()


def offers(now: screens.Moment, row: Any) -> list[Quote]:
    """The other ways for one who already waits, keeping the place in the line."""
    wish = replace(screens.wish_of(row), way=Way.HERE)
    _, *others = _Counsel(now, wish, came_at=row.arrived_at).ways()
    given = _INCLUDES.get(Way(row.way), ())
    return [quote for quote in others if quote.way not in given]
