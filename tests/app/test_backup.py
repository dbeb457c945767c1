"""Everything in one file, and back, on either database."""

import gzip
from pathlib import Path

import pytest
from flask import Flask

from queueapp import backup, create_app, ids, migrate, operations, screens, write
from queueapp.backup import BadBackup
from queueapp.core import events
from queueapp.models import db
from tests import builders
from tests.builders import NOON, order


def empty(url: str, var: Path) -> Flask:
    made = create_app(builders.settings(url, var))
    with made.app_context():
        migrate.to_head()
    return made


def test_a_backup_is_restored_and_goes_on_where_it_was(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    operations.issue(order(), NOON)
    asked = order()
    operations.issue(asked, NOON)
    backup.write_file(tmp_path / "copy.gz")
    other = empty(f"sqlite:///{tmp_path / 'other.sqlite3'}", tmp_path)
    with other.app_context():
        backup.read_file(tmp_path / "copy.gz")
        assert not operations.issue(asked, NOON).created
        assert operations.issue(order(), NOON).ticket.number == "M3"
        with screens.reading(NOON) as now:
            assert now.seq == 3
        db.engine.dispose()


def test_a_backup_moves_from_sqlite_to_postgresql(postgres_url: str, tmp_path: Path) -> None:
    small = builders.app(f"sqlite:///{tmp_path / 'small.sqlite3'}", tmp_path)
    with small.app_context():
        operations.issue(order(), NOON)
        with write.line(NOON) as held:
            past = ids.take(held.connection, 5) + 5
            held.record(events.TicketNoShow(at=NOON, office="varby", ticket=past))
        backup.write_file(tmp_path / "copy.gz")
        db.engine.dispose()
    with empty(postgres_url, tmp_path).app_context():
        backup.read_file(tmp_path / "copy.gz")
        ticket = operations.issue(order(), NOON).ticket
        assert ticket.number == "M2"
        assert ticket.id > past
        db.engine.dispose()


def test_after_a_restore_no_ticket_gets_the_id_of_a_visit_in_the_log(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    with write.line(NOON) as held:
        past = ids.take(held.connection, 5) + 5
        held.record(events.TicketNoShow(at=NOON, office="varby", ticket=past))
    backup.write_file(tmp_path / "copy.gz")
    with empty(f"sqlite:///{tmp_path / 'other.sqlite3'}", tmp_path).app_context():
        backup.read_file(tmp_path / "copy.gz")
        assert operations.issue(order(), NOON).ticket.id > past
        db.engine.dispose()


def test_a_torn_backup_is_refused_and_nothing_is_kept(app: Flask, tmp_path: Path) -> None:
    operations.issue(order(), NOON)
    backup.write_file(tmp_path / "copy.gz")
    lines = gzip.decompress((tmp_path / "copy.gz").read_bytes()).splitlines(keepends=True)
    (tmp_path / "torn.gz").write_bytes(gzip.compress(b"".join(lines[:-1])))
    with empty(f"sqlite:///{tmp_path / 'other.sqlite3'}", tmp_path).app_context():
        with pytest.raises(BadBackup, match="not whole"):
            backup.read_file(tmp_path / "torn.gz")
        backup.read_file(tmp_path / "copy.gz")
        db.engine.dispose()


def test_a_database_with_visits_is_not_overwritten(app: Flask, tmp_path: Path) -> None:
    backup.write_file(tmp_path / "copy.gz")
    with pytest.raises(BadBackup, match="not empty"):
        backup.read_file(tmp_path / "copy.gz")
