"""Ten million visits: pages and exports of one year's and of ten years' figures.

The archive is filled with invented visits directly, in its own format; the service that answers is
the one that is delivered. The ceiling is the engine itself: DuckDB's exact mean, median and 90th
percentile per office, month and language of the same rows in the same minute. Then counters call
while managers read, and while they do not: reading should not slow a call.
"""

import datetime as dt
import json
import threading
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb
from sqlalchemy import text

from bench.figures import Row, median, ms, quantile, table, verdict
from bench.place import Place, installation
from bench.throughput import Latencies, call, shares
from queueapp.core import measures
from queueapp.statistics import archive, facts, lengths, tallies

VISITS = 10_000_000
YEARS = 10
LAST = dt.date(2026, 10, 31)
FIRST = LAST.replace(year=LAST.year - YEARS) + dt.timedelta(days=1)
ASKED = 3  # times each page
YEAR_S, ALL_S, MEMORY_MB = 1.0, 3.0, 1000
WAITING = 200
CALL_ROUNDS = 8
SLOWER_AT_MOST = 1.25

SPAN = {
    "one year": (LAST - dt.timedelta(days=364), LAST),
    "ten years": (FIRST, LAST),
}
VIEWS = {
    "figures per office (API)": "/api/v1/statistics?by=office",
    "per office and language (API)": "/api/v1/statistics?by=office,language",
    "per month and office (API)": "/api/v1/statistics?by=month,office",
    "page per district": "/statistics?by=district",
    "page, one language per office": "/statistics?by=office&language=ar",
    "CSV per service": "/statistics.csv?by=service",
    "XLSX per office and language": "/statistics.xlsx?by=office&by=language",
    "Parquet per month": "/statistics.parquet?by=month",
    "heat map": "/statistics/heat?figure=wait_median_s",
    "equality report": "/statistics/report?",
    "its one page (PDF)": "/statistics/report/summary.pdf?",
    "all of it (PDF)": "/statistics/report.pdf?",
}

# Of a hundred visits, by their fate: 5 leave before they are called, 4 do not come, 91 are served.
CALLED, SERVED = "fate >= 5", "fate >= 9"
KNOWN_OF = {
    "no_show": CALLED,
    "wait_s": CALLED,
    "promise_error_s": CALLED,
    "promise_kept": CALLED,
    "extra_wait_s": f"{CALLED} AND language <> 'sv'",
    **dict.fromkeys(("service_s", "coded", "interpreter", "video"), SERVED),
    **dict.fromkeys(("resolved", "resolved_own", "first_language", "other_language"), "coded"),
}
"""Of which visits a column says something; of all where it is not here."""


# --- ten million visits -------------------------------------------------------------------------


def fill(place: Place) -> None:
    """The archive, and the event of the log that it says it has read."""
    folder = place.var / "archive"
    folder.mkdir(exist_ok=True)
    engine = duckdb.connect()
    _invent(engine)
    months = {}
    day = FIRST
    while day < LAST:
        end = (day + dt.timedelta(days=31)).replace(day=1)
        months[f"{day:%Y-%m}"] = _month(engine, folder, day, end)
        day = end
    engine.close()
    at = time.time()
    with place.engine.begin() as connection:
        seq = connection.execute(text("UPDATE line SET seq = seq + 1 RETURNING seq")).scalar_one()
        connection.execute(
            text(
                "INSERT INTO ticket_event (seq, at, type, office, invented, data) "
                "VALUES (:seq, :at, 'counter-closed', 'varby', false, '{}')"
            ),
            {"seq": seq, "at": at},
        )
    today, together = f"{dt.date.today()}", archive.gathered(folder, months, seq)
    manifest = archive.Manifest(archive.FORMAT, seq, at, today, "huddinge", months, together)
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest)))


def _pick(values: Sequence[str], seed: int) -> str:
    """SQL that picks one of ``values`` for row i, the first ones more often."""
    listed = ", ".join(f"'{value}'" for value in values)
    return (
        f"[{listed}][1 + floor({len(values)} * pow((hash(i * {seed}) % 10007) / 10007.0, 2))::INT]"
    )


def _yes(share: float, seed: int) -> str:
    return f"(hash(i * {seed}) % 1000 < {round(1000 * share)})"


def _invent(engine: duckdb.DuckDBPyConnection) -> None:
    days = (LAST - FIRST).days + 1
    languages = ("sv", "ar", "en", "fi", "so", "tr", "fa", "es", "ckb", "kmr", "pl", "uk")
    districts = (
        "sjodalen-fullersta", "skogas", "varby", "flemingsberg", "stuvsta-snattringe", "trangsund",
        "segeltorp", "other", "undisclosed", "unknown",
    )  # fmt: skip
    services = (
        "ovrigt", "forskola-skola", "bygglov", "bostad", "faktura", "e-tjanst", "avfall",
        "felanmalan", "skolval", "lamna-handlingar", "budgetradgivning", "konsumentvagledning",
    )  # fmt: skip
    said = {
        name: "(-600 + 1200 * random())::INT"
        if "error" in name or "extra" in name
        else "(-400 * ln(random()))::INT"
        if name in measures.SECONDS
        else _yes(0.5 if name == "within_soon" else 0.9, 31 + place)
        for place, name in enumerate(measures.COLUMNS)
    }
    said |= {"arrived": "true", "open": "false", "called": CALLED, "served": SERVED}
    said |= {"left": f"NOT ({CALLED})", "no_show": f"NOT ({SERVED})", "unserved": f"NOT ({SERVED})"}
    said |= {name: f"CASE WHEN {of} THEN {said[name]} END" for name, of in KNOWN_OF.items()}
    columns = {
        "day": f"DATE '{FIRST}' + (i * {days} // {VISITS})::INT",
        "hour": "(8 + hash(i * 3) % 9)::TINYINT",
        "office": _pick(("sjodalsvagen", "skogas", "varby"), 5),
        "district": _pick(districts, 7),
        "service": _pick(services, 11),
        "language": _pick(languages, 13),
        "channel": _pick(("kiosk", "phone", "staff"), 23),
        "way": _pick(("here", "here", "video", "interpreter"), 29),
        "invented": "true",
    } | said
    listed = ", ".join(f'{sql} AS "{name}"' for name, sql in columns.items())
    rows = f"(SELECT i, hash(i * 17) % 100 AS fate FROM range({VISITS}) rows(i))"
    engine.execute(f"CREATE VIEW all_visits AS SELECT {listed} FROM {rows}")
    engine.execute("CREATE TABLE visits AS SELECT * FROM all_visits")


def _month(
    engine: duckdb.DuckDBPyConnection, folder: Path, day: dt.date, end: dt.date
) -> archive.Month:
    chosen = f"day >= DATE '{day}' AND day < DATE '{end}'"
    place = ", ".join(
        name
        for name in facts.TABLES["errands"]
        if name in facts.TABLES["visits"] and name != "interpreter"
    )
    queries = {
        "visits": f"SELECT * FROM visits WHERE {chosen}",
        "errands": f"SELECT {place}, 'municipal' AS owner, 'resolved' AS outcome, "
        f"false AS interpreter FROM visits WHERE coded AND {chosen}",
        "duty": "SELECT day, hour, office, 3600.0::DOUBLE AS open_s, 10800.0::DOUBLE AS staff_s, "
        f"8000.0::DOUBLE AS serving_s FROM visits WHERE {chosen} GROUP BY ALL",
        "tallies": "SELECT * FROM tallies",
        "lengths": "SELECT * FROM lengths",
    }
    engine.execute(f"CREATE OR REPLACE TABLE month AS {queries['visits']}")
    tallies.make(engine, "month", "tallies")
    lengths.make(engine, "month", "lengths")
    files = {name: f"{name}-{day:%Y-%m}.1.parquet" for name in queries}
    for name, query in queries.items():
        engine.execute(
            f"COPY ({query} ORDER BY {archive.ORDERS[name]}) TO '{folder / files[name]}' "
            "(FORMAT parquet)"
        )
    return archive.Month(files, f"{end - dt.timedelta(days=1)}", 0)


# --- measuring ----------------------------------------------------------------------------------


def ceiling(place: Place, first: dt.date, last: dt.date) -> float:
    """The engine's best on the same files: exact mean, median and p90, all processors. Seconds."""
    engine = duckdb.connect()
    query = (
        "SELECT office, strftime(day, '%Y-%m'), language, count(*), avg(wait_s), "
        f"quantile_cont(wait_s, [0.5, 0.9]) FROM '{place.var}/archive/visits-*.parquet' "
        f"WHERE day BETWEEN DATE '{first}' AND DATE '{last}' GROUP BY ALL"
    )
    times = []
    for _ in range(3):
        began = time.perf_counter()
        engine.execute(query).fetchall()
        times.append(time.perf_counter() - began)
    return min(times)


def ask(place: Place, token: str, path: str) -> float:
    """How long one page takes, in seconds."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{place.ports[0]}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    began = time.perf_counter()
    with urllib.request.urlopen(asked, timeout=120) as answer:
        body = answer.read()
    assert answer.status == 200
    assert body
    return time.perf_counter() - began


def memory_mb(pid: int) -> float:
    """The most that a web process has held, and those that it started and that live."""
    status = Path(f"/proc/{pid}/status").read_text()
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = int(status.split("VmHWM:")[1].split()[0]) / 1000
    return own + sum(memory_mb(int(child)) for child in started)


def views(place: Place, token: str) -> list[Row]:
    rows = []
    for name, path in VIEWS.items():
        cells = [name]
        for span, (first, last) in SPAN.items():
            joined = f"{path}{'' if path.endswith('?') else '&'}from={first}&to={last}"
            bound = ceiling(place, first, last)
            took = [ask(place, token, joined) for _ in range(ASKED)]
            allowed = YEAR_S if span == "one year" else ALL_S
            cells += [ms(took[0]), ms(median(took[1:])), f"{took[0] / bound:.1f}"]
            cells.append(verdict(max(took) <= allowed))
        rows.append(tuple(cells))
    return rows


def calls(place: Place, dealt: list[list[str]]) -> Latencies:
    took: Latencies = []
    for _ in range(CALL_ROUNDS):
        place.empty()
        place.fill(WAITING + sum(map(len, dealt)))
        took += call(place, dealt)[1]
    return took


def beside_readers(place: Place, token: str, dealt: list[list[str]]) -> Latencies:
    """The same calls while a manager reads ten years' figures without a pause."""
    stop = threading.Event()

    def read() -> None:
        first, last = SPAN["ten years"]
        while not stop.is_set():
            ask(place, token, f"/api/v1/statistics?by=office,language&from={first}&to={last}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        return calls(place, dealt)
    finally:
        stop.set()
        reader.join()


def main() -> None:
    with installation(scale=False, counters_per_office=24) as place:
        began = time.perf_counter()
        fill(place)
        print(f"{VISITS:,} visits invented in {time.perf_counter() - began:.0f} s", flush=True)
        token = place.cli("token", "maria")
        bounds = {span: ceiling(place, *days) for span, days in SPAN.items()}
        rows = views(place, token)
        engine = " and ".join(f"{ms(took)} for {span}" for span, took in bounds.items())
        used = memory_mb(place.pids[0])
        table(
            f"{VISITS:,} visits, {YEARS} years",
            (
                "view",
                *("a year, first", "then", "× engine", "≤ 1 s"),
                *("ten years, first", "then", "× engine", "≤ 3 s"),
            ),
            rows,
            [
                f"The engine alone, mean, median and p90 per office, month and language: {engine}; "
                "asked again before each view; × engine: how many times as long the first took.",
                f"The web processes held at most {used:.0f} MB (≤ {MEMORY_MB} MB: "
                f"{verdict(used <= MEMORY_MB)}).",
            ],
        )
        dealt = shares(place.counters(), 8)
        place.open([counter for own in dealt for counter in own])
        alone, beside = calls(place, dealt), beside_readers(place, token, dealt)
        ratio = median(beside) / median(alone)
        table(
            "Calls while a manager reads ten years without a pause",
            ("", "p50", "p99"),
            [
                ("nobody reads", ms(median(alone)), ms(quantile(alone, 0.99))),
                ("somebody reads", ms(median(beside)), ms(quantile(beside, 0.99))),
            ],
            [f"p50 × {ratio:.2f} (≤ {SLOWER_AT_MOST}: {verdict(ratio <= SLOWER_AT_MOST)})."],
        )


if __name__ == "__main__":
    main()
