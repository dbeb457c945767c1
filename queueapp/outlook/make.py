"""History → the forecast of the coming weeks."""

import datetime as dt
from collections.abc import Mapping

from threadpoolctl import threadpool_limits

from queueapp.outlook import past as played
from queueapp.outlook.calendar import ONE_DAY
from queueapp.outlook.history import History
from queueapp.outlook.past import Past
from queueapp.outlook.spread import UNKNOWN, ranges
from queueapp.outlook.teller import ENOUGH_WEEKS, FEWEST_WEEKS, Teller
from queueapp.outlook.values import (
    WEEKS,
    Basis,
    DayOutlook,
    Expected,
    LanguageWeek,
    OfficeOutlook,
    Outlook,
)


def outlook(history: History, services: Mapping[str, Mapping[str, int]]) -> Outlook:
    """The forecast from ``history.today`` on.

    ``services``: each office's recent visits by service.
    """
    # Small sums: several processors would only wait for each other.
    with threadpool_limits(1):
        maker = _Maker(history)
        offices = [maker.office(code, services.get(code, {})) for code in history.offices]
    return Outlook(history.today, tuple(offices))


class _Maker:
    def __init__(self, history: History) -> None:
        self._history = history
        self._teller = Teller(history)
        self._past = played.play(history)
        self._days = [history.today + n * ONE_DAY for n in range(7 * WEEKS)]

    def office(self, office: str, services: Mapping[str, int]) -> OfficeOutlook:
        basis = self._basis(office)
        spread = _Spread(self._past, office, basis)
        expected = self._expected(office, basis, spread)
        shares = self._teller.shares
        whole = sum(services.values())
        return OfficeOutlook(
            office=office,
            basis=basis,
            since=self._history.since(office),
            errors=self._past.errors(office),
            days=tuple(self._day(office, basis, day, expected.get(day)) for day in self._days),
            weeks=self._weeks(office, expected, spread),
            languages={weekday: shares.languages(office, weekday) for weekday in range(1, 8)}
            if expected
            else {},
            services={service: visits / whole for service, visits in services.items()},
        )

    def _basis(self, office: str) -> Basis:
        weeks = self._history.weeks(office)
        if weeks < FEWEST_WEEKS:
            return "nothing"
        return "weekday-mean" if weeks < ENOUGH_WEEKS else self._past.best(office)

    def _expected(self, office: str, basis: Basis, spread: "_Spread") -> dict[dt.date, Expected]:
        """Of the open days."""
        if basis == "nothing":
            return {}
        open_ = [day for day in self._days if self._history.calendar.open(office, day)]
        means = self._teller.means(basis, office, open_)
        return dict(zip(open_, ranges(means, spread.of_days), strict=True))

    def _day(
        self, office: str, basis: Basis, day: dt.date, expected: Expected | None
    ) -> DayOutlook:
        calendar = self._history.calendar
        hours = calendar.open_hours(office, day)
        if expected is None:
            nothing = None if hours and basis == "nothing" else Expected(0.0, 0, 0)
            return DayOutlook(day, bool(hours), calendar.holiday(day), nothing, {})
        shares = self._teller.shares.hours(office, day.isoweekday(), hours)
        by_hour = {hour: expected.visits * share for hour, share in shares.items()}
        return DayOutlook(day, True, calendar.holiday(day), expected, by_hour)

    def _weeks(
        self, office: str, expected: Mapping[dt.date, Expected], spread: "_Spread"
    ) -> tuple[LanguageWeek, ...]:
        found: list[LanguageWeek] = []
        for week in range(WEEKS):
            open_ = [day for day in self._days[7 * week : 7 * week + 7] if day in expected]
            means = [expected[day].visits for day in open_]
            spoken = self._teller.by_language(office, open_, means)
            told = ranges(list(spoken.values()), spread.of_languages)
            found += [
                LanguageWeek(self._days[7 * week], language, one)
                for language, one in zip(spoken, told, strict=True)
            ]
        return tuple(found)


class _Spread:
    """How far the outcomes of an office lie from what is likely, by how its forecasts missed."""

    def __init__(self, past: Past, office: str, basis: Basis) -> None:
        if basis in played.WAYS:
            own, others = past.split(office, basis, past.days)
            self.of_days = own.dispersion(others)
            own, others = past.split(office, basis, past.languages)
            self.of_languages = own.dispersion(others)
        else:
            self.of_days = self.of_languages = UNKNOWN
