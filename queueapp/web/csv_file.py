"""Rows as a CSV file."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, request

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def response(name: str, lines: Iterable[Sequence[Any]]) -> Response:
    """The file of that name; with ``for=excel`` in the address as Excel in Swedish expects it."""
    return Response(
        written(lines, request.args.get("for") == "excel"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def written(lines: Iterable[Sequence[Any]], swedish_excel: bool = False) -> str:
    """The lines as text. Excel in Swedish wants semicolons, and commas in numbers."""
    text = io.StringIO()
    text.write("\ufeff")  # or Excel takes it for another alphabet
    writer = csv.writer(text, delimiter=";" if swedish_excel else ",")
    writer.writerows([_cell(cell, swedish_excel) for cell in line] for line in lines)
    return text.getvalue()


def _cell(cell: Any, swedish_excel: bool) -> Any:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and swedish_excel:
        return str(cell).replace(".", ",")
    return harmless(cell)


def harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
