"""What a configuration must be, and what the rest of the program may ask of it."""

import json
import warnings
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queueapp import municipality as m

HUDDINGE = Path(m.__file__).parent / "municipalities" / "huddinge.yaml"
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@pytest.fixture(scope="module")
def huddinge() -> m.Municipality:
    return m.load(HUDDINGE)


def texts(sv: str) -> dict[str, str]:
    return {"sv": sv, "ar": f"{sv} (ar)"}


def language(code: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "name": code, "direction": "ltr", "visitor_texts": False, **changes}


def service(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "group": "hjalp",
        "icon": "question",
        "owner": "municipal",
        "name": texts(code),
        "description": texts(f"Om {code}"),
        "typical_minutes": 10,
        "typical_minutes_confirmed": False,
        **changes,
    }


def hours(weekday: int, opens: str = "08:00", closes: str = "17:00") -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


def office(code: str, prefix: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": code.title(),
        "kind": "local",
        "district": "norr",
        "address": "Torget",
        "address_confirmed": False,
        "number_prefix": prefix,
        "counters": 2,
        "services": "all",
        "phone_tickets": True,
        "display_languages": ["sv"],
        "opening_hours": [hours(weekday) for weekday in range(1, 6)],
        "opening_hours_confirmed": False,
        **changes,
    }


def member(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "display_name": name.title(),
        "role": "staff",
        "services": "all",
        "offices": "all",
        "languages": {"sv": "native"},
        **changes,
    }


def population(year: int, inhabitants: int = 1000) -> dict[str, Any]:
    return {"year": year, "inhabitants": inhabitants, "source": "påhittad", "confirmed": False}


def district(code: str, **changes: Any) -> dict[str, Any]:
    return {"code": code, "name": code.title(), "population": [population(2020)], **changes}


def document(**changes: Any) -> dict[str, Any]:
    """A small correct configuration, with what the test is about put in place of the usual."""
    return {
        "format": 1,
        "code": "provkommun",
        "name": texts("Provkommun"),
        "timezone": "Europe/Stockholm",
        "default_language": "sv",
        "languages": [
            language("sv", visitor_texts=True),
            language("ar", direction="rtl", visitor_texts=True),
            language("fi"),
        ],
        "districts": [district("norr"), district("soder")],
        "groups": [{"code": "hjalp", "name": texts("Hjälp")}],
        "services": [service("skolval"), service("bygglov")],
        "priorities": [{"code": "booked", "minutes": 30, "name": texts("Bokad tid")}],
        "offices": [office("torget", "A"), office("hamnen", "K")],
        "staff": [member("anna"), member("admin", role="admin")],
        **changes,
    }


def refused(**changes: Any) -> list[str]:
    """What is said about a configuration with these mistakes in it."""
    with pytest.raises(m.ConfigurationError) as caught:
        m.parse(document(**changes))
    return caught.value.messages


def refused_text(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "kommun.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(m.ConfigurationError) as caught:
        m.load(path)
    return caught.value.messages


def huddinge_with(tmp_path: Path, old: str, new: str) -> tuple[list[str], int]:
    """What is said of Huddinge's file with one line changed, and the number of that line."""
    text = HUDDINGE.read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    return refused_text(tmp_path, text.replace(old, new, 1)), line


# --- Huddinge --------------------------------------------------------------------------------


def test_huddinge_has_its_seven_districts(huddinge: m.Municipality) -> None:
    assert [found.name for found in huddinge.districts] == [
        "Flemingsberg",
        "Segeltorp",
        "Sjödalen-Fullersta",
        "Skogås",
        "Stuvsta-Snättringe",
        "Trångsund",
        "Vårby",
    ]


def test_huddinges_district_populations_sum_to_the_published_total(
    huddinge: m.Municipality,
) -> None:
    assert sum(found.population[0].inhabitants for found in huddinge.districts) == 98_755


def test_no_unconfirmed_fact_about_huddinge_poses_as_confirmed(huddinge: m.Municipality) -> None:
    assert not any(year.confirmed for found in huddinge.districts for year in found.population)
    assert not any(place.opening_hours_confirmed for place in huddinge.offices)
    assert not any(place.address_confirmed for place in huddinge.offices)
    assert not any(found.typical_minutes_confirmed for found in huddinge.services)


def test_huddinge_has_one_central_office_and_two_local_ones(huddinge: m.Municipality) -> None:
    assert {place.code: place.kind for place in huddinge.offices} == {
        "sjodalsvagen": "central",
        "skogas": "local",
        "varby": "local",
    }


@pytest.mark.parametrize(("code", "count"), [("sjodalsvagen", 5), ("skogas", 4), ("varby", 3)])
def test_huddinges_counters_are_numbered_from_one(
    huddinge: m.Municipality, code: str, count: int
) -> None:
    assert huddinge.counters(code) == tuple(f"{code}-{n}" for n in range(1, count + 1))


def test_every_service_is_to_be_had_at_every_office_in_huddinge(huddinge: m.Municipality) -> None:
    assert all(huddinge.services_at(place.code) == huddinge.services for place in huddinge.offices)


def test_huddinges_visitors_read_swedish_english_finnish_and_arabic(
    huddinge: m.Municipality,
) -> None:
    assert [found.code for found in huddinge.visitor_languages] == ["sv", "en", "fi", "ar"]


def test_finnish_is_a_right_in_huddinge(huddinge: m.Municipality) -> None:
    assert huddinge.right_languages == {"fi"}


@pytest.mark.parametrize(
    ("name", "role", "languages"),
    [
        ("anna", "staff", {"sv", "en"}),
        ("amira", "staff", {"ar", "sv"}),
        ("aino", "staff", {"fi", "sv"}),
        ("maria", "manager", {"sv", "en"}),
        ("admin", "admin", {"sv"}),
    ],
)
def test_the_named_staff_are_who_they_are_said_to_be(
    huddinge: m.Municipality, name: str, role: str, languages: set[str]
) -> None:
    found = huddinge.staff_member(name)
    assert (found.role, set(found.languages)) == (role, languages)


@pytest.mark.parametrize("name", ["anna", "amira", "aino"])
def test_the_named_staff_serve_everything_everywhere(huddinge: m.Municipality, name: str) -> None:
    assert huddinge.services_of(name) == {found.code for found in huddinge.services}
    assert huddinge.offices_of(name) == {"sjodalsvagen", "skogas", "varby"}


def test_someone_in_huddinge_speaks_each_of_its_languages(huddinge: m.Municipality) -> None:
    spoken = {code for found in huddinge.staff for code in found.languages}
    assert spoken == {found.code for found in huddinge.languages}


def test_no_visitor_text_in_huddinge_is_too_long_for_a_kiosk_button(
    huddinge: m.Municipality,
) -> None:
    names = [text for found in huddinge.services for text in found.name.root.values()]
    descriptions = [text for found in huddinge.services for text in found.description.root.values()]
    assert max(map(len, names)) <= 60
    assert max(map(len, descriptions)) <= 110


def test_arabic_texts_are_written_in_arabic_script(huddinge: m.Municipality) -> None:
    for found in huddinge.services:
        for text in (found.name.root["ar"], found.description.root["ar"]):
            assert not any("a" <= letter.lower() <= "z" for letter in text), text


# --- lookups ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lookup", "kind"),
    [
        ("office", "office"),
        ("counters", "office"),
        ("services_at", "office"),
        ("service", "service"),
        ("group", "group"),
        ("priority", "priority"),
        ("language", "language"),
        ("district", "district"),
        ("staff_member", "staff member"),
        ("services_of", "staff member"),
        ("offices_of", "staff member"),
        ("office_of_counter", "counter"),
        ("counter_number", "counter"),
    ],
)
def test_a_code_that_does_not_exist_is_refused_by_kind_and_code(lookup: str, kind: str) -> None:
    with pytest.raises(m.Unknown) as caught:
        getattr(m.parse(document()), lookup)("ingen")
    assert (caught.value.kind, caught.value.code) == (kind, "ingen")


def test_unknown_is_a_key_error() -> None:
    assert issubclass(m.Unknown, KeyError)


def test_unknown_reads_as_a_sentence() -> None:
    assert str(m.Unknown("office", "nacka")) == "unknown office: 'nacka'"


def test_a_counter_knows_its_office_and_number() -> None:
    found = m.parse(document())
    assert found.office_of_counter("hamnen-2").code == "hamnen"
    assert found.counter_number("hamnen-2") == 2


def test_an_office_with_a_list_of_services_offers_only_those() -> None:
    found = m.parse(document(offices=[office("torget", "A", services=["bygglov"])]))
    assert [offered.code for offered in found.services_at("torget")] == ["bygglov"]


def test_services_at_an_office_keep_the_documents_order() -> None:
    found = m.parse(document(offices=[office("torget", "A", services=["bygglov", "skolval"])]))
    assert [offered.code for offered in found.services_at("torget")] == ["skolval", "bygglov"]


def test_staff_with_an_empty_list_serve_nothing() -> None:
    found = m.parse(document(staff=[member("admin", role="admin", services=[])]))
    assert found.services_of("admin") == frozenset()


def test_staff_with_a_list_of_offices_sit_only_there() -> None:
    staff = [member("anna", offices=["hamnen"]), member("admin", role="admin")]
    assert m.parse(document(staff=staff)).offices_of("anna") == {"hamnen"}


def test_a_lookup_gives_the_same_object_each_time_without_building_it_again() -> None:
    found = m.parse(document())
    assert found.counters("torget") is found.counters("torget")
    assert found.services_at("torget") is found.services_at("torget")


def test_a_configuration_cannot_be_changed_in_place() -> None:
    found = m.parse(document())
    with pytest.raises(ValueError, match="frozen"):
        found.offices[0].counters = 9  # type: ignore[misc]


# --- texts -----------------------------------------------------------------------------------


def test_a_text_is_given_in_the_language_asked_for() -> None:
    assert m.Texts({"sv": "Skolval", "ar": "اختيار"}).get("ar") == ("اختيار", "ar")


def test_a_text_that_is_not_translated_is_given_in_swedish_and_says_so() -> None:
    assert m.Texts({"sv": "Skolval"}).get("so") == ("Skolval", "sv")


# --- opening ---------------------------------------------------------------------------------


def special(**changes: Any) -> dict[str, Any]:
    return {"date": "2026-12-24", "closed": True, **changes}


def one_office(**changes: Any) -> m.Municipality:
    return m.parse(document(offices=[office("torget", "A", **changes)]))


# 2026-11-23 is a Monday; clocks in Sweden are one hour ahead of UTC then.
MONDAY = date(2026, 11, 23)


def on_monday(clock: str) -> datetime:
    return datetime.combine(MONDAY, time.fromisoformat(clock), STOCKHOLM)


def test_an_office_is_open_by_its_weekdays_hours() -> None:
    assert one_office().office("torget").opening(MONDAY) == [(time(8), time(17))]


def test_an_office_is_closed_on_a_weekday_without_hours() -> None:
    assert one_office().office("torget").opening(date(2026, 11, 22)) == []


def test_a_day_with_a_lunch_break_has_two_spans_in_order() -> None:
    found = one_office(opening_hours=[hours(1, "13:00", "16:00"), hours(1, "09:00", "12:00")])
    assert found.office("torget").opening(MONDAY) == [
        (time(9), time(12)),
        (time(13), time(16)),
    ]


def test_an_office_is_closed_on_an_exception_that_says_so() -> None:
    found = one_office(exceptions=[special()])
    assert found.office("torget").opening(date(2026, 12, 24)) == []


def test_an_exception_may_have_hours_of_its_own() -> None:
    short = special(closed=False, hours=[{"opens": "08:00", "closes": "12:00"}])
    found = one_office(exceptions=[short])
    assert found.office("torget").opening(date(2026, 12, 24)) == [(time(8), time(12))]


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("07:59", False), ("08:00", True), ("16:59", True), ("17:00", False)],
)
def test_an_office_is_open_from_the_minute_it_opens_until_the_minute_it_closes(
    clock: str, is_open: bool
) -> None:
    assert one_office().is_open("torget", on_monday(clock)) is is_open


def test_opening_goes_by_the_municipalitys_clock_whatever_zone_is_asked_in() -> None:
    assert one_office().is_open("torget", datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    assert not one_office().is_open("torget", datetime(2026, 11, 23, 16, 0, tzinfo=UTC))


def test_opening_follows_summer_time() -> None:
    assert one_office().is_open("torget", datetime(2026, 7, 6, 6, 0, tzinfo=UTC))
    assert not one_office().is_open("torget", datetime(2026, 7, 6, 15, 0, tzinfo=UTC))


def test_opening_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="timezone"):
        one_office().is_open("torget", datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001


def test_an_office_closed_for_the_night_opens_next_in_the_morning() -> None:
    opens = one_office().opens_next("torget", on_monday("22:00"))
    assert opens == datetime(2026, 11, 24, 8, 0, tzinfo=STOCKHOLM)


def test_an_office_not_yet_open_opens_next_the_same_day() -> None:
    assert one_office().opens_next("torget", on_monday("06:00")) == on_monday("08:00")


def test_an_open_office_opens_next_another_time() -> None:
    opens = one_office().opens_next("torget", on_monday("08:00"))
    assert opens == datetime(2026, 11, 24, 8, 0, tzinfo=STOCKHOLM)


def test_the_next_opening_passes_over_weekends_and_closed_days() -> None:
    found = one_office(exceptions=[special(date="2026-12-24"), special(date="2026-12-25")])
    evening = datetime(2026, 12, 23, 18, 0, tzinfo=STOCKHOLM)
    assert found.opens_next("torget", evening) == datetime(2026, 12, 28, 8, 0, tzinfo=STOCKHOLM)


def test_the_next_opening_after_the_clocks_change_is_at_the_same_hour_on_the_wall() -> None:
    friday = datetime(2026, 3, 27, 18, 0, tzinfo=STOCKHOLM)
    opens = one_office().opens_next("torget", friday)
    assert opens is not None
    assert opens.isoformat() == "2026-03-30T08:00:00+02:00"


def test_an_office_without_hours_never_opens() -> None:
    assert one_office(opening_hours=[]).opens_next("torget", on_monday("08:00")) is None


@settings(deadline=None)
@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)))  # noqa: DTZ001
def test_an_office_is_open_at_the_moment_it_is_said_to_open_next(at: datetime) -> None:
    found = m.parse(document())
    opens = found.opens_next("torget", at.replace(tzinfo=UTC))
    assert opens is not None
    assert opens > at.replace(tzinfo=UTC)
    assert found.is_open("torget", opens)


# --- there and back --------------------------------------------------------------------------


def test_an_exported_configuration_loads_back_equal(
    huddinge: m.Municipality, tmp_path: Path
) -> None:
    path = tmp_path / "export.yaml"
    path.write_text(m.dump(huddinge), encoding="utf-8")
    assert m.load(path) == huddinge


def test_exporting_an_exported_configuration_changes_nothing(
    huddinge: m.Municipality, tmp_path: Path
) -> None:
    path = tmp_path / "export.yaml"
    path.write_text(m.dump(huddinge), encoding="utf-8")
    assert m.dump(m.load(path)) == m.dump(huddinge)


def test_every_kind_of_special_day_survives_export(tmp_path: Path) -> None:
    short = special(
        date="2026-12-23", closed=False, hours=[{"opens": "08:00", "closes": "12:00"}], note="Kort"
    )
    found = one_office(exceptions=[special(), short])
    path = tmp_path / "export.yaml"
    path.write_text(m.dump(found), encoding="utf-8")
    assert m.load(path) == found


def test_an_export_keeps_the_documents_order(huddinge: m.Municipality) -> None:
    text = m.dump(huddinge)
    sections = ["\nlanguages:", "\ndistricts:", "\nservices:", "\noffices:", "\nstaff:"]
    assert sorted(sections, key=text.index) == sections


def test_an_export_writes_times_in_quotes_and_letters_as_they_are(
    huddinge: m.Municipality,
) -> None:
    text = m.dump(huddinge)
    assert '{weekday: 1, opens: "08:00", closes: "17:00"}' in text
    assert "بلدية هودينغه" in text


def test_the_database_document_is_json_and_parses_back_equal(huddinge: m.Municipality) -> None:
    kept = json.loads(json.dumps(m.to_document(huddinge)))
    assert m.parse(kept) == huddinge


def test_reading_and_writing_give_no_warnings(huddinge: m.Municipality) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        m.parse(m.to_document(huddinge))
        m.dump(huddinge)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1).filter(lambda text: text.strip() == text and text.isprintable()))
def test_any_printable_text_survives_an_export(text: str) -> None:
    found = m.parse(document(name={"sv": text, "ar": text}))
    assert m.parse(m.read_yaml(m.dump(found), "export")) == found  # type: ignore[arg-type]


# --- files that cannot be read -----------------------------------------------------------------


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(m.ConfigurationError, match=r"ingen\.yaml: cannot be read: No such file"):
        m.load(tmp_path / "ingen.yaml")


def test_a_directory_is_not_a_configuration(tmp_path: Path) -> None:
    with pytest.raises(m.ConfigurationError, match="cannot be read: Is a directory"):
        m.load(tmp_path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin1.yaml"
    path.write_bytes("name: Skogås".encode("latin-1"))
    with pytest.raises(m.ConfigurationError, match="is not text in UTF-8"):
        m.load(path)


def test_a_file_may_begin_with_a_byte_order_mark(huddinge: m.Municipality, tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_text(HUDDINGE.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert m.load(path) == huddinge


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("code: a\nname: [sv, en\n", 3),
        ("code: a\n\tname: b\n", 2),
        ("code: a\ncode: b\n", 2),
        ("code: *nowhere\n", 1),
        ("code: a\nname: \x07\n", 2),
        ("code: !!python/name:os.system a\n", 1),
    ],
    ids=[
        "unclosed list",
        "tab",
        "same key twice",
        "unknown alias",
        "control character",
        "foreign tag",
    ],
)
def test_broken_yaml_is_told_by_its_line(tmp_path: Path, text: str, line: int) -> None:
    (message,) = refused_text(tmp_path, text)
    assert message.startswith(f"kommun.yaml:{line}: not valid YAML: ")


@pytest.mark.parametrize("text", ["", "# nothing\n", "just words\n", "- a\n- b\n", "42\n"])
def test_a_file_without_named_fields_is_refused(tmp_path: Path, text: str) -> None:
    (message,) = refused_text(tmp_path, text)
    assert message.endswith("the document: must be a group of named fields")


@pytest.mark.parametrize(
    "text",
    ["&a [*a]", "a: &a {b: *a}", "[" * 700, "--- 1\n--- 2\n", "!!int words"],
    ids=["list in itself", "map in itself", "deep", "two documents", "number"],
)
def test_strange_yaml_is_refused_like_any_other_mistake(tmp_path: Path, text: str) -> None:
    assert refused_text(tmp_path, text)


# --- mistakes are named with their line and field ------------------------------------------------


def test_a_missing_translation_names_the_line_of_the_texts_it_is_missing_from(
    tmp_path: Path,
) -> None:
    messages, line = huddinge_with(tmp_path, "      ar: اختيار المدرسة\n", "")
    texts_start = line - len(["name:", "sv", "en", "fi"])
    assert messages == [f"kommun.yaml:{texts_start}: services[1].name.ar: missing text"]


def test_an_empty_translation_names_its_own_line(tmp_path: Path) -> None:
    messages, line = huddinge_with(tmp_path, "      ar: اختيار المدرسة\n", "      ar:\n")
    assert messages == [f"kommun.yaml:{line}: services[1].name.ar: missing text"]


def test_a_misspelt_field_names_its_own_line(tmp_path: Path) -> None:
    messages, line = huddinge_with(tmp_path, "    counters: 4", "    conters: 4")
    assert f"kommun.yaml:{line}: offices[1].conters: unknown field" in messages
    assert any(message.endswith("offices[1].counters: missing") for message in messages)


def test_an_impossible_date_names_its_own_line(tmp_path: Path) -> None:
    messages, line = huddinge_with(tmp_path, "date: 2027-05-06", "date: 2027-05-36")
    where = f"kommun.yaml:{line}: offices[0].exceptions[7].date"
    assert messages[0] == f"{where}: must be a date written as 2026-12-24"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = HUDDINGE.read_text(encoding="utf-8")
    text = text.replace("counters: 4", "counters: 0").replace("counters: 3", "counters: 100")
    messages = refused_text(tmp_path, text)
    assert [message.split(": ", 1)[1] for message in messages] == [
        "offices[1].counters: must be at least 1",
        "offices[2].counters: must be at most 99",
    ]


def test_mistakes_in_a_document_without_a_file_name_only_the_field() -> None:
    assert refused(timezone="Europe/Huddinge") == ["timezone: unknown timezone 'Europe/Huddinge'"]


# --- rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["Skogås", "skogås", "skog as", "-skogas", "1a", "", "a" * 41])
def test_a_code_is_small_letters_digits_and_hyphens(code: str) -> None:
    (message, *_) = refused(districts=[district("norr"), district(code)])
    assert message.startswith("districts[1].code: must be")


@pytest.mark.parametrize(
    ("section", "items", "field"),
    [
        ("districts", [district("norr"), district("norr")], "code"),
        ("services", [service("skolval"), service("skolval")], "code"),
        ("offices", [office("torget", "A"), office("torget", "K")], "code"),
        ("staff", [member("admin", role="admin"), member("admin")], "name"),
    ],
)
def test_a_code_belongs_to_one_thing_only(section: str, items: list[Any], field: str) -> None:
    (message,) = refused(**{section: items})
    assert message.startswith(f"{section}[1].{field}: ")
    assert message.endswith(f"is already used by {section}[0]")


@pytest.mark.parametrize("code", ["other", "undisclosed"])
def test_a_district_may_not_take_the_code_of_another_answer(code: str) -> None:
    (message,) = refused(districts=[district("norr"), district(code)])
    assert message == f"districts[1].code: {code!r} is kept for another answer"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"rights": [{"language": "se", "basis": "lag"}]},
            "rights[0].language: unknown language 'se'",
        ),
        ({"services": [service("a", group="x")]}, "services[0].group: unknown group 'x'"),
        (
            {"offices": [office("a", "A", district="x")]},
            "offices[0].district: unknown district 'x'",
        ),
        (
            {"offices": [office("a", "A", services=["x"])]},
            "offices[0].services: unknown service 'x'",
        ),
        (
            {"staff": [member("admin", role="admin", services=["x"])]},
            "staff[0].services: unknown service 'x'",
        ),
        (
            {"staff": [member("admin", role="admin", offices=["x"])]},
            "staff[0].offices: unknown office 'x'",
        ),
        (
            {"staff": [member("admin", role="admin", languages={"xx": "basic"})]},
            "staff[0].languages.xx: unknown language 'xx'",
        ),
        (
            {"name": {**texts("Kommun"), "xx": "?"}},
            "name.xx: unknown language 'xx'",
        ),
    ],
)
def test_what_is_referred_to_must_exist(changes: dict[str, Any], message: str) -> None:
    assert refused(**changes) == [message]


def test_a_display_shows_only_languages_with_visitor_texts() -> None:
    (message,) = refused(offices=[office("a", "A", display_languages=["sv", "fi"])])
    assert message == "offices[0].display_languages: unknown visitor language 'fi'"


def test_a_list_of_codes_names_each_once() -> None:
    (message,) = refused(offices=[office("a", "A", services=["skolval", "skolval"])])
    assert message == "offices[0].services: 'skolval' is named twice"


@pytest.mark.parametrize("section", ["services", "groups", "priorities"])
def test_everything_a_visitor_reads_is_in_every_visitor_language(section: str) -> None:
    items = document()[section]
    items[0]["name"] = {"sv": "Bara svenska"}
    assert refused(**{section: items}) == [f"{section}[0].name.ar: missing text"]


def test_a_text_of_blanks_is_a_missing_text() -> None:
    assert refused(name={"sv": "Kommun", "ar": "  "}) == ["name.ar: missing text"]


def test_a_language_must_say_in_which_direction_it_is_written() -> None:
    languages = document()["languages"]
    del languages[1]["direction"]
    assert refused(languages=languages) == ["languages[1].direction: missing"]


def test_swedish_texts_are_always_required() -> None:
    languages = [language("sv"), language("ar", visitor_texts=True), language("fi")]
    messages = refused(languages=languages, offices=[office("a", "A", display_languages=["ar"])])
    assert messages == ["default_language: must be a language with visitor_texts: true"]


@pytest.mark.parametrize("prefix", ["I", "O", "Q", "a", "Å", "AB", "", "1"])
def test_a_number_prefix_is_one_letter_that_cannot_be_misread(prefix: str) -> None:
    (message,) = refused(offices=[office("a", prefix)])
    assert message.startswith("offices[0].number_prefix: must be one letter of ")


def test_two_offices_never_share_a_number_prefix() -> None:
    (message,) = refused(offices=[office("a", "A"), office("b", "A")])
    assert message == "offices[1].number_prefix: 'A' is already used by offices[0]"


@pytest.mark.parametrize("closes", ["08:00", "07:00"])
def test_an_office_opens_before_it_closes(closes: str) -> None:
    (message,) = refused(offices=[office("a", "A", opening_hours=[hours(1, "08:00", closes)])])
    assert message == "offices[0].opening_hours[0]: opens must be earlier than closes"


def test_opening_hours_of_one_weekday_do_not_overlap() -> None:
    spans = [hours(1, "08:00", "12:00"), hours(2, "09:00", "12:00"), hours(1, "11:00", "17:00")]
    (message,) = refused(offices=[office("a", "A", opening_hours=spans)])
    assert message == "offices[0].opening_hours: hours overlap on weekday 1"


def test_hours_that_meet_do_not_overlap() -> None:
    m.parse(
        document(
            offices=[
                office(
                    "a", "A", opening_hours=[hours(1, "08:00", "12:00"), hours(1, "12:00", "17:00")]
                )
            ]
        )
    )


@pytest.mark.parametrize("clock", ["8:00", "25:00", "08.00", "08:00:00", "", 480, None, True])
def test_a_time_of_day_is_hours_and_minutes(clock: object) -> None:
    spans = [{"weekday": 1, "opens": clock, "closes": "17:00"}]
    (message,) = refused(offices=[office("a", "A", opening_hours=spans)])
    assert message == 'offices[0].opening_hours[0].opens: must be a time written as "08:00"'


@pytest.mark.parametrize("day", ["24/12", "20261224", "2026-12-24T00:00", 20261224, None])
def test_a_date_is_year_month_and_day(day: object) -> None:
    (message,) = refused(offices=[office("a", "A", exceptions=[special(date=day)])])
    assert message == "offices[0].exceptions[0].date: must be a date written as 2026-12-24"


def test_a_date_has_one_exception() -> None:
    (message,) = refused(offices=[office("a", "A", exceptions=[special(), special()])])
    assert message == (
        "offices[0].exceptions[1].date: '2026-12-24' is already used by offices[0].exceptions[0]"
    )


@pytest.mark.parametrize(
    "day",
    [special(closed=False), special(hours=[{"opens": "08:00", "closes": "12:00"}])],
    ids=["neither", "both"],
)
def test_an_exception_is_either_closed_or_has_hours(day: dict[str, Any]) -> None:
    (message,) = refused(offices=[office("a", "A", exceptions=[day])])
    assert message == "offices[0].exceptions[0]: must be either closed: true or have hours"


@pytest.mark.parametrize("inhabitants", [0, -1])
def test_a_district_has_inhabitants(inhabitants: int) -> None:
    (message,) = refused(districts=[district("norr", population=[population(2020, inhabitants)])])
    assert message == "districts[0].population[0].inhabitants: must be more than 0"


def test_a_district_has_one_population_a_year() -> None:
    (message,) = refused(districts=[district("norr", population=[population(2020)] * 2)])
    assert message == (
        "districts[0].population[1].year: '2020' is already used by districts[0].population[0]"
    )


def test_a_population_must_say_where_it_comes_from_and_whether_it_is_confirmed() -> None:
    (first, second) = refused(
        districts=[district("norr", population=[{"year": 2020, "inhabitants": 5}])]
    )
    assert first == "districts[0].population[0].source: missing"
    assert second == "districts[0].population[0].confirmed: missing"


@pytest.mark.parametrize("fact", ["opening_hours", "address"])
def test_an_office_must_say_whether_its_facts_are_confirmed(fact: str) -> None:
    place = office("a", "A")
    del place[f"{fact}_confirmed"]
    assert refused(offices=[place]) == [f"offices[0].{fact}_confirmed: missing"]


@pytest.mark.parametrize("counters", [0, 100])
def test_an_office_has_one_to_99_counters(counters: int) -> None:
    (message,) = refused(offices=[office("a", "A", counters=counters)])
    assert message.startswith("offices[0].counters: must be at ")


@pytest.mark.parametrize("counters", ["4", 4.0, True, None])
def test_a_number_is_not_guessed_from_something_else(counters: object) -> None:
    (message,) = refused(offices=[office("a", "A", counters=counters)])
    assert message == "offices[0].counters: must be a whole number"


@pytest.mark.parametrize("answer", ["yes", "true", 1, None])
def test_true_and_false_are_not_guessed_from_something_else(answer: object) -> None:
    (message,) = refused(offices=[office("a", "A", phone_tickets=answer)])
    assert message == "offices[0].phone_tickets: must be true or false"


@pytest.mark.parametrize("choice", ["some", None, [1], {"a": 1}])
def test_a_choice_is_all_or_a_list_of_codes(choice: object) -> None:
    (message,) = refused(offices=[office("a", "A", services=choice)])
    assert message == 'offices[0].services: must be "all" or a list of codes'


def test_a_word_outside_its_list_is_told_what_the_list_is() -> None:
    (message,) = refused(staff=[member("admin", role="boss")])
    assert message == "staff[0].role: must be 'staff', 'manager' or 'admin'"


def test_there_is_always_an_administrator() -> None:
    assert refused(staff=[member("anna")]) == ["staff: at least one must have role: admin"]


@pytest.mark.parametrize("section", ["languages", "districts", "services", "offices", "staff"])
def test_nothing_that_the_queue_needs_is_empty(section: str) -> None:
    assert f"{section}: must have at least one" in refused(**{section: []})


def test_a_staff_member_speaks_something() -> None:
    staff = [member("admin", role="admin", languages={})]
    assert refused(staff=staff) == ["staff[0].languages: must have at least one"]


@pytest.mark.parametrize(
    "name", ["Europe/Huddinge", "Europe", "", "../etc/passwd", "/etc", "CET\0"]
)
def test_a_timezone_is_one_that_exists(name: str) -> None:
    assert refused(timezone=name) == [f"timezone: unknown timezone {name!r}"]


@pytest.mark.parametrize("address", ["a@example.se", "https://example.se/tyck-till"])
def test_the_accessibility_contact_is_where_people_can_write(address: str) -> None:
    assert m.parse(document(accessibility_contact=address)).accessibility_contact == address


@pytest.mark.parametrize(
    "wrong",
    ["", "Anna Berg", "a@b", "http://example.se", "javascript:a@b.se", "a @b.se", "a@b.se\n"],
)
def test_an_accessibility_contact_nobody_can_write_to_is_refused(wrong: str) -> None:
    (message,) = refused(accessibility_contact=wrong)
    assert message == (
        "accessibility_contact: must be an e-mail address, or an address that begins with https://"
    )


def test_a_kommun_may_lack_an_accessibility_contact(huddinge: m.Municipality) -> None:
    assert huddinge.accessibility_contact is None
    assert "accessibility_contact" not in m.dump(huddinge)


def test_an_unknown_format_is_refused() -> None:
    assert refused(format=2) == ["format: must be 1"]


@pytest.mark.parametrize("wrong", [None, [], "text", 1])
def test_a_document_that_is_no_document_is_refused(wrong: Any) -> None:
    with pytest.raises(m.ConfigurationError, match="must be a group of named fields"):
        m.parse(wrong)


def test_a_section_of_the_wrong_kind_is_refused() -> None:
    assert refused(offices={"torget": {}}) == ["offices: must be a list"]


def room(meeting: str = "https://meet.example.org/norr-{key}") -> dict[str, Any]:
    return {"meeting": meeting, "meeting_confirmed": False}


def test_a_language_that_is_a_right_is_spoken_by_somebody() -> None:
    rights = [{"language": "fi", "basis": "lag 2009:724"}]
    staff = [member("aino", languages={"fi": "fluent"}), member("admin", role="admin")]
    assert m.parse(document(rights=rights, staff=staff)).right_languages == {"fi"}
    staff[0]["languages"] = {"fi": "basic"}
    assert refused(rights=rights, staff=staff) == [
        "rights[0].language: nobody on the staff speaks 'fi' well"
    ]


def test_video_rooms_are_numbered_within_their_office() -> None:
    offices = [office("torget", "A"), office("hamnen", "K", video_rooms=[room(), room()])]
    found = m.parse(document(offices=offices))
    assert found.video_rooms("torget") == ()
    assert found.video_rooms("hamnen") == ("hamnen-video-1", "hamnen-video-2")
    assert found.room_number("hamnen-video-2") == 2
    assert found.meeting("hamnen-video-2") == "https://meet.example.org/norr-{key}"
    with pytest.raises(m.Unknown, match="video room"):
        found.meeting("hamnen-video-3")


@pytest.mark.parametrize(
    ("meeting", "told"),
    [
        ("meet.example.org/x", "must be a web address"),
        ("javascript:alert(1)", "must be a web address"),
        ("http://meet.example.org/x", "must begin with https"),
        ("https://meet.example.org/{room}", "may hold {key}"),
        ("https://meet.example.org/{key", "may hold {key}"),
    ],
)
def test_a_meeting_address_is_one_a_browser_can_open_with_camera(meeting: str, told: str) -> None:
    [message] = refused(offices=[office("torget", "A", video_rooms=[room(meeting)])])
    assert message.startswith("offices[0].video_rooms[0].meeting: ")
    assert told in message


def test_hours_on_duty_of_one_weekday_do_not_overlap() -> None:
    staff = [member("admin", role="admin", on_duty=[hours(1), hours(1, "16:00", "18:00")])]
    assert refused(staff=staff) == ["staff[0].on_duty: hours overlap on weekday 1"]


def rota() -> m.Municipality:
    """Amira speaks Arabic on Tuesdays from seven, at an office that opens at eight."""
    amira = member("amira", languages={"ar": "native"}, on_duty=[hours(2, "07:00", "12:00")])
    staff = [amira, member("admin", role="admin")]
    return m.parse(document(staff=staff))


MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=STOCKHOLM)


def test_a_language_is_spoken_next_when_its_speaker_is_on_duty_and_the_office_open() -> None:
    spoken = rota().spoken_next("torget", "bygglov", "ar", MONDAY_NOON, ["torget"])
    assert spoken == datetime(2026, 11, 24, 8, tzinfo=STOCKHOLM)


def test_a_language_that_nobody_on_the_rota_speaks_is_never_promised() -> None:
    assert rota().spoken_next("torget", "bygglov", "fi", MONDAY_NOON, ["torget"]) is None


def test_a_language_spoken_from_elsewhere_is_not_promised_before_the_visitors_office_opens() -> (
    None
):
    amira = member("amira", languages={"ar": "native"}, on_duty=[hours(2, "07:00", "12:00")])
    late = office("hamnen", "K", opening_hours=[hours(2, "10:00"), hours(3)])
    offices, staff = [office("torget", "A"), late], [amira, member("admin", role="admin")]
    found = m.parse(document(offices=offices, staff=staff))
    spoken = found.spoken_next("hamnen", "bygglov", "ar", MONDAY_NOON, ["torget", "hamnen"])
    assert spoken == datetime(2026, 11, 24, 10, tzinfo=STOCKHOLM)


def test_one_who_is_on_duty_by_the_rota_ends_when_it_says() -> None:
    amira = rota()
    during = datetime(2026, 11, 24, 9, tzinfo=STOCKHOLM)
    assert amira.off_duty("amira", during) == datetime(2026, 11, 24, 12, tzinfo=STOCKHOLM)
    assert amira.off_duty("amira", MONDAY_NOON) is None
    assert amira.off_duty("admin", during) is None
