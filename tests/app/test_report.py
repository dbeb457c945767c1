"""The equality report: gaps, their uncertainty and trend; what it says in words; costs."""

import datetime as dt
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from queueapp import screens
from queueapp.core.measures import FIGURES
from queueapp.core.ticket import BadInput
from queueapp.models import db
from queueapp.statistics import answer as answers
from queueapp.statistics import cube, periods, rates, report
from queueapp.statistics.periods import Period
from queueapp.statistics.question import Question
from queueapp.web import amounts, printing, report_view, typeset
from tests import builders
from tests.app.test_pages import post, signed_in
from tests.conftest import do_without
from tests.report_data import Visits, write_day
from tests.servers import MissingServerError

NOW = dt.datetime(2026, 10, 30, 20, 0, tzinfo=dt.UTC).timestamp()
TODAY = dt.date(2026, 10, 30)
SPREAD = (1, 3, 5, 7, 9)
SLOW = (11, 13, 15, 17, 19)


@pytest.fixture
def app(tmp_path: Any) -> Flask:
    return builders.app(f"sqlite:///{tmp_path / 'q.sqlite3'}", tmp_path / "var")


@pytest.fixture(autouse=True)
def _the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)


def made(app: Flask, period: Period | None = None) -> report.Report:
    with app.app_context(), screens.reading(NOW) as now:
        began = periods.begin(now)
        period = period or periods.usual(TODAY, began)
        return report.report(now, period, periods.earlier(period, began))


def fill(app: Flask, date: dt.date, *visits: Visits) -> None:
    with app.app_context():
        write_day(date, *visits)


def year(number: int) -> Period:
    return periods.of_code(str(number), TODAY)


def page(app: Flask, address: str = "/statistics/report?lang=en&period=2025") -> str:
    answer = signed_in(app, "maria").get(address)
    assert answer.status_code == 200
    return text(answer.text)


def text(html: str) -> str:
    """What one reads, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\xa0", " ").split())


# --- figures and gaps ---------------------------------------------------------------------------


def test_every_figure_of_the_report_is_the_one_that_the_statistics_give(app: Flask) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40), Visits(40, office="skogas", waits=SPREAD))
    found = made(app, year(2025))
    with app.app_context(), screens.reading(NOW) as now:
        for side in report.SIDES:
            asked = Question(dt.date(2025, 1, 1), dt.date(2025, 12, 31), (side,), tuple(FIGURES))
            for row in answers.answer(now, asked).rows:
                for name, shown in row.figures.items():
                    assert found.sides[side][name].groups[row.values[side]] == shown


def test_the_gap_is_between_the_longest_and_the_shortest_wait(app: Flask) -> None:
    fill(
        app,
        dt.date(2025, 3, 3),
        Visits(40, waits=SLOW),
        Visits(40, office="skogas", waits=SPREAD),
        Visits(40, office="sjodalsvagen", waits=(6, 8)),
    )
    gap = made(app, year(2025)).sides["office"]["wait_mean_s"].gap
    assert gap
    assert (gap.worst, gap.best, gap.value, gap.ratio) == ("varby", "skogas", 600, 3)
    assert gap.certain


def test_where_more_is_better_the_worst_has_the_least(app: Flask) -> None:
    fill(
        app,
        dt.date(2025, 3, 3),
        Visits(30, language="fi", served_in="sv"),
        Visits(10, language="fi"),
        Visits(30, language="ar"),
        Visits(10, language="ar", served_in="sv"),
    )
    gap = made(app, year(2025)).sides["language"]["first_language_share"].gap
    assert gap
    assert (gap.worst, gap.best, gap.value) == ("fi", "ar", 0.5)


def test_a_small_difference_is_said_to_be_perhaps_chance(app: Flask) -> None:
    fill(
        app,
        dt.date(2025, 3, 3),
        Visits(40, waits=(1, 9, 2)),
        Visits(40, office="skogas", waits=(1, 9)),
    )
    gap = made(app, year(2025)).sides["office"]["wait_mean_s"].gap
    assert gap
    assert not gap.certain
    assert "may be chance" in page(app)


def test_a_gap_among_more_groups_is_less_certain() -> None:
    two = {
        code: answers.Shown(value, (value - 60, value + 60))
        for code, value in {"a": 300.0, "b": 390.0}.items()
    }
    ten = two | {f"c{n}": answers.Shown(350.0, (290.0, 410.0)) for n in range(8)}
    few, many = report.gap("wait_mean_s", two), report.gap("wait_mean_s", ten)
    assert few
    assert many
    assert few.certain
    assert few.value == many.value
    assert not many.certain


def test_a_group_with_few_visits_is_shown_but_never_the_worst(app: Flask) -> None:
    fill(
        app,
        dt.date(2025, 3, 3),
        Visits(40, waits=SPREAD),
        Visits(40, office="skogas", waits=SPREAD),
        Visits(29, office="sjodalsvagen", waits=SLOW),
    )
    found = made(app, year(2025)).sides["office"]["wait_mean_s"]
    assert found.gap
    assert "sjodalsvagen" not in {found.gap.worst, found.gap.best}
    assert found.groups["sjodalsvagen"].value is not None


def test_where_the_ends_are_too_uncertain_the_largest_certain_difference_is_told() -> None:
    groups = {
        "few": answers.Shown(100.0, (-500.0, 700.0)),
        "quick": answers.Shown(200.0, (190.0, 210.0)),
        "slow": answers.Shown(400.0, (390.0, 410.0)),
        "fewer": answers.Shown(500.0, (-900.0, 1900.0)),
    }
    gap = report.gap("wait_mean_s", groups)
    assert gap
    assert (gap.worst, gap.best, gap.certain) == ("slow", "quick", True)


def test_the_groups_that_are_not_compared_are_named(app: Flask) -> None:
    fill(
        app,
        dt.date(2025, 3, 3),
        Visits(40, language="ar", waits=SLOW),
        Visits(40, language="sv", waits=SPREAD),
        Visits(20, language="fi"),
    )
    compared = made(app, year(2025)).sides["language"]["wait_mean_s"]
    assert compared.left_out == ["fi"]
    assert "Left out, as too few are concerned: " in page(app)


def test_visitors_from_elsewhere_are_no_district_to_compare(app: Flask) -> None:
    fill(
        app,
        dt.date(2025, 3, 3),
        Visits(40, waits=SPREAD),
        Visits(40, waits=SPREAD, district="skogas"),
        Visits(40, waits=SLOW, district="other"),
    )
    gap = made(app, year(2025)).sides["district"]["wait_mean_s"].gap
    assert gap
    assert {gap.worst, gap.best} == {"varby", "skogas"}


def test_of_visits_nobody_is_best(app: Flask) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40), Visits(60, office="skogas"))
    found = made(app, year(2025)).sides["office"]["visits"]
    assert (found.gap, found.why) == (None, report.Why.NEUTRAL)


# --- the trend ----------------------------------------------------------------------------------


def gap_day(app: Flask, date: dt.date, slow: tuple[float, ...]) -> None:
    fill(app, date, Visits(60, waits=slow), Visits(60, office="skogas", waits=SPREAD))


def test_a_gap_that_has_shrunk_is_said_to_have(app: Flask) -> None:
    gap_day(app, dt.date(2024, 1, 8), tuple(minutes + 10 for minutes in SLOW))
    gap_day(app, dt.date(2025, 3, 3), SLOW)
    trend = made(app, year(2025)).sides["office"]["wait_mean_s"].trend
    assert trend
    assert [gap.value for _, gap in trend.points] == [1200, 600]
    assert (trend.change, trend.certain) == (-600, True)
    assert "The difference has become smaller since 2024 (20.0 minutes then)." in page(app)


def test_a_change_that_may_be_chance_is_not_called_one(app: Flask) -> None:
    gap_day(app, dt.date(2024, 1, 8), (11, 13, 15, 17, 20))
    gap_day(app, dt.date(2025, 3, 3), SLOW)
    trend = made(app, year(2025)).sides["office"]["wait_mean_s"].trend
    assert trend
    assert not trend.certain


def test_the_trend_compares_only_groups_that_were_there_every_time(app: Flask) -> None:
    gap_day(app, dt.date(2024, 1, 8), SLOW)
    fill(app, dt.date(2024, 1, 9), Visits(20, office="sjodalsvagen", waits=(40, 42)))
    gap_day(app, dt.date(2025, 3, 3), SLOW)
    fill(app, dt.date(2025, 3, 4), Visits(60, office="sjodalsvagen", waits=(40, 42)))
    found = made(app, year(2025)).sides["office"]["wait_mean_s"]
    assert found.gap
    assert found.trend
    assert found.gap.worst == "sjodalsvagen"
    assert {gap.worst for _, gap in found.trend.points} == {"varby"}
    assert "these could not be compared before" in page(app)


# --- the period ---------------------------------------------------------------------------------


def test_the_usual_period_is_the_last_year_that_is_over() -> None:
    assert periods.usual(TODAY, dt.date(2024, 5, 1)).code == "2025"


def test_in_its_first_year_it_is_the_last_twelve_whole_months() -> None:
    found = periods.usual(TODAY, dt.date(2025, 6, 1))
    assert (found.first, found.last) == (dt.date(2025, 10, 1), dt.date(2026, 9, 30))


def test_in_the_first_days_it_is_what_there_is(app: Flask) -> None:
    fill(app, dt.date(2026, 10, 29), Visits(40), Visits(40, office="skogas"))
    found = made(app)
    assert (found.period.first, found.period.last) == (dt.date(2026, 10, 1), TODAY)
    assert found.total["visits"].value == 80
    assert "the offices had 80 visits" in page(app, "/statistics/report?lang=en")


def test_before_the_first_visit_the_page_says_that_there_is_nothing(app: Flask) -> None:
    assert "There are no visits in this period" in page(app, "/statistics/report?lang=en")


def test_a_year_that_is_not_over_is_compared_with_the_same_part_of_earlier_years() -> None:
    running = year(2026)
    [before] = periods.earlier(running, dt.date(2024, 6, 1))
    assert (running.last, running.whole) == (TODAY, False)
    assert (before.first, before.last) == (dt.date(2025, 1, 1), dt.date(2025, 10, 30))


def test_a_quarter_is_followed_over_the_quarters_before() -> None:
    found = periods.earlier(periods.of_code("2026-Q1", TODAY), dt.date(2020, 1, 1))
    assert len(found) == periods.MOST_EARLIER
    assert (found[-1].first, found[-1].last) == (dt.date(2025, 10, 1), dt.date(2025, 12, 31))


@pytest.mark.parametrize("code", ["2025-H3", "2025-X1", "next", "1825"])
def test_a_period_that_does_not_exist_is_refused_by_name(code: str) -> None:
    with pytest.raises(BadInput) as refused:
        periods.of_code(code, TODAY)
    assert (refused.value.field, refused.value.reason) == ("period", "unknown")


def test_a_period_to_come_is_refused(app: Flask) -> None:
    answer = signed_in(app, "maria").get("/statistics/report?period=2027&lang=sv")
    assert answer.status_code == 422
    assert "Den perioden har inte börjat än." in answer.text


def test_dates_the_wrong_way_round_are_said_to_be(app: Flask) -> None:
    answer = signed_in(app, "maria").get(
        "/statistics/report.pdf?from=2026-02-01&to=2026-01-01", headers={"Accept": "text/html"}
    )
    assert answer.status_code == 422


# --- what it says -------------------------------------------------------------------------------


def test_the_conclusion_names_who_waits_longer_how_much_and_how_surely(app: Flask) -> None:
    gap_day(app, dt.date(2025, 3, 3), SLOW)
    shown = page(app, "/statistics/report?lang=sv&period=2025")
    assert re.search(
        r"Besökare på Servicecenter Vårby väntade i medel 10,0 minuter längre än besökare på "
        r"Servicecenter Skogås \(säkert mellan \d,\d och 1\d,\d\)\.",
        shown,
    )


def test_too_few_recorded_errands_hide_the_conclusions_and_say_so(app: Flask) -> None:
    fill(
        app,
        dt.date(2025, 3, 3),
        Visits(40, language="fi", coded=False),
        Visits(40, language="ar"),
    )
    found = made(app, year(2025)).sides["language"]["first_language_share"]
    assert (found.gap, found.why) == (None, report.Why.UNCODED)
    assert "errands were recorded for 50.0% of the visits served, and 80.0% are needed" in page(app)


def test_a_year_without_population_says_so(app: Flask) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40))
    assert re.search(r"No number of inhabitants is entered for [^.]*Vårby[^.]* in 2025", page(app))


INVENTED = "Visits of this period are invented"


def test_invented_visits_are_said_to_be(app: Flask) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40, invented=True))
    assert INVENTED in page(app)


def test_where_no_visit_of_the_period_is_invented_nothing_is_said(app: Flask) -> None:
    fill(app, dt.date(2024, 3, 4), Visits(40, invented=True))
    fill(app, dt.date(2025, 3, 3), Visits(40))
    assert INVENTED not in page(app)


@pytest.mark.parametrize("real", [0, 3])
def test_of_invented_visits_the_same_is_said_whether_none_or_few_are_not(
    app: Flask, real: int
) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40, invented=True), Visits(real))
    shown = page(app)
    assert INVENTED in shown
    assert not re.search(r"\d+ (of the )?visits are invented", shown)


@pytest.mark.parametrize("language", ["sv", "fi"])
def test_that_visits_are_invented_is_said_whichever_were_chosen(app: Flask, language: str) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40, invented=True), Visits(40, language="fi"))
    period = "from=2025-03-01&to=2025-03-31"
    for view in ("/statistics", "/statistics/heat"):
        assert INVENTED in page(app, f"{view}?lang=en&{period}&language={language}")


@pytest.mark.parametrize(("real", "told"), [(0, 40), (3, None), (40, None)])
def test_how_many_are_invented_is_told_where_all_of_the_log_are(
    app: Flask, real: int, told: int | None
) -> None:
    fill(app, dt.date(2024, 3, 4), Visits(real + 8, invented=not real))
    fill(app, dt.date(2025, 3, 3), Visits(40, invented=True))
    with app.app_context(), screens.reading(NOW) as now:
        asked = Question(dt.date(2025, 1, 1), dt.date(2025, 12, 31), (), ("visits",))
        assert answers.document(answers.answer(now, asked))["invented_visits"] == told


# --- where the log begins -----------------------------------------------------------------------

BEGINS = "The log begins on March 3, 2025."


@pytest.mark.parametrize(
    "view", ["/statistics/report?period=2025&", "/statistics?from=2025-03-01&to=2025-03-31&"]
)
def test_a_log_that_begins_within_the_period_is_said_to(app: Flask, view: str) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40))
    assert BEGINS in page(app, f"{view}lang=en")


@pytest.mark.parametrize(
    "view", ["/statistics/report?period=2025-Q2&", "/statistics?from=2025-03-03&to=2025-03-31&"]
)
def test_of_a_log_that_was_there_before_nothing_is_said(app: Flask, view: str) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40))
    fill(app, dt.date(2025, 4, 3), Visits(40))
    assert "The log begins" not in page(app, f"{view}lang=en")


# --- per inhabitant -----------------------------------------------------------------------------


def per_inhabitant(app: Flask, *visits: Visits) -> answers.Answer:
    """By home district, of a year whose inhabitants are known."""
    fill(app, dt.date(2011, 1, 3), *visits)
    with app.app_context(), screens.reading(NOW) as now:
        asked = Question(
            dt.date(2011, 1, 1), dt.date(2011, 12, 31), ("district",), ("visits_per_1000", "visits")
        )
        return answers.answer(now, asked)


def test_the_total_per_inhabitant_counts_only_those_of_districts_with_inhabitants(
    app: Flask,
) -> None:
    some = Visits(40), Visits(30, district="skogas")
    alone = per_inhabitant(app, *some).total.figures["visits_per_1000"].value
    found = per_inhabitant(app, Visits(9, district=None), Visits(8, district="other"))
    assert found.total.figures["visits"].value == 87
    assert found.total.figures["visits_per_1000"].value == pytest.approx(alone)
    assert found.left_out == answers.LeftOut(17)


def test_where_all_live_in_districts_with_inhabitants_none_are_left_out(app: Flask) -> None:
    found = per_inhabitant(app, Visits(40), Visits(30, district="skogas"))
    assert found.left_out is None


def test_where_few_visitors_are_from_elsewhere_their_number_is_not_told(app: Flask) -> None:
    found = per_inhabitant(app, Visits(40), Visits(30, district="skogas"), Visits(3, district=None))
    assert found.left_out == answers.LeftOut(None)
    assert found.total.figures["visits"].value == 73
    assert found.total.figures["visits_per_1000"].value is None


def test_before_the_log_there_is_nothing_per_inhabitant(app: Flask) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40))
    with app.app_context(), screens.reading(NOW) as now:
        asked = Question(
            dt.date(2011, 1, 1), dt.date(2011, 12, 31), ("district",), ("visits_per_1000",)
        )
        assert answers.answer(now, asked).total.figures["visits_per_1000"].value is None


def test_the_visits_that_are_not_counted_per_inhabitant_are_told(app: Flask) -> None:
    per_inhabitant(app, Visits(40), Visits(30, district="skogas"), Visits(9, district=None))
    for view in (
        "/statistics/report?period=2011&",
        "/statistics?from=2011-01-01&to=2011-12-31&by=district&figure=visits_per_1000&",
    ):
        told = "9 visits are not counted in the total per inhabitant"
        assert told in page(app, f"{view}lang=en")


def test_what_is_hidden_has_no_number_anywhere(app: Flask, monkeypatch: Any) -> None:
    fill(app, dt.date(2025, 3, 3), Visits(40), Visits(3, office="skogas", waits=(123,)))

    def shows(_guard: Any, _name: str, places: Any, *_more: Any) -> bool:
        return places.get("office") != "skogas"

    monkeypatch.setattr("queueapp.statistics.protection.Guard.shows", shows)
    found = made(app, year(2025))
    assert all(one.groups["skogas"].value is None for one in found.sides["office"].values())
    shown = page(app)
    assert "Skogås not shown" in shown
    assert not re.search(r"Skogås\s+[\d–]", shown)


def test_only_those_who_may_read_figures_see_it(app: Flask) -> None:
    client = signed_in(app, "anna")
    addresses = ("report", "report.pdf", "report/summary.pdf", "costs")
    for address in (f"/statistics/{one}" for one in addresses):
        assert client.get(address).status_code == 403


def test_names_lose_the_words_that_all_share() -> None:
    names = ["Servicecenter Huddinge centrum", "Servicecenter Vårby"]
    assert report_view.shortened(names) == ["Huddinge centrum", "Vårby"]
    assert report_view.shortened(["Vårby", "Skogås"]) == ["Vårby", "Skogås"]
    assert report_view.shortened(["Vårby"]) == ["Vårby"]


def test_a_rounded_nothing_has_no_sign(app: Flask) -> None:
    with app.test_request_context():
        assert amounts.amount("wait_mean_s", -0.4) == "0,0\xa0min"


# --- the PDF ------------------------------------------------------------------------------------


def needs(program: str) -> None:
    if shutil.which(program) is None:
        do_without(MissingServerError(f"{program} (Debian: poppler-utils) is not here"))


def pdf_of(
    app: Flask,
    tmp_path: Path,
    language: str = "sv",
    document: str = "report.pdf",
) -> str:
    answer = signed_in(app, "maria").get(f"/statistics/{document}?period=2025&lang={language}")
    if answer.status_code == 503:
        do_without(MissingServerError(f"no PDFs without {printing.PACKAGES}"))
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    file = tmp_path / "report.pdf"
    file.write_bytes(answer.data)
    return str(file)


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_pdf_holds_the_conclusions_and_is_tagged_for_those_who_listen(
    app: Flask, tmp_path: Path
) -> None:
    needs("pdftotext")
    gap_day(app, dt.date(2025, 3, 3), SLOW)
    file = pdf_of(app, tmp_path)
    read = " ".join(run("pdftotext", file, "-").split())
    assert "Besökare på Servicecenter Vårby väntade i medel 10,0 minuter längre än" in read
    info = run("pdfinfo", file)
    assert re.search(r"Tagged: +yes", info)
    assert "Likvärdig service, 2025" in info
    assert re.search(r"Page size: .*A4", info)


def test_the_summary_is_one_page_with_the_conclusions_and_the_gaps(
    app: Flask, tmp_path: Path
) -> None:
    needs("pdftotext")
    gap_day(app, dt.date(2024, 3, 4), SLOW)
    gap_day(app, dt.date(2025, 3, 3), SLOW)
    file = pdf_of(app, tmp_path, document="report/summary.pdf")
    assert re.search(r"Pages: +1\n", run("pdfinfo", file))
    read = " ".join(run("pdftotext", file, "-").split())
    assert "Besökare på Servicecenter Vårby väntade i medel 10,0 minuter längre än" in read
    assert "Sämst och bäst i överblick" in read
    assert "finns i hela rapporten: http" in read


def test_the_pdf_has_its_fonts_in_it(app: Flask, tmp_path: Path) -> None:
    needs("pdffonts")
    gap_day(app, dt.date(2025, 3, 3), SLOW)
    lines = run("pdffonts", pdf_of(app, tmp_path, "en")).splitlines()[2:]
    assert lines
    assert all("Noto-Sans" in line and " yes yes " in line for line in lines)


def test_the_same_page_is_typeset_once(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    counting = tmp_path / "typeset.py"
    counting.write_text(f"open({str(made)!r}, 'a').write('x'); print('%PDF')")
    monkeypatch.setattr(typeset, "__file__", str(counting))
    client = signed_in(app, "maria")
    for _ in range(3):
        assert client.get("/statistics/report.pdf?lang=en").data == b"%PDF\n"
    assert client.get("/statistics/report.pdf?lang=sv").status_code == 200
    assert made.read_text() == "xx"


def test_where_pdfs_cannot_be_made_it_is_said_what_to_install(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = tmp_path / "typeset.py"
    lacking.write_text(f"import sys; sys.exit({typeset.NO_LIBRARY})")
    monkeypatch.setattr(typeset, "__file__", str(lacking))
    client = signed_in(app, "maria")
    answer = client.get("/statistics/report.pdf?lang=en", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json["type"] == "/problems/pdf-not-available"
    assert printing.PACKAGES in answer.json["detail"]
    assert client.get("/statistics/report").status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://example.se/static/built/a.css",
        "http://kolapp.invalid/static/built/../../config.py",
        "http://kolapp.invalid/static/built/%2e%2e/secret",
        "http://kolapp.invalid/other",
    ],
)
def test_the_typesetter_reads_built_files_alone(url: str, tmp_path: Path) -> None:
    with pytest.raises(PermissionError):
        typeset.allowed(url, tmp_path, "/static/built/")


# --- costs --------------------------------------------------------------------------------------

SUMS = {"fixed": "1 200 000", "staff_hour": "450,50", "interpreter": "600"}


def save(client: FlaskClient, **changes: str) -> Any:
    fields = {"office": "varby", "year": "2025"} | SUMS | changes
    return post(client, "/statistics/costs", "/statistics/costs", **fields)


def entered(app: Flask) -> dict[rates.Where, rates.Costs]:
    with app.app_context(), db.engine.connect() as connection:
        return rates.costs(connection)


def test_costs_are_saved_and_shown(app: Flask) -> None:
    client = signed_in(app, "maria")
    assert save(client).status_code == 303
    assert entered(app) == {("varby", 2025): rates.Costs(1_200_000, 450.5, 600)}
    shown = text(client.get("/statistics/costs?lang=sv").text)
    assert "2025 Servicecenter Vårby 1 200 000 kronor 450,50 kronor 600 kronor" in shown


def test_costs_saved_again_take_the_place_of_the_first(app: Flask) -> None:
    client = signed_in(app, "maria")
    save(client)
    save(client, fixed="1000")
    assert entered(app)["varby", 2025].fixed == 1000
    assert len(entered(app)) == 1


def test_costs_can_be_removed(app: Flask) -> None:
    client = signed_in(app, "maria")
    save(client)
    answer = post(
        client, "/statistics/costs", "/statistics/costs/remove", office="varby", year="2025"
    )
    assert answer.status_code == 303
    assert entered(app) == {}


def test_the_cost_per_visit_uses_them_at_once(app: Flask) -> None:
    fill(app, dt.date(2025, 1, 1), Visits(40))
    assert (
        made(app, year(2025)).sides["office"]["cost_per_visit"].groups["varby"].note == "no-costs"
    )
    save(signed_in(app, "maria"), fixed="40000")
    assert made(app, year(2025)).sides["office"]["cost_per_visit"].groups["varby"].value == 1000


def cost_per_visit(app: Flask, first: dt.date, last: dt.date) -> float | None:
    with app.app_context(), screens.reading(NOW) as now:
        asked = Question(first, last, ("office",), ("visits", "cost_per_visit"))
        [row] = answers.answer(now, asked).rows
    return row.figures["cost_per_visit"].value


def test_no_day_before_the_log_costs_anything(app: Flask) -> None:
    fill(app, dt.date(2025, 7, 2), Visits(40))
    save(signed_in(app, "maria"), fixed="36500", staff_hour="0")
    of_year = cost_per_visit(app, dt.date(2024, 1, 1), dt.date(2025, 12, 31))
    assert of_year == pytest.approx(183 * 100 / 40)


def test_no_day_to_come_costs_anything(app: Flask) -> None:
    fill(app, dt.date(2026, 1, 1), Visits(40))
    save(signed_in(app, "maria"), year="2026", fixed="36500", staff_hour="0")
    of_year = cost_per_visit(app, dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert of_year == pytest.approx(303 * 100 / 40)


def test_inhabitants_are_counted_only_for_the_days_of_the_log(app: Flask) -> None:
    with app.app_context(), screens.reading(NOW) as now:
        town = now.municipality
    in_2011 = town.district("varby").population[0].inhabitants
    asked = Question(
        dt.date(2011, 1, 1), dt.date(2011, 12, 31), ("district",), ("visits_per_1000",)
    )
    log = (dt.date(2011, 12, 1), dt.date(2011, 12, 11))
    numbers = cube.Numbers({"arrived": cube.Said(20)})
    found = rates.Rates(town, asked, log).of(
        "visits_per_1000", {"district": "varby"}, (asked.first, asked.end), numbers, None
    )
    assert found == (20_000, pytest.approx(in_2011 * 10 / 365))


def test_every_bad_field_is_named_and_nothing_is_saved(app: Flask) -> None:
    answer = save(
        signed_in(app, "maria"), office="atlantis", year="1999", fixed="", staff_hour="-1"
    )
    assert answer.status_code == 422
    assert set(re.findall(r'id="(\w+)-wrong"', answer.text)) == {
        "office",
        "year",
        "fixed",
        "staff_hour",
    }
    assert entered(app) == {}


@pytest.mark.parametrize(
    ("language", "amount", "year_"),
    [
        ("sv", "Skriv ett belopp i kronor", "Skriv ett heltal från 2000 till 2100."),
        ("en", "Write an amount in kronor", "Write a whole number from 2000 to 2100."),
    ],
)
def test_what_is_wrong_is_said_in_the_language_of_the_page(
    app: Flask, language: str, amount: str, year_: str
) -> None:
    client = signed_in(app, "maria")
    client.get(f"/statistics/costs?lang={language}")
    shown = save(client, fixed="many", year="20x5").text
    assert amount in shown
    assert year_ in shown
    assert 'value="many"' in shown


@pytest.mark.parametrize("bad", ["1,500", "1.500", "1e5", "1_000", "-3", "nan", "", "12,345.50"])
def test_an_amount_that_may_mean_two_things_is_refused(bad: str) -> None:
    with pytest.raises(BadInput):
        rates.amount("fixed", bad)


@pytest.mark.parametrize(("written", "sum_"), [("1 500", 1500), ("1500,5", 1500.5), ("0.25", 0.25)])
def test_an_amount_is_read_as_people_write_it(written: str, sum_: float) -> None:
    assert rates.amount("fixed", written) == sum_


def test_costs_to_correct_stand_in_the_form_without_separators(app: Flask) -> None:
    client = signed_in(app, "maria")
    save(client)
    shown = client.get("/statistics/costs?office=varby&year=2025&lang=sv").text
    assert 'value="1200000"' in shown
    assert 'value="450,50"' in shown
    assert client.get("/statistics/costs?office=varby&year=²&lang=sv").status_code == 200


def test_staff_cannot_enter_costs(app: Flask) -> None:
    client = signed_in(app, "anna")
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/counter").text)
    assert found
    answer = client.post("/statistics/costs", data={"csrf_token": found[1]} | SUMS)
    assert answer.status_code == 403
