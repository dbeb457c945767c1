"""The days of an invented past: when it was open, how many came, and what was changed when.

Two things change, so that a comparison of before and after has something to find: a local office
opens longer, and a colleague comes who speaks the most asked for of the other languages. The last
day is as the configuration says.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import exp
from random import Random
from typing import Any

import holidays

from queueapp import assumptions as assumed
from queueapp.core.arrivals import Arrival
from queueapp.demo.lives import Lives
from queueapp.municipality import Municipality, Office, parse, to_document
from queueapp.simulate import rota
from queueapp.simulate.scenario import Day, Scenario

ONE_DAY = dt.timedelta(days=1)
A_YEAR = 365.25
SHORTEST = 4 * assumed.HOUR  # a day that is not longer was not shorter before either


@dataclass(frozen=True, kw_only=True)
class PastDay(Day):
    """A day that had its date. ``busy``: the share of those invented for an office who came."""

    date: dt.date
    busy: Mapping[str, float]
    lives: Lives

    def arrivals(self, chance: Random) -> Iterator[Arrival]:
        """The day's visitors, by arrival."""
        for arrival in super().arrivals(chance):
            if chance.random() < self.busy[arrival.office] * self.lives.share(arrival):
                yield self.lives.of(arrival, self.date.month, chance)


class Past:
    """The past from ``first`` to ``last``; the same ``seed`` gives the same one."""

    def __init__(
        self, municipality: Municipality, first: dt.date, last: dt.date, seed: int
    ) -> None:
        self.municipality, self.first, self.last, self.seed = municipality, first, last, seed
        length = last - first
        self.longer_from = first + length * assumed.LONGER_FROM
        self.joined_from = first + length * assumed.JOINED_FROM
        self.longer = next((one for one in municipality.offices if one.kind == "local"), None)
        self.joins, self.language = _who_joins(municipality)
        self._closed = closed_days(municipality, first, last)

    @cached_property
    def days(self) -> list[PastDay]:
        """Every day on which any office was open."""
        early, late = (Scenario(one, times=assumed.BUSIEST) for one in self._as_it_was())
        lives = Lives(self.municipality)
        return [
            PastDay(
                **vars((early if date < self.joined_from else late).day(date)),
                date=date,
                busy=self._busy(date),
                lives=lives,
            )
            for date in _dates(self.first, self.last)
            if any(office.opening(date) for office in late.municipality.offices)
        ]

    def _as_it_was(self) -> tuple[Municipality, Municipality]:
        """The configuration with the hours of those days, before the colleague came and after."""
        late = to_document(self.municipality)
        for office in late["offices"]:
            known = {one["date"] for one in office.get("exceptions", ())}
            of_past = self._exceptions(self.municipality.office(office["code"]))
            added = [one for one in of_past if one["date"] not in known]
            office["exceptions"] = [*office.get("exceptions", ()), *added]
        staff = [one for one in late["staff"] if one["name"] != self.joins]
        return parse(late | {"staff": staff}), parse(late)

    def _exceptions(self, office: Office) -> Iterator[dict[str, Any]]:
        shorter = self.longer is not None and office.code == self.longer.code
        for date in _dates(self.first, self.last):
            if date in self._closed:
                yield {"date": date.isoformat(), "closed": True}
            elif shorter and date < self.longer_from and (spans := office.opening(date)):
                hours = [_shorter(*span) for span in spans]
                yield {"date": date.isoformat(), "closed": False, "hours": hours}

    def _busy(self, date: dt.date) -> dict[str, float]:
        chance = Random(f"{self.seed} {date}")  # noqa: S311 - repeatable, not a secret
        of_day = (
            assumed.USUAL
            / assumed.BUSIEST
            * assumed.WEEKDAYS[date.weekday()]
            * season(date)
            * (assumed.AFTER_HOLIDAY if self._after_holiday(date) else 1.0)
            * max(0.0, chance.gauss(1.0, assumed.DAY_TO_DAY))
        )
        years_left = (self.last - date).days / A_YEAR
        return {
            office.code: of_day * exp(-years_left * self._growth(office))
            for office in self.municipality.offices
        }

    def _after_holiday(self, date: dt.date) -> bool:
        """Whether it would have been open on the weekday before, had that been no holiday."""
        before = date - (3 if date.weekday() == 0 else 1) * ONE_DAY
        return before in self._closed

    def _growth(self, office: Office) -> float:
        smallest = min(self.municipality.offices, key=lambda one: one.counters)
        shrinks = office is smallest and len(self.municipality.offices) > 1
        return assumed.SHRINKING if shrinks else assumed.GROWTH


def season(date: dt.date) -> float:
    """How many come at that time of the year, of those who come on average."""
    months, month = assumed.MONTHS, date.month - 1
    from_middle = (date.day - 15) / 30
    neighbour = months[(month + (1 if from_middle > 0 else -1)) % 12]
    return months[month] + abs(from_middle) * (neighbour - months[month])


def closed_days(municipality: Municipality, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """The public holidays of Sweden, and those eves that the configuration closes too."""
    told = {one.date for office in municipality.offices for one in office.exceptions if one.closed}
    years = range(first.year, last.year + 1)
    public = holidays.country_holidays("SE", years=years)
    eves = holidays.country_holidays("SE", years=years, categories=("de_facto",))
    known = holidays.country_holidays("SE", categories=("de_facto",))
    closed_eves = {known[date] for date in told if date in known}
    return frozenset(public) | {date for date, name in eves.items() if name in closed_eves}


def _dates(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + days * ONE_DAY for days in range((last - first).days + 1))


def _shorter(opens: dt.time, closes: dt.time) -> dict[str, str]:
    begin, end = _seconds(opens), _seconds(closes)
    by = assumed.LONGER_BY if end - begin - 2 * assumed.LONGER_BY >= SHORTEST else 0.0
    return {"opens": _clock(begin + by), "closes": _clock(end - by)}


def _seconds(clock: dt.time) -> float:
    return clock.hour * assumed.HOUR + clock.minute * assumed.MINUTE


def _clock(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / assumed.MINUTE), 60)
    return f"{hours:02}:{minutes:02}"


def _who_joins(municipality: Municipality) -> tuple[str | None, str | None]:
    """One of several who speak the language that is asked for most after the usual one."""
    spoken = dict(assumed.spoken(municipality))
    spoken.pop(municipality.default_language, None)
    language = max(spoken, key=lambda code: spoken[code], default=None)
    able = [one.name for one in rota.serving(municipality) if language in one.spoken]
    return (able[0], language) if len(able) > 1 else (None, None)
