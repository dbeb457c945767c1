"""The process that works out a forecast and ends: ``python -m queueapp.outlook.worker``.

What it needs to learn takes a hundred megabytes and a second of a processor. Here they cost the
serving process nothing, and whoever calls a visitor meanwhile goes first.
"""

import datetime as dt
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from queueapp.municipality import parse
from queueapp.outlook import counts, make
from queueapp.outlook.calendar import Calendar
from queueapp.outlook.history import History
from queueapp.outlook.values import Outlook


@dataclass(frozen=True)
class Order:
    """What to work out: from the counts in ``folder``, for this configuration."""

    municipality: dict[str, Any]
    today: dt.date
    folder: Path


def work(order: Order) -> Outlook:
    """The forecast."""
    municipality = parse(order.municipality)
    offices = [office.code for office in municipality.offices]
    history = History.of(Calendar(municipality), offices, order.today, counts.read(order.folder))
    return make.outlook(history, counts.read_services(order.folder))


def main() -> None:
    """Order on standard input, forecast on standard output, both as JSON."""
    os.nice(5)
    order = TypeAdapter(Order).validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(TypeAdapter(Outlook).dump_json(work(order)))


if __name__ == "__main__":
    main()
