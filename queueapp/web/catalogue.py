"""What the open data are, for programs: a catalogue by DCAT-AP-SE 3.

The profile's properties and vocabularies: https://docs.dataportal.se/dcat/3.0.1/en/
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from rdflib import DCAT, DCTERMS, FOAF, RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from queueapp.municipality import Municipality
from queueapp.statistics.open_data import DATASETS, Dataset
from queueapp.web.exports import MEDIA

EU = "http://publications.europa.eu/resource/authority/"
CC0 = URIRef("http://creativecommons.org/publicdomain/zero/1.0/")
PUBLISHER_TYPE = URIRef("http://purl.org/adms/publishertype/LocalAuthority")
GOVERNMENT = URIRef(f"{EU}data-theme/GOVE")
PUBLIC = URIRef(f"{EU}access-right/PUBLIC")
SWEDISH = URIRef(f"{EU}language/SWE")
FREQUENCY = {"month": URIRef(f"{EU}frequency/MONTHLY"), "year": URIRef(f"{EU}frequency/ANNUAL")}
RESOLUTION = {"month": "P1M", "year": "P1Y"}
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
IANA = Namespace("https://www.iana.org/assignments/media-types/")
PREFIXES = {"dcat": DCAT, "dcterms": DCTERMS, "foaf": FOAF, "vcard": VCARD}
LANGUAGES = ("sv", "en")
FORMATS = ("csv", "json", "parquet")

TITLES = {
    "visits": _("Visits and errands per office and month"),
    "waits": _("Waiting times per office and month"),
    "languages": _("Language match per language and year"),
}
DESCRIPTIONS = {
    "visits": _(
        "How many visits and errands the offices had each month. A visit is a ticket taken; "
        "a visit can have several errands, or none recorded."
    ),
    "waits": _(
        "How long visitors waited from ticket to first call at each office each month, how many "
        "were called within ten minutes and how many left."
    ),
    "languages": _(
        "How visits were served each year, per language asked for first: in that language, in "
        "another, with an interpreter, and how often nobody on duty had the competence."
    ),
}
PROTECTED = _(
    "Figures of so few visits that somebody could be singled out are left out; the note beside "
    "them says so."
)
INVENTED = _("These are invented figures, from a trial.")
CATALOGUE_TITLE = _("Open data about the service centre's visits")
CATALOGUE_ABOUT = _(
    "Figures of visits, waits and languages at the municipality's offices, from the queue system "
    "Kölapp. Nothing in them is about a single person."
)
KEYWORDS = (_("service centre"), _("queue"), _("waiting time"), _("equal service"))

Span = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Published:
    """What there is: ``spans`` of first and last day per dataset; one that is empty has none."""

    municipality: Municipality
    address: str
    invented: bool
    spans: Mapping[str, Span]

    def uri(self, part: str) -> URIRef:
        """The name of a thing in the catalogue."""
        return URIRef(f"{self.address}/open-data#{part}")


def catalogue(published: Published) -> Graph:
    """The catalogue with its datasets and their files."""
    graph = Graph(bind_namespaces="core")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    _publisher(graph, published)
    own = published.uri("catalog")
    _add(graph, own, DCAT.Catalog, {
        DCTERMS.publisher: [published.uri("publisher")],
        DCTERMS.license: [CC0],
        DCTERMS.language: [SWEDISH],
        DCTERMS.spatial: [published.uri("place")],
        DCAT.themeTaxonomy: [URIRef(f"{EU}data-theme")],
        FOAF.homepage: [URIRef(f"{published.address}/open-data")],
    })  # fmt: skip
    _say(graph, own, DCTERMS.title, CATALOGUE_TITLE)
    _say(graph, own, DCTERMS.description, CATALOGUE_ABOUT, *_told(published))
    for dataset in DATASETS.values():
        graph.add((own, DCAT.dataset, published.uri(dataset.code)))
        _dataset(graph, published, dataset)
    return graph


def _told(published: Published) -> list[object]:
    return [INVENTED] if published.invented else []


def _publisher(graph: Graph, published: Published) -> None:
    name = published.municipality.name
    for part, kind, says in (
        ("publisher", FOAF.Agent, FOAF.name),
        ("place", DCTERMS.Location, RDFS.label),
        ("contact", VCARD.Organization, VCARD.fn),
    ):
        if part == "contact" and not published.municipality.accessibility_contact:
            continue
        own = published.uri(part)
        graph.add((own, RDF.type, kind))
        for lang in LANGUAGES:
            graph.add((own, says, Literal(name.get(lang)[0], lang=name.get(lang)[1])))
    graph.add((published.uri("publisher"), DCTERMS.type, PUBLISHER_TYPE))
    if contact := published.municipality.accessibility_contact:
        by_mail = not contact.startswith("https://")
        way = VCARD.hasEmail if by_mail else VCARD.hasURL
        address = URIRef(f"mailto:{contact}" if by_mail else contact)
        graph.add((published.uri("contact"), way, address))


def _dataset(graph: Graph, published: Published, dataset: Dataset) -> None:
    own = published.uri(dataset.code)
    _add(graph, own, DCAT.Dataset, {
        DCTERMS.publisher: [published.uri("publisher")],
        DCTERMS.accessRights: [PUBLIC],
        DCTERMS.language: [SWEDISH],
        DCTERMS.spatial: [published.uri("place")],
        DCTERMS.accrualPeriodicity: [FREQUENCY[dataset.period]],
        DCAT.temporalResolution: [Literal(RESOLUTION[dataset.period], datatype=XSD.duration)],
        DCAT.theme: [GOVERNMENT],
        DCAT.landingPage: [URIRef(f"{published.address}/open-data")],
    })  # fmt: skip
    _say(graph, own, DCTERMS.title, TITLES[dataset.code])
    about = DESCRIPTIONS[dataset.code], PROTECTED, *_told(published)
    _say(graph, own, DCTERMS.description, *about)
    for keyword in KEYWORDS:
        _say(graph, own, DCAT.keyword, keyword)
    if published.municipality.accessibility_contact:
        graph.add((own, DCAT.contactPoint, published.uri("contact")))
    if dataset.code in published.spans:
        _temporal(graph, published, dataset)
    for kind in FORMATS:
        _distribution(graph, published, dataset, kind)


def _temporal(graph: Graph, published: Published, dataset: Dataset) -> None:
    first, last = published.spans[dataset.code]
    own, period = published.uri(dataset.code), published.uri(f"{dataset.code}-period")
    _add(graph, period, DCTERMS.PeriodOfTime, {
        DCAT.startDate: [Literal(first)],
        DCAT.endDate: [Literal(last)],
    })  # fmt: skip
    graph.add((own, DCTERMS.temporal, period))
    graph.add((own, DCTERMS.modified, Literal(last + dt.timedelta(days=1))))


def _distribution(graph: Graph, published: Published, dataset: Dataset, kind: str) -> None:
    own = published.uri(f"{dataset.code}-{kind}")
    file = URIRef(f"{published.address}/open-data/{dataset.code}.{kind}")
    graph.add((published.uri(dataset.code), DCAT.distribution, own))
    _add(graph, own, DCAT.Distribution, {
        DCAT.accessURL: [file],
        DCAT.downloadURL: [file],
        DCTERMS["format"]: [Literal(MEDIA[kind])],
        DCAT.mediaType: [IANA[MEDIA[kind]]],
        DCTERMS.license: [CC0],
    })  # fmt: skip
    _say(graph, own, DCTERMS.title, kind.upper())


def _add(graph: Graph, own: Node, kind: Node, told: Mapping[Node, list[Node]]) -> None:
    graph.add((own, RDF.type, kind))
    for says, values in told.items():
        for value in values:
            graph.add((own, says, value))


def _say(graph: Graph, own: Node, says: Node, *texts: object) -> None:
    """Say it in Swedish and in English."""
    for lang in LANGUAGES:
        with force_locale(lang):
            graph.add((own, says, Literal(" ".join(map(str, texts)), lang=lang)))
