"""What does one quote cost, and does it stay bounded however long the line is?

One quote answers for the five ways a kiosk shows. The counters' competences, the classes and who
waits are invented, the same in every run.
"""

from random import Random
from statistics import median
from time import perf_counter

from bench.figures import ms, table, verdict
from queueapp.core.discipline import Head, choose_next
from queueapp.core.estimate import Knowledge, Line, Post, Present, quotes
from queueapp.core.matching import Server, Way, Wish

OFFICES = ("sjodalsvagen", "skogas", "varby")
SERVICES = ("bygglov", "bostad", "forskola", "skatt")
LANGUAGES = ("sv", "ar", "fi", "so")
COUNTERS = 12
FIRST = 400  # of each class, no more are handed over one by one
TIMES = 15
# How many wait, in how many classes, and what a quote may take in seconds.
CASES = ((0, 1, 0.020), (50, 24, 0.020), (500, 60, 0.100), (5000, 100, 0.100))

ASKED = (
    *(Wish(office, "bygglov", ("sv",)) for office in OFFICES),
    Wish("varby", "bygglov", ("ar", "sv")),
    Wish("varby", "bygglov", ("ar",), Way.INTERPRETER),
)


def classes(number: int, draw: Random) -> list[Wish]:
    found: dict[Wish, None] = {}
    while len(found) < number:
        languages = tuple(draw.sample(LANGUAGES, draw.choice((1, 2))))
        found[Wish(draw.choice(OFFICES), draw.choice(SERVICES), languages)] = None
    return list(found)


def posts(now: float, draw: Random) -> list[Post]:
    return [
        Post(
            Server(
                f"{OFFICES[at % 3]}-{at}",
                OFFICES[at % 3],
                frozenset(SERVICES),
                frozenset(("sv", draw.choice(LANGUAGES[1:]))),
            ),
            now - 600 * draw.random(),
            ("bygglov", "sv"),
        )
        for at in range(COUNTERS)
    ]


def present(waiting: int, wishes: int) -> Present:
    draw, now = Random(1), float(waiting)
    lines: dict[Wish, list[Head]] = {wish: [] for wish in classes(wishes, draw)}
    for ticket in range(waiting):
        wish = draw.choice(list(lines))
        lines[wish].append(Head(ticket, "", wish, float(ticket)))
    return Present(
        now,
        [Line(line[:FIRST], len(line)) for line in lines.values() if line],
        posts(now, draw),
    )


def cost(now: Present) -> list[float]:
    taken = []
    for _ in range(TIMES):
        started = perf_counter()
        quotes(now, ASKED, Knowledge(), choose_next)
        taken.append(perf_counter() - started)
    return sorted(taken)


def main() -> None:
    rows = []
    for waiting, wishes, allowed in CASES:
        taken = cost(present(waiting, wishes))
        told = (str(waiting), str(wishes), ms(median(taken)), ms(taken[-1]))
        rows.append((*told, f"{ms(allowed)}: {verdict(median(taken) <= allowed)}"))
    table(
        f"One quote for {len(ASKED)} ways, {COUNTERS} counters at work",
        ("waiting", "classes", "median", f"slowest of {TIMES}", "allowed"),
        rows,
    )
