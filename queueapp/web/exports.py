"""A table of figures as a file: CSV, XLSX, Parquet."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from queueapp.statistics import engine
from queueapp.statistics.answer import SMALL
from queueapp.web import csv_file, notes, tables, words
from queueapp.web.tables import Cell, Column, Table

MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
HIDDEN = "–*"


def as_csv(table: Table, swedish_excel: bool = False) -> str:
    """The table as text."""
    heading = [column.name for column in table.columns]
    return csv_file.written([heading, *table.rows], swedish_excel)


# --- Parquet ------------------------------------------------------------------------------------

_TYPES = {
    tables.TEXT: "VARCHAR",
    tables.COUNT: "BIGINT",
    tables.SHARE: "DOUBLE",
    tables.SECONDS: "BIGINT",
    tables.NUMBER: "DOUBLE",
    tables.FLAG: "BOOLEAN",
}


def as_parquet(table: Table, about: Mapping[str, str]) -> bytes:
    """The table as a Parquet file, with ``about`` in its metadata."""
    return engine.aside(_parquet, table, about)


def _parquet(table: Table, about: Mapping[str, str]) -> bytes:
    columns = {column.name: _TYPES[column.kind] for column in table.columns}
    with TemporaryDirectory() as folder, duckdb.connect() as made:
        # By way of a file: row by row the engine is a hundred times slower.
        rows, file = Path(folder) / "rows.csv", Path(folder) / "rows.parquet"
        with rows.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows(table.rows)
        made.execute(
            f"COPY (SELECT * FROM read_csv({str(rows)!r}, header = false, auto_detect = false, "  # noqa: S608 - no text of others is in it
            f"delim = ',', quote = '\"', columns = {columns!r})) TO {str(file)!r} "
            f"(FORMAT parquet, KV_METADATA {{{_pairs(about)}}})"
        )
        return file.read_bytes()


def _pairs(about: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name}: '{text.replace(chr(39), chr(39) * 2)}'" for name, text in about.items()
    )


# --- XLSX ---------------------------------------------------------------------------------------

_FORMATS = {
    tables.COUNT: "#,##0",
    tables.SHARE: "0.0%",
    tables.SECONDS: '0.0" min"',
    tables.NUMBER: "#,##0.00",
}
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class About:
    """What a workbook says of itself: ``facts`` as lines of name and value, and its figures."""

    facts: Sequence[tuple[str, str]]
    figures: Sequence[str]


def as_xlsx(table: Table, about: About) -> bytes:
    """The table as a workbook: the figures, their uncertainty, and what they mean."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    _figures(book, table)
    _sheet(book, gettext("Uncertainty"), table, ("place", "uncertainty"), table.rows)
    _about(book.create_sheet(gettext("About the figures")), table, about)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _figures(book: Workbook, table: Table) -> None:
    parts = ("place", "value", "comparison")
    total: list[Cell] = list(table.total)
    first = next(i for i, column in enumerate(table.columns) if column.part == "place")
    total[first] = gettext("In all")
    sheet = _sheet(book, gettext("Figures"), table, parts, [*table.rows, total])
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)


def _sheet(
    book: Workbook,
    title: str,
    table: Table,
    parts: Sequence[str],
    rows: Sequence[Sequence[Cell]],
) -> Worksheet:
    sheet: Worksheet = book.create_sheet(title)
    shown = [i for i, column in enumerate(table.columns) if column.part in parts]
    places = {column.name: place for place, column in enumerate(table.columns)}
    sheet.append([csv_file.harmless(table.columns[i].label) for i in shown])
    formats = {
        place: _FORMATS[table.columns[i].kind]
        for place, i in enumerate(shown, 1)
        if table.columns[i].kind in _FORMATS
    }
    for line, row in enumerate(rows, 2):
        sheet.append([_shown(table.columns[i], row, i, places) for i in shown])
        for place, number_format in formats.items():
            sheet.cell(line, place).number_format = number_format
    _readable(sheet)
    return sheet


def _shown(column: Column, row: Sequence[Cell], place: int, places: Mapping[str, int]) -> Any:
    """The cell for people: durations in minutes, and a mark where a number is hidden."""
    value = row[place]
    if value is None and column.figure:
        kind = "note" if column.part == "value" else "difference_note"
        return HIDDEN if row[places[f"{column.figure}_{kind}"]] == SMALL else "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if column.kind == tables.SECONDS and isinstance(value, (int, float)):
        return value / MINUTE_S
    return csv_file.harmless(value)


def _readable(sheet: Worksheet) -> None:
    sheet.freeze_panes = "B2"
    for place, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True)
        width = max(12, min(40, len(str(cell.value)) + 2))
        sheet.column_dimensions[get_column_letter(place)].width = width


def _about(sheet: Worksheet, table: Table, about: About) -> None:
    for line in about.facts:
        sheet.append([csv_file.harmless(text) for text in line])
    sheet.append([])
    for note in _notes(table):
        sheet.append([csv_file.harmless(note)])
    sheet.append([])
    heads = gettext("Figure"), gettext("What it is"), gettext("Of what"), gettext("Source")
    sheet.append(heads)
    for cell in sheet[sheet.max_row]:
        cell.font = Font(bold=True)
    for name in about.figures:
        sheet.append([str(words.FIGURES[name]), *words.meaning(name)])
    for letter, width in (("A", 34), ("B", 90), ("C", 50), ("D", 50)):
        sheet.column_dimensions[letter].width = width


def _notes(table: Table) -> Iterator[str]:
    """What is hidden in the table, and why."""
    kept = [i for i, column in enumerate(table.columns) if column.part == "note"]
    found = {row[i] for row in [*table.rows, table.total] for i in kept if row[i]}
    for note in sorted(map(str, found)):
        mark = HIDDEN if note == SMALL else "–"
        yield f"{mark}: {notes.general(note)}"
