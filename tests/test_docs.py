"""What the documents point at exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

REFERENCE = re.compile(r"`([\w./-]+\.(?:py|tsx?)):([\w.]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
ELSEWHERE = ("http://", "https://", "mailto:", "#")
SETTING = re.compile(r"QUEUEAPP_[A-Z_]*[A-Z]")


def found(pattern: re.Pattern[str]) -> list[tuple[str, ...]]:
    """Each document's matches: the document's path in the repository, then the groups."""
    return [
        (path.relative_to(ROOT).as_posix(), *match.groups())
        for path in DOCUMENTS
        for match in pattern.finditer(path.read_text())
    ]


def names_in_python(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from names_in_python(node.body, f"{prefix}{node.name}.")


def defines(path: Path, name: str) -> bool:
    if path.suffix == ".py":
        return name in names_in_python(ast.parse(path.read_text()).body)
    owner, _, method = name.rpartition(".")
    text = path.read_text()
    if owner:
        is_class = re.search(rf"^(export )?class {owner}\b", text, re.MULTILINE)
        return bool(is_class and re.search(rf"^  (async )?{method}\(", text, re.MULTILINE))
    return bool(
        re.search(rf"^(export )?(async )?(function|class|const) {method}\b", text, re.MULTILINE)
    )


def test_the_walk_names_many_steps() -> None:
    walk = [file for document, file, _ in found(REFERENCE) if document == "docs/walk.md"]
    assert len(walk) > 20
    for part in ("kiosk/", "display/", "queueapp/web/", "queueapp/core/"):
        assert any(file.startswith(part) for file in walk)


@pytest.mark.parametrize(("document", "file", "name"), sorted(set(found(REFERENCE))))
def test_every_named_function_exists(document: str, file: str, name: str) -> None:
    path = ROOT / file
    assert path.is_file(), f"{document} names {file}, which is not there"
    assert defines(path, name), f"{document} names {name}, which {file} does not define"


@pytest.mark.parametrize(("document", "link"), sorted(set(found(LINK))))
def test_every_relative_link_leads_somewhere(document: str, link: str) -> None:
    if not link.startswith(ELSEWHERE):
        assert ((ROOT / document).parent / link.partition("#")[0]).exists()


def test_every_setting_is_documented_and_every_documented_one_is_used() -> None:
    documented = set(SETTING.findall((ROOT / "docs" / "operations.md").read_text()))
    sources = [path.read_text() for path in (ROOT / "queueapp").rglob("*.py")]
    compose = (ROOT / "docker-compose.yml").read_text()
    used = set(SETTING.findall("\n".join(sources)))
    assert used - documented == set()
    assert documented - used - set(SETTING.findall(compose)) == set()
