"""The page a visitor follows the line on, by the address on their ticket."""

import time
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext

from queueapp import operations, screens
from queueapp.core.ticket import BadInput, State
from queueapp.web import offers, words
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
        waits = seen["state"] == State.WAITING
        texts = words.for_visitor(current_language())
        return render_template(
            "ticket.html",
            ticket=seen,
            promised=seen["staffed"] and seen["in_time"],
            token=token,
            service=names.service(seen["service"]),
            ahead_text=words.ahead_text(seen["ahead"]),
            wait_text=words.wait_text(seen["wait"]),
            offers=offers.for_ticket(now, token, names) if waits else [],
            texts=texts,
            place={
                name: text % {"number": seen["counter_name"] or ""}
                for name, text in texts["room" if seen["room"] else "counter"].items()
            },
            invented=seen["invented"],
        )


@pages.post("/t/<token>/way")
@access("public")
@public_limit("30/minute")
def widen(token: str) -> Any:
    """Accept another way, as ``PATCH`` of the ticket does."""
    attempt(lambda: _widen(token, request.form.get("way", "")))
    return redirect(url_for("pages.ticket", token=token), 303)


def _widen(token: str, way: str) -> str:
    if way not in words.CONSENTS:
        raise BadInput(field="way", reason="unknown", value=way)
    operations.widen(token, time.time(), way=way)
    return str(gettext("Your choice is noted. You keep your place in the line."))


@pages.post("/t/<token>/leave")
@access("public")
@public_limit("30/minute")
def leave(token: str) -> Any:
    """Leave the line, as ``DELETE`` of the ticket does."""
    attempt(lambda: _leave(token))
    return redirect(url_for("pages.ticket", token=token), 303)


def _leave(token: str) -> None:
    operations.leave(token, time.time())
