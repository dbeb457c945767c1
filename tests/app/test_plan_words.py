"""The planner's answers in words: they agree with the figures beside them."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from queueapp import configuration
from queueapp.web import plan_amounts, plan_question, plan_words, words

Told = dict[str, Any]


@pytest.fixture
def names(app: Flask) -> Iterator[words.Names]:
    with app.test_request_context(), force_locale("en"):
        yield words.Names(configuration.current(), "en")


def figure(today: float | None, changed: float | None, ends: Any = None) -> Told:
    known = today is not None and changed is not None
    return {
        "today": today,
        "changed": changed,
        "difference": changed - today if known else None,  # type: ignore[operator]
        "interval_today": None,
        "interval_changed": None,
        "interval_difference": ends,
    }


def result(**figures: Told) -> Told:
    return {
        "scenario": {"changes": [{"kind": "add_staff"}]},
        "rows": [{"by": "all", "group": "", "figures": figures}],
        "names": {"office": {}},
        "notes": [],
        "staffing": None,
        "fidelity": None,
    }


def concluded(names: words.Names, **figures: Told) -> list[str]:
    told = plan_words.conclusions(result(**figures), names)
    return [one.replace("\N{NO-BREAK SPACE}", " ") for one in told]


# --- what is written adds up ----------------------------------------------------------------------


def test_the_difference_in_words_is_that_of_the_figures_beside_it(names: words.Names) -> None:
    (said,) = concluded(names, staff_hours_per_day=figure(59.66, 59.54, (-0.13, -0.11)))
    assert "0.2 h less of staff time a day: 59.5 h instead of 59.7 h" in said
    assert "−0.2 to −0.1" in said


@pytest.mark.parametrize(
    ("name", "today", "changed", "apart"),
    [
        ("wait_mean_s", 265.0, 345.0, "+1.4 min"),
        ("left_share", 0.03846, 0.03754, "0.0 points"),
        ("cost_per_day", 1000.4, 1001.6, "+2 kr"),
        ("worst_office", 1.004, 1.016, "+0.02"),
        ("visits_per_day", 30.0, 29.0, "−1"),
    ],
)
def test_whoever_subtracts_comes_to_the_difference_that_is_written(
    names: words.Names, name: str, today: float, changed: float, apart: str
) -> None:
    told = plan_amounts.difference(name, plan_amounts.apart(name, today, changed))
    assert told.replace("\N{NO-BREAK SPACE}", " ") == apart


def test_a_sure_difference_that_no_figure_shows_is_told_as_hardly_any(names: words.Names) -> None:
    (said,) = concluded(names, wait_mean_s=figure(300.0, 301.0, (0.5, 1.5)))
    assert "would hardly change: 5.0 min, as today" in said


# --- equality -------------------------------------------------------------------------------------


def noted(names: words.Names, **note: Any) -> list[str]:
    told = result(wait_mean_s=figure(1.0, 1.0)) | {"notes": [note], "went": {}, "costs_missing": []}
    return list(plan_words.notes(told, names))


@pytest.mark.parametrize(
    ("by", "groups", "number", "said"),
    [
        ("office", ["skogas"], 2, "told without Servicecenter Skogås"),
        ("office", ["skogas", "varby"], 1, "cannot be told, because fewer than two"),
        ("language", ["so", "ar"], 5, "told without Somali, Arabic"),
        ("language", ["so"], 1, "cannot be told, because fewer than two"),
    ],
)
def test_who_is_left_out_of_equality_is_named(
    names: words.Names, by: str, groups: list[str], number: int, said: str
) -> None:
    (told,) = noted(names, code="not_compared", by=by, groups=groups, number=number)
    assert said in told
    assert names.value(by, groups[0]) in told


def test_open_hours_without_staff_are_told_with_office_and_time(names: words.Names) -> None:
    times = [
        {"weekdays": [1, 2, 3], "spans": [["08:00", "09:00"]]},
        {"weekdays": [5], "spans": [["15:00", "16:00"]]},
    ]
    (told,) = noted(names, code="unstaffed", office="varby", times=times)
    assert "Servicecenter Vårby cannot be staffed as it opens" in told
    assert "Monday–Wednesday 08:00–09:00; Friday 15:00–16:00" in told.replace("\N{WORD JOINER}", "")


def test_staff_without_a_counter_are_said_to_be_in_no_figure(names: words.Names) -> None:
    (told,) = noted(names, code="no_counter", weekday=2, number=3)
    assert "On Tuesday 3 more of the staff are on duty than there are counters" in told
    assert "neither in staff hours nor in costs" in told


# --- the fewest staff -----------------------------------------------------------------------------

FEWEST = {
    "kept": True,
    "minutes": 10,
    "share": 0.9,
    "people": 9,
    "hours_a_week": 344.0,
    "needed_hours_a_week": 156.0,
    "tries": 40,
    "proven": False,
    "hours_a_day": 96.04,
    "hours_a_day_today": 64.5,
    "weekdays_not_played": [3, 4],
    "roster": [
        {"number": 3, "pattern": "week"},
        {"number": 2, "pattern": "first"},
        {"number": 4, "pattern": "day-1"},
    ],
}


def of_staff(names: words.Names, **more: Any) -> str:
    told = "\n".join(plan_words.staffing({"staffing": FEWEST | more}, names))
    return told.replace("\N{NO-BREAK SPACE}", " ")


def test_the_schedule_is_compared_with_todays_on_the_same_days(names: words.Names) -> None:
    said = of_staff(names)
    assert "the schedule has 96.0 h a day" in said
    assert "today's rota has 64.5 h on the same days" in said


def test_places_for_single_days_are_not_told_as_people(names: words.Names) -> None:
    said = of_staff(names)
    assert "9 places: 3 for all of the week and 6 for half days or a single day" in said
    assert "people" not in said


def test_weekdays_that_were_not_played_are_said(names: words.Names) -> None:
    assert "may be far too short: Wednesday, Thursday" in of_staff(names)
    assert "too short" not in of_staff(names, weekdays_not_played=[])


OTHERS = {"language": "others", "days": None, "kept": None, "share": 0.0, "worst_s": None}


def test_of_languages_that_may_not_be_shown_only_whether_all_keep_it_is_told(
    names: words.Names,
) -> None:
    told = FEWEST | {"kept": False, "promise": [OTHERS]}
    (row,) = plan_words.promise({"staffing": told}, names)
    assert (row["kept"], row["enough"], row["worst"]) == ("–", False, "–")
    assert "broken for: Other languages, which may not be shown" in of_staff(names, **told)


# --- the question ---------------------------------------------------------------------------------

WHEN = {"weekdays": [1, 2, 3], "opens": "10:00", "closes": "14:00"}
NEW = {
    "kind": "open_office",
    "code": "flemingsberg-ny",
    "name": "Flemingsberg",
    "counters": 3,
    "video_rooms": 0,
    "takes": 0.7,
    "districts": ["flemingsberg"],
} | WHEN
SPEAKER = {
    "kind": "add_staff",
    "number": 1,
    "languages": {"ar": "native"},
    "services": "all",
} | WHEN


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (NEW, "Open Flemingsberg Monday–Wednesday 10:00–14:00 with 3 counters and 0 video rooms"),
        (SPEAKER | {"offices": "all"}, "speak Arabic, Monday–Wednesday 10:00–14:00, at every office"),
        (SPEAKER | {"offices": ["varby"]}, "10:00–14:00, at Servicecenter Vårby"),
        (SPEAKER | {"offices": ["flemingsberg-ny"]}, "10:00–14:00, at Flemingsberg"),
        ({"kind": "remove_staff", "staff": "aino", "ill": True}, "Aino Laine is ill, and nobody moves"),
        ({"kind": "remove_staff", "staff": "aino", "ill": False}, "Aino Laine does not work"),
        ({"kind": "opening_hours", "office": "varby", "closed": True} | WHEN,
         "Servicecenter Vårby is closed on Monday–Wednesday"),
        ({"kind": "close_office", "office": "varby", "to": "flemingsberg-ny"},
         "Close Servicecenter Vårby: the visitors go to Flemingsberg"),
    ],
)  # fmt: skip
def test_a_change_is_told_with_all_that_it_changes(
    names: words.Names, one: Told, said: str
) -> None:
    told = plan_question.changes([NEW, one], names)[-1]
    assert said in told
