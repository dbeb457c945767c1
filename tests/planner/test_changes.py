"""What can be changed: each change gives a valid municipality, or is refused by its field."""

from typing import Any

import pytest

from queueapp.config import HUDDINGE
from queueapp.municipality import Municipality, load, parse, to_document
from queueapp.planner import changes, document, examples, visitors
from queueapp.planner.document import Unfit

MUNICIPALITY = load(HUDDINGE)
OPEN = {
    "kind": "open_office",
    "code": "flemingsberg",
    "name": "Flemingsberg",
    "district": "flemingsberg",
    "districts": ["flemingsberg"],
}


def read(*told: dict[str, Any]) -> tuple[document.Change, ...]:
    asked = {"title": "x", "demand": {"invented": {}}, "changes": list(told)}
    return document.read(asked).changes


def changed(*told: dict[str, Any]) -> Municipality:
    return changes.apply(MUNICIPALITY, read(*told))[-1].municipality


def refused(*told: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Unfit) as found:
        changed(*told)
    return [(fault.field, fault.reason) for fault in found.value.faults]


EVERY_KIND: list[dict[str, Any]] = [
    OPEN,
    {"kind": "close_office", "office": "skogas", "to": "sjodalsvagen"},
    {"kind": "opening_hours", "office": "varby", "opens": "10:00", "closes": "19:00"},
    {"kind": "add_staff", "languages": {"ar": "native"}, "number": 2},
    {"kind": "remove_staff", "staff": "anna"},
    {"kind": "staff_hours", "staff": "aino", "weekdays": [1], "opens": "08:00", "closes": "12:00"},
    {"kind": "counters", "office": "varby", "counters": 6},
    {"kind": "video", "rooms": 4},
]


@pytest.mark.parametrize("told", EVERY_KIND, ids=lambda told: told["kind"])
def test_a_change_gives_another_valid_municipality(told: dict[str, Any]) -> None:
    after = changed(told)
    assert after != MUNICIPALITY
    assert parse(to_document(after)) == after


def test_every_kind_of_change_is_tried_here() -> None:
    assert {told["kind"] for told in EVERY_KIND} == set(document.KINDS)


def test_changes_are_made_one_after_the_other() -> None:
    after = changed(OPEN, {"kind": "counters", "office": "flemingsberg", "counters": 3})
    assert after.office("flemingsberg").counters == 3


def test_who_worked_in_a_closed_office_only_goes_along() -> None:
    alone = {"kind": "add_staff", "languages": {"sv": "native"}, "offices": ["skogas"]}
    after = changed(alone, {"kind": "close_office", "office": "skogas", "to": "varby"})
    assert after.staff_member("ny-1").offices == ("varby",)


def test_who_is_ill_stays_in_the_configuration() -> None:
    world = changes.apply(
        MUNICIPALITY, read({"kind": "remove_staff", "staff": "aino", "ill": True})
    )[-1]
    assert world.ill == {"aino"}
    assert world.municipality == MUNICIPALITY


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"kind": "counters", "office": "nacka", "counters": 2}, ("changes.0.office", "unknown")),
        (OPEN | {"districts": ["nacka"]}, ("changes.0.districts", "unknown")),
        (OPEN | {"code": "varby"}, ("changes.0.code", "taken")),
        ({"kind": "add_staff", "languages": {"xx": "fluent"}}, ("changes.0.languages", "unknown")),
        ({"kind": "remove_staff", "staff": "maria"}, ("changes.0.staff", "serves-nobody")),
        ({"kind": "remove_staff", "staff": "aino"}, ("changes.0.staff", "right-unmet")),
        (
            {"kind": "close_office", "office": "varby", "to": "varby"},
            ("changes.0", "to_itself"),
        ),
        (
            {
                "kind": "close_office",
                "office": "varby",
                "to": "skogas",
                "lost": 0.7,
                "from_home": 0.7,
            },
            ("changes.0", "shares_over_one"),
        ),
        (
            {"kind": "staff_hours", "staff": "anna", "opens": "12:00", "closes": "08:00"},
            ("changes.0", "clocks_in_order"),
        ),
        (
            {"kind": "remove_staff", "staff": "maria", "ill": True},
            ("changes.0.staff", "serves-nobody"),
        ),
        ({"kind": "counters", "office": "all", "counters": 2}, ("changes.0.office", "unknown")),
        (
            {"kind": "counters", "office": "varby", "counters": 0},
            ("changes.0.counters", "greater_than_equal"),
        ),
        ({"kind": "close_office", "office": "all", "to": "varby"}, ("changes.0.office", "unknown")),
        ({"kind": "close_office", "office": "varby", "to": "all"}, ("changes.0.to", "unknown")),
        ({"kind": "remove_staff", "staff": "all", "ill": True}, ("changes.0.staff", "unknown")),
        (OPEN | {"districts": ["all"]}, ("changes.0.districts", "unknown")),
        (OPEN | {"name": "two\nlines"}, ("changes.0.name", "unprintable")),
        ({"kind": "video", "rooms": -1}, ("changes.0.rooms", "greater_than_equal")),
    ],
)
def test_a_contradiction_is_refused_by_its_field(
    told: dict[str, Any], fault: tuple[str, str]
) -> None:
    assert refused(told) == [fault]


@pytest.mark.parametrize("field", ["offices", "services"])
def test_additional_staff_work_somewhere_and_serve_something(field: str) -> None:
    added = {"kind": "add_staff", "languages": {"sv": "native"}, field: []}
    assert [reason for _, reason in refused(added)] == ["literal_error", "too_short"]


def test_an_office_with_any_code_is_not_taken_for_the_visitors_home() -> None:
    after = changed(OPEN | {"code": "home", "name": "Home"})
    assert after.office("home").code != visitors.HOME


def test_what_an_earlier_change_took_away_is_there_no_more() -> None:
    closed = {"kind": "close_office", "office": "skogas", "to": "varby"}
    assert refused(closed, {"kind": "counters", "office": "skogas", "counters": 2}) == [
        ("changes.1.office", "unknown")
    ]


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    demand = {"log": {"first": "2026-11-02", "last": "2026-11-01"}}
    with pytest.raises(Unfit) as found:
        document.read({"title": "x", "demand": demand})
    assert [(f.field, f.reason) for f in found.value.faults] == [("demand.log", "days_in_order")]


def test_a_scenario_is_read_back_as_it_was_written() -> None:
    asked = {"title": "x", "demand": {"invented": {}}, "changes": EVERY_KIND, "staffing": {}}
    scenario = document.read(asked)
    assert document.read(document.to_document(scenario)) == scenario


def test_every_example_fits_the_municipality() -> None:
    found = examples.of(MUNICIPALITY)
    kinds = ["open", "close", "speaker", "video", "weekday", "rota"]
    assert [example.kind for example in found] == kinds
    for example in found:
        changed = changes.apply(MUNICIPALITY, example.changes)[-1].municipality
        assert changed != MUNICIPALITY or example.staffing


def test_more_offices_than_letters_are_refused() -> None:
    world, letters = MUNICIPALITY, len(changes.PREFIXES)
    for number in range(letters - len(MUNICIPALITY.offices)):
        (_, after) = changes.apply(world, read(OPEN | {"code": f"new-{number}"}))
        world = after.municipality
    with pytest.raises(Unfit) as found:
        changes.apply(world, read(OPEN))
    assert [(f.field, f.reason) for f in found.value.faults] == [("changes.0", "no-letter-left")]
