"""Issue and call-next on PostgreSQL and Redis: two web processes, eight clients.

The ceilings are the same database server's own, by pgbench with as many clients, between the
rounds: one INSERT and commit of a ticket-like row, and one SKIP LOCKED update and commit. The
same two through a bare Flask endpoint (bench/bare.py) show what of the missing is the stack's.

A counter must be free before it calls again, so call-next is measured by itself in an
installation with 24 counters an office: each client walks along counters of its own, and
between the rounds all are freed at once by one statement. What staff do with Huddinge's own
counters, call and no-show by turns, is printed too.
"""

import random
from collections.abc import Sequence
from itertools import islice

from bench import bare
from bench.client import BadAnswer, Conversation, Run, request, talk
from bench.figures import median, ms, quantile, table, verdict
from bench.place import (
    HUDDINGE_COUNTERS,
    Place,
    ask_for_tickets,
    installation,
    pgbench,
)

CLIENTS = 8
PROCESSES = 2
ROUNDS = 3
CEILING_S = 3
ISSUES_PER_CLIENT = 150
CALL_ROUNDS = 12
WAITING = 200

ISSUE_TARGET = 1 / 12
CALL_TARGET = 1 / 3
CALL_P99_TARGET_S = 0.060

CEILING_TABLES = """
CREATE TABLE ceiling (
    id bigserial PRIMARY KEY, request_key text UNIQUE, token text UNIQUE, number text, day text,
    state text, class_key text, office text, service text, languages json, arrived_at float8
);
CREATE INDEX ON ceiling (id) WHERE state = 'waiting';
"""
INSERT = """
INSERT INTO ceiling (request_key, token, number, day, state, class_key, office, service,
                     languages, arrived_at)
VALUES (gen_random_uuid(), gen_random_uuid(), 'A12', '2026-11-23', 'waiting',
        'skogas|bygglov|sv|here|0', 'skogas', 'bygglov', '["sv"]', 1795428000);
"""
SKIP_LOCKED = """
UPDATE ceiling SET state = 'called'
WHERE id = (SELECT id FROM ceiling WHERE state = 'waiting' ORDER BY id LIMIT 1
            FOR UPDATE SKIP LOCKED);
"""

# Enough that the ceiling's clients never find the line empty.
REFILL = """
TRUNCATE ceiling;
INSERT INTO ceiling (request_key, token, state)
SELECT gen_random_uuid(), gen_random_uuid(), 'waiting' FROM generate_series(1, 100000);
ANALYZE ceiling;
"""

Latencies = list[float]
Ceilings = tuple[float, float]  # a second: the database's own, and a bare endpoint's


def insert_ceilings(place: Place, ports: Sequence[int]) -> Ceilings:
    return insert_ceiling(place), bare_rate(ports, "/insert")


def skip_locked_ceilings(place: Place, ports: Sequence[int]) -> Ceilings:
    return skip_locked_ceiling(place), bare_rate(ports, "/next")


def bare_rate(ports: Sequence[int], path: str) -> float:
    """Changes a second through a bare endpoint, by the same clients."""

    def client() -> Conversation:
        for _ in range(ISSUES_PER_CLIENT):
            answer = yield request("POST", path, "")
            if answer.status != 200:
                raise BadAnswer(answer)

    run = _together(ports, [client() for _ in range(CLIENTS)])
    return CLIENTS * ISSUES_PER_CLIENT / run.seconds


def insert_ceiling(place: Place) -> float:
    """Tickets a second that the database itself inserts and commits."""
    rate, _ = pgbench(place, INSERT, CEILING_S, CLIENTS)
    return rate


def skip_locked_ceiling(place: Place) -> float:
    """Tickets a second that the database itself hands out and commits."""
    place.run(REFILL)
    rate, _ = pgbench(place, SKIP_LOCKED, CEILING_S, CLIENTS)
    left = place.ask("SELECT count(*) FROM ceiling WHERE state = 'waiting'")
    assert left, "the ceiling's line ran empty: let REFILL make it longer"
    return rate


def issue(place: Place, clients: int, each: int, seed: int) -> tuple[Run, Latencies]:
    """``clients`` take ``each`` tickets."""
    took: Latencies = []

    def client(number: int) -> Conversation:
        for message in ask_for_tickets(place.token, each, seed * 1000 + number):
            answer = yield message
            if answer.status != 201:
                raise BadAnswer(answer)
            took.append(answer.seconds)

    return _together(place.ports, [client(number) for number in range(clients)]), took


def nothing(place: Place, clients: int, each: int) -> float:
    """Requests a second that do nothing: the web server and Flask by themselves."""

    def client() -> Conversation:
        for _ in range(each):
            yield request("GET", "/healthz", place.token)

    return clients * each / _together(place.ports, [client() for _ in range(clients)]).seconds


def call(place: Place, counters: Sequence[Sequence[str]]) -> tuple[Run, Latencies]:
    """Each client calls once from each of its counters."""
    took: Latencies = []

    def client(own: Sequence[str]) -> Conversation:
        for counter in own:
            answer = yield request("POST", f"/api/v1/counters/{counter}/next", place.token)
            if answer.status != 200:
                raise BadAnswer(answer)
            took.append(answer.seconds)

    return _together(place.ports, [client(own) for own in counters]), took


def call_and_no_show(place: Place, counters: Sequence[str], each: int) -> tuple[Run, Latencies]:
    """Each client calls from its one counter and finds nobody there, by turns."""
    called: Latencies = []

    def client(counter: str) -> Conversation:
        for _ in range(each):
            answer = yield request("POST", f"/api/v1/counters/{counter}/next", place.token)
            if answer.status != 200:
                raise BadAnswer(answer)
            called.append(answer.seconds)
            ticket = answer.json()["id"]
            answer = yield request("POST", f"/api/v1/tickets/{ticket}/no-show", place.token)
            if answer.status != 200:
                raise BadAnswer(answer)

    return _together(place.ports, [client(counter) for counter in counters]), called


def _together(ports: Sequence[int], conversations: Sequence[Conversation]) -> Run:
    return talk((ports[n % len(ports)], each) for n, each in enumerate(conversations))


def shares(counters: Sequence[str], clients: int) -> list[list[str]]:
    """The counters dealt out to the clients, evenly over the offices."""
    mixed = list(counters)
    random.Random(1).shuffle(mixed)
    size = len(mixed) // clients
    dealt = iter(mixed)
    return [list(islice(dealt, size)) for _ in range(clients)]


class Measured:
    """Several rounds of one thing against its ceiling."""

    def __init__(self) -> None:
        self.ceilings: list[Ceilings] = []
        self.rates: list[float] = []
        self.took: Latencies = []
        self.client_share: list[float] = []

    def add(self, ceilings: Ceilings, run: Run, took: Latencies) -> None:
        self.ceilings.append(ceilings)
        self.rates.append(len(took) / run.seconds)
        self.client_share.append(run.own_cpu_seconds / run.seconds)
        self.took += took

    def ratio(self, of: int = 0) -> float:
        """The middle of the rounds' own ratios: each is of one and the same few seconds."""
        pairs = zip(self.rates, self.ceilings, strict=True)
        return median([rate / ceilings[of] for rate, ceilings in pairs])

    def ceiling(self, of: int) -> str:
        return f"{median([ceilings[of] for ceilings in self.ceilings]):.0f}"

    def row(self, name: str, target: str, met: bool | None) -> tuple[str, ...]:
        return (
            name,
            f"{median(self.rates):.0f}",
            ms(quantile(self.took, 0.5)),
            ms(quantile(self.took, 0.99)),
            self.ceiling(0),
            f"1/{1 / self.ratio():.1f}",
            self.ceiling(1),
            f"1/{1 / self.ratio(1):.1f}",
            target,
            "–" if met is None else verdict(met),
        )


def main() -> None:
    issued, called, turns = Measured(), Measured(), Measured()
    idle: list[float] = []
    with (
        installation(scale=True, processes=PROCESSES) as place,
        bare.serving(place.database_url, PROCESSES) as ports,
    ):
        place.run(CEILING_TABLES)
        staffed = [f"{office}-{n}" for office, m in HUDDINGE_COUNTERS.items() for n in range(1, m)]
        place.open(staffed)
        issue(place, CLIENTS, 20, seed=99)
        for number in range(ROUNDS):
            ceilings = insert_ceilings(place, ports)
            place.empty()
            place.fill(WAITING)
            issued.add(ceilings, *issue(place, CLIENTS, ISSUES_PER_CLIENT, number))
            idle.append(nothing(place, CLIENTS, ISSUES_PER_CLIENT))
        ceilings = skip_locked_ceilings(place, ports)
        place.empty()
        place.fill(2000)
        turns.add(ceilings, *call_and_no_show(place, staffed[:CLIENTS], 100))
    with (
        installation(scale=True, processes=PROCESSES, counters_per_office=24) as place,
        bare.serving(place.database_url, PROCESSES) as ports,
    ):
        place.run(CEILING_TABLES)
        dealt = shares(place.counters(), CLIENTS)
        place.open([code for own in dealt for code in own])
        place.fill(WAITING + len(dealt) * len(dealt[0]))
        call(place, dealt)
        for _ in range(ROUNDS):
            ceilings = skip_locked_ceilings(place, ports)
            for _ in range(CALL_ROUNDS):
                place.empty()
                place.fill(WAITING + len(dealt) * len(dealt[0]))
                called.add(ceilings, *call(place, dealt))
    p99 = quantile(called.took, 0.99)
    table(
        f"Throughput: PostgreSQL, Redis, {PROCESSES} web processes, {CLIENTS} clients",
        (
            "operation",
            "per s",
            "p50",
            "p99",
            "ceiling per s",
            "ratio",
            "bare per s",
            "ratio",
            "target",
            "",
        ),
        [
            issued.row("issue a ticket", "≥ 1/12 of INSERT", issued.ratio() >= ISSUE_TARGET),
            called.row("call next", "≥ 1/3 of SKIP LOCKED", called.ratio() >= CALL_TARGET),
            called.row("call next, p99", "< 60 ms", p99 < CALL_P99_TARGET_S),
            turns.row("call next, no-show by turns (calls)", "–", None),
        ],
        [
            "The client takes "
            f"{median(issued.client_share + called.client_share):.0%} of one processor; server, "
            "database and client share the machine's. Ratio: median of the rounds. Requests that "
            f"do nothing (/healthz), by the same clients: {median(idle):.0f} a second. Bare: one "
            "Flask endpoint with one such statement and commit, served and asked in the same way."
        ],
    )


if __name__ == "__main__":
    main()
