"""How figures divide the visits that they are about: into parts, each of which could be few.

A figure's value, and its interval, tell how many are in which part, so it shows where all of them
may be known.
"""

from collections.abc import Mapping, Sequence

from queueapp.core.measures import FIGURES, Kind
from queueapp.statistics import tallies

WHOLE = ""
"""The split of a figure that divides nothing."""

# How the visits are divided where figures could be subtracted from each other. Each part is the
# SQL of a count; they exclude each other. Where two figures together tell of a part of both, their
# split has it: who left after a call are the called without the served and those who did not come.
OUTCOME, FATE, CALLING, SOON = "outcome", "fate", "calling", "soon"
SERVED, PROMISED, OWN = "served or not", "promised", "own errands"
CODED = "coded visits"
"""No split but other visits to decide by: those that have errands."""

_SERVED, _NO_SHOW = tallies.true("served"), tallies.true("no_show")
_LEFT_CALLED = tallies.true("left_called")
_OPEN_CALLED = f"({tallies.true('called')} - {_SERVED} - {_NO_SHOW} - {_LEFT_CALLED})"
_PROMISED, _OWN = tallies.known("promise_kept"), tallies.known("resolved_own")
_LEFT, _OPEN, _SOON = tallies.true("left"), tallies.true("open"), tallies.true("within_soon")
_SPLITS: Mapping[str, Sequence[str]] = {
    OUTCOME: (_SERVED, _NO_SHOW, _LEFT, _OPEN),
    FATE: (
        _SERVED,
        _NO_SHOW,
        _LEFT_CALLED,
        f"{_LEFT} - {_LEFT_CALLED}",
        _OPEN_CALLED,
        f"{_OPEN} - {_OPEN_CALLED}",
    ),
    CALLING: (_SOON, tallies.true("late")),
    SOON: (_SOON, f"{tallies.known('within_soon')} - {_SOON}"),
    SERVED: (_SERVED,),
    # Who was called without having been promised a wait, and who came with other errands than the
    # municipality's own.
    PROMISED: (_PROMISED, f"{tallies.true('called')} - {_PROMISED}"),
    OWN: (_OWN, f"{tallies.true('coded')} - {_OWN}"),
}
UNFINISHED = {OUTCOME: (3,), FATE: (4, 5), SOON: (2,)}
"""Which parts of a split are visits that are not over."""

_NEEDED_BY_FIGURE = {
    "called": (FATE, CALLING),
    # It is the prices by how many were interpreted, by how many were served.
    "cost_per_visit": (SERVED, "interpreter"),
    # How many were served by video is decided by way; the share tells how many were served at all.
    "by_video": (WHOLE,),
    "video_share": (SERVED,),
    # Its denominator is the served and the no-shows, and who left after a call is in neither.
    "no_show_share": (OUTCOME, SERVED),
}
# An interval tells its denominator, which divides other visits in turn: the served are those coded
# and those not. So what several figures tell is decided by the same split in each of them.
_NEEDED_BY_COLUMN = {
    "served": (SERVED,),
    **dict.fromkeys(("unserved", "no_show", "left", "open"), (OUTCOME, SERVED)),
    **{column: (column, SERVED) for column in ("coded", "interpreter")},
    **{
        column: (column, "coded", SERVED)
        for column in ("resolved", "first_language", "other_language")
    },
    "resolved_own": ("resolved_own", OWN, "coded", SERVED),
    "promise_kept": ("promise_kept", PROMISED),
    "within_soon": (SOON,),
}


def of(name: str) -> tuple[str, ...]:
    """How a figure divides the visits: its value tells how many are on which side.

    It shows where each of the splits may be known.
    """
    figure = FIGURES[name]
    if figure.kind is Kind.ERRANDS:
        return WHOLE, CODED
    if name in _NEEDED_BY_FIGURE:
        return _NEEDED_BY_FIGURE[name]
    if figure.kind not in {Kind.COUNT, Kind.SHARE} or figure.column == "arrived":
        return (WHOLE,)
    return _NEEDED_BY_COLUMN.get(figure.column, (figure.column,))


def parts(split: str) -> list[str]:
    """The SQL of how many are in each part of a split; the last are those in none of the others."""
    if split == CODED:
        return [f"sum({tallies.true('coded')})"]
    own = _SPLITS.get(split)
    if own is None:
        true = tallies.true(split)
        own = (true, f"{tallies.known(split)} - {true}")
    rest = " - ".join([tallies.EVERY, *(f"({part})" for part in own)])
    return [f"sum({part})" for part in (*own, rest)]


EVERY = sorted({split for name in FIGURES for split in of(name)} - {WHOLE})
"""The splits of all figures."""
