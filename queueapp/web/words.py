"""Words for what the core and the configuration call by code, and how times are said."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from babel import Locale
from flask_babel import format_percent, get_domain, gettext, ngettext
from flask_babel import lazy_gettext as _

from queueapp.core import measures
from queueapp.municipality import OTHER_DISTRICT, UNDISCLOSED_DISTRICT, Municipality, Unknown

FIGURES = {
    "visits": _("Visits"),
    "errands": _("Errands"),
    "visits_per_1000": _("Visits per 1,000 inhabitants and year"),
    "visits_per_open_hour": _("Visits per open hour"),
    "visits_per_staff_hour": _("Visits per staff hour"),
    "occupancy_share": _("Occupancy"),
    "cost_per_visit": _("Cost per visit served"),
    "called": _("Were called"),
    "served": _("Served"),
    "no_show": _("No-shows"),
    "left": _("Left"),
    "open": _("Not over yet"),
    "wait_mean_s": _("Wait, mean"),
    "wait_median_s": _("Wait, median"),
    "wait_p90_s": _("Wait, 90th percentile"),
    "within_10_share": _("Called within 10 minutes"),
    "left_share": _("Left, share"),
    "no_show_share": _("No-shows, share"),
    "service_median_s": _("Service time, median"),
    "resolved_share": _("Resolved at once"),
    "resolved_own_share": _("Resolved at once, the municipality's own"),
    "first_language_share": _("In the first language"),
    "other_language_share": _("In another language than the first"),
    "interpreter_share": _("With an interpreter, share"),
    "video_share": _("By video, share"),
    "unserved_share": _("Not served at all"),
    "by_video": _("By video"),
    "by_interpreter": _("With an interpreter"),
    "language_extra_wait_s": _("Extra wait for another language than Swedish"),
    "promise_kept_share": _("Promised wait kept"),
    "promise_error_median_s": _("Wait against promise, median"),
    "unmet": _("Need nobody could meet"),
    "unmet_share": _("Need nobody could meet, share"),
    "coded_share": _("Errands recorded"),
}

# The same sentences as core.measures has (a test compares them), so that they are found for
# translation: the core itself knows no languages.
DEFINITIONS = {
    "visits": _("Tickets issued in the period. A visit moved between counters counts once."),
    "errands": _("Matters handled in those visits, as recorded when each visit was finished."),
    "visits_per_1000": _(
        "Visits per 1,000 inhabitants: per home district, by who lives there; per office, "
        "by who lives in the office's own district. Scaled to a year."
    ),
    "visits_per_open_hour": _(
        "Visits per hour in which at least one counter of the office was open."
    ),
    "visits_per_staff_hour": _("Visits per hour that somebody sat at an open counter."),
    "occupancy_share": _(
        "Time spent serving, as a share of the time that somebody sat at an open counter."
    ),
    "cost_per_visit": _("What the office cost, with staff and interpreters, per visit served."),
    "called": _("Visits called at least once."),
    "served": _("Visits that were finished at a counter."),
    "no_show": _("Visits called where the visitor did not come."),
    "left": _("Visits where the visitor left, or still waited at closing, before being served."),
    "open": _("Visits that are not over yet. What will come of them is in no other figure."),
    "wait_mean_s": _("Waiting time, from ticket to first call: the mean of those called."),
    "wait_median_s": _(
        "Waiting time, from ticket to first call: half of those called waited less."
    ),
    "wait_p90_s": _("Waiting time, from ticket to first call: nine of ten called waited less."),
    "within_10_share": _("Share of all who took a ticket that were called within ten minutes."),
    "left_share": _("Share of all who took a ticket that left, or still waited at closing."),
    "no_show_share": _(
        "Share of those whose turn came who did not come. Who left, also after a call, is not "
        "among them but among those who left."
    ),
    "service_median_s": _(
        "Service time, from start to finish without interruptions: half took less."
    ),
    "resolved_share": _(
        "Share of the visits where every errand was resolved at once, errands of other "
        "authorities included."
    ),
    "resolved_own_share": _(
        "Share of the visits where every errand of the municipality's own was resolved at once."
    ),
    "first_language_share": _(
        "Share of the served visits whose errands were all handled in the visitor's first "
        "language, without an interpreter."
    ),
    "other_language_share": _(
        "Share of the served visits where an errand was handled in another language than "
        "the visitor's first, without an interpreter."
    ),
    "interpreter_share": _("Share of the served visits where an interpreter was needed."),
    "video_share": _("Share of the served visits that were served by video from another office."),
    "unserved_share": _("Share of the visits that ended without being served at all."),
    "by_video": _("Visits served by video from another office."),
    "by_interpreter": _("Visits served with an interpreter."),
    "language_extra_wait_s": _(
        "How much longer those who ask for another language than Swedish wait than those "
        "who ask for Swedish, at the same office and in the same hour."
    ),
    "promise_kept_share": _(
        "Share of the called visits whose wait was within the range shown with the "
        "ticket. Four of five should be."
    ),
    "promise_error_median_s": _(
        "Waiting time less the likely wait shown with the ticket: half of the called "
        "visits had a smaller difference."
    ),
    "unmet": _("Tickets taken when nobody on duty had the competence asked for."),
    "unmet_share": _(
        "Share of the tickets taken when nobody on duty had the competence asked for."
    ),
    "coded_share": _(
        "Share of the served visits whose errands and outcomes were recorded. Where it is "
        "below four of five, nothing is concluded from them."
    ),
}

# What a figure is among or divided by, and where its definition comes from.
DENOMINATORS = {
    "All tickets issued.": _("All tickets issued."),
    "All errands recorded.": _("All errands recorded."),
    "Inhabitants that year, as entered with their source.": _(
        "Inhabitants that year, as entered with their source."
    ),
    "Open hours, from when counters were opened and closed.": _(
        "Open hours, from when counters were opened and closed."
    ),
    "Staff hours, from when counters were opened, paused and closed.": _(
        "Staff hours, from when counters were opened, paused and closed."
    ),
    "Visits served. The costs are those that were entered for the year.": _(
        "Visits served. The costs are those that were entered for the year."
    ),
    "Visits called.": _("Visits called."),
    "All tickets issued, those who left included.": _(
        "All tickets issued, those who left included."
    ),
    "All visits that are over.": _("All visits that are over."),
    "Visits served, and those called where the visitor did not come.": _(
        "Visits served, and those called where the visitor did not come."
    ),
    "Visits served.": _("Visits served."),
    "Visits served whose errands were recorded.": _("Visits served whose errands were recorded."),
    "Visits served with an errand of the municipality's own recorded.": _(
        "Visits served with an errand of the municipality's own recorded."
    ),
    "Visits called for another language, in hours when somebody who asked for Swedish was "
    "called too.": _(
        "Visits called for another language, in hours when somebody who asked for Swedish "
        "was called too."
    ),
    "Visits called that were promised a wait.": _("Visits called that were promised a wait."),
}

SOURCES = {
    "Usual in queueing and contact centres (Gans, Koole & Mandelbaum 2003)": _(
        "Usual in queueing and contact centres (Gans, Koole & Mandelbaum 2003)"
    ),
    "Kölapp": _("Kölapp"),
    "The evaluation of 2004 and the memo of 2017: visits and errands, per area": _(
        "The evaluation of 2004 and the memo of 2017: visits and errands, per area"
    ),
}

DIMENSIONS = {
    "office": _("Office"),
    "district": _("District"),
    "service": _("Service"),
    "language": _("Language"),
    "day": _("Day"),
    "weekday": _("Weekday"),
    "hour": _("Hour"),
    "week": _("Week"),
    "month": _("Month"),
    "year": _("Year"),
    "channel": _("Channel"),
    "way": _("Way"),
}

# The fields of the statistics' form, as the form calls them.
STATISTICS_FIELDS = {
    "from": _("From"),
    "to": _("To"),
    "by": _("Per"),
    "office": _("Office"),
    "district": _("District"),
    "service": _("Service"),
    "language": _("Language"),
    "channel": _("Channel"),
    "way": _("Way"),
    "set": _("Figures"),
    "figure": _("Figures"),
    "compare": _("Compare with"),
    "at": _("The date of the change"),
}

OUTCOMES = {
    "resolved": _("Resolved"),
    "referred": _("Referred"),
    "booked": _("Booked"),
    "escalated": _("Escalated"),
}

ROLES = {"staff": _("Service guide"), "manager": _("Manager"), "admin": _("Administrator")}

DEVICES = {"kiosk": _("Kiosk"), "display": _("Display"), "room": _("Video room")}

_CHANNELS = {
    "kiosk": _("Kiosk"),
    "phone": _("Phone"),
    "staff": _("Staff"),
    "booking": _("Booking"),
}

# How wide the visitor's consent is, to the visitor: each includes those before.
CONSENTS = {
    "here": _("Here at the office"),
    "video": _("Here or by video"),
    "interpreter": _("Here, by video or with an interpreter"),
}

_WAYS = {
    "here": _("Here"),
    "video": _("By video"),
    "interpreter": _("With an interpreter"),
    "office": _("At another office"),
    "booking": _("By appointment"),
}

# How somebody is served, where that needs more than the language.
MATCHES = {
    "video": _("%(language)s, by video"),
    "interpreter": _("%(language)s, with an interpreter"),
}

_DISTRICTS = {
    OTHER_DISTRICT: _("Another municipality"),
    UNDISCLOSED_DISTRICT: _("Does not want to answer"),
    "unknown": _("Not asked"),
}


@dataclass(frozen=True, slots=True)
class Plural:
    """A text that depends on a number. Scripts get every form, since they count too."""

    one: str
    many: str

    def text(self, number: int, **more: object) -> str:
        """The text for ``number``."""
        return str(ngettext(self.one, self.many, number, **more))

    def forms(self, language: str) -> dict[str, str]:
        """The text for each of the language's plural categories, its gaps not filled in."""
        catalogue = get_domain().get_translations()
        category = Locale.parse(language).plural_form
        samples = {category(number): number for number in range(102, -1, -1)}
        return {name: catalogue.ungettext(self.one, self.many, n) for name, n in samples.items()}


STILL_OPEN = Plural(
    "%(num)s visit is not over yet; what comes of it is not counted.",
    "%(num)s visits are not over yet; what comes of them is not counted.",
)
AHEAD = Plural("%(num)s person before you", "%(num)s people before you")
WAITS = {
    "minutes": {
        "about": Plural("about %(num)s minute", "about %(num)s minutes"),
        "between": Plural("about %(low)s–%(num)s minute", "about %(low)s–%(num)s minutes"),
        "up_to": Plural("up to %(num)s minute", "up to %(num)s minutes"),
    },
    "hours": {
        "about": Plural("about %(num)s hour", "about %(num)s hours"),
        "between": Plural("about %(low)s–%(num)s hour", "about %(low)s–%(num)s hours"),
        "up_to": Plural("up to %(num)s hour", "up to %(num)s hours"),
    },
}


def ahead_text(ahead: int) -> str:
    """How many are before the visitor."""
    return AHEAD.text(ahead) if ahead else str(gettext("Nobody before you"))


def wait_text(wait: dict[str, int] | None) -> str:
    """A wait as one says it: a range, never narrower than what was computed."""
    if wait is None:
        return str(gettext("We cannot say how long the wait will be."))
    said = rounded(wait["low_s"], wait["high_s"])
    if said.form == "short":
        return str(gettext("less than a minute"))
    return WAITS[said.unit][said.form].text(said.high, low=said.low)


@dataclass(frozen=True, slots=True)
class RoundedWait:
    """A wait in the numbers that are said. ``form`` is short, about, between or up_to."""

    form: str
    unit: str
    low: int
    high: int


def rounded(low_s: int, high_s: int) -> RoundedWait:
    """Outwards, to minutes or hours; ``look/waits.ts`` does the same where a script draws."""
    if high_s > 2 * 3600:
        return _named("hours", low_s // 3600, -(-high_s // 3600))
    high = _up(-(-high_s // 60))
    if high <= 1:
        return RoundedWait("short", "minutes", 0, 1)
    return _named("minutes", _down(low_s // 60), high)


def _named(unit: str, low: int, high: int) -> RoundedWait:
    form = "about" if low == high else "between" if low else "up_to"
    return RoundedWait(form, unit, low, high)


def _down(minutes: int) -> int:
    return minutes // 5 * 5 if minutes > 10 else minutes


def _up(minutes: int) -> int:
    return -(-minutes // 5) * 5 if minutes > 10 else minutes


def for_visitor(language: str) -> dict[str, Any]:
    """The texts with which the visitor's page redraws itself."""
    return {
        "ahead": AHEAD.forms(language),
        "nobody_ahead": gettext("Nobody before you"),
        **{
            unit: {form: text.forms(language) for form, text in forms.items()}
            for unit, forms in WAITS.items()
        },
        "short": gettext("less than a minute"),
        "unknown": gettext("We cannot say how long the wait will be."),
        "counter": {
            "called": gettext("Go to counter %(number)s"),
            "serving": gettext("You are being helped at counter %(number)s."),
            "title": gettext("Counter %(number)s – your turn"),
        },
        "room": {
            "called": gettext("Go to video room %(number)s"),
            "serving": gettext("You are being helped in video room %(number)s."),
            "title": gettext("Video room %(number)s – your turn"),
        },
        "ways": {way: str(text) for way, text in CONSENTS.items()},
    }


def meaning(figure: str) -> tuple[str, str, str]:
    """What a figure is, what it is among or divided by, and where its definition comes from."""
    found = measures.FIGURES[figure]
    return (
        str(DEFINITIONS[figure]),
        str(DENOMINATORS[found.among]),
        str(SOURCES[found.source]),
    )


def minutes(seconds: float | None) -> str:
    """A duration in whole minutes; a dash where there is nothing to measure."""
    return "–" if seconds is None else str(gettext("%(minutes)s min", minutes=round(seconds / 60)))


def percent(share: float | None) -> str:
    """A share in whole per cent; a dash where there is nothing to measure."""
    return "–" if share is None else str(format_percent(share))


@dataclass(frozen=True, slots=True)
class Names:
    """The municipality's own names for its codes, in the language of the page."""

    municipality: Municipality
    language_of_page: str

    def service(self, code: str) -> str:
        """What one comes for."""
        return self.municipality.service(code).name.get(self.language_of_page)[0]

    def office(self, code: str) -> str:
        """An office."""
        return self.municipality.office(code).name

    def language(self, code: str) -> str:
        """A language, as the language of the page calls it; else by its own name."""
        known = Locale.parse(self.language_of_page).languages.get(code)
        return known or self.municipality.language(code).name

    def languages(self, codes: Iterable[str]) -> str:
        """Several languages, the preferred first."""
        return ", ".join(self.language(code) for code in codes)

    def priority(self, code: str) -> str:
        """A reason to be called earlier."""
        return self.municipality.priority(code).name.get(self.language_of_page)[0]

    def match(self, way: str, language: str) -> str:
        """How somebody is served."""
        name = self.language(language)
        return str(MATCHES[way]) % {"language": name} if way in MATCHES else name

    def staff(self, name: str | None) -> str:
        """A staff member; their sign-in name where they are configured no more."""
        try:
            return self.municipality.staff_member(name or "").display_name
        except Unknown:
            return name or ""

    def district(self, code: str) -> str:
        """A district, or what was answered instead."""
        return str(_DISTRICTS.get(code) or self.municipality.district(code).name)

    def value(self, dimension: str, code: str) -> str:
        """A value of a dimension of the statistics; old codes stay as they were logged."""
        fixed = {"channel": _CHANNELS, "way": _WAYS}.get(dimension, {})
        if code in fixed:
            return str(fixed[code])
        try:
            match dimension:
                case "office" | "service" | "language" | "district":
                    return str(getattr(self, dimension)(code))
                case "weekday":
                    days = Locale.parse(self.language_of_page).days["stand-alone"]["wide"]
                    return str(days[int(code) - 1])
                case "hour":
                    return f"{code}–{int(code) + 1:02}"
        except Unknown:
            pass
        return code
