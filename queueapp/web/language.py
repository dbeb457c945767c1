"""Which language a page and its errors are in."""

from flask import has_request_context, request, session

DEFAULT = "sv"
# The languages with catalogues in translations/; visitors' own texts come from the configuration.
TRANSLATED = ("sv", "en", "fi", "ar")
RIGHT_TO_LEFT = frozenset({"ar"})


def choose() -> str:
    """The language asked for in the address, chosen before, or preferred by the browser."""
    if not has_request_context():
        return DEFAULT
    asked = request.args.get("lang")
    if asked in TRANSLATED:
        return str(asked)
    if session.get("lang") in TRANSLATED:
        return str(session["lang"])
    return request.accept_languages.best_match(TRANSLATED) or DEFAULT


def direction(language: str) -> str:
    """``rtl`` or ``ltr``."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
