"""A file of visitors: what is read, and what is refused by row."""

import datetime as dt
from pathlib import Path
from random import Random

import pytest

from queueapp.config import HUDDINGE
from queueapp.core.arrivals import Arrival
from queueapp.municipality import load
from queueapp.simulate import arrivals_file, rota
from queueapp.simulate.arrivals_file import BadFile
from queueapp.simulate.scenario import Scenario

MUNICIPALITY = load(HUDDINGE)
MONDAY = dt.date(2027, 1, 11)
HEADING = "at,office,service,languages,service_s"
GOOD = "09:00,varby,bygglov,sv,600"


def written(tmp_path: Path, *rows: str, heading: str = HEADING) -> Path:
    file = tmp_path / "visitors.csv"
    file.write_text("\n".join([heading, *rows]), encoding="utf-8")
    return file


def visitors(file: Path) -> list[Arrival]:
    scenario = Scenario(MUNICIPALITY)
    rows = arrivals_file.read(file, MUNICIPALITY)
    return [arrivals_file.arrival(row, scenario, MONDAY, Random(1)) for row in rows]


def refusal(file: Path) -> str:
    with pytest.raises(BadFile) as refused:
        arrivals_file.read(file, MUNICIPALITY)
    return str(refused.value)


def test_a_row_is_a_visitor(tmp_path: Path) -> None:
    heading = f"{HEADING},district,priority,way,patience_s,comes"
    row = '09:30:15,skogas,bostad,"fi,sv",480,varby,infant,here,900,no'
    (one,) = visitors(written(tmp_path, row, heading=heading))
    assert one == Arrival(
        at=rota.midnight(MUNICIPALITY, MONDAY) + 9.5 * 3600 + 15,
        office="skogas",
        service="bostad",
        languages=("fi", "sv"),
        own_language_s=480.0,
        video=False,
        patience_s=900.0,
        comes=False,
        credit_s=MUNICIPALITY.priority("infant").minutes * 60,
        district="varby",
    )


def test_languages_may_be_parted_by_spaces(tmp_path: Path) -> None:
    assert visitors(written(tmp_path, "09:00,varby,bygglov,ar sv,"))[0].languages == ("ar", "sv")


def test_a_spreadsheet_in_swedish_can_write_the_file(tmp_path: Path) -> None:
    file = tmp_path / "excel.csv"
    text = "at;office;service;languages\r\n09:00;varby;bygglov;ar,sv\r\n\r\n"
    file.write_text(text, encoding="utf-8-sig", newline="")
    assert visitors(file)[0].languages == ("ar", "sv")


def test_what_is_not_told_is_drawn(tmp_path: Path) -> None:
    rows = arrivals_file.read(written(tmp_path, "09:00,varby,bygglov,ar,"), MUNICIPALITY)
    scenario = Scenario(MUNICIPALITY)
    drawn = {
        arrivals_file.arrival(rows[0], scenario, MONDAY, Random(seed)).own_language_s
        for seed in range(5)
    }
    assert len(drawn) == 5


def test_moments_are_sorted_into_local_days(tmp_path: Path) -> None:
    late = "2027-01-11T22:59:59Z,varby,bygglov,sv,5"
    next_day = "2027-01-12T00:00:00+01:00,varby,bygglov,sv,5"
    rows = arrivals_file.read(written(tmp_path, late, next_day), MUNICIPALITY)
    days = arrivals_file.by_date(rows, MUNICIPALITY)
    assert [date.day for date in days] == [11, 12]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("-00:01:00,varby,bygglov,sv,5", "at: must be a time"),
        ("24:00,varby,bygglov,sv,5", "at: must be a time"),
        ("2027-01-11T09:00:00,varby,bygglov,sv,5", "at: must be a time"),
        ("2027-02-30T09:00:00Z,varby,bygglov,sv,5", "at: must be a time"),
        (",varby,bygglov,sv,5", "at: missing"),
        ("08:59,varby,bygglov,sv,5", "at: is earlier than the row before"),
        ("2027-01-11T09:30:00Z,varby,bygglov,sv,5", "at: is a time of day in some rows"),
        ("09:30,narnia,bygglov,sv,5", "office: there is no office 'narnia'"),
        ("09:30,varby,magi,sv,5", "service: there is no service 'magi'"),
        ("09:30,varby,bygglov,tlh sv,5", "languages: there is no language 'tlh'"),
        ("09:30,varby,bygglov,,5", "languages: missing"),
        ("09:30,varby,bygglov,sv sv,5", "languages: names a language twice"),
        ("09:30,varby,bygglov,sv,-5", "service_s: must be at least 0"),
        ("09:30,varby,bygglov,sv,1e9", "service_s: must be at most 86400"),
        ("09:30,varby,bygglov,sv,nan", "service_s: must be a number of seconds"),
        ("09:30,varby,bygglov,sv,soon", "service_s: must be a number of seconds"),
        ("09:30,varby,bygglov", "has 3 fields, and the heading has 5"),
        ("09:30,varby,bygglov,sv,5,6", "has 6 fields, and the heading has 5"),
        ("", "is empty"),
        ('09:30,varby,bygglov,"sv,5', "is not CSV"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, words: str) -> None:
    last = [] if "CSV" in words else ["10:00,varby,bygglov,sv,5"]
    refused = refusal(written(tmp_path, GOOD, row, *last)).splitlines()
    assert f"row 3: {words}" in refused[1]
    assert len(refused) <= 3


def test_all_faults_of_a_row_are_told(tmp_path: Path) -> None:
    assert "row 2: office: there is no office 'x'; service_s: must be at least 0" in refusal(
        written(tmp_path, "09:00,x,bygglov,sv,-1")
    )


def test_ten_bad_rows_are_told_and_the_others_counted(tmp_path: Path) -> None:
    told = refusal(written(tmp_path, *["09:00,x,bygglov,sv,5"] * 13)).splitlines()
    assert [line.split(":")[0] for line in told[1:11]] == [f"  row {n}" for n in range(2, 12)]
    assert told[11:] == ["  and 3 more"]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("at,office,service", "there is no column languages"),
        ("at,office,service,languages,name", "unknown column 'name'"),
        ("at,office,service,languages,at", "two columns at"),
    ],
)
def test_a_heading_that_does_not_fit_is_told(tmp_path: Path, heading: str, words: str) -> None:
    assert f"row 1: {words}" in refusal(written(tmp_path, GOOD, heading=heading))


def test_a_file_without_visitors_is_refused(tmp_path: Path) -> None:
    assert "holds no visitors" in refusal(written(tmp_path))
    (tmp_path / "visitors.csv").write_text("\n")
    assert "is empty" in refusal(tmp_path / "visitors.csv")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "absent.csv")
    assert "Is a directory" in refusal(tmp_path)


def test_text_that_is_not_utf_8_is_named_by_row(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes(f"{HEADING}\n{GOOD}\n09:30,skogås,bygglov,sv,5\n".encode("latin-1"))
    assert "row 3: is not text in UTF-8" in refusal(file)
