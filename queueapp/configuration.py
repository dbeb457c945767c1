"""The municipality's configuration as the running system uses it.

Each version is kept as one document. A process keeps the version it last saw in memory; the
line's row names the current one, so whoever holds the line or follows the log is never behind.
"""

from flask import current_app
from sqlalchemy import Connection, func, insert, select, update

from queueapp.models import Configuration, Counter, Line, db
from queueapp.municipality import Municipality, parse, to_document

_configuration = Configuration.__table__
_counter = Counter.__table__
_line = Line.__table__


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

    Counters that are new get a row; those that are gone lose theirs only when closed.
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
    _install_counters(connection, municipality, at)
    return version


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
