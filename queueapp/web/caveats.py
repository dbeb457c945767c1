"""What a reader must know of the visits before the figures: each a sentence, or nothing."""

import datetime as dt

from flask_babel import format_date, gettext

from queueapp.statistics.answer import LeftOut
from queueapp.web import amounts


def invented(some: bool) -> str:
    """Whether the log has invented visits of the period, whichever were chosen."""
    if not some:
        return ""
    return str(
        gettext(
            "Visits of this period are invented: this is a demonstration, and says nothing about "
            "the real offices."
        )
    )


def log_begins(began: dt.date | None) -> str:
    """When the log begins, where that is within the period."""
    if began is None:
        return ""
    return str(
        gettext(
            "The log begins on %(day)s. There are no figures from before that day.",
            day=format_date(began, "long"),
        )
    )


def left_out(visits: LeftOut | None) -> str:
    """Which visits the total per inhabitant by home district does not count."""
    if visits is None:
        return ""
    if visits.visits is None:
        return str(
            gettext(
                "Some visits are not counted in the total per inhabitant: for where these visitors "
                "live no number of inhabitants is known."
            )
        )
    return str(
        gettext(
            "%(number)s visits are not counted in the total per inhabitant: for where these "
            "visitors live no number of inhabitants is known.",
            number=amounts.decimal(visits.visits, 0),
        )
    )
