"""The staff and the devices, for the administrator."""

import time
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext

from queueapp import configuration, tokens, write
from queueapp.models import db
from queueapp.web import accounts, words
from queueapp.web.access import access
from queueapp.web.site import current_language, in_staff_language, pages


@pages.get("/staff")
@access("admin")
@in_staff_language
def staff() -> Any:
    """Who works here, and who can sign in."""
    return _shown()


@pages.post("/staff/<name>/invitation")
@access("admin")
@in_staff_language
def invite(name: str) -> Any:
    """Make an invitation, and show its link this once."""
    member = configuration.current().staff_member(name)
    with write.transaction() as connection:
        settings = current_app.config["SETTINGS"]
        link = accounts.invitation_link(connection, settings, name, time.time())
    return _shown(link=link, invited=member.display_name)


def _shown(**more: str) -> str:
    municipality = configuration.current()
    with db.engine.connect() as connection:
        able = accounts.with_password(connection)
        devices = tokens.devices(connection)
    names = words.Names(municipality, current_language())
    members = [
        {
            "name": member.name,
            "display_name": member.display_name,
            "role": words.ROLES[member.role],
            "languages": names.languages(member.languages),
            "offices": gettext("All offices")
            if member.offices == "all"
            else ", ".join(map(names.office, member.offices)),
            "can_sign_in": member.name in able,
        }
        for member in municipality.staff
    ]
    return render_template(
        "staff.html", members=members, devices=devices, kinds=words.DEVICES, names=names, **more
    )
