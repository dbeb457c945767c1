"""Why a figure is not shown, in words."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _

from queueapp.statistics.answer import Shown

NOTES = {
    "small": _(
        "So few visits that somebody could be singled out, or a number from which such a one "
        "could be worked out: it is not shown. Nor is a median of fewer than ten."
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
}
OTHER = _("Cannot be shown.")


def text(shown: Shown) -> str:
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
