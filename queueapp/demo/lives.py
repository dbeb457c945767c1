"""What is particular to each invented visitor: what they come for, where they live, what happens.

Only when they come, and in which language, is clear before.
"""

from dataclasses import replace
from itertools import accumulate
from random import Random

from queueapp import assumptions as assumed
from queueapp.core.arrivals import Arrival, Detour
from queueapp.municipality import Municipality, Priority
from queueapp.simulate.scenario import likely_s

APPOINTMENT = "booked"
"""The priority of those who come by appointment, where the configuration has it."""


class Lives:
    """Draws visitors for a municipality."""

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality
        known = {one.code: one for one in municipality.priorities}
        self._appointment = known.pop(APPOINTMENT, None)
        self._priorities = list(known.values())
        self._heights: dict[tuple[str, int], list[float]] = {}

    def share(self, arrival: Arrival) -> float:
        """The share of such visitors who come to that office, rather than not at all."""
        usual = arrival.languages[0] == self._municipality.default_language
        local = self._municipality.office(arrival.office).kind == "local"
        return assumed.LOCAL_USUAL_LANGUAGE if usual and local else 1.0

    def of(self, arrival: Arrival, month: int, chance: Random) -> Arrival:
        """The visitor with a life of their own."""
        service = self._service(arrival.office, month, chance)
        typical = self._municipality.typical_s
        seconds = arrival.own_language_s * typical[service] / typical[arrival.service]
        channel, priority = self._channel(arrival.office, chance)
        return replace(
            arrival,
            service=service,
            own_language_s=likely_s(seconds),
            channel=channel,
            priority=priority.code if priority else None,
            credit_s=60 * priority.minutes if priority else 0,
            district=self._district(arrival.office, channel, chance),
            detour=self._detour(arrival.office, service, chance),
        )

    def _service(self, office: str, month: int, chance: Random) -> str:
        codes = [service.code for service in self._municipality.services_at(office)]
        if (office, month) not in self._heights:
            wanted = accumulate(_wanted(code, month) for code in codes)
            self._heights[office, month] = list(wanted)
        return chance.choices(codes, cum_weights=self._heights[office, month])[0]

    def _channel(self, office: str, chance: Random) -> tuple[str, Priority | None]:
        if chance.random() < assumed.BOOKED:
            return "booking", self._appointment
        ahead = self._priorities and chance.random() < assumed.PRIORITY
        priority = chance.choice(self._priorities) if ahead else None
        return assumed.channel(self._municipality.office(office), chance), priority

    def _district(self, office: str, channel: str, chance: Random) -> str | None:
        if channel == "staff" and chance.random() < assumed.UNASKED:
            return None
        return assumed.lives(self._municipality, self._municipality.office(office), chance)

    def _detour(self, office: str, service: str, chance: Random) -> Detour | None:
        share = chance.uniform(0.2, 0.7)
        match assumed.pick(chance, assumed.DETOURS):
            case "park":
                return Detour(share, away_s=chance.uniform(*assumed.FETCHING))
            case "transfer":
                others = self._municipality.services_at(office)
                return Detour(share, service=chance.choice([one.code for one in others]))
            case "return":
                return Detour(share)
        return None


def _wanted(service: str, month: int) -> float:
    usual = assumed.COME_FOR.get(service, 1.0)
    return usual * assumed.COME_FOR_IN.get(service, {}).get(month, 1.0)
