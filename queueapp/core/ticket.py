"""A ticket's states, its legal moves, and the refusals that anything else meets."""

from enum import StrEnum


class State(StrEnum):
    """Where a visit stands. The last three are final."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    LEFT = "left"


class Outcome(StrEnum):
    """How an errand ended."""

    RESOLVED = "resolved"
    REFERRED = "referred"
    BOOKED = "booked"
    ESCALATED = "escalated"


class Verb(StrEnum):
    """What can be done to a ticket, named as in the HTTP contract."""

    CALL = "call"
    CALL_AGAIN = "call-again"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    RETURN = "return"
    PARK = "park"
    RESUME = "resume"
    TRANSFER = "transfer"
    WIDEN = "widen"
    LEAVE = "leave"


AT_A_COUNTER = frozenset({State.CALLED, State.SERVING})
OPEN = frozenset({State.WAITING, State.CALLED, State.SERVING, State.PARKED})

MOVES: dict[Verb, tuple[frozenset[State], State]] = {
    Verb.CALL: (frozenset({State.WAITING}), State.CALLED),
    Verb.CALL_AGAIN: (frozenset({State.CALLED}), State.CALLED),
    Verb.START: (frozenset({State.CALLED}), State.SERVING),
    Verb.FINISH: (frozenset({State.SERVING}), State.FINISHED),
    Verb.NO_SHOW: (frozenset({State.CALLED}), State.NO_SHOW),
    Verb.RETURN: (AT_A_COUNTER, State.WAITING),
    Verb.PARK: (frozenset({State.SERVING}), State.PARKED),
    Verb.RESUME: (frozenset({State.PARKED}), State.WAITING),
    Verb.TRANSFER: (frozenset({State.SERVING}), State.WAITING),
    Verb.WIDEN: (frozenset({State.WAITING}), State.WAITING),
    # A parked visitor can leave too: whoever went for a paper may not come back.
    Verb.LEAVE: (frozenset({State.WAITING, State.CALLED, State.PARKED}), State.LEFT),
}


class Refusal(Exception):
    """A request the rules say no to. Nothing was changed.

    ``code`` names the problem, stable for programs (see ``web/errors.py`` for its texts);
    ``facts`` are what the text for people needs.
    """

    code = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts = facts


class WrongState(Refusal):
    """The ticket's state does not allow the verb."""

    code = "wrong-state"


class CounterNotOpen(Refusal):
    """The counter is closed or on a break."""

    code = "counter-not-open"


class CounterBusy(Refusal):
    """The counter still has a visitor."""

    code = "counter-busy"


class CounterTaken(Refusal):
    """Somebody else sits at the counter."""

    code = "counter-taken"


class OfficeClosed(Refusal):
    """The office does not take tickets now."""

    code = "office-closed"


class NotOffered(Refusal):
    """The office does not offer the service."""

    code = "service-not-offered"


class WayNotOffered(Refusal):
    """The office cannot serve in that way."""

    code = "way-not-offered"


class NotAllowed(Refusal):
    """The one who asks may not do this, or not here."""

    code = "forbidden"


class NotFound(Refusal):
    """There is no such thing; ``kind`` and ``code`` say what was asked for."""

    code = "not-found"


class BadInput(Refusal):
    """A field has a value that does not fit.

    ``reason`` names why, stable as ``code`` is (see ``web/fields.py`` for its texts).
    """

    code = "invalid-input"

    def __init__(self, field: str, reason: str, **facts: object) -> None:
        super().__init__(**facts)
        self.field = field
        self.reason = reason


def move(state: State, verb: Verb) -> State:
    """The state that ``verb`` leads to from ``state``; :class:`WrongState` where it is illegal."""
    allowed, target = MOVES[verb]
    if state not in allowed:
        raise WrongState(state=str(state), verb=str(verb))
    return target
