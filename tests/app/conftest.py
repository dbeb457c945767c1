"""The application on each of the two databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from queueapp.models import db
from tests import builders


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'queueapp.sqlite3'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    made = builders.app(database_url, tmp_path / "var")
    with made.app_context():
        yield made
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
