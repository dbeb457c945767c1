"""Plans in the database: asked, played by one at a time, and kept with their answer.

``heard_at`` is when whoever plays a plan last said so. It is also the player's mark: a player that
was thought dead, and whose plan another has taken up, finds another mark there and gives up.
"""

import datetime as dt
import secrets
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from queueapp import write
from queueapp.core.ticket import NotFound
from queueapp.models import Plan
from queueapp.municipality import Municipality
from queueapp.planner import changes
from queueapp.planner.document import Fault, Scenario, coming, to_document

DEAD_AFTER_S = 120.0
"""A player that was not heard of for so long has died: its plan is taken up again."""

TAKEN_UP_AT_MOST = 2
"""How often; a plan that kills its players is left alone after that."""

LISTED = 100

PlanRow = Row[Any]
p = Plan.__table__
_LISTED = (p.c.token, p.c.title, p.c.state, p.c.days_done, p.c.days_all, p.c.created_at)


class Stopped(Exception):
    """The plan was stopped, or somebody else plays it: this player has nothing more to do."""


def save(scenario: Scenario, municipality: Municipality, at: float) -> str:
    """Put a plan in the queue; gives its token. What does not fit the municipality, or asks for
    days that no forecast has, is refused.
    """
    changes.refer(municipality, scenario.demand.scale)
    changes.apply(municipality, scenario.changes)
    if scenario.demand.forecast:
        coming(scenario.demand.forecast, dt.datetime.fromtimestamp(at, municipality.zone).date())
    token = secrets.token_urlsafe(16)
    with write.transaction() as connection:
        connection.execute(
            insert(p).values(
                token=token,
                title=scenario.title,
                document=to_document(scenario),
                state="waiting",
                days_done=0,
                days_all=0,
                created_at=at,
                heard_at=at,
            )
        )
    return token


def find(connection: Connection, token: str) -> PlanRow:
    """The plan at that address; :class:`NotFound` where there is none."""
    row = connection.execute(select(p).where(p.c.token == token)).one_or_none()
    if row is None:
        raise NotFound(kind="plan", code=token)
    return row


def newest(connection: Connection) -> list[PlanRow]:
    """The latest plans, without their answers."""
    return list(connection.execute(select(*_LISTED).order_by(p.c.id.desc()).limit(LISTED)))


def next_up(connection: Connection, at: float) -> str | None:
    """The plan to be played now: none while another one is."""
    rows = connection.execute(
        select(p.c.token, p.c.state, p.c.heard_at)
        .where(p.c.state.in_(["waiting", "playing"]))
        .order_by(p.c.id)
    ).all()
    if any(_is_played(row, at) for row in rows):
        return None
    return next((row.token for row in rows), None)


def _is_played(row: PlanRow, at: float) -> bool:
    return bool(row.state == "playing" and row.heard_at > at - DEAD_AFTER_S)


def claim(token: str, at: float) -> float | None:
    """Take the plan up, to play it; gives the player's mark. None where it is not to be played.

    Of several who try, on one plan or on several, one gets one.
    """
    with write.transaction() as connection:
        _one_at_a_time(connection)
        if next_up(connection, at) is None:
            return None
        row = find(connection, token)
        if row.state not in {"waiting", "playing"}:
            return None
        deaths = _deaths(row)
        if deaths > TAKEN_UP_AT_MOST:
            _update(connection, row, state="failed", problem=problem(Fault("", "died", {})))
            return None
        told = {"deaths": deaths} if deaths else None
        done = _update(
            connection, row, state="playing", heard_at=at, days_done=0, days_all=0, problem=told
        )
    return at if done else None


def _one_at_a_time(connection: Connection) -> None:
    """Whoever wants to claim waits here for the others: the first plan's row is the lock."""
    first = select(func.min(p.c.id)).scalar_subquery()
    connection.execute(update(p).where(p.c.id == first).values(heard_at=p.c.heard_at))


def _deaths(row: PlanRow) -> int:
    """How many players have died with it, the one included that seems to play it still."""
    return int((row.problem or {}).get("deaths", 0)) + int(row.state == "playing")


def _update(connection: Connection, row: PlanRow, **values: Any) -> bool:
    """Change the plan, unless somebody has meanwhile."""
    same = (p.c.id == row.id) & (p.c.state == row.state) & (p.c.heard_at == row.heard_at)
    return connection.execute(update(p).where(same).values(**values)).rowcount == 1


def hear(token: str, mark: float, at: float, done: int, of: int) -> float:
    """The player says how far it has come; gives its new mark, or raises :class:`Stopped`."""
    _said(token, mark, heard_at=at, days_done=done, days_all=of)
    return at


def finish(token: str, mark: float, at: float, result: dict[str, Any]) -> None:
    """Keep the answer."""
    _said(token, mark, state="done", heard_at=at, result=result, problem=None)


def fail(token: str, mark: float, at: float, *faults: Fault) -> None:
    """Keep why there is none."""
    _said(token, mark, state="failed", heard_at=at, problem=problem(*faults))


def give_back(token: str, mark: float, at: float) -> None:
    """The player has to end: somebody else may begin anew at once."""
    _said(token, mark, state="waiting", heard_at=at)


def _said(token: str, mark: float, **values: Any) -> None:
    mine = (p.c.token == token) & (p.c.state == "playing") & (p.c.heard_at == mark)
    with write.transaction() as connection:
        if connection.execute(update(p).where(mine).values(**values)).rowcount != 1:
            raise Stopped


def stop(token: str) -> bool:
    """Let nobody play it; whoever does notices at the next day. Whether there was anything to."""
    going = (p.c.token == token) & p.c.state.in_(["waiting", "playing"])
    with write.transaction() as connection:
        find(connection, token)
        return connection.execute(update(p).where(going).values(state="stopped")).rowcount == 1


def problem(*faults: Fault) -> dict[str, Any]:
    """Faults as the table keeps them."""
    return {
        "faults": [
            {"field": one.field, "reason": one.reason, "facts": dict(one.facts)} for one in faults
        ]
    }


def faults(row: PlanRow) -> list[Fault]:
    """The faults a plan failed by."""
    return [Fault(**one) for one in (row.problem or {}).get("faults", [])]
