"""Why a figure is not shown, in words."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _

from queueapp.statistics.answer import SMALL, Shown
from queueapp.statistics.comparison import Difference

NOTES = {
    "small": _(
        "So few visits that somebody could be singled out, or a number from which such a one "
        "could be worked out: it is not shown. Nor is a median of fewer than ten. Periods of whole "
        "months and whole years show more."
    ),
    "uncoded": _(
        "Errands were recorded for fewer than four of five visits served, so nothing is concluded "
        "from them."
    ),
    "no-population": _("No number of inhabitants is entered for %(district)s in %(year)s."),
    "no-inhabitants": _("Nobody is counted as living there, so there is nothing to divide by."),
    "no-costs": _("No costs are entered for %(office)s in %(year)s."),
    "no-staff-time": _("No counter was open, so there are no hours to divide by."),
    "not-of-part": _(
        "Staff time and costs belong to whole offices and cannot be divided among the visits "
        "chosen here."
    ),
    "not-in-both": _("There are figures in one of the periods only."),
    "no-open-days": _(
        "No counter was open in one of the periods, so there are no days to compare."
    ),
}
OTHER = _("Cannot be shown.")

# Where a note stands for several cells, its facts differ.
_GENERAL = {
    "no-population": _("No number of inhabitants is entered for the district and year."),
    "no-costs": _("No costs are entered for the office and year."),
}


@dataclass
class Notes:
    """The notes of a table, each with its mark, in the order in which they come."""

    marks: dict[str, str] = field(default_factory=dict)

    def mark(self, shown: Shown | Difference | None) -> str:
        """The mark behind what stands in a cell; none where there is nothing to tell."""
        if shown is None or shown.note is None:
            return ""
        told = text(shown)
        if told not in self.marks:
            numbers = sum(mark != "*" for mark in self.marks.values())
            self.marks[told] = "*" if shown.note == SMALL else str(numbers + 1)
        return self.marks[told]


def general(note: str) -> str:
    """The note without what differs from cell to cell."""
    return str(_GENERAL.get(note) or NOTES.get(note, OTHER))


def text(shown: Shown | Difference) -> str:
    """Why there is no figure."""
    template = str(NOTES.get(shown.note or "", OTHER))
    return template % dict(shown.facts or {})


def together(shown: Iterable[Shown]) -> list[str]:
    """Why there are no figures, each reason once: what it is about is named in one list."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for one in shown:
        if one.note:
            facts = found.setdefault(one.note, {})
            for name, value in (one.facts or {}).items():
                facts.setdefault(name, {})[str(value)] = None
    return [
        text(
            Shown(
                note=note, facts={name: ", ".join(sorted(values)) for name, values in facts.items()}
            )
        )
        for note, facts in found.items()
    ]
