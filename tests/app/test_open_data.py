"""What anybody may download: which tables, how they are described, and when there are none."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from flask import Flask
from rdflib import Graph
from rdflib.compare import isomorphic

from queueapp import configuration, write
from queueapp.config import HUDDINGE, BadSetting
from queueapp.models import db
from queueapp.municipality import load
from queueapp.web import catalogue, tables
from tests import builders, random_log

ADDRESS = "https://kolapp.example.se"
# The log begins on a Friday in December, so that its month and its year are not whole.
DAYS = [dt.date(2023, 12, 29), dt.date(2024, 1, 10), dt.date(2024, 2, 14), dt.date(2024, 2, 15)]
FILES = [f"{name}.{kind}" for name in catalogue.TITLES for kind in catalogue.FORMATS]
CATALOGUES = {"rdf": "xml", "ttl": "turtle", "jsonld": "json-ld"}


def publishing(folder: Path, **settings: str) -> Flask:
    asked = {"QUEUEAPP_TRIAL": "0", "QUEUEAPP_OPEN_DATA": "1", "QUEUEAPP_PUBLIC_URL": ADDRESS}
    return builders.app(f"sqlite:///{folder / 'q.sqlite3'}", folder / "var", **(asked | settings))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = publishing(tmp_path_factory.mktemp("open-data"))
    with made.app_context():
        random_log.fill(made, DAYS, 120)
    yield made
    with made.app_context():
        db.engine.dispose()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def get(app: Flask, path: str) -> Any:
    answer = app.test_client().get(path)
    assert answer.status_code == 200, answer.text
    return answer


# --- whether there is anything ------------------------------------------------------------------


def test_nothing_is_published_unless_somebody_chose_to(tmp_path: Path) -> None:
    made = builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path / "var")
    client = made.test_client()
    for path in ("", "/catalog.rdf", "/visits.csv"):
        assert client.get(f"/open-data{path}").status_code == 404
    assert "/open-data" not in client.get("/").text


def test_a_setting_that_is_neither_yes_nor_no_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="QUEUEAPP_OPEN_DATA"):
        builders.settings("sqlite:///q", tmp_path, QUEUEAPP_OPEN_DATA="perhaps")


def test_every_page_leads_to_what_is_published(app: Flask) -> None:
    assert 'href="/open-data"' in get(app, "/").text


def test_before_a_month_is_over_there_is_nothing_and_that_is_said(tmp_path: Path) -> None:
    made = publishing(tmp_path)
    page = get(made, "/open-data?lang=en").text
    assert page.count("There is nothing to download yet") == len(catalogue.TITLES)
    assert made.test_client().get("/open-data/visits.csv").status_code == 404
    assert get(made, "/open-data/catalog.ttl").status_code == 200


@pytest.mark.parametrize("name", ["secrets.csv", "visits.xlsx", "visits.sqlite3", "catalog.xml"])
def test_there_is_nothing_else(app: Flask, name: str) -> None:
    assert app.test_client().get(f"/open-data/{name}").status_code == 404


@pytest.mark.parametrize(
    ("language", "told"), [("sv", "fria för alla att använda"), ("en", "free for anybody to use")]
)
def test_the_page_says_what_it_is_in_swedish_and_english(
    app: Flask, language: str, told: str
) -> None:
    page = get(app, f"/open-data?lang={language}").text
    assert told in page
    assert all(f"/open-data/{name}" in page for name in FILES)


# --- the tables ---------------------------------------------------------------------------------


def test_only_whole_months_and_years_that_are_over_are_in_the_tables(app: Flask) -> None:
    assert {row["month"] for row in rows(get(app, "/open-data/visits.csv").text)} == {
        "2024-01",
        "2024-02",
    }
    assert {row["year"] for row in rows(get(app, "/open-data/languages.csv").text)} == {"2024"}


def test_the_figures_are_those_that_the_manager_sees(app: Flask) -> None:
    found = app.test_client().get(
        "/statistics.json?from=2024-01-01&to=2024-12-31&by=office&by=month&figure=visits,errands",
        headers=builders.bearer(app, "maria"),
    )
    seen = {tuple(row["group"].values()): row["figures"] for row in found.json["rows"]}
    shown = rows(get(app, "/open-data/visits.csv").text)
    assert len(shown) == len(seen) > 0
    for row in shown:
        for name, value in seen[row["office"], row["month"]].items():
            told = tables.rounded(tables.COUNT, value)
            assert row[name] == ("" if told is None else str(told))


@pytest.mark.parametrize("name", list(catalogue.TITLES))
def test_a_table_is_the_same_in_every_format(app: Flask, name: str, tmp_path: Path) -> None:
    text = rows(get(app, f"/open-data/{name}.csv").text)
    body = get(app, f"/open-data/{name}.json").json
    file = tmp_path / "read.parquet"
    file.write_bytes(get(app, f"/open-data/{name}.parquet").data)
    with duckdb.connect() as reader:
        read = reader.execute("SELECT * FROM read_parquet(?)", [str(file)])
        names = [column[0] for column in read.description or ()]
        cells = [dict(zip(names, row, strict=True)) for row in read.fetchall()]
    assert len(text) == len(cells) == len(body["rows"]) > 0
    for line, cell, row in zip(text, cells, body["rows"], strict=True):
        for figure, value in row["figures"].items():
            told = tables.rounded(tables.kind(figure), value)
            assert cell[figure] == told
            assert line[figure] == ("" if told is None else str(told))


def test_the_names_in_the_files_do_not_depend_on_who_reads(app: Flask) -> None:
    texts = {
        app.test_client()
        .get("/open-data/languages.csv?lang=en", headers={"Accept-Language": language})
        .text
        for language in ("sv", "en", "ar")
    }
    assert len(texts) == 1
    assert "arabiska" in texts.pop()


def test_files_may_be_kept_for_an_hour_and_asked_for_sixty_times_a_minute(tmp_path: Path) -> None:
    client = publishing(tmp_path).test_client()
    mine = {"REMOTE_ADDR": "192.0.2.60"}  # what others have asked does not count
    found = [client.get("/open-data/catalog.ttl", environ_base=mine) for _ in range(61)]
    assert [answer.status_code for answer in found] == [200] * 60 + [429]
    assert found[0].headers["Cache-Control"] == "public, max-age=3600"


# --- the catalogue ------------------------------------------------------------------------------


def graph(app: Flask, kind: str = "ttl") -> Graph:
    return Graph().parse(data=get(app, f"/open-data/catalog.{kind}").data, format=CATALOGUES[kind])


PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX vcard: <http://www.w3.org/2006/vcard/ns#>
"""

# DCAT-AP-SE 3: what each class must have, as docs.dataportal.se/dcat/3.0.1 lists it.
MANDATORY = {
    "dcat:Catalog": (
        "dcterms:title",
        "dcterms:description",
        "dcterms:publisher",
        "dcterms:license",
        "dcat:dataset",
    ),
    "dcat:Dataset": ("dcterms:title", "dcterms:description", "dcterms:publisher"),
    "dcat:Distribution": ("dcat:accessURL",),
    "foaf:Agent": ("foaf:name",),
    "vcard:Organization": ("vcard:fn", "vcard:hasEmail"),
}
RECOMMENDED = {
    "dcat:Dataset": (
        "dcat:theme",
        "dcat:keyword",
        "dcat:contactPoint",
        "dcterms:spatial",
        "dcterms:temporal",
        "dcterms:accrualPeriodicity",
        "dcterms:accessRights",
        "dcat:distribution",
    ),
    "dcat:Distribution": ("dcat:downloadURL", "dcterms:format", "dcterms:license"),
}


def with_contact(app: Flask, contact: str = "data@example.se") -> None:
    changed = load(HUDDINGE).model_copy(update={"accessibility_contact": contact})
    with app.app_context(), write.transaction() as connection:
        configuration.install(connection, changed, builders.NOON)


@pytest.fixture(scope="module")
def described(app: Flask) -> Graph:
    with_contact(app)
    return graph(app)


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        (kind, name)
        for table in (MANDATORY, RECOMMENDED)
        for kind, names in table.items()
        for name in names
    ],
)
def test_the_catalogue_has_what_the_profile_asks_for(
    described: Graph, kind: str, needed: str
) -> None:
    there = f"{PREFIXES} SELECT ?x WHERE {{ ?x a {kind} }}"
    without = f"{PREFIXES} SELECT ?x WHERE {{ ?x a {kind} FILTER NOT EXISTS {{ ?x {needed} ?y }} }}"
    assert len(described.query(there)) > 0
    assert [row.x for row in described.query(without)] == []


def test_titles_and_descriptions_are_in_swedish_and_english(described: Graph) -> None:
    for says in ("title", "description"):
        for lang in ("sv", "en"):
            query = f"""{PREFIXES} SELECT ?x WHERE {{
                VALUES ?kind {{ dcat:Catalog dcat:Dataset }} ?x a ?kind
                FILTER NOT EXISTS {{ ?x dcterms:{says} ?y FILTER(lang(?y) = "{lang}") }} }}"""
            assert [row.x for row in described.query(query)] == []


def test_the_licence_is_cc0_and_the_publisher_is_the_municipality(described: Graph) -> None:
    query = f"""{PREFIXES} SELECT DISTINCT ?license ?name WHERE {{
        ?catalogue a dcat:Catalog ; dcterms:license ?license ; dcterms:publisher/foaf:name ?name
        FILTER(lang(?name) = "sv") }}"""
    assert [tuple(map(str, row)) for row in described.query(query)] == [
        ("http://creativecommons.org/publicdomain/zero/1.0/", "Huddinge kommun")
    ]


def test_every_file_of_the_catalogue_is_there_and_of_the_type_it_says(
    app: Flask, described: Graph
) -> None:
    query = f"""{PREFIXES} SELECT ?url ?format WHERE {{
        ?x a dcat:Distribution ; dcat:downloadURL ?url ; dcterms:format ?format }}"""
    found = {str(row.url): str(row["format"]) for row in described.query(query)}
    assert set(found) == {f"{ADDRESS}/open-data/{name}" for name in FILES}
    for url, media in found.items():
        assert get(app, urlsplit(url).path).content_type.startswith(media)


def test_the_time_that_a_dataset_covers_is_whole_months_or_years(described: Graph) -> None:
    query = f"""{PREFIXES} SELECT ?first ?last WHERE {{
        ?x dcterms:temporal ?t . ?t dcat:startDate ?first ; dcat:endDate ?last }}"""
    spans = [(row.first.value, row.last.value) for row in described.query(query)]
    assert len(spans) == len(catalogue.TITLES)
    for first, last in spans:
        assert first == dt.date(2024, 1, 1)
        assert (last + dt.timedelta(days=1)).day == 1


def test_the_three_ways_of_writing_it_say_the_same(app: Flask) -> None:
    turtle = graph(app)
    assert len(turtle) > 100
    for kind in ("rdf", "jsonld"):
        assert isomorphic(turtle, graph(app, kind))


def test_without_a_contact_there_is_no_contact_point_and_a_form_is_an_address(
    tmp_path: Path,
) -> None:
    made = publishing(tmp_path)
    assert "contactPoint" not in get(made, "/open-data/catalog.ttl").text
    with_contact(made, "https://example.se/tyck-till")
    text = get(made, "/open-data/catalog.ttl").text
    assert "vcard:hasURL <https://example.se/tyck-till>" in text


def test_a_trial_marks_its_tables_and_its_catalogue_as_invented(tmp_path: Path) -> None:
    made = publishing(tmp_path, QUEUEAPP_TRIAL="1")
    with made.app_context():
        random_log.fill(made, DAYS, 60)
        db.engine.dispose()
    assert {row["invented"] for row in rows(get(made, "/open-data/visits.csv").text)} == {"true"}
    described = [str(text) for text in graph(made).objects() if "from a trial" in str(text)]
    assert len(described) == 1 + len(catalogue.TITLES)


def test_open_data_are_answered_on_both_databases(database_url: str, tmp_path: Path) -> None:
    made = builders.app(database_url, tmp_path / "var", QUEUEAPP_OPEN_DATA="1")
    with made.app_context():
        random_log.fill(made, DAYS, 60)
    assert len(rows(get(made, "/open-data/waits.csv").text)) > 0
    with made.app_context():
        db.engine.dispose()
