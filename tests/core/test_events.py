from dataclasses import fields

import pytest

from queueapp.core import events as e

ISSUED = e.TicketIssued(
    at=1.0,
    office="varby",
    ticket=1,
    number="M1",
    service="bygglov",
    languages=["sv"],
    way="here",
    channel="kiosk",
    district=None,
    priority=None,
    promised=[0, 0, 0],
)


def test_an_event_is_read_back_from_its_row() -> None:
    shared = {"at": 1.0, "office": "varby", "ticket": 1, "counter": None, "invented": False}
    assert e.read("ticket-issued", shared, ISSUED.data) == ISSUED


def test_data_from_a_newer_version_is_left_out() -> None:
    assert (
        e.read("ticket-left", {"at": 1.0, "office": "a"}, {"reason": "x", "new": 1}).reason == "x"
    )


def test_a_row_without_what_its_type_needs_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="ticket-left lacks"):
        e.read("ticket-left", {"at": 1.0, "office": "a"}, {})


@pytest.mark.parametrize("event", e.TYPES.values())
def test_no_event_holds_an_identity(event: type[e.Event]) -> None:
    names = {field.name for field in fields(event)}
    assert not names & {"name", "staff", "token", "person", "phone", "request_key"}
