"""Who can serve whom, in which way and in which language, and how much longer it takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache


class Way(StrEnum):
    """How a visitor can be served.

    Chosen with a ticket, ``here``, ``video`` and ``interpreter`` say how wide the visitor's
    consent is, each including the one before: by somebody at this office; or from another
    office by video, in this office's video room; or, besides both, by somebody here through an
    interpreter. ``office`` (go there) and ``booking`` are advice before a ticket is taken.
    """

    HERE = "here"
    VIDEO = "video"
    INTERPRETER = "interpreter"
    OFFICE = "office"
    BOOKING = "booking"


@dataclass(frozen=True, slots=True)
class Wish:
    """What one class of visitors asks for; within a class, order is by arrival alone.

    ``languages`` are those the visitor accepts, the preferred first (BCP 47); one alone means
    that the visitor insists on it. ``credit_s`` is the head start in seconds that a priority
    gives.
    """

    office: str
    service: str
    languages: tuple[str, ...]
    way: Way = Way.HERE
    credit_s: int = 0
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Each choice looks up every class: working out the hash anew would cost more than the rest.
        parts = (self.office, self.service, self.languages, self.way, self.credit_s)
        object.__setattr__(self, "_hash", hash(parts))

    def __hash__(self) -> int:
        return self._hash

    @property
    def key(self) -> str:
        """The class's name in the database: equal wishes, and only they, have equal keys."""
        return "|".join(
            (self.office, self.service, ",".join(self.languages), self.way, str(self.credit_s))
        )

    @classmethod
    @lru_cache(maxsize=5000)
    def of_key(cls, key: str) -> "Wish":
        """The wish whose :attr:`key` this is."""
        office, service, languages, way, credit_s = key.split("|")
        return cls(office, service, tuple(languages.split(",")), Way(way), int(credit_s))


@dataclass(frozen=True, slots=True)
class Server:
    """An open counter: where it stands, and the competence of the one who sits there.

    ``languages`` are spoken well enough for any errand; ``basic`` only for a simple one.
    ``by_video``: the offices it reaches by video, which have a video room; None is all.
    """

    counter: str
    office: str
    services: frozenset[str]
    languages: frozenset[str]
    basic: frozenset[str] = frozenset()
    by_video: frozenset[str] | None = None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = (self.counter, self.office, self.services, self.languages, self.basic)
        object.__setattr__(self, "_hash", hash((*parts, self.by_video)))

    def __hash__(self) -> int:
        return self._hash

    def reaches(self, wish: Wish) -> bool:
        """Whether the visitor can meet the one who sits here: at the office or by video."""
        if self.office == wish.office:
            return True
        consents = wish.way in {Way.VIDEO, Way.INTERPRETER}
        return consents and (self.by_video is None or wish.office in self.by_video)


@dataclass(frozen=True, slots=True)
class Match:
    """A way to serve a visitor, and the language it would be in.

    ``preferred``: that language is the visitor's first, spoken well, without an interpreter.
    """

    way: Way
    language: str
    preferred: bool = True

    @classmethod
    def logged(cls, way: str, language: str, first_language: str) -> "Match":
        """The match of a logged call of a visitor with that first language.

        The log does not say how well it was spoken.
        """
        plain = way != Way.INTERPRETER
        return cls(Way(way), language, plain and language == first_language)


# How much longer a service takes than in the visitor's own language at the same counter: a
# factor, and seconds more. Assumptions, to be replaced by what the log shows.
SECOND_BEST_FACTOR = 1.2
VIDEO_FACTOR, VIDEO_MORE_S = 1.05, 60.0
INTERPRETER_FACTOR, INTERPRETER_MORE_S = 1.4, 240.0


@lru_cache(maxsize=100_000)
def match(wish: Wish, server: Server) -> Match | None:
    """How ``server`` can serve ``wish`` best, or None.

    Neither a language nor a way that the visitor did not accept is ever chosen for them. A
    language spoken well comes before one spoken a little, whichever the visitor prefers; an
    interpreter comes last.
    """
    if wish.service not in server.services:
        return None
    return next(_ways(wish, server), None)


def _ways(wish: Wish, server: Server) -> Iterator[Match]:
    here = server.office == wish.office
    if server.reaches(wish):
        way = Way.HERE if here else Way.VIDEO
        for spoken, well in ((server.languages, True), (server.basic, False)):
            for place, language in enumerate(wish.languages):
                if language in spoken:
                    yield Match(way, language, well and place == 0)
    if here and wish.way is Way.INTERPRETER:
        yield Match(Way.INTERPRETER, wish.languages[0], False)


def service_s(own_language_s: float, found: Match) -> float:
    """The service time in seconds with ``found``, of one that takes ``own_language_s`` at best."""
    if found.way is Way.INTERPRETER:
        return own_language_s * INTERPRETER_FACTOR + INTERPRETER_MORE_S
    seconds = own_language_s if found.preferred else own_language_s * SECOND_BEST_FACTOR
    return seconds * VIDEO_FACTOR + VIDEO_MORE_S if found.way is Way.VIDEO else seconds


def own_language_s(seconds: float, found: Match) -> float:
    """The inverse of :func:`service_s`: what would have taken so long at best."""
    if found.way is Way.INTERPRETER:
        return max(0.0, seconds - INTERPRETER_MORE_S) / INTERPRETER_FACTOR
    if found.way is Way.VIDEO:
        seconds = max(0.0, seconds - VIDEO_MORE_S) / VIDEO_FACTOR
    return seconds if found.preferred else seconds / SECOND_BEST_FACTOR
