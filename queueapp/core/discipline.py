"""The one place that orders people.

The rule: of the visitors a counter can serve, the one who has waited longest comes next, where
a priority counts as a stated number of minutes already waited (an accumulating credit, not an
absolute precedence: Stanford, Taylor & Ziedins 2014). Equal waits go by ticket id, so the order
never depends on the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from queueapp.core.matching import Match, Server, Wish, match


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


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is next, how they are served, and why they were chosen.

    ``reason`` is ``longest`` (waited longest of those this counter can serve) or ``priority``
    (a priority's credit decided); screens turn it into a sentence. ``waited_s`` is the real
    wait, without credit.
    """

    head: Head
    match: Match
    reason: str
    waited_s: float


def choose_next(heads: Iterable[Head], server: Server, now: float) -> Choice | None:
    """Whom ``server`` should call at ``now``, or None when it can serve nobody who waits.

    ``heads`` holds the first of each class, so the cost follows the number of classes and not
    the length of the line.
    """
    candidates = [(head, found) for head in heads if (found := match(head.wish, server))]
    if not candidates:
        return None
    head, found = min(candidates, key=lambda pair: (pair[0].since, pair[0].ticket))
    reason = _reason(head, [other for other, _ in candidates])
    return Choice(head, found, reason, max(0.0, now - head.arrived_at))


def order(
    classes: Iterable[Sequence[Head]], server: Server, now: float, limit: int
) -> list[Choice]:
    """The first ``limit`` visitors in the order ``server`` would call them.

    ``classes`` holds each class's first ``limit`` visitors, by arrival. It asks
    :func:`choose_next` for each place, so a screen shows the very order that calling follows.
    """
    lines = {line[0].wish: list(line) for line in classes if line}
    choices: list[Choice] = []
    while len(choices) < limit:
        choice = choose_next((line[0] for line in lines.values()), server, now)
        if choice is None:
            break
        choices.append(choice)
        line = lines[choice.head.wish]
        line.pop(0)
        if not line:
            del lines[choice.head.wish]
    return choices


def _reason(head: Head, candidates: list[Head]) -> str:
    if any(other.arrived_at < head.arrived_at for other in candidates):
        return "priority"
    return "longest"
