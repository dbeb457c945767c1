"""The one place that orders people.

The rule, for a counter that is free:

1. *Whom it may call.* Whoever it can serve in a way and a language that the visitor accepted. It
   leaves a visitor to a better placed colleague, never for longer than is written here. To one on
   duty who speaks the visitor's first language: another language for ``SECOND_LANGUAGE_AFTER_S``,
   but only the visitor who came first of those who prefer that language, and not where a single
   colleague speaks it, who may be busy for long; ``SECOND_BY_VIDEO_MORE_S`` longer where it would
   be by video; an interpreter for ``INTERPRETER_AFTER_S``. Where no such colleague is there,
   nothing is held back. Of several idle counters that may call somebody, one is pointed out
   (:func:`turn`, :func:`better_placed`); none has to wait for another.
2. *In which order.* Everyone stands at the time they came, moved ahead by their priority's
   minutes, and by up to ``HEAD_START_AT_MOST_S`` the more taken up those who speak their language
   are, and the fewer they are; but not where no speaker reaches them and they are served in another
   language. They are moved back by ``VIDEO_S`` for video, or ``SPARED_VIDEO_S`` where colleagues in
   the visitor's office could do without it (not for an office with one counter only, whose line
   needs easing); and by ``SECOND_LANGUAGE_S`` or ``INTERPRETER_S`` where a colleague on duty speaks
   their first language. The first in that order is next.
3. *Nobody is forgotten.* Whoever has waited longer than ``OVERDUE_S`` goes before all who have
   not, strictly by arrival. So of those who came later, the counters that can serve a visitor call
   at most ``1 + OVERDUE_S ÷ shortest service`` each before that visitor.

Why this form. A head start on a common clock is an accumulating priority queue with equal rates
(Stanford, Taylor & Ziedins 2014): the order of two visitors does not turn with time. That the time
a slower way costs is weighed against waiting is the generalised cμ rule (Mandelbaum & Stolyar
2004), in the additive form of weight-based routing (Chan, Koole & L'Ecuyer 2014). The head start
of languages keeps their waits in proportion, as fixed-queue-ratio routing does (Gurvich & Whitt
2010), from who is on duty alone. It counts the speakers beside their work, because at equal work a
small group of servers has the longer waits (Wallace & Whitt 2005; Stanford & Grassmann 1993).
Holding back within bounds is a threshold that protects flexible servers (Bell & Williams 2001;
Zhan & Ward 2014). Of idle counters the one whose other languages are asked for least is to be used
first, which keeps the speakers of scarce languages free for them; among equals it is the longest
idle (Armony & Ward 2010). With all minutes at zero and one language this is first come, first
served, to the longest idle (FCFS-ALIS, Adan & Weiss 2014). The minutes were found by simulation,
see ``docs/fairness.md``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from queueapp.core.matching import Match, Server, Way, Wish, match, service_s

MINUTE = 60.0

SECOND_LANGUAGE_AFTER_S = 6.5 * MINUTE
SECOND_BY_VIDEO_MORE_S = 10 * MINUTE
INTERPRETER_AFTER_S = 25 * MINUTE
OVERDUE_S = 75 * MINUTE

SCARCE_S, FEW_S, HEAD_START_AT_MOST_S = 40 * MINUTE, 20 * MINUTE, 55 * MINUTE
VIDEO_S, SPARED_VIDEO_S = 10 * MINUTE, 21 * MINUTE
SECOND_LANGUAGE_S = 43 * MINUTE
INTERPRETER_S = 75 * MINUTE

USUAL_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Head:
    """The first in line of its class: the only one of the class who can be next."""

    ticket: int
    number: str
    wish: Wish
    arrived_at: float

    @property
    def since(self) -> float:
        """From when the wait counts: the arrival, moved back by the priority's credit."""
        return self.arrived_at - self.wish.credit_s


@dataclass(frozen=True)
class Duty:
    """What a counter that is free knows of the others: the whole municipality's open counters.

    ``servers`` are those counters, the one that asks included. ``free_rooms``: free video rooms
    per office; an office it does not name has no limit. ``asked``: the share of visitors who
    prefer each language, from past days; ``USUAL_SHARE`` where it is not known.
    """

    servers: tuple[Server, ...]
    free_rooms: Mapping[str, int] = field(default_factory=dict)
    asked: Mapping[str, float] = field(default_factory=dict)
    # Answers already given: they hold as long as these servers are on duty.
    _answers: dict[tuple[Any, ...], Any] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def at(self, free_rooms: Mapping[str, int]) -> "Duty":
        """The same counters at another moment, without asking everything again."""
        same = Duty(self.servers, free_rooms, self.asked)
        object.__setattr__(same, "_answers", self._answers)
        return same

    def room(self, office: str) -> bool:
        """Whether a video room is free in the office."""
        return self.free_rooms.get(office, 1) > 0

    def speakers(self, language: str, service: str, office: str | None = None) -> int:
        """How many on duty speak the language well and do the service; with ``office``, there."""
        asked = (language, service, office)
        if (count := self._answers.get(asked)) is None:
            count = self._answers[asked] = sum(
                language in server.languages and service in server.services
                for server in self.servers
                if office in {None, server.office}
            )
        return int(count)

    def reaching(self, wish: Wish) -> int:
        """How many on duty can serve ``wish`` in its first language: here, or by video.

        A video room that is taken now is soon free: it does not count against those elsewhere.
        """
        if (count := self._answers.get((wish,))) is None:
            matches = (match(wish, server) for server in self.servers)
            count = self._answers[(wish,)] = sum(bool(one and one.preferred) for one in matches)
        return int(count)

    def only_speaker(self, wish: Wish) -> bool:
        """Whether just one of several on duty speaks the first language of ``wish`` well."""
        return len(self.servers) > 1 and self.speakers(wish.languages[0], wish.service) == 1

    def lone(self, office: str) -> bool:
        """Whether the office has at most one open counter."""
        if (lone := self._answers.get((office,))) is None:
            here = sum(server.office == office for server in self.servers)
            lone = self._answers[office,] = here < 2
        return bool(lone)

    def scarcity(self, language: str, service: str) -> float:
        """How taken up those who speak ``language`` are with visitors few others could serve.

        0 where everybody or nobody speaks it; 1 where its speakers are asked for, by such
        visitors alone, as much as the staff on the whole is asked for.
        """
        asked = (language, service)
        if (value := self._answers.get(asked)) is None:
            value = self._answers[asked] = self._scarcity(language, service)
        return float(value)

    def head_start_s(self, language: str, service: str) -> float:
        """How far those who prefer ``language`` are moved ahead; 0 where everybody speaks it."""
        speakers = self.speakers(language, service)
        if not speakers:
            return 0.0
        fewness = 1 / speakers - 1 / self._able(service)
        head_start = SCARCE_S * self.scarcity(language, service) + FEW_S * fewness
        return min(HEAD_START_AT_MOST_S, head_start)

    def needed(self, server: Server, language: str, service: str) -> float:
        """How much ``server``, serving in ``language``, is missed by visitors of its others."""
        asked = (server.counter, server.office, language, service)
        if (value := self._answers.get(asked)) is None:
            staff = self._able(service)
            others = server.languages - {language}
            value = self._answers[asked] = sum(self._extra(one, service, staff) for one in others)
        return float(value)

    def _able(self, service: str) -> int:
        """How many on duty do the service."""
        asked = (None, service)
        if (count := self._answers.get(asked)) is None:
            count = sum(service in server.services for server in self.servers)
            self._answers[asked] = count
        return int(count)

    def _scarcity(self, language: str, service: str) -> float:
        staff = [server for server in self.servers if service in server.services]
        able = [server for server in staff if language in server.languages]
        if not able:
            return 0.0
        taken = [self._extra(other, service, len(staff)) for one in able for other in one.languages]
        return (1 - len(able) / len(staff)) * sum(taken) / len(able)

    def _extra(self, language: str, service: str, staff: int) -> float:
        """How much more each speaker is asked for than if everybody spoke the language."""
        share = self.asked.get(language, USUAL_SHARE)
        # A counter on a break, which asks what its line would be, is not on duty itself.
        return share * (staff / max(1, self.speakers(language, service)) - 1)


class Reason(StrEnum):
    """Why somebody is next. Screens turn it into a sentence, with the facts of the choice."""

    LONGEST = "longest"  # came first of all whom this counter can serve
    PRIORITY = "priority"  # a priority's minutes put them first
    FEW_SPEAKERS = "few_speakers"  # came later than others, but few on duty speak the language
    SUITED = "suited"  # came later, but a colleague is better placed for those who came before


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is next, how they are served, and why they were chosen.

    ``waited_s`` is the real wait, without credit. ``only_speaker``: of several
    on duty nobody but this counter speaks the visitor's first language well. ``eases``: the other
    office whose line it shortens, served by video.
    """

    head: Head
    match: Match
    reason: Reason
    waited_s: float
    only_speaker: bool = False
    eases: str | None = None


Candidate = tuple[Head, Match]


def choose_next(heads: Iterable[Head], server: Server, duty: Duty, now: float) -> Choice | None:
    """Whom ``server`` should call at ``now``; None where it can serve nobody, or leaves them.

    ``heads`` holds the first of each class, so the cost follows the number of classes and not
    the length of the line.
    """
    waiting = list(heads)
    able = _able(waiting, server)
    mine = _allowed(able, waiting, duty, now)
    if not mine:
        return None
    head, found = min(mine, key=lambda candidate: _place(candidate, duty, now))
    return Choice(
        head,
        found,
        _reason((head, found), able, duty),
        max(0.0, now - head.arrived_at),
        found.preferred and duty.only_speaker(head.wish),
        head.wish.office if found.way is Way.VIDEO else None,
    )


def may_call(heads: Iterable[Head], server: Server, duty: Duty, now: float) -> set[Wish]:
    """The classes that ``server`` may call now: those that :func:`choose_next` chooses among."""
    waiting = list(heads)
    return {head.wish for head, _ in _allowed(_able(waiting, server), waiting, duty, now)}


def _able(waiting: list[Head], server: Server) -> list[Candidate]:
    return [(head, found) for head in waiting if (found := match(head.wish, server))]


def _allowed(able: list[Candidate], waiting: list[Head], duty: Duty, now: float) -> list[Candidate]:
    fronts = _fronts(waiting) if able else {}
    return [one for one in able if _may_call(one, fronts, duty, now)]


def _fronts(waiting: Iterable[Head]) -> dict[str, Head]:
    """Who came first of those who prefer each language."""
    fronts: dict[str, Head] = {}
    for head in waiting:
        first = fronts.setdefault(head.wish.languages[0], head)
        if (head.since, head.ticket) < (first.since, first.ticket):
            fronts[head.wish.languages[0]] = head
    return fronts


def _may_call(candidate: Candidate, fronts: Mapping[str, Head], duty: Duty, now: float) -> bool:
    head, found = candidate
    if found.way is Way.VIDEO and not duty.room(head.wish.office):
        return False
    # Clocks differ: somebody may have come a moment after now.
    waited = max(0.0, now - head.since)
    in_front = fronts[head.wish.languages[0]] is head
    return waited >= held_back_s(head.wish, found, duty, in_front)


def held_back_s(wish: Wish, found: Match, duty: Duty, in_front: bool = True) -> float:
    """The wait in seconds before which ``found`` is left to those who speak the first language.

    ``in_front``: nobody who came earlier prefers the same language.
    """
    speakers = 0 if found.preferred else duty.reaching(wish)
    if not speakers:
        return 0.0
    if found.way is Way.INTERPRETER:
        return INTERPRETER_AFTER_S
    here = SECOND_LANGUAGE_AFTER_S if in_front and speakers > 1 else 0.0
    return here + SECOND_BY_VIDEO_MORE_S if found.way is Way.VIDEO else here


def _video_is_spared(wish: Wish, found: Match, duty: Duty) -> bool:
    """Whether colleagues in the visitor's own office can do without video what this one does.

    A lone counter cannot: its line is eased at once and without a deduction.
    """
    return (
        found.way is Way.VIDEO
        and duty.speakers(found.language, wish.service, wish.office) > 0
        and not duty.lone(wish.office)
    )


def _place(candidate: Candidate, duty: Duty, now: float) -> tuple[bool, float, int]:
    head, found = candidate
    if now - head.since > OVERDUE_S:
        return False, head.since, head.ticket
    moved = _moved_ahead(candidate, duty) + _moved_back_s(head.wish, found, duty)
    return True, moved, head.ticket


def _moved_ahead(candidate: Candidate, duty: Duty) -> float:
    """When they came, moved ahead where few speak their language, or those are taken up.

    Not where they are served in another one because no speaker reaches them: there they wait for
    the same counters as everybody else.
    """
    head, found = candidate
    if not found.preferred and not duty.reaching(head.wish):
        return head.since
    return head.since - duty.head_start_s(head.wish.languages[0], head.wish.service)


def _moved_back_s(wish: Wish, found: Match, duty: Duty) -> float:
    """How far a slower way is put behind, most where a colleague could do without it."""
    back = 0.0
    if found.way is Way.VIDEO and not duty.lone(wish.office):
        back = SPARED_VIDEO_S if _video_is_spared(wish, found, duty) else VIDEO_S
    if found.preferred or not duty.reaching(wish):
        return back
    return back + (INTERPRETER_S if found.way is Way.INTERPRETER else SECOND_LANGUAGE_S)


def _reason(chosen: Candidate, able: list[Candidate], duty: Duty) -> Reason:
    head, _ = chosen
    if all(head.arrived_at <= other.arrived_at for other, _ in able):
        return Reason.LONGEST
    first = min(able, key=lambda one: one[0].since)
    if head.since <= first[0].since:
        return Reason.PRIORITY
    if _moved_ahead(chosen, duty) <= _moved_ahead(first, duty):
        return Reason.FEW_SPEAKERS
    return Reason.SUITED


def _suits(found: Match, server: Server, service: str, duty: Duty) -> tuple[float, float]:
    """The lower the better: the quickest way, then the one whom other languages need least."""
    return service_s(MINUTE * 10, found), duty.needed(server, found.language, service)


def turn(choice: Choice, server: Server, duty: Duty, idle_since: float) -> tuple[float, ...]:
    """Which of several idle counters calls: the lowest does.

    It helps in the quickest way; of those, its other languages are asked for least by visitors
    whom few others could serve; of those, it has been idle longest.
    """
    return *_suits(choice.match, server, choice.head.wish.service, duty), idle_since


def better_placed(
    choice: Choice, server: Server, idle: Iterable[Server], duty: Duty
) -> Server | None:
    """The colleague of those ``idle`` whose :func:`turn` it rather is to call the chosen one.

    Whoever sits there is told first; ``server`` may call all the same.
    """
    wish = choice.head.wish

    def suits(one: Server, found: Match) -> tuple[float, float]:
        return _suits(found, one, wish.service, duty)

    able = [
        (suits(one, found), one)
        for one in idle
        if (found := match(wish, one))
        and (found.way is not Way.VIDEO or duty.room(wish.office))
        and not held_back_s(wish, found, duty)
    ]
    best, colleague = min(able, key=lambda one: one[0], default=(None, None))
    return colleague if best is not None and best < suits(server, choice.match) else None


def order(
    classes: Iterable[Sequence[Head]], server: Server, duty: Duty, now: float, limit: int
) -> list[Choice]:
    """The first ``limit`` visitors in the order ``server`` would call them if it were at ``now``.

    ``classes`` holds each class's first ``limit`` visitors, by arrival. It asks
    :func:`choose_next` for each place, so a screen shows the very order that calling follows.
    """
    lines = {line[0].wish: list(line) for line in classes if line}
    choices: list[Choice] = []
    while len(choices) < limit:
        choice = choose_next((line[0] for line in lines.values()), server, duty, now)
        if choice is None:
            break
        choices.append(choice)
        line = lines[choice.head.wish]
        line.pop(0)
        if not line:
            del lines[choice.head.wish]
    return choices
