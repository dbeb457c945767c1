"""What happened, one small frozen value per state change.

An event is a row of the log, a message to the screens, and the statistics' only source. It
holds no identity: neither a visitor's nor a staff member's.
"""

import re
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar

TYPES: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``at`` is in seconds since 1970 (UTC). ``invented`` marks demonstration data."""

    type: ClassVar[str]
    at: float
    office: str
    ticket: int | None = None
    counter: str | None = None
    invented: bool = False

    def __init_subclass__(cls) -> None:
        cls.type = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        TYPES[cls.type] = cls

    @property
    def data(self) -> dict[str, Any]:
        """What this type of event tells beyond the fields all events share."""
        return {name: getattr(self, name) for name in self.own_fields()}

    @classmethod
    @cache
    def own_fields(cls) -> tuple[str, ...]:
        """The names in :attr:`data`."""
        shared = {f.name for f in fields(Event)}
        return tuple(f.name for f in fields(cls) if f.name not in shared)


def read(type_: str, shared: dict[str, Any], data: dict[str, Any]) -> Event:
    """The event of a log row. Unknown data from a newer version is left out, not refused."""
    cls = TYPES[type_]
    known = {name: value for name, value in data.items() if name in cls.own_fields()}
    missing = {f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING}
    if absent := missing - known.keys() - shared.keys():
        raise ValueError(f"event {type_} lacks {sorted(absent)}")
    return cls(**shared, **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketIssued(Event):
    """A visit begins. ``promised`` is the wait shown: low, likely and high, in seconds; empty
    where nobody on duty can, or will be there in time.

    ``staffed`` is false where nobody on duty had the competence: a need that was not met then.
    ``signs`` is what the promise was made from (:mod:`queueapp.core.estimate`), so that how it
    missed can be learned from.
    """

    number: str
    service: str
    languages: list[str]
    way: str
    channel: str
    district: str | None
    priority: str | None
    promised: list[int]
    staffed: bool = True
    signs: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalled(Event):
    """A counter calls the visitor, to be served in ``way`` and ``language``.

    ``room`` is the video room in the visitor's office, where the way is video.
    """

    number: str
    way: str
    language: str
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCalledAgain(Event):
    """The same counter calls once more."""

    number: str
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(Event):
    """The visitor has come to the counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFinished(Event):
    """The visit ends, with its errands: service, outcome, language, interpreter, owner.

    ``reason`` is ``served``, or ``closing`` where nobody finished it before the day's close.
    """

    errands: list[dict[str, Any]] = field(default_factory=list)
    reason: str = "served"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketNoShow(Event):
    """Called, and did not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketReturned(Event):
    """Back in the line, with the place the arrival gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketParked(Event):
    """The visitor fetches something; the counter is free meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketResumed(Event):
    """Back from parking: waits again, with the place the arrival gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketTransferred(Event):
    """A new leg of the same visit: ``office`` is the new one, ``from_office`` the old."""

    from_office: str
    service: str
    languages: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketWidened(Event):
    """The visitor accepts more than with the ticket, and keeps the place the arrival gives.

    ``way`` and ``languages`` are those accepted from now on.
    """

    way: str
    languages: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLeft(Event):
    """The visitor left before being served: by own choice (``visitor``) or at ``closing``."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterOpened(Event):
    """Somebody sat down at the counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPaused(Event):
    """A break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterClosed(Event):
    """The counter's work ended."""
