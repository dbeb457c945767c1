"""The municipality's configuration as the running system uses it.

Each version is kept as one document. A process keeps the version it last saw in memory; the
line's row names the current one, so whoever holds the line or follows the log is never behind.
"""

import collections
from collections.abc import Callable, Iterator
from typing import Any

from flask import current_app
from sqlalchemy import Connection, func, insert, select, update

from queueapp.core.matching import Wish
from queueapp.core.ticket import OPEN
from queueapp.models import Configuration, Counter, Line, Ticket, db
from queueapp.municipality import ConfigurationError, Municipality, Unknown, parse, to_document

_configuration = Configuration.__table__
_counter = Counter.__table__
_line = Line.__table__
_ticket = Ticket.__table__
# How to look up a thing, and its code; None where there is none.
Needed = tuple[Callable[[str], Any], str | None]


class NotInitialised(Exception):
    """The database holds no configuration: ``queueapp init`` has not been run."""

    def __init__(self) -> None:
        super().__init__("the database holds no configuration; run: queueapp init")


def of_version(connection: Connection, version: int) -> Municipality:
    """The configuration with that number."""
    known: dict[int, Municipality] = current_app.extensions["configuration"]
    if version not in known:
        row = connection.execute(
            select(_configuration.c.document).where(_configuration.c.version == version)
        ).one()
        known.clear()
        known[version] = parse(row.document)
    return known[version]


def current() -> Municipality:
    """The configuration this process last saw, or the database's where it saw none yet."""
    known: dict[int, Municipality] = current_app.extensions["configuration"]
    if latest := next(reversed(known.values()), None):
        return latest
    with db.engine.connect() as connection:
        version = connection.execute(select(_line.c.configuration)).scalar_one_or_none()
        if version is None:
            raise NotInitialised
        return of_version(connection, version)


def install(connection: Connection, municipality: Municipality, at: float) -> int:
    """Make ``municipality`` the current configuration; gives its version.

    Counters that are new get a row; those that are gone lose theirs. Refused where it lacks
    what an open counter or an open visit needs: no screen could show them any more.
    """
    newest = connection.execute(select(func.max(_configuration.c.version))).scalar_one_or_none()
    version = (newest or 0) + 1
    connection.execute(
        insert(_configuration).values(
            version=version, document=to_document(municipality), imported_at=at
        )
    )
    if connection.execute(select(_line.c.seq)).one_or_none() is None:
        connection.execute(
            insert(_line).values(
                municipality=municipality.code, seq=0, configuration=version, invented=False
            )
        )
    connection.execute(update(_line).values(configuration=version, municipality=municipality.code))
    # The line is held by now: nobody sits down or comes between this and the end.
    if lost := [*_lost_counters(connection, municipality), *_lost_visits(connection, municipality)]:
        raise ConfigurationError(lost)
    _install_counters(connection, municipality, at)
    return version


def _lost_counters(connection: Connection, municipality: Municipality) -> Iterator[str]:
    """A message for each counter in use that ``municipality`` lacks, or whose staff it lacks."""
    in_use = _counter.c.state != "closed"
    for row in connection.execute(select(_counter).where(in_use).order_by(_counter.c.code)):
        needed = (municipality.office_of_counter, row.code), (municipality.staff_member, row.staff)
        for kind, code in _missing(*needed):
            yield (
                f"counter {row.code} is in use, and the new configuration has no {kind} {code}: "
                "close the counter first"
            )


def _lost_visits(connection: Connection, municipality: Municipality) -> Iterator[str]:
    """A message for each thing that visits not yet over need and ``municipality`` lacks."""
    kinds = (_ticket.c.class_key, _ticket.c.priority, _ticket.c.room)
    visits = select(*kinds, func.count().label("number")).where(_ticket.c.state.in_(OPEN))
    lost: collections.Counter[tuple[str, str]] = collections.Counter()
    for row in connection.execute(visits.group_by(*kinds)):
        wish = Wish.of_key(row.class_key)
        needed: list[Needed] = [
            (municipality.office, wish.office),
            (municipality.service, wish.service),
            *((municipality.language, language) for language in wish.languages),
            (municipality.priority, row.priority),
            (municipality.office_of_room, row.room),
        ]
        for missing in _missing(*needed):
            lost[missing] += row.number
    for (kind, code), number in sorted(lost.items()):
        yield (
            f"visits not yet over that need the {kind} {code}: {number}. The new configuration "
            "has none: let them end first, or end the day with queueapp close-day"
        )


def _missing(*needed: Needed) -> Iterator[tuple[str, str]]:
    """The kind and the code of what cannot be found."""
    for lookup, code in needed:
        try:
            if code is not None:
                lookup(code)
        except Unknown as unknown:
            yield unknown.kind, unknown.code


def _install_counters(connection: Connection, municipality: Municipality, at: float) -> None:
    wanted = {
        code: office.code
        for office in municipality.offices
        for code in municipality.counters(office.code)
    }
    present = set(connection.execute(select(_counter.c.code)).scalars())
    for code in sorted(wanted.keys() - present):
        connection.execute(
            insert(_counter).values(
                code=code, office=wanted[code], state="closed", staff=None, since=at
            )
        )
    gone = present - wanted.keys()
    connection.execute(
        _counter.delete().where(_counter.c.code.in_(gone), _counter.c.state == "closed")
    )
