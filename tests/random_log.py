"""A log of random visits, with everything in it that can happen to one."""

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

from flask import Flask

from queueapp import configuration, write
from queueapp.core import events as e
from queueapp.municipality import OTHER_DISTRICT, UNDISCLOSED_DISTRICT, Municipality

ENDS = (*["finished"] * 8, "no_show", "left", "closing", "uncoded")


def day(
    municipality: Municipality, date: dt.date, number: int, rng: Random, first_ticket: int
) -> list[e.Event]:
    """The events of one day from 9 to 16, in order of time."""
    midnight = dt.datetime.combine(date, dt.time(), municipality.zone).timestamp()
    log: list[e.Event] = []
    for office in municipality.offices:
        for counter in municipality.counters(office.code)[:2]:
            about = {"office": office.code, "counter": counter}
            log.append(e.CounterOpened(at=midnight + 8.8 * 3600, **about))
            log.append(e.CounterPaused(at=midnight + 12 * 3600, **about))
            log.append(e.CounterOpened(at=midnight + 12.5 * 3600, **about))
            log.append(e.CounterClosed(at=midnight + 16.5 * 3600, **about))
    for ticket in range(first_ticket, first_ticket + number):
        at = midnight + rng.uniform(9, 16) * 3600
        log.extend(_visit(municipality, ticket, at, rng))
    return sorted(log, key=lambda event: event.at)


def _visit(municipality: Municipality, ticket: int, at: float, rng: Random) -> Iterator[e.Event]:
    office = rng.choice(municipality.offices).code
    service = rng.choice(municipality.services_at(office)).code
    language = rng.choices(("sv", "ar", "fi", "so"), (10, 5, 2, 1))[0]
    about: dict[str, Any] = {"office": office, "ticket": ticket}
    districts = [one.code for one in municipality.districts]
    likely = rng.randrange(60, 1200)
    yield e.TicketIssued(
        at=at,
        **about,
        number=f"A{ticket}",
        service=service,
        languages=[language] if rng.random() < 0.5 else [language, "en"],
        way="here",
        channel=rng.choice(("kiosk", "phone", "staff")),
        district=rng.choice([*districts, OTHER_DISTRICT, UNDISCLOSED_DISTRICT, None]),
        priority=None,
        promised=[likely // 2, likely, likely * 2],
        staffed=rng.random() < 0.9,
    )
    end = rng.choice(ENDS)
    called = at + rng.expovariate(1 / 500)
    if end in {"left", "closing"}:
        yield e.TicketLeft(at=called, **about, reason="visitor" if end == "left" else "closing")
        return
    here = about | {"counter": f"{office}-{rng.randint(1, 2)}"}
    way = rng.choices(("here", "video", "interpreter"), (8, 1, 1))[0]
    yield e.TicketCalled(at=called, **here, number=f"A{ticket}", way=way, language=language)
    if end == "no_show":
        yield e.TicketNoShow(at=called + 120, **here)
        return
    yield e.ServiceStarted(at=called + 30, **here)
    done = called + 30 + rng.expovariate(1 / 600)
    if rng.random() < 0.1:
        yield e.TicketParked(at=done, **here)
        yield e.TicketResumed(at=done + 300, **about)
        yield e.TicketCalled(at=done + 400, **here, number=f"A{ticket}", way=way, language=language)
        yield e.ServiceStarted(at=done + 410, **here)
        done += 600
    errands = [_errand(service, language, way, rng) for _ in range(rng.choice((1, 1, 1, 2)))]
    yield e.TicketFinished(at=done, **here, errands=[] if end == "uncoded" else errands)


def _errand(service: str, language: str, way: str, rng: Random) -> dict[str, Any]:
    return {
        "service": rng.choice((service, "ovrigt")),
        "owner": rng.choice(("municipal", "state", "other")),
        "outcome": rng.choices(("resolved", "referred", "booked", "escalated"), (8, 1, 1, 1))[0],
        "language": rng.choice((language, language, "sv")),
        "interpreter": way == "interpreter",
    }


def fill(made: Flask, dates: list[dt.date], number: int = 60, seed: int = 1) -> list[e.Event]:
    """Write those days to the application's log, one transaction a day; gives the events."""
    rng = Random(seed)
    municipality = configuration.current()
    written: list[e.Event] = []
    for place, date in enumerate(dates):
        log = day(municipality, date, number, rng, 1 + seed * 1_000_000 + place * number)
        with write.line(log[-1].at) as held:
            held.events.extend(log)
        written += log
    return written


def working_days(first: dt.date, number: int) -> list[dt.date]:
    """So many dates from ``first`` on, without Saturdays and Sundays."""
    days = (first + dt.timedelta(days=more) for more in range(2 * number + 7))
    return [day for day in days if day.isoweekday() < 6][:number]
