"""A plan's question in words: who comes, what is changed, and what is asked of the staff."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import format_number, gettext, ngettext
from flask_babel import lazy_gettext as _

from queueapp.planner import figures
from queueapp.web import plan_amounts, words

Result = dict[str, Any]


def demand(told: Result) -> str:
    """Who comes, in one line."""
    if log := told.get("log"):
        about = {end: plan_amounts.day(log[end]) for end in ("first", "last")}
        return str(gettext("The visitors of %(first)s – %(last)s", **about))
    if forecast := told.get("forecast"):
        weeks = forecast["weeks"]
        if first := forecast.get("first"):
            text = ngettext(
                "The visitors that the forecast holds likely in the week from %(first)s",
                "The visitors that the forecast holds likely in %(num)s weeks from %(first)s",
                weeks,
                first=plan_amounts.day(first),
            )
        else:
            text = ngettext(
                "The visitors that the forecast holds likely in the coming week",
                "The visitors that the forecast holds likely in the coming %(num)s weeks",
                weeks,
            )
        return str(text)
    days = told["invented"]["days"]
    text = ngettext("Invented visitors of one day", "Invented visitors of %(num)s days", days)
    if per_day := told["invented"].get("per_day"):
        each = gettext("about %(number)s a day", number=format_number(per_day))
        text = f"{text}, {each}"
    return str(text)


def language(names: words.Names, code: str) -> str:
    """A language, or those that may not be named; by its code where there is none such any more."""
    if code == figures.OTHERS:
        return str(gettext("Other languages, which may not be shown"))
    return names.value("language", code)


_KINDS = {
    "open_office": _("Open %(name)s %(when)s with %(counters)s counters and %(video_rooms)s video "
                     "rooms: %(takes)s of the visitors who live in %(districts)s go there"),
    "close_office": _("Close %(office)s: the visitors go to %(to)s, %(lost)s come no more, "
                      "%(from_home)s are served by video from home"),
    "opening_hours": _("%(office)s opens %(when)s; %(move)s come in the new time"),
    "add_staff": _("%(number)s more on the staff who speak %(languages)s, %(when)s, "
                   "at %(offices)s"),
    "remove_staff": _("%(staff)s does not work"),
    "staff_hours": _("%(staff)s is on duty %(when)s"),
    "counters": _("%(office)s has %(counters)s counters"),
    "video": _("%(office)s has %(rooms)s video rooms; %(accept)s of those who chose the "
               "office alone would say yes to video"),
}  # fmt: skip


def changes(some: Sequence[Result], names: words.Names) -> list[str]:
    """A scenario's changes, in one line each. An office that one of them opens has its name."""
    opened = {one["code"]: one["name"] for one in some if one["kind"] == "open_office"}
    return [_change(one, names, opened) for one in some]


def _change(one: Result, names: words.Names, opened: Mapping[str, str]) -> str:
    facts = _facts(one, names, opened)
    if one.get("closed"):
        return str(gettext("%(office)s is closed on %(when)s", **facts))
    if one.get("ill"):
        return str(gettext("%(staff)s is ill, and nobody moves for it", **facts))
    return str(_KINDS[one["kind"]]) % facts


def _facts(one: Result, names: words.Names, opened: Mapping[str, str]) -> dict[str, Any]:
    def place(code: str) -> str:
        return opened.get(code) or names.value("office", code)

    facts: dict[str, Any] = dict(one)
    for share in ("takes", "lost", "from_home", "move", "accept"):
        facts[share] = words.percent(one.get(share, 0.0))
    for field in ("office", "to"):
        facts[field] = place(one[field]) if one.get(field) else gettext("Every office")
    chosen = one.get("offices", "all")
    anywhere = gettext("every office")
    facts["offices"] = anywhere if chosen == "all" else ", ".join(map(place, chosen))
    facts["districts"] = ", ".join(names.value("district", d) for d in one.get("districts", ()))
    facts["languages"] = ", ".join(language(names, code) for code in one.get("languages", ()))
    facts["staff"] = names.staff(one.get("staff"))
    facts["when"] = _when(one, names) if "weekdays" in one else ""
    return facts


def _when(one: Result, names: words.Names) -> str:
    """On which weekdays, from when until when; of what is closed, on which weekdays."""
    days = weekdays(one["weekdays"], names)
    return days if one.get("closed") else f"{days} {one['opens']}–{one['closes']}"


def weekdays(some: Iterable[int], names: words.Names) -> str:
    """Monday to Friday as a span."""
    days = sorted(some)
    told = [names.value("weekday", str(day)) for day in days]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"{told[0]}–{told[-1]}"
    return ", ".join(told)


def scale(one: Result, names: words.Names) -> str:
    """A factor on the visitors, in one line."""
    place = names.value("office", one["office"]) if one.get("office") else ""
    spoken = language(names, one["language"]) if one.get("language") else ""
    of = ", ".join(part for part in (place, spoken) if part) or gettext("all visitors")
    factor = plan_amounts.decimals(one["factor"])
    return str(gettext("%(factor)s times as many: %(of)s", factor=factor, of=of))


def asked_of_staff(told: Result | None) -> list[str]:
    """The question of the fewest staff, in one line; nothing where it is not asked."""
    if told is None:
        return []
    about = {"minutes": told["minutes"], "share": words.percent(told["days"])}
    return [
        str(
            gettext(
                "The fewest staff so that every language waits at most %(minutes)s minutes in the "
                "mean, on %(share)s of the days",
                **about,
            )
        )
    ]
