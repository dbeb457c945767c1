"""A played day as the running service would have logged it.

The simulation tells who was called when, by whom and how. Here is added what nobody is called by:
the wait that was promised, what was recorded at the finish, the number of the video room, and the
second call of those who do not come.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from queueapp import assumptions as assumed
from queueapp.core import events as e
from queueapp.core.learning import scaled, unscaled
from queueapp.core.matching import Way
from queueapp.municipality import Municipality


def recorded(
    played: Sequence[e.Event], municipality: Municipality, chance: Random
) -> list[e.Event]:
    """The events of a whole day, in order of time."""
    record = _Record(played, municipality, chance)
    told = [one for event in played for one in record.of(event)]
    # A second call comes in between; what falls on one moment stays as it was.
    return sorted(told, key=lambda event: event.at)


class _Record:
    def __init__(
        self, played: Sequence[e.Event], municipality: Municipality, chance: Random
    ) -> None:
        self._municipality, self._chance = municipality, chance
        self._waits = _waits(played)
        self._called: dict[int | None, e.TicketCalled] = {}
        self._services: dict[int | None, str] = {}
        self._rooms: dict[int | None, str] = {}

    def of(self, event: e.Event) -> Iterator[e.Event]:
        if not isinstance(event, e.TicketCalled | e.ServiceStarted):
            self._rooms.pop(event.ticket, None)
        match event:
            case e.TicketIssued():
                self._services[event.ticket] = event.service
                yield replace(event, promised=self._promise(event))
            case e.TicketCalled():
                self._called[event.ticket] = called = replace(event, room=self._room(event))
                yield called
            case e.TicketTransferred():
                self._services[event.ticket] = event.service
                yield event
            case e.TicketNoShow():
                yield self._second_call(event)
                yield event
            case e.TicketFinished():
                yield replace(event, errands=self._errands(event))
            case _:
                yield event

    def _promise(self, issued: e.TicketIssued) -> list[int]:
        """What was told of a wait that by now is known."""
        usual = issued.languages[0] == self._municipality.default_language
        miss = self._chance.gauss(0.0, assumed.MISSED if usual else assumed.MISSED_RARE)
        likely = scaled(self._waits[issued.ticket]) + miss
        return [round(unscaled(likely + way * assumed.RANGE)) for way in (-1, 0, 1)]

    def _room(self, called: e.TicketCalled) -> str | None:
        """The first room of the office that is free, where the way is video."""
        if called.way != Way.VIDEO:
            return None
        rooms = self._municipality.video_rooms(called.office)
        room = next(one for one in rooms if one not in self._rooms.values())
        self._rooms[called.ticket] = room
        return room

    def _second_call(self, missed: e.TicketNoShow) -> e.TicketCalledAgain:
        called = self._called[missed.ticket]
        return e.TicketCalledAgain(
            at=(called.at + missed.at) / 2,
            office=called.office,
            ticket=called.ticket,
            counter=called.counter,
            invented=called.invented,
            number=called.number,
            room=called.room,
        )

    def _errands(self, finished: e.TicketFinished) -> list[dict[str, Any]]:
        """What was handled, in the language and way of the call; nothing where none had time."""
        if self._chance.random() < assumed.UNCODED:
            return []
        called = self._called[finished.ticket]
        offered = self._municipality.services_at(finished.office)
        service = self._municipality.service(self._services[finished.ticket])
        return [
            {
                "service": errand["service"],
                "owner": self._municipality.service(errand["service"]).owner,
                "outcome": str(errand["outcome"]),
                "language": called.language,
                "interpreter": called.way == Way.INTERPRETER,
            }
            for errand in assumed.errands(service, offered, self._chance)
        ]


def _waits(played: Sequence[e.Event]) -> dict[int | None, float]:
    """How long each visitor waited for the first call, or until they left without one."""
    came = {event.ticket: event.at for event in played if isinstance(event, e.TicketIssued)}
    waits: dict[int | None, float] = {}
    for event in played:
        if isinstance(event, e.TicketCalled | e.TicketLeft):
            waits.setdefault(event.ticket, event.at - came[event.ticket])
    return waits
