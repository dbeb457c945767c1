"""What all pages share: their blueprint, their language and the frame around them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, current_app, flash, g, request, session
from flask_babel import force_locale, get_locale
from sqlalchemy.exc import DBAPIError

from queueapp import configuration
from queueapp.core.ticket import Refusal
from queueapp.web import access, errors, language

View = TypeVar("View", bound=Callable[..., Any])

pages = Blueprint("pages", __name__)

# Visitors' pages are in all languages; what only staff see is in these two.
STAFF_LANGUAGES = ("sv", "en")
OWN_NAMES = {"sv": "Svenska", "en": "English", "fi": "Suomi", "ar": "العربية"}


def current_language() -> str:
    """The language this page is in."""
    return str(get_locale() or language.DEFAULT)


def in_staff_language(view: View) -> View:
    """Show a staff page in Swedish or English, also where the browser prefers another language."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Any:
        g.languages = STAFF_LANGUAGES
        chosen = language.choose()
        if chosen not in STAFF_LANGUAGES:
            best = request.accept_languages.best_match(STAFF_LANGUAGES)
            chosen = best or language.DEFAULT
        with force_locale(chosen):
            return view(*args, **kwargs)

    return shown  # type: ignore[return-value]


def attempt(operation: Callable[[], str | None]) -> bool:
    """Do it and tell what was done; tell instead why not, where the rules refuse."""
    try:
        told = operation()
    except Refusal as refusal:
        flash(errors.sentence(refusal), "problem")
        return False
    if told:
        flash(told, "done")
    return True


@pages.before_request
def remember_language() -> None:
    """A language chosen on one page holds for the next."""
    chosen = request.args.get("lang")
    if chosen in language.TRANSLATED:
        session["lang"] = chosen


@pages.app_context_processor
def frame() -> dict[str, Any]:
    """What base.html needs. It must work on an error page too, so nothing here may fail."""
    return {
        "lang": current_language(),
        "direction": language.direction(current_language()),
        "caller": getattr(g, "caller", access.PUBLIC),
        "language_links": _language_links(),
        "place": _place(),
        "trial": current_app.config["SETTINGS"].trial,
        "open_data": current_app.config["SETTINGS"].open_data,
    }


def _language_links() -> list[dict[str, Any]]:
    offered = getattr(g, "languages", language.TRANSLATED)
    asked = request.args.to_dict(flat=False)
    here = current_language()
    return [
        {
            "code": code,
            "name": OWN_NAMES[code],
            "url": f"{request.path}?{urlencode(asked | {'lang': [code]}, doseq=True)}",
            "current": code == here,
        }
        for code in offered
    ]


def _place() -> str:
    try:
        return configuration.current().name.get(current_language())[0]
    except (configuration.NotInitialised, DBAPIError):
        return ""
