"""Everything in one file, and back: also the way from SQLite to PostgreSQL."""

import gzip
import json
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select, text

from queueapp import ids, screens, write
from queueapp.models import db

FORMAT = "queueapp-backup-1"
ROWS_AT_ONCE = 1000


class BadBackup(Exception):
    """The file cannot be restored; nothing was changed."""


def _tables() -> list[Table]:
    return list(db.metadata.sorted_tables)


def write_file(file: Path) -> int:
    """Write every row of one moment to ``file``; gives how many. An existing file is refused."""
    rows = 0
    try:
        with (
            gzip.open(file, "xt", encoding="utf-8") as out,
            screens.consistent() as connection,
        ):
            out.write(json.dumps({"format": FORMAT}) + "\n")
            for table in _tables():
                for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(
                    select(table)
                ):
                    out.write(json.dumps([table.name, dict(row._mapping)]) + "\n")
                    rows += 1
            out.write(json.dumps({"rows": rows}) + "\n")
    except OSError as error:
        raise BadBackup(f"cannot write {file}: {error.strerror}") from None
    return rows


def read_file(file: Path) -> int:
    """Restore ``file`` into a database without visits or configuration; gives how many rows."""
    tables = {table.name: table for table in _tables()}
    with write.transaction() as connection:
        if any(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.values()
        ):
            raise BadBackup("the database is not empty; restore into a new one")
        rows = 0
        pending: tuple[str, list[dict[str, Any]]] = ("", [])
        for name, row in _rows(file):
            if name not in tables:
                raise BadBackup(f"{file} holds an unknown table: {name}")
            if name != pending[0] or len(pending[1]) >= ROWS_AT_ONCE:
                _insert(connection, tables, pending)
                pending = (name, [])
            pending[1].append(row)
            rows += 1
        _insert(connection, tables, pending)
        _continue_numbering(connection)
    return rows


def _insert(
    connection: Any, tables: dict[str, Table], pending: tuple[str, list[dict[str, Any]]]
) -> None:
    name, rows = pending
    if rows:
        connection.execute(insert(tables[name]), rows)


def _rows(file: Path) -> Any:
    """The rows of a whole backup; a torn or foreign file is refused before anything is kept."""
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            if json.loads(next(lines, "null")) != {"format": FORMAT}:
                raise BadBackup(f"{file} is not a backup of this program")
            for count, line in enumerate(lines):
                record = json.loads(line)
                if isinstance(record, dict):
                    if record != {"rows": count}:
                        raise BadBackup(f"{file} is not whole")
                    return
                yield record
    except (OSError, EOFError, ValueError) as error:
        raise BadBackup(f"cannot read {file}: {error}") from None
    raise BadBackup(f"{file} is not whole")


def _continue_numbering(connection: Any) -> None:
    """PostgreSQL's own counters do not see rows that come with their ids."""
    ids.go_on_after_the_log(connection)
    if connection.dialect.name != "postgresql":
        return
    for name in ("credential", "configuration", "plan"):
        key = "version" if name == "configuration" else "id"
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{name}', '{key}'), "  # noqa: S608
                f"coalesce((SELECT max({key}) FROM {name}), 0) + 1, false)"
            )
        )
