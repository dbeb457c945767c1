"""The planner's answers in words: what would change, how sure that is, and what is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import format_number, gettext, ngettext
from flask_babel import lazy_gettext as _

from queueapp.planner import figures
from queueapp.planner.document import Fault
from queueapp.planner.visitors import HOME
from queueapp.web import fields, plan_amounts, plan_question, words

Result = dict[str, Any]
Figure = dict[str, Any]

# Those of the statistics have the statistics' words.
FIGURES = {
    "visits_per_day": _("Visits a day"),
    **{name: words.FIGURES[name] for name in figures.OF_VISITS},
    "occupancy_share": words.FIGURES["occupancy_share"],
    "staff_hours_per_day": _("Staff hours a day"),
    "worst_office": _("Worst office's wait ÷ everyone's"),
    "worst_language": _("Worst language's wait ÷ everyone's"),
    "cost_per_day": _("Cost a day"),
    "cost_per_visit": _("Cost a visit"),
}

DEFINITIONS = {
    "visits_per_day": _("Visitors who took a ticket, per day that was played."),
    **{name: words.DEFINITIONS[name] for name in figures.OF_VISITS},
    "occupancy_share": words.DEFINITIONS["occupancy_share"],
    "staff_hours_per_day": _(
        "Time that counters are open, breaks left out. After closing it counts only while there "
        "are visitors."
    ),
    "worst_office": _(
        "The longest mean wait of one office ÷ the mean wait of all, of the offices that have "
        "visits in both worlds. 1 is perfectly equal."
    ),
    "worst_language": _(
        "The longest mean wait of one language ÷ the mean wait of all, of the languages that have "
        "visits in both worlds. 1 is perfectly equal."
    ),
    "cost_per_day": _("What is fixed, the staff's hours and interpreters, as entered per office."),
    "cost_per_visit": _("The same, per visitor who took a ticket."),
}

STATES = {
    "waiting": _("Waits for its turn"),
    "playing": _("Is being played"),
    "done": _("Done"),
    "failed": _("Could not be played"),
    "stopped": _("Stopped"),
}

# What is wrong with a scenario, by its reason; other shapes of fields are in fields.py.
REASONS = {
    "unknown": _("There is no such choice: %(value)s"),
    "taken": _("There is already one with this code: %(value)s"),
    "no-letter-left": _("There can be at most %(number)s offices, one for each letter."),
    "right-unmet": _(
        "Then nobody on the staff speaks %(language)s well, and service in it is a right."
    ),
    "serves-nobody": _("%(value)s serves no visitors, so that changes nothing."),
    "contradiction": _("The changed configuration is not valid: %(why)s"),
    "nobody-came": _("There are no visitors in this period. Choose another one."),
    "nobody-left": _("So few of the visitors come that there are none."),
    "nobody-to-serve": _(
        "No visitors are left in the changed world, so there is nobody to look for staff for."
    ),
    "nobody-serves": _(
        "Nobody on the staff serves visitors, so there are no competences to choose from."
    ),
    "too-few": _("There are fewer than five visits in this period: nothing of it may be shown."),
    "not-ready": _(
        "The statistics were still being made from the log after %(minutes)s minutes, so the log "
        "could not be read. When they are done, play it once more."
    ),
    "died": _("It was begun several times and ended each time before it was done."),
    "internal": _("Something went wrong. The fault is recorded."),
    "not-forecast": _(
        "The forecast does not have all of these days. So many weeks can begin from %(first)s to "
        "%(last)s."
    ),
    "too-little-history": _(
        "No forecast can be made: there are less than two weeks of visits to learn from, or none "
        "in the last eight weeks. Choose a past period or invented visitors."
    ),
    "forecast-failed": _("The forecast could not be worked out just now. Try again in a while."),
    "day_out_of_reach": _("Choose a day from %(first)s to %(last)s."),
    "unprintable": _("Write it in one line, without control characters."),
    "days_in_order": _("The first day is later than the last."),
    "period_too_long": _("Choose at most %(number)s days."),
    "one_demand": _("Choose one of logged visitors, those of the forecast, and invented ones."),
    "clocks_in_order": _("It must begin before it ends."),
    "shares_over_one": _("The shares are more than 100 %% together."),
    "to_itself": _("Choose another office than the one that is closed."),
    "int_type": _("Write a whole number."),
    "float_type": _("Write a number."),
    "value_error": _("Write a date as 2026-11-23, and a time as 08:00."),
    "string_too_short": _("This must be given."),
    "bool_type": _("Must be true or false."),
    "malformed": _("The form was sent with something in it that cannot be read."),
}


def fault(one: Fault, names: words.Names) -> str:
    """What is wrong, in the reader's language."""
    text = REASONS.get(one.reason) or fields.SHAPES.get(one.reason) or fields.OTHER_SHAPE
    facts = dict(one.facts)
    if one.reason in {"not-forecast", "day_out_of_reach"}:
        facts |= {end: plan_amounts.day(facts[end]) for end in ("first", "last")}
    if "language" in facts:
        facts["language"] = plan_question.language(names, str(facts["language"]))
    return str(text) % facts


# The fields as the form calls them, by the last part of their name.
LABELS = {
    "title": _("What to call it"),
    "first": _("From"),
    "last": _("To"),
    "weeks": _("How many weeks"),
    "per_day": _("Visitors a day"),
    "minutes": _("Mean wait at most, in minutes"),
    "name": _("Name"),
    "code": _("Name"),
    "district": _("In the district"),
    "districts": _("Whose visitors go there"),
    "counters": _("Counters"),
    "video_rooms": _("Video rooms"),
    "takes": _("How many of them, in %%"),
    "fixed_cost": _("Cost a year besides staff, in kr"),
    "office": _("Office"),
    "to": _("Its visitors go to"),
    "lost": _("Come no more, in %%"),
    "from_home": _("Served by video from home, in %%"),
    "move": _("How many come in time that is new, in %%"),
    "number": _("How many more"),
    "languages": _("They speak"),
    "language": _("Language"),
    "offices": _("They work at"),
    "weekdays": _("Weekdays"),
    "opens": _("From the time"),
    "closes": _("Until the time"),
    "staff": _("Staff member"),
    "rooms": _("Video rooms"),
    "accept": _("Would say yes to video, in %%"),
    "factor": _("As many as, in %% of today"),
}


def placed(one: Fault, names: words.Names) -> str:
    """The same, with the field's name, and the number of the change where it is about one."""
    place, _, rest = one.field.partition(".")
    number = rest.partition(".")[0]
    label = _label(one.field)
    why = f"{label}: {fault(one, names)}" if label else fault(one, names)
    if place == "changes" and number.isdecimal():
        told = {"number": int(number) + 1, "why": why}
        return str(gettext("Change %(number)s: %(why)s", **told))
    return why


def _label(field: str) -> str:
    match field.split("."):
        case ["demand", "forecast", "first"]:
            return str(gettext("Their first day"))
        case ["demand", "invented", "days"]:
            return str(gettext("How many days"))
        case ["staffing", "days"]:
            return str(gettext("On how many of the days, in %%")) % ()
        case [*_, last]:
            return str(LABELS[last]) % () if last in LABELS else ""
        case _:
            return ""


# --- who ------------------------------------------------------------------------------------------


def group(by: str, code: str, names: words.Names, result: Result) -> str:
    """A row's name."""
    if by == "all":
        return str(gettext("All visitors"))
    if by == "office":
        return str(gettext("From home, by video")) if code == HOME else _office(code, result, names)
    return plan_question.language(names, code)


def _office(code: str, result: Result, names: words.Names) -> str:
    return str(result["names"]["office"].get(code) or names.value("office", code))


def who(by: str, code: str, names: words.Names, result: Result) -> str:
    """The beginning of a sentence about a group."""
    name = group(by, code, names, result)
    if by == "all":
        return str(gettext("For all visitors together"))
    if by == "office":
        return name if code == HOME else str(gettext("At %(office)s", office=name))
    return str(gettext("For those who prefer %(language)s", language=name))


# --- conclusions ----------------------------------------------------------------------------------

# By figure: the words when it falls, when it rises, and when nothing can be told.
_CHANGES = {
    "wait_mean_s": (
        _("%(who)s the mean wait would be %(by)s shorter: %(after)s instead of %(before)s."),
        _("%(who)s the mean wait would be %(by)s longer: %(after)s instead of %(before)s."),
        _("%(who)s no difference in the mean wait can be told from chance: %(before)s today."),
    ),
    "within_10_share": (
        _("%(who)s fewer would be called within ten minutes: %(after)s instead of %(before)s."),
        _("%(who)s more would be called within ten minutes: %(after)s instead of %(before)s."),
        None,
    ),
    "first_language_share": (
        _("%(who)s fewer would be served in their first language: %(after)s, not %(before)s."),
        _("%(who)s more would be served in their first language: %(after)s, not %(before)s."),
        _("%(who)s no difference in service in the first language can be told from chance: "
          "%(before)s today."),
    ),
    "left_share": (
        _("%(who)s fewer would leave before being served: %(after)s instead of %(before)s."),
        _("%(who)s more would leave before being served: %(after)s instead of %(before)s."),
        None,
    ),
    "worst_office": (
        _("Offices would be more equal: the worst one's wait is %(after)s × everyone's, not "
          "%(before)s."),
        _("Offices would be less equal: the worst one's wait is %(after)s × everyone's, not "
          "%(before)s."),
        None,
    ),
    "worst_language": (
        _("Languages would be more equal: the worst one's wait is %(after)s × everyone's, not "
          "%(before)s."),
        _("Languages would be less equal: the worst one's wait is %(after)s × everyone's, not "
          "%(before)s."),
        None,
    ),
    "staff_hours_per_day": (
        _("It takes %(by)s less of staff time a day: %(after)s instead of %(before)s."),
        _("It takes %(by)s more of staff time a day: %(after)s instead of %(before)s."),
        _("It takes as much staff time as today: %(before)s a day."),
    ),
    "cost_per_day": (
        _("It costs %(by)s less a day: %(after)s instead of %(before)s."),
        _("It costs %(by)s more a day: %(after)s instead of %(before)s."),
        _("It costs as much as today: %(before)s a day."),
    ),
}  # fmt: skip
MOST_GROUPS = 3

_HARDLY = {
    "wait_mean_s": _("%(who)s the mean wait would hardly change: %(before)s, as today."),
    "first_language_share": _(
        "%(who)s hardly more or fewer would be served in their first language: %(before)s, as "
        "today."
    ),
    "staff_hours_per_day": _CHANGES["staff_hours_per_day"][2],
    "cost_per_day": _CHANGES["cost_per_day"][2],
}
"""The words for a difference that is sure, but too small to be seen in the figures."""

_PLANNED = ("staff_hours_per_day", "cost_per_day")
"""What follows from the schedule more than from chance: any difference is told as one."""


def conclusions(result: Result, names: words.Names) -> Iterator[str]:
    """What would change, a sentence each, with the interval; the most important first."""
    asked = result["scenario"]
    if not asked["changes"] and not (result["staffing"] or {}).get("roster"):
        yield str(gettext("Nothing was changed, so both worlds are the same."))
        return
    missed = _missed(result)
    whole = result["rows"][0]
    yield from _of_row(
        whole, ["wait_mean_s", "within_10_share", "left_share"], names, result, missed
    )
    for by in ("office", "language"):
        yield from _most_changed("wait_mean_s", by, names, result, missed)
    yield from _most_changed("first_language_share", "language", names, result, missed)
    rest = ["first_language_share", "worst_office", "worst_language"]
    yield from _of_row(whole, [*rest, "staff_hours_per_day", "cost_per_day"], names, result, missed)


def _most_changed(
    figure: str,
    by: str,
    names: words.Names,
    result: Result,
    missed: Mapping[tuple[str, str], float],
) -> Iterator[str]:
    """The groups whose figure changes most, of those where it surely does."""
    sure = [row for row in result["rows"] if row["by"] == by and _surely(row["figures"][figure])]
    sure.sort(key=lambda row: -abs(row["figures"][figure]["difference"]))
    for row in sure[:MOST_GROUPS]:
        yield from _of_row(row, [figure], names, result, missed)


def _surely(figure: Figure | None) -> bool:
    ends = figure["interval_difference"] if figure else None
    return ends is not None and (ends[0] > 0 or ends[1] < 0)


def _of_row(
    row: Result,
    which: Iterable[str],
    names: words.Names,
    result: Result,
    missed: Mapping[tuple[str, str], float],
) -> Iterator[str]:
    for name in which:
        if sentence := _sentence(name, row, names, result):
            miss = missed.get((row["by"], row["group"]), 0.0) if name == "wait_mean_s" else 0.0
            unsure = (
                _surely(row["figures"][name]) and abs(row["figures"][name]["difference"]) < miss
            )
            yield f"{sentence} {_within_the_miss(miss)}" if unsure else sentence


def _within_the_miss(miss: float) -> str:
    return str(
        gettext(
            "That is less than the %(minutes)s by which the simulator misses the log here, so "
            "treat it as unsure.",
            minutes=plan_amounts.amount("wait_mean_s", miss),
        )
    )


def _sentence(name: str, row: Result, names: words.Names, result: Result) -> str | None:
    figure = row["figures"].get(name)
    if figure is None or figure["difference"] is None:
        return None
    fewer, more, same = _CHANGES[name]
    change = plan_amounts.apart(name, figure["today"], figure["changed"])
    ends = plan_amounts.around(figure["interval_difference"], change)
    sure = _surely(figure) or name in _PLANNED or ends is None
    if sure and change:
        text = fewer if change < 0 else more
    else:
        text = _HARDLY.get(name) if _surely(figure) else same
    if text is None:
        return None
    said = str(text) % {
        "who": who(row["by"], row["group"], names, result),
        "by": plan_amounts.size(name, change or 0.0),
        "before": plan_amounts.amount(name, figure["today"]),
        "after": plan_amounts.amount(name, figure["changed"]),
    }
    return f"{said} {_how_sure(name, ends)}" if figure["difference"] else said


def _how_sure(name: str, ends: Sequence[float] | None) -> str:
    if ends is None:
        return str(gettext("One day is too little to say how sure that is."))
    low_high = plan_amounts.span(name, ends, signed=True)
    if name.endswith("_s"):
        return str(gettext("(95 %% interval of the difference: %(ends)s min)", ends=low_high))
    if name.endswith("_share"):
        return str(gettext("(95 %% interval of the difference: %(ends)s points)", ends=low_high))
    return str(gettext("(95 %% interval of the difference: %(ends)s)", ends=low_high))


# --- fidelity -------------------------------------------------------------------------------------

_MISSES = {
    "wait_mean_s": (
        _("%(who)s the simulator has waits %(by)s shorter than the log: treat differences below "
          "that as unsure."),
        _("%(who)s the simulator has waits %(by)s longer than the log: treat differences below "
          "that as unsure."),
    ),
    "wait_p90_s": (
        _("%(who)s the longest waits (90th percentile) are %(by)s shorter in the simulator than "
          "in the log."),
        _("%(who)s the longest waits (90th percentile) are %(by)s longer in the simulator than "
          "in the log."),
    ),
    "within_10_share": (
        _("%(who)s the simulator calls fewer within ten minutes than the log, by %(by)s."),
        _("%(who)s the simulator calls more within ten minutes than the log, by %(by)s."),
    ),
    "left_share": (
        _("%(who)s fewer leave in the simulator than in the log, by %(by)s."),
        _("%(who)s more leave in the simulator than in the log, by %(by)s."),
    ),
    "first_language_share": (
        _("%(who)s the simulator serves fewer in their first language than the log, by %(by)s."),
        _("%(who)s the simulator serves more in their first language than the log, by %(by)s."),
    ),
    "video_share": (
        _("%(who)s the simulator serves fewer by video than the log, by %(by)s."),
        _("%(who)s the simulator serves more by video than the log, by %(by)s."),
    ),
}  # fmt: skip


def _missed(result: Result) -> dict[tuple[str, str], float]:
    """By how much the simulator misses the mean wait of each group, where it does."""
    told = result["fidelity"]
    return {
        (row["by"], row["group"]): abs(row["difference"])
        for row in (told["rows"] if told else ())
        if row["figure"] == "wait_mean_s" and row["fits"] is False
    }


def reproduced(result: Result, names: words.Names) -> Iterator[str]:
    """How well the simulator reproduces the logged period, a sentence each."""
    told = result["fidelity"]
    forecast = result.get("forecast")
    if told is None and forecast:
        yield str(
            gettext(
                "Too few visits were logged in the last eight weeks to compare with, so how well "
                "the simulator reproduces these offices is not known."
            )
        )
        return
    if told is None:
        yield str(gettext("The visitors are invented, so there is no log to compare with."))
        return
    if forecast:
        about = {end: plan_amounts.day(told[end]) for end in ("first", "last")}
        yield str(
            gettext(
                "Days to come are in no log yet. What was played again instead are the last eight "
                "weeks, %(first)s – %(last)s.",
                **about,
            )
        )
    judged = [row for row in told["rows"] if row["fits"] is not None]
    fitting = sum(row["fits"] for row in judged)
    if judged:
        yield str(
            gettext(
                "Played again as it was, %(fitting)s of %(judged)s figures agree with the log.",
                fitting=fitting,
                judged=len(judged),
            )
        )
    else:
        yield str(gettext("One day is too little to say how well the simulator reproduces it."))
    misses = [row for row in judged if not row["fits"]]
    misses.sort(key=lambda row: list(_MISSES).index(row["figure"]))
    for row in misses[:MOST_GROUPS]:
        yield _miss(row, names, result)
    if more := len(misses[MOST_GROUPS:]):
        yield str(
            ngettext(
                "One more figure differs from the log. The table has it.",
                "%(num)s more figures differ from the log. The table has them.",
                more,
            )
        )
    if missing := told["days"] - told["counters_known"]:
        yield str(
            gettext(
                "On %(missing)s of %(days)s days the log does not tell who sat at the counters: "
                "there the rota of the configuration was taken.",
                missing=missing,
                days=told["days"],
            )
        )


def _miss(row: Result, names: words.Names, result: Result) -> str:
    shorter, longer = _MISSES[row["figure"]]
    apart = plan_amounts.apart(row["figure"], row["logged"], row["replayed"])
    by = plan_amounts.size(row["figure"], apart or 0.0)
    about = {"who": who(row["by"], row["group"], names, result), "by": by}
    return str(shorter if row["difference"] < 0 else longer) % about


# --- the forecast ---------------------------------------------------------------------------------


def forecast(result: Result, names: words.Names) -> Iterator[str]:
    """Which forecast it was played with, and how far that has missed; nothing without one."""
    told = result.get("forecast")
    if not told:
        return
    yield str(
        gettext(
            "As many visitors come on average as the forecast of %(made)s holds likely.",
            made=plan_amounts.day(told["made"]),
        )
    )
    for office in told["offices"]:
        yield _of_office(office, _office(office["office"], result, names))
    yield str(
        gettext(
            "How many come on each day is drawn from the range of the forecast, so the intervals "
            "allow for its usual misses. To see what it would mean if it is wrong on all days "
            "alike, ask again with more visitors, or with fewer."
        )
    )
    if result["fidelity"]:
        yield str(
            gettext(
                "How long a visit takes and what visitors accept is as in the last eight weeks "
                "of the log."
            )
        )


def _of_office(told: Result, name: str) -> str:
    if told["basis"] == "nothing":
        text = gettext(
            "%(office)s: no forecast, for want of past visits. Nobody comes there here, so the "
            "waits are shorter than they will be.",
            office=name,
        )
    elif told["visits"] is None:
        text = gettext("%(office)s: closed on all of these days.", office=name)
    elif told["missed"] is None:
        text = gettext(
            "%(office)s: about %(visits)s visits a day. How far the forecast misses is not known "
            "yet.",
            office=name,
            visits=format_number(round(told["visits"])),
        )
    else:
        text = gettext(
            "%(office)s: about %(visits)s visits a day. In the last eight weeks the forecast "
            "missed by %(missed)s of the visits.",
            office=name,
            visits=format_number(round(told["visits"])),
            missed=words.percent(told["missed"]),
        )
    return str(text)


# --- the fewest staff ---------------------------------------------------------------------------


def staffing(result: Result, names: words.Names) -> Iterator[str]:
    """What came of looking for the fewest staff, a sentence each."""
    told = result["staffing"]
    about = {"minutes": told["minutes"], "share": words.percent(told["share"])}
    if told.get("reason") == "unspoken":
        spoken = ", ".join(plan_question.language(names, code) for code in told["languages"])
        yield str(gettext("It cannot be staffed: visitors accept only %(languages)s, and nobody "
                            "among those to choose from speaks it. They can be served with an "
                            "interpreter alone.", languages=spoken))  # fmt: skip
        return
    if told.get("reason") == "counters":
        yield str(gettext("It cannot be staffed: the work that comes needs more counters than "
                          "there are."))  # fmt: skip
        return
    yield _promise(told, about, names)
    hours = {
        "people": told["people"],
        "hours": format_number(round(told["hours_a_week"])),
        "needed": format_number(round(told["needed_hours_a_week"])),
        "tries": told["tries"],
    }
    yield str(gettext("It takes %(hours)s hours a week.", **hours))
    yield _people(told)
    yield from _beside_today(told, names)
    if told["proven"]:
        text = gettext(
            "That is hardly more than the work itself and somebody at every office take, so no "
            "schedule with these patterns does with noticeably less."
        )
    else:
        text = gettext(
            "It is the best of %(tries)s schedules that were played, and not proven to be the "
            "shortest. The work itself and somebody at every office take about %(needed)s hours "
            "a week.",
            **hours,
        )
    yield str(text)


def _people(told: Result) -> str:
    """How many people that is: whoever works a single day may be there on others as well."""
    whole = sum(row["number"] for row in told["roster"] if row["pattern"] == "week")
    about = {"people": told["people"], "whole": whole, "part": told["people"] - whole}
    return str(
        gettext(
            "The schedule has %(people)s places: %(whole)s for all of the week and %(part)s for "
            "half days or a single day. One person can fill several of those.",
            **about,
        )
    )


def _beside_today(told: Result, names: words.Names) -> Iterator[str]:
    """The schedule's hours and today's, on the same days; nothing in plans kept from before."""
    if "hours_a_day" not in told:
        return
    about = {
        "hours": plan_amounts.amount("staff_hours_per_day", told["hours_a_day"]),
        "today": plan_amounts.amount("staff_hours_per_day", told["hours_a_day_today"]),
    }
    yield str(
        gettext(
            "On the days that were played the schedule has %(hours)s a day, breaks included; "
            "today's rota has %(today)s on the same days.",
            **about,
        )
    )
    if missing := told["weekdays_not_played"]:
        yield str(
            gettext(
                "No visitors of these weekdays were played, so the schedule is not tried there, "
                "and may be far too short: %(weekdays)s.",
                weekdays=plan_question.weekdays(missing, names),
            )
        )


def _promise(told: Result, about: Mapping[str, Any], names: words.Names) -> str:
    if told["kept"]:
        return str(gettext("Kept: every language waits at most %(minutes)s minutes in the mean, on "
                           "at least %(share)s of the days.", **about))  # fmt: skip
    broken = [
        plan_question.language(names, one["language"])
        for one in told["promise"]
        if one["share"] < told["share"]
    ]
    return str(gettext("It could not be kept that every language waits at most %(minutes)s minutes "
                       "in the mean, on %(share)s of the days. With the best schedule that was "
                       "found it is broken for: %(languages)s.",
                       **about, languages=", ".join(broken)))  # fmt: skip


_PATTERNS = {
    "week": _("All week"),
    "first": _("The first half of every day"),
    "second": _("The second half of every day"),
}


def roster(result: Result, names: words.Names) -> list[dict[str, Any]]:
    """The schedule, a row for those who work alike."""
    return [
        {
            "office": _office(row["office"], result, names),
            "number": row["number"],
            "languages": ", ".join(
                plan_question.language(names, code) for code in row["languages"]
            ),
            "when": _pattern(row, names),
            "hours": plan_amounts.plain_decimals(row["hours_a_week"]),
        }
        for row in result["staffing"].get("roster", ())
    ]


def _pattern(row: Result, names: words.Names) -> str:
    if row["pattern"] in _PATTERNS:
        return str(_PATTERNS[row["pattern"]])
    hours = row["hours"][0]
    day = names.value("weekday", str(hours["weekday"]))
    return f"{day} {plan_amounts.from_to(hours['opens'], hours['closes'])}"


def promise(result: Result, names: words.Names) -> list[dict[str, Any]]:
    """How the promise is kept, language by language."""
    told = result["staffing"]
    return [
        {
            "language": plan_question.language(names, row["language"]),
            "kept": _kept_days(row),
            "enough": row["share"] >= told["share"],
            "worst": plan_amounts.amount("wait_mean_s", row["worst_s"]),
        }
        for row in told.get("promise", ())
    ]


def _kept_days(row: Result) -> str:
    if row["days"] is None:
        return "–"
    return str(gettext("%(kept)s of %(days)s", kept=row["kept"], days=row["days"]))


# --- notes ----------------------------------------------------------------------------------------


def notes(result: Result, names: words.Names) -> Iterator[str]:
    """What must be known to read the figures right."""
    for note in result["notes"]:
        match note["code"]:
            case "not_compared":
                yield _not_compared(note, names, result)
            case "unstaffed":
                yield _unstaffed(note, names, result)
            case _:
                yield _note(note, names)
    yield from _whereabouts(result)
    if missing := result["costs_missing"]:
        places = ", ".join(f"{_office(code, result, names)} {year}" for code, year in missing)
        yield str(
            gettext("No costs are shown, because none were entered for %(places)s.", places=places)
        )


def _note(note: Result, names: words.Names) -> str:
    number = note.get("number", 0)
    match note["code"]:
        case "strange":
            text = gettext(
                "%(number)s visits were left out: what they came for is offered no more.",
                number=_many(number),
            )
        case "still_open":
            text = gettext(
                "%(number)s visits had not ended when this was played: they count as far as is "
                "known.",
                number=_many(number),
            )
        case "not_over":
            text = gettext(
                "The last day was not over when this was played. Only those who had come by then "
                "come again, so it is calmer here than it was."
            )
        case "days_without_visits":
            text = ngettext(
                "On one day of the period on which an office opens the log has no visits. It was "
                "not played, and is in no figure.",
                "On %(num)s days of the period on which an office opens the log has no visits. "
                "They were not played, and are in no figure.",
                number,
            )
        case "weekdays_not_played":
            text = gettext(
                "Nobody comes on these weekdays in the period that was played, so what is changed "
                "on them is in no figure, neither its visits nor its staff hours: %(weekdays)s.",
                weekdays=plan_question.weekdays(note["weekdays"], names),
            )
        case "all_taken":
            text = gettext(
                "Nobody is on duty by the configuration when an office opens on %(weekdays)s. All "
                "of the staff are taken to work then: say who does, by their hours on duty.",
                weekdays=plan_question.weekdays(note["weekdays"], names),
            )
        case "few_days":
            text = ngettext(
                "Only one day was played, which is too little to say how sure anything is.",
                "Only %(num)s days were played: the intervals are wide.",
                number,
            )
        case "nobody_moves":
            text = gettext(
                "Nobody goes to the new office: no visitor said they live in those districts, or "
                "none came when it is open."
            )
        case "homes_unknown":
            text = gettext(
                "%(share)s of the visitors were not asked where they live. They stay with their "
                "office, so the new one has more visitors in truth.",
                share=words.percent(note["share"]),
            )
        case "no_counter":
            text = gettext(
                "On %(weekday)s %(number)s more of the staff are on duty than there are counters, "
                "and do nothing. Their time is in no figure, neither in staff hours nor in costs.",
                weekday=names.value("weekday", str(note["weekday"])),
                number=number,
            )
        case _:
            text = gettext(
                "Nobody on duty speaks %(language)s well, and service in it is a right.",
                language=plan_question.language(names, note["language"]),
            )
    return str(text)


def _unstaffed(note: Result, names: words.Names, result: Result) -> str:
    when = "; ".join(_open_times(one, names) for one in note["times"])
    text = gettext(
        "%(office)s cannot be staffed as it opens: nobody on duty is there %(when)s. Whoever comes "
        "then waits for somebody to come, or is served by video.",
        office=_office(note["office"], result, names),
        when=when,
    )
    return str(text)


def _open_times(one: Result, names: words.Names) -> str:
    spans = ", ".join(plan_amounts.from_to(*span) for span in one["spans"])
    return f"{plan_question.weekdays(one['weekdays'], names)} {spans}"


_NOT_COMPARED = {
    "office": (
        _("How equal the offices are is told without %(groups)s: fewer than ten visitors are "
          "called there in one of the two worlds, or none."),
        _("How equal the offices are cannot be told, because fewer than two can be compared. "
          "Fewer than ten visitors are called in one of the two worlds, or none, at %(groups)s."),
    ),
    "language": (
        _("How equal the languages are is told without %(groups)s: fewer than ten of their "
          "visitors are called in one of the two worlds, or none."),
        _("How equal the languages are cannot be told, because fewer than two can be compared. "
          "Fewer than ten visitors are called in one of the two worlds, or none, in %(groups)s."),
    ),
}  # fmt: skip


def _not_compared(note: Result, names: words.Names, result: Result) -> str:
    some, nothing = _NOT_COMPARED[note["by"]]
    left_out = ", ".join(group(note["by"], code, names, result) for code in note["groups"])
    return str(some if note["number"] > 1 else nothing) % {"groups": left_out}


_WENT = {
    "to_new": _("%(number)s visitors go to the new office instead."),
    "elsewhere": _("%(number)s visitors of the closed office go to another one."),
    "home": _("%(number)s visitors are served by video from home."),
    "lost": _("%(number)s visitors come no more. Their need is not met, and no figure below "
              "counts them: shorter waits are partly theirs."),
    "not_offered": _("%(number)s visitors come no more, because the other office does not "
                     "offer what they need. No figure below counts them."),
    "other_time": _("%(number)s visitors come at another time, when it is open."),
}  # fmt: skip


def _whereabouts(result: Result) -> Iterator[str]:
    """What became of the visitors whom the changes concern; few are not counted exactly."""
    went = {name: _many(number) for name, number in result["went"].items()}
    for name, text in _WENT.items():
        if name in went:
            yield str(text) % {"number": went[name]}


def _many(number: int) -> str:
    """A number that is rounded to tens."""
    if number == 0:
        return str(gettext("Hardly any"))
    return str(gettext("About %(number)s", number=format_number(number)))


def origin(result: Result) -> str:
    """That the visitors are invented, where they are; else nothing."""
    if not result["invented"]:
        return ""
    if result["logged"]:
        text = gettext(
            "Visits of this period in the log are invented, so nothing here tells of real visitors."
        )
    elif result.get("forecast"):
        text = gettext(
            "Visits that the forecast is learned from are invented, so nothing here tells of real "
            "visitors."
        )
    else:
        text = gettext(
            "The visitors are invented by the assumptions, so this compares two worlds and tells "
            "of no real one."
        )
    return str(text)


def period(result: Result) -> str:
    """The days that were played."""
    first, last = (plan_amounts.day(result[end]) for end in ("first", "last"))
    text = ngettext(
        "%(first)s, one day",
        "%(first)s – %(last)s, %(num)s days",
        result["days"],
        first=first,
        last=last,
    )
    return str(text)
