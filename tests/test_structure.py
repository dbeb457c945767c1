"""The rules of the building, kept by tests."""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from queueapp.core.discipline import choose_next
from queueapp.core.simulation import Policy, live_wish
from queueapp.models import db
from tests import builders

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "queueapp"
SOURCES = [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]


def calls(name: str) -> set[str]:
    """The files of the package that call a method or function of that name."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", None)) == name
    }


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def says(text: str) -> set[str]:
    """The files of the package in which the text stands by itself."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value == text
    }


def test_one_place_commits() -> None:
    assert calls("commit") == {"write.py"}
    assert says("COMMIT") == {"write.py"}


def test_one_place_emits() -> None:
    assert calls("emit") == {"push.py"}


def test_only_the_discipline_orders_people() -> None:
    assert calls("choose_next") == {"operations.py", "core/discipline.py"}
    # The simulation calls it by the name of a policy's choice, which is the live one unless said.
    assert Policy("live", live_wish).choose is choose_next
    assert calls("choose") - {"web/site.py"} == {"core/simulation.py"}  # that one, a language


def test_only_simulations_know_other_rules_than_the_live_one() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        if "queueapp.core.policies" in imports(path)
    }
    assert users == {"simulate/policies.py"}


@pytest.mark.parametrize("path", list((PACKAGE / "core").glob("*.py")), ids=lambda path: path.name)
def test_the_core_imports_only_the_standard_library_and_itself(path: Path) -> None:
    outside = {
        name
        for name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("queueapp.core")
    }
    assert not outside


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Flask]:
    made = builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path)
    with made.app_context():
        yield made
        db.engine.dispose()


def test_every_route_declares_its_access(made: Flask) -> None:
    known = {"public", "device", "staff", "manager", "admin"}
    for rule in made.url_map.iter_rules():
        if rule.endpoint != "static":
            allowed = getattr(made.view_functions[rule.endpoint], "access", ())
            assert allowed, f"{rule.endpoint} declares no access"
            assert set(allowed) <= known


def test_no_state_changes_on_get(made: Flask) -> None:
    for rule in made.url_map.iter_rules():
        if (rule.methods or set()) & {"POST", "PUT", "DELETE"}:
            assert "GET" not in (rule.methods or set()), rule


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, db.metadata)


def test_the_migrations_make_the_tables_of_the_models_on_sqlite(made: Flask) -> None:
    assert differences() == []


def test_the_migrations_make_the_tables_of_the_models_on_postgresql(
    postgres_url: str, tmp_path: Path
) -> None:
    with builders.app(postgres_url, tmp_path).app_context():
        assert differences() == []
        db.engine.dispose()


@pytest.mark.parametrize(
    "path", list((PACKAGE / "templates").rglob("*.html")), ids=lambda path: path.name
)
def test_no_template_has_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text)


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
