"""Which forecast a scenario was played with, and how far it has missed before."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from queueapp.outlook.values import OfficeOutlook, Outlook


def told(outlook: Outlook, days: Collection[dt.date]) -> dict[str, Any]:
    """The day it was made, and for each office what it stands on, what it says of these ``days``
    and how far that way to forecast has missed.
    """
    return {
        "made": outlook.first.isoformat(),
        "offices": [_office(office, days) for office in outlook.offices],
    }


def _office(office: OfficeOutlook, days: Collection[dt.date]) -> dict[str, Any]:
    """``visits``: the likely number an open day. ``missed``: the past error (WAPE), from 0."""
    likely = [d.expected.visits for d in office.days if d.day in days and d.open and d.expected]
    used = next((error for error in office.errors if error.basis == office.basis), None)
    return {
        "office": office.office,
        "basis": office.basis,
        "visits": sum(likely) / len(likely) if likely else None,
        "missed": used and used.share,
    }
