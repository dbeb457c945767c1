"""The pages people sit with, and the shells of kiosk and display."""

from flask import Blueprint, render_template

from queueapp import configuration
from queueapp.web.access import access

pages = Blueprint("pages", __name__)


@pages.get("/sign-in")
@access("public")
def sign_in():
    return "sign in"


@pages.get("/kiosk/<office>")
@access("public")
def kiosk(office):
    """The kiosk's shell."""
    return render_template(
        "device.html",
        source="kiosk/src/main.tsx",
        theme="",
        office=configuration.current().office(office),
    )


@pages.get("/display/<office>")
@access("public")
def display(office):
    """The display's shell."""
    return render_template(
        "device.html",
        source="display/src/main.tsx",
        theme="wall",
        office=configuration.current().office(office),
    )
