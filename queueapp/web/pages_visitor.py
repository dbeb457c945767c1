"""The page a visitor follows the line on, by the address on their ticket."""

import time
from typing import Any

from flask import redirect, render_template, url_for

from queueapp import operations, screens
from queueapp.web import words
from queueapp.web.access import access
from queueapp.web.limits import public_limit
from queueapp.web.site import attempt, current_language, pages


@pages.get("/t/<token>")
@access("public")
def ticket(token: str) -> Any:
    """The visitor's number, place and wait; where to go once called."""
    with screens.reading(time.time()) as now:
        seen = screens.ticket(now, token)
        names = words.Names(now.municipality, current_language())
        return render_template(
            "ticket.html",
            ticket=seen,
            token=token,
            service=names.service(seen["service"]),
            ahead_text=words.ahead_text(seen["ahead"]),
            wait_text=words.wait_text(seen["wait"]),
            texts=words.for_visitor(current_language()),
            invented=seen["invented"],
        )


@pages.post("/t/<token>/leave")
@access("public")
@public_limit("30/minute")
def leave(token: str) -> Any:
    """Leave the line, as ``DELETE`` of the ticket does."""
    attempt(lambda: _leave(token))
    return redirect(url_for("pages.ticket", token=token), 303)


def _leave(token: str) -> None:
    operations.leave(token, time.time())
