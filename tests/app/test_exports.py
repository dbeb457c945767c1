"""The files of a view: the same cells in each, marked where invented, and harmless."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from queueapp import screens
from queueapp.models import db
from queueapp.statistics import question
from queueapp.statistics.answer import Answer, Row, Shown
from queueapp.statistics.comparison import Comparison, Difference, How, Pair
from queueapp.web import exports, tables, words
from tests import builders, random_log
from tests.app.explored import Explored

SECRET = 3.0
"""The number behind a hidden cell, were it to come out."""


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explored]:
    made = Explored(tmp_path_factory.mktemp("exports"), QUEUEAPP_TRIAL="0")
    yield made
    with made.app.app_context():
        db.engine.dispose()


def read_csv(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def read_parquet(body: bytes, folder: Path) -> list[dict[str, Any]]:
    file = folder / "read.parquet"
    file.write_bytes(body)
    with duckdb.connect() as reader:
        found = reader.execute("SELECT * FROM read_parquet(?)", [str(file)])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def metadata(body: bytes, folder: Path) -> dict[str, str]:
    file = folder / "read.parquet"
    file.write_bytes(body)
    with duckdb.connect() as reader:
        rows = reader.execute(
            "SELECT decode(key), decode(value) FROM parquet_kv_metadata(?)", [str(file)]
        ).fetchall()
    return dict(rows)


def read_xlsx(body: bytes) -> Workbook:
    return load_workbook(io.BytesIO(body))


VIEWS: list[dict[str, Any]] = [
    {"set": "all"},
    {"by": ["office", "month"], "set": "waits"},
    {"by": ["district"], "set": "use", "office": "varby"},
    {"compare": "last-year", "by": ["language"]},
]


@pytest.mark.parametrize("asked", VIEWS)
def test_every_cell_is_the_same_in_every_file(
    explored: Explored, asked: dict[str, Any], tmp_path: Path
) -> None:
    body = explored.get("/statistics.json", **asked).json
    plain = read_csv(explored.get("/statistics.csv", **asked).text)
    swedish = read_csv(
        explored.get("/statistics.csv", **asked, **{"for": "excel"}).text, delimiter=";"
    )
    parquet = read_parquet(explored.get("/statistics.parquet", **asked).data, tmp_path)
    assert len(plain) == len(parquet)
    rows = body.get("comparison", body)["rows"]
    assert len(plain) == len(rows)
    for text, comma, cells, row in zip(plain, swedish, parquet, rows, strict=True):
        assert {name: cells[name] for name in row["group"]} == row["group"]
        for name, cell in cells.items():
            assert written(cell) == text[name] == unswedish(cell, comma[name])
        for name, value in expected(body, row).items():
            assert cells[name] == value


def written(cell: Any) -> str:
    if cell is None:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def unswedish(cell: Any, text: str) -> str:
    return text.replace(",", ".") if isinstance(cell, float) else text


def expected(body: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """The cells that the document's row means, as exact as a file tells them."""
    compared = "comparison" in body
    later = next((one for one in body["rows"] if one["group"] == row["group"]), None)
    cells: dict[str, Any] = {}
    for name in body["definitions"]:
        kind = tables.kind(name)
        cells[name] = tables.rounded(kind, later and later["figures"][name])
        if compared:
            around = tables.NUMBER_OF[kind]
            cells[f"{name}_earlier"] = tables.rounded(kind, row["earlier"][name])
            cells[f"{name}_difference"] = tables.rounded(around, row["differences"][name])
            cells[f"{name}_more_than_chance"] = row["more_than_chance"][name]
            low, _ = row["difference_intervals"].get(name, (None, None))
            cells[f"{name}_difference_low"] = tables.rounded(around, low)
        elif later:
            cells[f"{name}_note"] = later["notes"].get(name)
            low, high = later["intervals"].get(name, (None, None))
            cells[f"{name}_low"] = tables.rounded(tables.NUMBER_OF[kind], low)
            cells[f"{name}_high"] = tables.rounded(tables.NUMBER_OF[kind], high)
    return cells


@pytest.mark.parametrize("asked", VIEWS)
def test_the_workbook_has_the_same_numbers_for_people(
    explored: Explored, asked: dict[str, Any]
) -> None:
    plain = read_csv(explored.get("/statistics.csv", **asked).text)
    book = read_xlsx(explored.get("/statistics.xlsx", **asked, lang="en").data)
    head, *rows = book["Figures"].iter_rows()
    assert len(rows) == len(plain) + 1  # and the row of all together
    for name, label in words.FIGURES.items():
        with explored.app.test_request_context("/?lang=en"):
            places = [i for i, cell in enumerate(head) if cell.value == str(label)]
        for place in places:
            for text, row in zip(plain, rows, strict=False):
                number = float(text[name]) if text[name] else None
                assert told(name, row[place].value) == pytest.approx(number)


def told(name: str, value: Any) -> float | None:
    if isinstance(value, str):
        assert value in {"–", exports.HIDDEN}
        return None
    return value * 60 if name.endswith("_s") else value


def test_the_workbook_has_number_formats_and_says_what_its_figures_mean(
    explored: Explored,
) -> None:
    asked = {"office": ["skogas", "varby"], "compare": "last-year", "lang": "en"}
    book = read_xlsx(explored.get("/statistics.xlsx", **asked).data)
    sheet = book["Figures"]
    formats = {cell.value: sheet.cell(2, cell.column).number_format for cell in sheet[1]}
    assert formats["Visits"] == "#,##0"
    assert formats["Called within 10 minutes"] == "0.0%"
    assert formats["Wait, median"] == '0.0" min"'
    assert sheet.cell(sheet.max_row, 1).value == "In all"
    about = [[cell.value for cell in row] for row in book["About the figures"].iter_rows()]
    text = json.dumps(about, ensure_ascii=False)
    for part in ("Huddinge Municipality", "2024-10-21 – 2024-11-01", "2023-10-23", "Skogås"):
        assert part in text
    with explored.app.test_request_context("/?lang=en"):
        assert [str(words.FIGURES["left_share"]), *words.meaning("left_share")] in about
    assert len(book.sheetnames) == 3


def test_a_file_is_named_by_its_offices_and_its_dates(explored: Explored) -> None:
    for kind in ("csv", "xlsx", "json", "parquet"):
        answer = explored.get(f"/statistics.{kind}", office=["skogas", "varby"])
        assert answer.status_code == 200
        name = f'filename="kolapp-skogas-varby-2024-10-21--2024-11-01.{kind}"'
        assert name in answer.headers["Content-Disposition"]
        assert answer.content_type.startswith(exports.MEDIA[kind])


def test_a_file_that_cannot_be_made_is_an_error_and_no_file(explored: Explored) -> None:
    for kind in ("csv", "xlsx", "json", "parquet"):
        answer = explored.get(f"/statistics.{kind}", office="nacka")
        assert answer.status_code == 422
        assert "Content-Disposition" not in answer.headers


def test_a_period_without_visits_is_a_file_without_rows(explored: Explored, tmp_path: Path) -> None:
    asked = {"from": "2020-01-01", "to": "2020-01-31"}
    assert read_csv(explored.get("/statistics.csv", **asked).text) == []
    assert read_parquet(explored.get("/statistics.parquet", **asked).data, tmp_path) == []
    assert explored.get("/statistics.xlsx", **asked).status_code == 200


# --- invented -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("trial", "marked"), [("0", False), ("1", True)])
def test_every_file_of_a_trial_is_marked_as_invented(
    tmp_path: Path, trial: str, marked: bool
) -> None:
    made = builders.app(f"sqlite:///{tmp_path / 'q'}", tmp_path / "var", QUEUEAPP_TRIAL=trial)
    with made.app_context():
        random_log.fill(made, [dt.date(2024, 10, 21)], 60)
        db.engine.dispose()
    asked = {"from": "2024-10-21", "to": "2024-10-21", "lang": "en"}
    headers, client = builders.bearer(made, "maria"), made.test_client()

    def get(kind: str) -> Any:
        return client.get(f"/statistics.{kind}", query_string=asked, headers=headers)

    assert {row["invented"] for row in read_csv(get("csv").text)} == {str(marked).lower()}
    parquet = get("parquet").data
    assert {row["invented"] for row in read_parquet(parquet, tmp_path)} == {marked}
    assert metadata(parquet, tmp_path)["invented"] == str(marked).lower()
    body = get("json").json
    assert (body["trial"] or body["invented"]) == marked
    about = read_xlsx(get("xlsx").data)["About the figures"]
    assert ("Invented" in [row[0].value for row in about.iter_rows()]) == marked


# --- small numbers ------------------------------------------------------------------------------


def hidden(now: screens.Moment, figures: dict[str, Shown]) -> Answer:
    """An answer with one row, and the same in all."""
    asked = question.ask(now, first="2024-10-21", last="2024-10-21", figures=",".join(figures))
    row = Row({"office": "varby"}, asked.first, asked.end, figures)
    return Answer(asked, [row], Row({}, asked.first, asked.end, figures), 0, 3)


def test_what_is_hidden_is_in_no_file(explored: Explored, tmp_path: Path) -> None:
    with explored.app.test_request_context("/?lang=en"), screens.reading(builders.NOON) as now:
        figures = {"visits": Shown(note="small"), "left_share": Shown(note="small")}
        table = tables.of(hidden(now, figures), words.Names(now.municipality, "en"), False)
        (row,) = read_csv(exports.as_csv(table))
        empty = {name for name, text in row.items() if not text}
        for name in figures:
            assert {name, f"{name}_low", f"{name}_high"} <= empty
            assert row[f"{name}_note"] == "small"
        (cells,) = read_parquet(exports.as_parquet(table, {}), tmp_path)
        assert [cells[name] for name in figures] == [None, None]
        book = read_xlsx(exports.as_xlsx(table, exports.About([], list(figures))))
        assert [cell.value for cell in book["Figures"][2]][1:] == [exports.HIDDEN] * 2
        assert [cell.value for cell in book["Uncertainty"][2]][1:] == [None] * 4
        notes = [row[0].value or "" for row in book["About the figures"].iter_rows()]
        assert any(text.startswith("–*: So few visits") for text in notes)


def test_a_comparison_with_something_hidden_tells_neither_it_nor_the_difference(
    explored: Explored,
) -> None:
    with explored.app.test_request_context("/?lang=en"), screens.reading(builders.NOON) as now:
        earlier = hidden(now, {"visits": Shown(note="small")})
        later = hidden(now, {"visits": Shown(30.0, (20.0, 43.0))})
        told = {"visits": Difference(note="small")}
        pair = Pair({"office": "varby"}, later.rows[0], earlier.rows[0], told)
        found = Comparison(How.LAST_YEAR, later, earlier, [pair], pair)
        table = tables.of(found, words.Names(now.municipality, "en"), False)
        (row,) = read_csv(exports.as_csv(table))
    assert row["visits"] == "30"
    for name in ("earlier", "difference", "difference_low", "difference_high"):
        assert row[f"visits_{name}"] == ""
    assert row["visits_difference_note"] == "small"
    assert row["visits_more_than_chance"] == ""


# --- harmless -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    place = tables.Column("office_name", "Office", tables.TEXT, "place")
    number = tables.Column("change", "Change", tables.NUMBER, "comparison")
    table = tables.Table([place, number], [[text, -1.5]], ["", -1.5])
    (row,) = read_csv(exports.as_csv(table))
    assert row["office_name"] == f"'{text}"
    assert row["change"] == "-1.5"
    book = read_xlsx(exports.as_xlsx(table, exports.About([], [])))
    sheet = book.worksheets[0]
    assert str(sheet.cell(2, 1).value).startswith("'")
    assert sheet.cell(2, 2).value == -1.5


def test_what_a_parquet_file_says_of_itself_is_text_and_nothing_else(tmp_path: Path) -> None:
    column = tables.Column("office", "Office", tables.TEXT, "code")
    table = tables.Table([column], [['O\'Hara, "quoted"\nåäö']], [None])
    told = "it's {here}: 'x'); DROP TABLE y"
    body = exports.as_parquet(table, {"chosen": told})
    assert read_parquet(body, tmp_path) == [{"office": 'O\'Hara, "quoted"\nåäö'}]
    assert metadata(body, tmp_path)["chosen"] == told
