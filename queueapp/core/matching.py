"""Who can serve whom, in which way and in which language.

Today a visitor is matched at the office they are in. Competence is described apart from place,
so that pooling over offices adds ways here and changes no caller.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Way(StrEnum):
    """How a visitor can be served."""

    HERE = "here"
    VIDEO = "video"
    INTERPRETER = "interpreter"
    OFFICE = "office"
    BOOKING = "booking"


@dataclass(frozen=True, slots=True)
class Wish:
    """What one class of visitors asks for; within a class, order is by arrival alone.

    ``languages`` are those the visitor accepts, the preferred first (BCP 47). ``credit_s`` is
    the head start in seconds that a priority gives.
    """

    office: str
    service: str
    languages: tuple[str, ...]
    way: Way = Way.HERE
    credit_s: int = 0

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
    """An open counter: where it stands, and the competence of the one who sits there."""

    counter: str
    office: str
    services: frozenset[str]
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A way to serve a visitor, and the language it would be in."""

    way: Way
    language: str


def match(wish: Wish, server: Server) -> Match | None:
    """How ``server`` can serve ``wish``, or None.

    A language the visitor did not accept is never chosen for them. An interpreter comes in only
    where the visitor chose that way; the language is then still the visitor's.
    """
    if server.office != wish.office or wish.service not in server.services:
        return None
    for language in wish.languages:
        if language in server.languages:
            return Match(Way.HERE, language)
    if wish.way is Way.INTERPRETER:
        return Match(Way.INTERPRETER, wish.languages[0])
    return None
