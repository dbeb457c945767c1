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
    text = io.StringIO()
    delimiter = ";" if request.args.get("for") == "excel" else ","
    csv.writer(text, delimiter=delimiter).writerows(
        [_harmless(cell) for cell in line] for line in lines
    )
    return Response(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _harmless(cell: Any) -> Any:
    """Text that a spreadsheet would run as a formula is marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
