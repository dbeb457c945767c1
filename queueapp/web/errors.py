"""Every error, from one table, in one shape: RFC 9457 problem details.

``type`` is stable and for programs. ``title`` and ``detail`` are for people, in the language
asked for; they never tell what the database or the code said.
"""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import format_decimal
from flask_babel import lazy_gettext as _
from flask_wtf.csrf import CSRFError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from queueapp.configuration import NotInitialised
from queueapp.core.ticket import BadInput, NotFound, Refusal
from queueapp.municipality import Unknown
from queueapp.web import fields

Body = dict[str, Any]
log = logging.getLogger(__name__)

PROBLEMS: dict[str, tuple[int, Any, Any]] = {
    "wrong-state": (
        409,
        _("That cannot be done now"),
        _("The ticket is %(state)s, so it cannot be changed that way. Nothing was changed."),
    ),
    "counter-not-open": (
        409,
        _("The counter is not open"),
        _("Open the counter first. Nothing was changed."),
    ),
    "counter-busy": (
        409,
        _("There is still a visitor at the counter"),
        _("Finish with the present visitor first. Nothing was changed."),
    ),
    "counter-taken": (
        409,
        _("Somebody else sits at the counter"),
        _("Choose another counter, or take this one over. Nothing was changed."),
    ),
    "office-closed": (
        409,
        _("The office is closed"),
        _("%(office)s does not give out tickets now."),
    ),
    "phone-tickets-off": (
        403,
        _("Take the ticket at the office"),
        _("This office gives out tickets at the kiosk only."),
    ),
    "way-not-offered": (
        422,
        _("The office cannot help you in that way"),
        _("Choose another way to be served. Nothing was changed."),
    ),
    "service-not-offered": (
        422,
        _("That service is not offered here"),
        _("The office does not offer the service. Another office may."),
    ),
    "invalid-input": (
        422,
        _("Something in the request does not fit"),
        _("Check the fields that are named. Nothing was changed."),
    ),
    "malformed": (
        400,
        _("The request could not be read"),
        _("The body must be a JSON object. Nothing was changed."),
    ),
    "not-found": (404, _("There is no such thing"), _("What was asked for does not exist.")),
    "unauthorized": (
        401,
        _("Sign in first"),
        _("This needs a signed-in person or a connected device."),
    ),
    "forbidden": (
        403,
        _("You may not do this"),
        _("Your role, or your office, does not allow it. Nothing was changed."),
    ),
    "form-expired": (
        400,
        _("The page was open too long"),
        _("Reload the page and try again. Nothing was changed."),
    ),
    "method-not-allowed": (
        405,
        _("That is not possible here"),
        _("The address exists, but not for this."),
    ),
    "too-large": (413, _("The request is too large"), _("Nothing was changed.")),
    "too-many-requests": (
        429,
        _("Too many requests"),
        _("Wait a minute and try again. Nothing was changed."),
    ),
    "unavailable": (
        503,
        _("The service is not available right now"),
        _("Try again in a moment. Nothing is lost: the same request can be sent again."),
    ),
    "figures-not-ready": (
        503,
        _("The figures are being prepared"),
        _("%(missing)s events of the log are yet to be read. Try again in a minute."),
    ),
    "pdf-not-available": (
        503,
        _("PDFs cannot be made here"),
        _(
            "The machine lacks libraries that PDFs are made with. Whoever looks after it installs "
            "them: %(packages)s. The page itself can be printed from the browser meanwhile."
        ),
    ),
    "no-forecast": (
        503,
        _("There is no forecast now"),
        _("It could not be worked out, and the fault is recorded. Try again in a while."),
    ),
    "internal": (
        500,
        _("Something went wrong"),
        _("The fault is recorded. Try again, or ask the staff."),
    ),
}

_OF_STATUS = {
    400: "malformed",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "malformed",
    422: "invalid-input",
    429: "too-many-requests",
    503: "unavailable",
}

# The states as words in a sentence, so that they are translated.
_STATES = {
    "waiting": _("waiting"),
    "called": _("called"),
    "serving": _("being served"),
    "parked": _("parked"),
    "finished": _("finished"),
    "no_show": _("marked as not shown up"),
    "left": _("left"),
}


def problem(code: str, facts: Body | None = None, errors: list[Body] | None = None) -> Body:
    """The body for the problem ``code``; ``facts`` fill its text and stand beside it."""
    status, title, detail = PROBLEMS[code]
    facts = facts or {}
    words = {name: _said(value) for name, value in facts.items()}
    body = {
        "type": f"/problems/{code}",
        "title": str(title),
        "status": status,
        "detail": str(detail) % words,
    }
    if errors:
        body["errors"] = errors
    return {**{name: value for name, value in facts.items() if name not in body}, **body}


def _said(fact: object) -> object:
    """A fact as its text says it: a state by its name, a number with its thousands apart."""
    if isinstance(fact, int):
        return format_decimal(fact)
    return _STATES.get(str(fact), fact)


def of_refusal(refusal: Refusal) -> Body:
    """The problem body of a refusal by the rules."""
    if isinstance(refusal, BadInput):
        return problem(refusal.code, errors=[fields.of_refusal(refusal)])
    return problem(refusal.code, refusal.facts)


def sentence(refusal: Refusal) -> str:
    """The refusal in one line, for where no list of fields is shown."""
    body = of_refusal(refusal)
    why = " ".join(one["message"] for one in body.get("errors", []))
    return f"{body['title']}. {why or body['detail']}"


def answer(body: Body) -> Response:
    """The response: a page where a person looks, JSON otherwise."""
    if _wants_page():
        response = make_response(render_template("error.html", problem=body), body["status"])
    else:
        response = make_response(jsonify(body), body["status"])
        response.content_type = "application/problem+json"
    if body["status"] in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        response.headers.setdefault("Retry-After", "5")
    if body["status"] == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _wants_page() -> bool:
    if request.path.startswith(("/api/", "/healthz", "/readyz")):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def of_validation(error: ValidationError) -> Response:
    """One entry for each bad field."""
    if request.get_data(cache=True) and request.get_json(silent=True) is None:
        return answer(problem("malformed"))
    return answer(problem("invalid-input", errors=fields.of_validation(error)))


def init_app(app: Flask) -> None:
    """Answer every error from the table."""

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return answer(of_refusal(error))

    @app.errorhandler(Unknown)
    def unknown(error: Unknown) -> Response:
        return answer(of_refusal(NotFound(kind=error.kind, code=error.code)))

    @app.errorhandler(CSRFError)
    def expired(error: CSRFError) -> Response:
        return answer(problem("form-expired"))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.response is not None or (error.code or 500) < HTTPStatus.BAD_REQUEST:
            return error.get_response()  # type: ignore[return-value]
        response = answer(problem(_OF_STATUS.get(error.code or 500, "internal")))
        for name in ("Allow", "Retry-After"):
            if value := error.get_response().headers.get(name):
                response.headers[name] = value
        return response

    @app.errorhandler(NotInitialised)
    @app.errorhandler(DBAPIError)
    def unavailable(error: Exception) -> Response:
        log.error(
            "%s %s: %s", request.method, request.url_rule, type(error).__name__, exc_info=error
        )
        return answer(problem("unavailable"))

    @app.errorhandler(Exception)
    def internal(error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url_rule, exc_info=error)
        return answer(problem("internal"))
