"""A file of visitors to simulate: CSV with a heading, one row a visitor, in order of arrival.

The whole file is checked before anything is done with it. Row 1 is the heading, as a spreadsheet
counts.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from math import inf, log
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from queueapp.core.arrivals import Arrival
from queueapp.municipality import (
    OTHER_DISTRICT,
    PLAIN_WORDS,
    UNDISCLOSED_DISTRICT,
    Municipality,
    Unknown,
)
from queueapp.simulate.rota import midnight
from queueapp.simulate.scenario import Scenario, likely_s

TOLD_AT_ONCE = 10  # bad rows: a file that is wrong all through is not told row by row

_CLOCK = re.compile(r"(\d\d?):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?")
_MOMENT = re.compile(
    r"(?:19[7-9]\d|20\d\d)-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)"
)

Problem = tuple[int, str]
"""A bad row's number, and what is wrong with it."""


class BadFile(ValueError):
    """The file cannot be used. The message names every bad row, up to ten of them."""


# --- a row --------------------------------------------------------------------------------------


def _time_or_moment(text: object) -> object:
    """Seconds after midnight, or a moment."""
    if (clock := _CLOCK.fullmatch(str(text))) and int(clock[1]) < 24:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3] or 0)
    try:
        if _MOMENT.fullmatch(str(text)):
            return dt.datetime.fromisoformat(str(text).upper())
    except ValueError:  # the 30th of February
        pass
    raise ValueError("must be a time as 09:30:00, or a moment as 2027-01-11T09:30:00+01:00")


def _codes(text: object) -> object:
    codes = re.split(r"[\s,]+", str(text).strip(" ,"))
    if len(set(codes)) < len(codes):
        raise ValueError("names a language twice")
    return tuple(codes)


def _known(kind: str, *also: str) -> AfterValidator:
    """Only codes of this ``kind`` that the municipality has, and ``also`` these."""

    def check(code: str, info: ValidationInfo) -> str:
        try:
            if code not in also:
                getattr(_municipality(info), kind)(code)
        except Unknown as unknown:
            raise ValueError(f"there is no {unknown.kind} {code!r}") from None
        return code

    return AfterValidator(check)


def _municipality(info: ValidationInfo) -> Municipality:
    return cast(Municipality, info.context)


Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Languages = tuple[Annotated[str, _known("language")], ...]


class Row(BaseModel):
    """One visitor. What is not told is drawn by chance, by the habits of invented visitors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: Annotated[float | dt.datetime, BeforeValidator(_time_or_moment)]
    office: Annotated[str, _known("office")]
    service: Annotated[str, _known("service")]
    languages: Annotated[Languages, BeforeValidator(_codes)]
    district: Annotated[str, _known("district", OTHER_DISTRICT, UNDISCLOSED_DISTRICT)] | None = None
    priority: Annotated[str, _known("priority")] | None = None
    way: Literal["here", "video", "interpreter"] | None = None
    service_s: Seconds | None = None
    patience_s: Seconds | None = None
    comes: bool | None = None

    @field_validator("service")
    @classmethod
    def _offered(cls, service: str, info: ValidationInfo) -> str:
        office = info.data.get("office")
        if office and service not in {s.code for s in _municipality(info).services_at(office)}:
            raise ValueError(f"{service!r} is not offered at {office}")
        return service


COLUMNS = tuple(Row.model_fields)
NEEDED = tuple(name for name, field in Row.model_fields.items() if field.is_required())

_WORDS = PLAIN_WORDS | {
    "float_parsing": "must be a number of seconds",
    "finite_number": "must be a number of seconds",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "bool_parsing": "must be yes or no",
}


# --- the file -----------------------------------------------------------------------------------


def read(path: Path, municipality: Municipality) -> list[Row]:
    """The visitors in the file; :class:`BadFile` where anything in it is wrong."""
    problems: list[Problem] = []
    rows = list(_rows(_cells(path, problems), municipality, problems))
    if problems:
        raise BadFile(_told(path, sorted(problems)))
    if not rows:
        raise BadFile(f"{path}: holds no visitors")
    return rows


def _told(path: Path, problems: Sequence[Problem]) -> str:
    lines = [f"  row {number}: {words}" for number, words in problems[:TOLD_AT_ONCE]]
    if further := len(problems) - len(lines):
        lines.append(f"  and {further} more")
    return "\n".join([f"{path}: nothing was simulated, because of", *lines])


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        # A spreadsheet may begin the file with a byte order mark.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise BadFile(_told(path, [(number, "is not text in UTF-8")])) from None


def _cells(path: Path, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row's number and what stands under each heading; an empty cell is left out."""
    text = _text(path).rstrip()
    if not text:
        raise BadFile(f"{path}: is empty")
    # A spreadsheet in Swedish parts its columns with semicolons.
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, heading = 0, list[str]()
    try:
        for number, cells in enumerate(reader, start=1):
            if number == 1:
                heading = _heading(path, cells)
            elif len(cells) == len(heading):
                values = zip(heading, map(str.strip, cells), strict=True)
                yield number, {name: value for name, value in values if value}
            else:
                held = f"has {len(cells)} fields, and the heading has {len(heading)}"
                problems.append((number, held if cells else "is empty"))
    except csv.Error as error:
        problems.append((number + 1, f"is not CSV: {error}"))


def _heading(path: Path, cells: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    faults = [f"there is no column {name}" for name in NEEDED if name not in names]
    faults += [f"unknown column {name!r}" for name in names if name not in COLUMNS]
    faults += [f"two columns {name}" for name in COLUMNS if names.count(name) > 1]
    if faults:
        raise BadFile(_told(path, [(1, "; ".join(faults))]))
    return names


def _rows(
    cells: Iterator[tuple[int, dict[str, str]]],
    municipality: Municipality,
    problems: list[Problem],
) -> Iterator[Row]:
    before: Row | None = None
    for number, values in cells:
        try:
            row = Row.model_validate(values, context=municipality)
        except ValidationError as error:
            problems.append((number, _words(error)))
            continue
        if disorder := _disorder(before, row):
            problems.append((number, f"at: {disorder}"))
        before = row
        yield row


def _words(error: ValidationError) -> str:
    """What is wrong with a row, one remark a field."""
    found: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        words = _WORDS.get(fault["type"])
        told = words.format(**fault.get("ctx", {})) if words else fault["msg"]
        found.setdefault(str(fault["loc"][0]), told)
    return "; ".join(f"{field}: {told}" for field, told in found.items())


def _disorder(before: Row | None, row: Row) -> str | None:
    if before is None:
        return None
    match before.at, row.at:
        case (float() as first, float() as then) if then < first:
            return "is earlier than the row before"
        case (dt.datetime() as earlier, dt.datetime() as later) if later < earlier:
            return "is earlier than the row before"
        case (float(), dt.datetime()) | (dt.datetime(), float()):
            return "is a time of day in some rows, and a moment in others"
    return None


# --- the visitors -------------------------------------------------------------------------------


def by_date(rows: Sequence[Row], municipality: Municipality) -> dict[dt.date, list[Row]]:
    """The rows of each local date; nothing where they tell only the time of day."""
    found: dict[dt.date, list[Row]] = {}
    for row in rows:
        if isinstance(row.at, dt.datetime):
            found.setdefault(row.at.astimezone(municipality.zone).date(), []).append(row)
    return found


def arrival(row: Row, scenario: Scenario, date: dt.date, chance: Random) -> Arrival:
    """The visitor of a row, on that date."""
    # As many draws for each row, so that a change in one changes nothing in the others.
    video, interpreter, comes, patience = (chance.random() for _ in range(4))
    service_s = likely_s(scenario.service_times[row.service].draw(chance))
    habits = scenario.habits
    patience_s = inf if habits.patience_s is None else -habits.patience_s * log(1 - patience)
    after_s = habits.interpreter_after_s if interpreter < habits.interpreter else inf
    told: dict[str, Any] = {"video": video < habits.video, "interpreter_after_s": after_s}
    if row.way is not None:
        widest = 0.0 if row.way == "interpreter" else inf
        told = {"video": row.way != "here", "interpreter_after_s": widest}
    credit = scenario.municipality.priority(row.priority).minutes if row.priority else 0
    return Arrival(
        at=_at(row, scenario, date),
        office=row.office,
        service=row.service,
        languages=row.languages,
        own_language_s=service_s if row.service_s is None else row.service_s,
        patience_s=patience_s if row.patience_s is None else row.patience_s,
        comes=comes >= habits.no_show if row.comes is None else row.comes,
        credit_s=credit * 60,
        district=row.district,
        **told,
    )


def _at(row: Row, scenario: Scenario, date: dt.date) -> float:
    if isinstance(row.at, dt.datetime):
        return row.at.timestamp()
    return midnight(scenario.municipality, date) + row.at
