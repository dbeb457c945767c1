"""The pages people sit with, and the shells of kiosk and display."""

import datetime as dt
import time
from typing import Any

from flask import render_template
from flask_babel import gettext

from queueapp import configuration, screens
from queueapp.municipality import Office

# Each of these adds its pages to the blueprint.
from queueapp.web import (  # noqa: F401
    pages_accessibility,
    pages_account,
    pages_costs,
    pages_counter,
    pages_forecast,
    pages_open_data,
    pages_planner,
    pages_report,
    pages_staff,
    pages_statistics,
    pages_visitor,
    words,
)
from queueapp.web.access import access
from queueapp.web.meetings import with_meetings
from queueapp.web.site import current_language, pages

__all__ = ["pages"]


@pages.get("/")
@access("public")
def start() -> str:
    """The municipality's offices: whether open, how many wait, and the way to each screen."""
    with screens.reading(time.time()) as now:
        names = words.Names(now.municipality, current_language())
        offices = [
            body
            | {
                "hours": _hours_today(now, now.municipality.office(body["code"])),
                "wait_text": words.wait_text(body["wait"]),
                "district_name": names.district(body["district"]),
            }
            for body in screens.offices(now)
        ]
        return render_template("start.html", offices=offices, **now.banners)


def _hours_today(now: screens.Moment, office: Office) -> str:
    today = dt.datetime.fromtimestamp(now.at, now.municipality.zone).date()
    spans = [f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in office.opening(today)]
    return ", ".join(spans) or str(gettext("Closed today"))


def _device(source: str, theme: str, office: str, room: str = "") -> str:
    municipality = configuration.current()
    return render_template(
        "device.html",
        source=source,
        theme=theme,
        office=municipality.office(office),
        room=room,
        municipality_name=municipality.name.get("sv")[0],
    )


@pages.get("/kiosk/<office>")
@access("public")
def kiosk(office: str) -> Any:
    """The kiosk's shell."""
    return _device("kiosk/src/main.tsx", "", office)


@pages.get("/room/<room>")
@access("public")
@with_meetings
def room(room: str) -> Any:
    """The shell of a video room's screen."""
    office = configuration.current().office_of_room(room)
    return _device("room/src/main.tsx", "", office.code, room)


@pages.get("/display/<office>")
@access("public")
def display(office: str) -> Any:
    """The display's shell."""
    return _device("display/src/main.tsx", "wall", office)
