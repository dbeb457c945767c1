"""A new configuration takes the place of the old one, but not from under those who use it."""

from typing import Any

import pytest
from sqlalchemy import func, select

from queueapp import configuration, operations, screens, write
from queueapp.config import HUDDINGE
from queueapp.models import Configuration, db
from queueapp.municipality import ConfigurationError, Municipality, load
from tests.builders import NOON, order

pytestmark = pytest.mark.usefixtures("app")


def install(municipality: Municipality) -> int:
    with write.transaction() as connection:
        return configuration.install(connection, municipality, NOON + 100)


def without(part: str, code: str) -> Municipality:
    """Huddinge's configuration without one of its staff, services or offices."""
    whole = load(HUDDINGE)
    left = [one for one in getattr(whole, part) if code not in {named(one)}]
    return changed(whole, part, left)


def named(one: Any) -> str:
    return one.name if hasattr(one, "role") else one.code


def with_counters(office: str, number: int) -> Municipality:
    whole = load(HUDDINGE)
    offices = [
        one.model_copy(update={"counters": number}) if one.code == office else one
        for one in whole.offices
    ]
    return changed(whole, "offices", offices)


def changed(whole: Municipality, part: str, values: list[Any]) -> Municipality:
    """A new one: a copy would remember what it has looked up before."""
    fields = {name: getattr(whole, name) for name in Municipality.model_fields}
    return Municipality.model_construct(**fields | {part: tuple(values)})


def versions() -> int:
    with db.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(Configuration)).scalar_one()


def serve() -> int:
    operations.set_counter("varby-2", "open", "anna", NOON)
    ticket = operations.issue(order(), NOON).ticket.id
    operations.call_next("varby-2", "anna", NOON + 60)
    operations.start(ticket, NOON + 70)
    return ticket


def test_the_same_configuration_can_be_imported_again_in_the_middle_of_the_day() -> None:
    serve()
    operations.issue(order(languages=("ar", "sv"), way="video"), NOON)
    assert install(load(HUDDINGE)) == 2


def test_an_import_without_somebody_who_sits_at_a_counter_names_the_counter() -> None:
    operations.set_counter("varby-2", "open", "anna", NOON)
    with pytest.raises(ConfigurationError, match=r"varby-2 .*no staff member anna: close"):
        install(without("staff", "anna"))


def test_an_import_without_a_counter_in_use_names_it_even_on_a_break() -> None:
    operations.set_counter("varby-2", "open", "anna", NOON)
    operations.set_counter("varby-2", "break", "anna", NOON)
    with pytest.raises(ConfigurationError, match=r"varby-2 is in use.* no counter varby-2: close"):
        install(with_counters("varby", 1))


@pytest.mark.parametrize(
    ("part", "code", "kind"), [("services", "bygglov", "service"), ("offices", "skogas", "office")]
)
def test_an_import_without_what_visitors_wait_for_says_how_many_wait(
    part: str, code: str, kind: str
) -> None:
    for _ in range(2):
        operations.issue(order(office="skogas", service="bygglov"), NOON)
    with pytest.raises(ConfigurationError, match=f"the {kind} {code}: 2"):
        install(without(part, code))


def test_a_refused_import_changes_nothing() -> None:
    operations.set_counter("varby-2", "open", "anna", NOON)
    with pytest.raises(ConfigurationError):
        install(without("staff", "anna"))
    assert versions() == 1
    with screens.reading(NOON + 101) as now:
        assert screens.counter(now, "varby-2")["staff"] == "anna"


def test_once_the_day_has_ended_the_import_is_let_in_and_every_screen_answers() -> None:
    ticket = serve()
    operations.finish(ticket, [], NOON + 80)
    operations.close_day("varby", NOON + 90)
    install(with_counters("varby", 1))
    with screens.reading(NOON + 101) as now:
        assert screens.display(now, "varby")["calls"] == []
