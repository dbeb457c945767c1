"""The other ways to be served, in words, for one who waits."""

import datetime as dt
from dataclasses import dataclass

from babel.dates import format_datetime
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from queueapp import quotes, screens
from queueapp.core.matching import Way
from queueapp.web import words

_TITLES = {
    Way.VIDEO: _("By video from here"),
    Way.INTERPRETER: _("With an interpreter"),
    Way.OFFICE: _("At %(office)s"),
    Way.BOOKING: _("Book a time"),
}
_TEXTS = {
    Way.VIDEO: _("In the video room. A service guide at another office speaks %(language)s."),
    Way.INTERPRETER: _("A service guide here uses an interpreter who speaks %(language)s."),
    Way.OFFICE: _("Somebody who speaks %(language)s is there right now. The address: %(address)s."),
    Way.BOOKING: _("Somebody who speaks %(language)s is here again %(when)s."),
}
# What the visitor also agrees to by choosing the way, or has to do for it.
_NOTES = {
    Way.VIDEO: _("If somebody here who can help you is free first, you get help here."),
    Way.INTERPRETER: _(
        "If somebody who speaks your language is free first, you get help without an "
        "interpreter, here or by video."
    ),
    Way.OFFICE: _("You take a new number there. Leave the line here when you go."),
    Way.BOOKING: _("Ask the staff to book a time for you."),
}
_BUTTONS = {
    Way.VIDEO: _("Yes, by video is fine"),
    Way.INTERPRETER: _("Yes, with an interpreter is fine"),
}
_WHEN = {
    "sv": "EEEE d MMMM 'klockan' HH.mm",
    "en": "EEEE d MMMM 'at' HH:mm",
    "fi": "EEEE d. MMMM 'klo' H.mm",
    "ar": "EEEE d MMMM، HH:mm",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One other way. Without a ``button`` it is told about only; ``wait`` is None for a booking."""

    way: str
    title: str
    text: str
    note: str
    wait: str | None
    button: str | None


def for_ticket(now: screens.Moment, token: str, names: words.Names) -> list[Offer]:
    """The other ways for the visitor with that ticket, each with its wait."""
    row = screens.ticket_of_token(now.connection, token)
    return [_offer(now, quote, names) for quote in quotes.offers(now, row)]


def _offer(now: screens.Moment, quote: quotes.Quote, names: words.Names) -> Offer:
    known = {
        "office": quote.office_name,
        "address": quote.address,
        "language": names.language(quote.language),
        "when": _when(now, quote.available_at, names.language_of_page),
    }
    button = _BUTTONS.get(quote.way)
    return Offer(
        quote.way,
        str(_TITLES[quote.way]) % known,
        str(_TEXTS[quote.way]) % known,
        str(_NOTES[quote.way]),
        None if quote.way is Way.BOOKING else _wait(quote),
        None if button is None else str(button),
    )


def _wait(quote: quotes.Quote) -> str:
    if not quote.staffed:
        return str(gettext("Right now nobody is on duty for this."))
    if not quote.in_time:
        return str(gettext("Whoever can help you will probably go home before it is your turn."))
    return words.wait_text({"low_s": quote.wait.low_s, "high_s": quote.wait.high_s})


def _when(now: screens.Moment, at: float | None, language: str) -> str:
    if at is None:
        return ""
    local = dt.datetime.fromtimestamp(at, now.municipality.zone)
    return format_datetime(local, _WHEN[language], locale=language)
