"""Who works where and when on a date, as the configuration says: always decided the same way."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from queueapp import assumptions as assumed
from queueapp.core.matching import Server
from queueapp.core.simulation import Shift
from queueapp.municipality import Municipality, StaffMember

Span = tuple[float, float]
"""From when until when, in seconds after midnight."""

Hours = Mapping[str, Sequence[Span]]
"""When each office is open."""

WHOLE_DAY: Span = (0.0, 24 * assumed.HOUR)


@dataclass(frozen=True, slots=True)
class Duty:
    """A staff member's shift."""

    staff: str
    shift: Shift


def midnight(municipality: Municipality, date: dt.date) -> float:
    """The beginning of the local day, in seconds since 1970."""
    return dt.datetime.combine(date, dt.time(), municipality.zone).timestamp()


def opening(municipality: Municipality, date: dt.date) -> dict[str, list[Span]]:
    """When each office is open on that date."""
    return {
        office.code: [_after_midnight(municipality, date, *span) for span in office.opening(date)]
        for office in municipality.offices
    }


def _after_midnight(
    municipality: Municipality, date: dt.date, begin: dt.time, end: dt.time
) -> Span:
    # Not simply what the clock says: one day in spring is an hour shorter.
    start = midnight(municipality, date)
    moments = (dt.datetime.combine(date, clock, municipality.zone) for clock in (begin, end))
    first, last = (moment.timestamp() - start for moment in moments)
    return first, last


def common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """The time that lies in both, by beginning."""
    both = ((max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others)
    return sorted(span for span in both if span[0] < span[1])


def without(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """The time that lies in ``some`` and in none of the others."""
    left = list(some)
    for begin, end in others:
        before = [(one[0], min(one[1], begin)) for one in left]
        after = [(max(one[0], end), one[1]) for one in left]
        left = sorted(part for part in before + after if part[0] < part[1])
    return left


def serving(municipality: Municipality) -> list[StaffMember]:
    """Those of the staff who serve visitors."""
    return [
        member
        for member in municipality.staff
        if member.role == "staff" and municipality.services_of(member.name)
    ]


def duties(municipality: Municipality, date: dt.date, hours: Hours) -> list[Duty]:
    """Every shift of the date.

    At every office in turn sits down whoever is there longest while nobody else is, and of those
    whoever adds most to what can be served there: so an office is not open without anybody where
    that can be helped, each covers most of what is asked for, and no office has its second before
    all have a first.
    """
    found: list[Duty] = []
    present = _present(municipality, date, hours)
    places = assumed.places({o.code: o.counters for o in municipality.offices if hours.get(o.code)})
    for code in places:
        there = [duty for duty in found if duty.shift.server.office == code]
        able = {
            name: worked
            for name in present
            if code in municipality.offices_of(name)
            and (worked := common(hours[code], present[name]))
        }
        if able:
            best = _best(municipality, code, able, there, hours[code])
            del present[best]
            counter = municipality.counters(code)[len(there)]
            server = municipality.seated(counter, code, best)
            day_s = able[best][-1][1] - able[best][0][0]
            rests = assumed.breaks(len(found), len(places), day_s)
            stays = able[best][-1][1] == hours[code][-1][1]
            found.append(Duty(best, _shift(server, able[best], rests, stays)))
    return found


def _best(
    municipality: Municipality,
    office: str,
    able: Mapping[str, Sequence[Span]],
    there: Sequence[Duty],
    hours: Sequence[Span],
) -> str:
    colleagues = [municipality.staff_member(duty.staff) for duty in there]
    empty = without(hours, [(duty.shift.begins, duty.shift.ends) for duty in there])

    def gain(name: str) -> tuple[float, float]:
        alone_s = sum(end - begin for begin, end in common(able[name], empty))
        member = municipality.staff_member(name)
        return alone_s, assumed.added(municipality, office, member, colleagues)

    return max(able, key=gain)


def _present(municipality: Municipality, date: dt.date, hours: Hours) -> dict[str, Sequence[Span]]:
    """When each of the staff is on duty; all of them all day, where by the document nobody is."""
    told = _told(municipality, date)
    return told if _meet(told, hours) else {name: [WHOLE_DAY] for name in told}


def somebody_is_told(municipality: Municipality, date: dt.date, hours: Hours) -> bool:
    """Whether by the document anybody is on duty while an office is open."""
    return _meet(_told(municipality, date), hours)


def _meet(told: Mapping[str, Sequence[Span]], hours: Hours) -> bool:
    return any(common(spans, mine) for spans in hours.values() for mine in told.values())


def _told(municipality: Municipality, date: dt.date) -> dict[str, Sequence[Span]]:
    """When each of the staff is on duty, by the document."""
    staff = serving(municipality)
    return {member.name: _on_duty(municipality, member, date) for member in staff}


def _on_duty(municipality: Municipality, member: StaffMember, date: dt.date) -> Sequence[Span]:
    told = member.on_duty
    if not told:  # the document does not say when: whenever an office is open
        return [WHOLE_DAY]
    return sorted(
        _after_midnight(municipality, date, span.opens, span.closes)
        for span in told
        if span.weekday == date.isoweekday()
    )


def _shift(server: Server, worked: Sequence[Span], rests: Sequence[Span], stays: bool) -> Shift:
    """A day at a counter: ``rests`` are counted from its beginning.

    Whoever ``stays`` is there until all are served who came in before closing.
    """
    begins, ends = worked[0][0], worked[-1][1]
    gaps = [(one[1], other[0]) for one, other in pairwise(worked)]
    breaks = [(begins + at, begins + at + length) for at, length in rests]
    own = [rest for rest in breaks if begins < rest[0] and not common([rest], gaps)]
    after = assumed.AFTER_CLOSING if stays else 0.0
    return Shift(server, begins, ends + after, tuple(sorted(gaps + own)))


def stretched(found: Sequence[Duty], met: Mapping[str, Span]) -> Iterator[Duty]:
    """The duties, made so long that somebody is there for the visitors each office ``met``.

    Whoever begins first comes earlier, and whoever ends last stays longer.
    """
    for duty in found:
        shift, office = duty.shift, duty.shift.server.office
        there = [other.shift for other in found if other.shift.server.office == office]
        first, last = met.get(office, (shift.begins, shift.ends))
        early = shift.begins == min(other.begins for other in there)
        late = shift.ends == max(other.ends for other in there)
        longer = replace(
            shift,
            begins=min(shift.begins, first) if early else shift.begins,
            ends=max(shift.ends, last) if late else shift.ends,
        )
        yield Duty(duty.staff, longer)
