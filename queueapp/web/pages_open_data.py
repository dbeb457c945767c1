"""Open data: what anybody may download, where the municipality has chosen to publish it."""

import time
from typing import Any

from flask import Response, current_app, jsonify, render_template
from flask_babel import force_locale

from queueapp import screens
from queueapp.core.ticket import NotFound
from queueapp.statistics import answer as answers
from queueapp.statistics import open_data
from queueapp.statistics.answer import Answer
from queueapp.statistics.open_data import DATASETS
from queueapp.web import catalogue, exports, tables, words
from queueapp.web.access import access
from queueapp.web.catalogue import Published
from queueapp.web.limits import public_limit
from queueapp.web.site import in_staff_language, pages

RATE = "60/minute"
KEPT = "public, max-age=3600"

# How a catalogue is written, by the end of its address: rdflib's name and the media type.
WRITTEN = {
    "rdf": ("pretty-xml", "application/rdf+xml"),
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
    "jsonld": ("json-ld", "application/ld+json"),
}


@pages.get("/open-data")
@access("public")
@public_limit(RATE)
@in_staff_language
def open_data_page() -> Any:
    """What there is to download, and under which terms."""
    _published_here()
    with screens.reading(time.time()) as now:
        there = _published(now)
        return render_template(
            "open_data.html",
            datasets=DATASETS,
            titles=catalogue.TITLES,
            descriptions=catalogue.DESCRIPTIONS,
            protected=catalogue.PROTECTED,
            spans=there.spans,
            formats=catalogue.FORMATS,
            figures=words.FIGURES,
            meanings={
                name: words.meaning(name) for one in DATASETS.values() for name in one.figures
            },
            license=str(catalogue.CC0),
            **now.banners,
        )


@pages.get("/open-data/catalog.rdf", defaults={"kind": "rdf"})
@pages.get("/open-data/catalog.ttl", defaults={"kind": "ttl"})
@pages.get("/open-data/catalog.jsonld", defaults={"kind": "jsonld"})
@access("public")
@public_limit(RATE)
def open_data_catalogue(kind: str) -> Response:
    """The catalogue by DCAT-AP-SE, for portals that collect them."""
    _published_here()
    written, media = WRITTEN[kind]
    with screens.reading(time.time()) as now:
        text = catalogue.catalogue(_published(now)).serialize(format=written, auto_compact=True)
    return _kept(Response(text, content_type=media))


@pages.get("/open-data/<dataset>.<kind>")
@access("public")
@public_limit(RATE)
def open_data_file(dataset: str, kind: str) -> Response:
    """A dataset as a file."""
    _published_here()
    if dataset not in DATASETS or kind not in catalogue.FORMATS:
        raise NotFound(kind="file", code=f"{dataset}.{kind}")
    with screens.reading(time.time()) as now:
        found = open_data.answer(now, DATASETS[dataset])
        if found is None:
            raise NotFound(kind="file", code=f"{dataset}.{kind}")
        body = _written(now, found, kind)
    return _kept(Response(body, content_type=exports.MEDIA[kind]))


def _written(now: screens.Moment, found: Answer, kind: str) -> str | bytes:
    if kind == "json":
        return jsonify({**answers.document(found), **now.banners}).get_data()
    # In Swedish for everybody: whoever follows the data must find the same names each time.
    with force_locale("sv"):
        names = words.Names(now.municipality, "sv")
        table = tables.of(found, names, any(now.banners.values()))
    if kind == "csv":
        return exports.as_csv(table)
    return exports.as_parquet(table, {"license": str(catalogue.CC0)})


def _published_here() -> None:
    """Nothing is there where the municipality has not chosen to publish."""
    if not current_app.config["SETTINGS"].open_data:
        raise NotFound(kind="page", code="open-data")


def _published(now: screens.Moment) -> Published:
    asked = {code: open_data.question(now, dataset) for code, dataset in DATASETS.items()}
    return Published(
        municipality=now.municipality,
        address=current_app.config["SETTINGS"].address,
        invented=any(now.banners.values()),
        spans={code: (one.first, one.last) for code, one in asked.items() if one},
    )


def _kept(response: Response) -> Response:
    """Whole months do not change by the minute."""
    response.headers["Cache-Control"] = KEPT
    return response
