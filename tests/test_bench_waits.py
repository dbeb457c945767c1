"""The benchmark of waits reads the log rightly and tells nobody anything from the future."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench import waits
from bench.hall import Hall, wish
from bench.queue_log import (
    COLUMNS,
    Arrived,
    BadLog,
    Called,
    Caller,
    Finished,
    Left,
    Record,
    read,
    replay,
)
from queueapp.core import estimate

HEAD = ",".join(COLUMNS)


def record(
    id: int = 0,
    at: int = 30_000,
    waited_s: int = 60,
    served: bool = True,
    lasted_s: int = 120,
    server: str = "s01",
    service: str = "PS",
    priority: int = 0,
    day: int = 1,
) -> Record:
    return Record(Caller(id, day, at, priority, service), waited_s, served, lasted_s, server)


def busy_morning(day: int = 1) -> list[Record]:
    """Two servers, a caller every half minute, waits that grow, every seventh caller leaves."""
    return [
        record(
            id=1000 * day + n,
            day=day,
            at=30_000 + 30 * n,
            waited_s=20 + 3 * n,
            served=n % 7 != 6,
            server=f"s0{n % 2}",
            service=("PS", "NW")[n % 3 == 2],
            priority=(0, 2)[n % 5 == 1],
        )
        for n in range(60)
    ]


def file(tmp_path: Path, *rows: str, name: str = "log.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join((HEAD, *rows)) + "\n")
    return path


def test_a_row_becomes_a_caller_and_what_was_known_later(tmp_path: Path) -> None:
    (one,) = read([file(tmp_path, "3,30000,2,NW,60,served,30059,30179,s04")])
    assert one == record(0, day=3, priority=2, service="NW", server="s04")


def test_a_service_past_midnight_lasts_until_then(tmp_path: Path) -> None:
    (one,) = read([file(tmp_path, "2,86084,0,PS,250,served,86334,265,s01")])
    assert one.lasted_s == 265 + 86_400 - 86_334


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1,30000,0,PS,-5,served,30000,30100,s01", "a negative time"),
        ("1,30000,0,PS,5,vanished,30000,30100,s01", "vanished"),
        ("1,noon,0,PS,5,served,30000,30100,s01", "noon"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    good = "1,29000,0,PS,5,served,29005,29100,s01"
    with pytest.raises(BadLog, match=f"log.csv, line 3: .*{said}"):
        read([file(tmp_path, good, row)])


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("day,arrived_s\n1,30000\n")
    with pytest.raises(BadLog, match="no column priority, service"):
        read([path])


def test_two_files_with_a_day_in_common_are_refused(tmp_path: Path) -> None:
    row = "3,30000,2,NW,60,served,30059,30179,s04"
    with pytest.raises(BadLog, match="day 3"):
        read([file(tmp_path, row, name="a.csv"), file(tmp_path, row, name="b.csv")])


def test_facts_come_when_they_became_known_arrivals_first() -> None:
    early, late = record(1, at=30_000, waited_s=60), record(2, at=30_060, served=False)
    kinds = [type(fact) for fact in replay([late, early])]
    assert kinds == [Arrived, Arrived, Called, Left, Finished]


def test_an_arrival_tells_nothing_of_what_followed() -> None:
    (fact, *_) = replay([record(waited_s=60)])
    assert fact == replay([record(waited_s=999, served=False, server="s09")])[0]


def after(records: list[Record], moment: int) -> list[Record]:
    """The same callers, of whom everything that happened from ``moment`` on is otherwise."""
    return [
        replace(one, waited_s=5000, served=not one.served, lasted_s=1, server="s77")
        if one.off_line_at >= moment
        else replace(one, lasted_s=max(one.lasted_s, 9000))
        if one.off_line_at + one.lasted_s >= moment
        else one
        for one in records
        if one.caller.at < moment or one.caller.id % 2
    ]


def what_was_told(records: list[Record], before: int) -> list:
    told = waits.ask(records, days=[1, 2])
    return [
        (one.caller, one.quote, one.classic)
        for one in told
        if one.caller.day == 1 or one.caller.at < before
    ]


@pytest.mark.parametrize("moment", [30_200, 30_905, 31_600])
def test_nobody_is_told_anything_from_the_future(moment: int) -> None:
    first, second = busy_morning(1), busy_morning(2)
    whole = what_was_told(first + second, moment)
    assert whole == what_was_told(first + after(second, moment), moment)


def test_what_has_happened_changes_what_is_told() -> None:
    slower = [replace(one, waited_s=2 * one.waited_s) for one in busy_morning(1)]
    usual, otherwise = (
        what_was_told(first + busy_morning(2), 31_000) for first in (busy_morning(1), slower)
    )
    assert usual[-1] != otherwise[-1]


def test_those_who_had_to_wait_and_were_served_are_scored() -> None:
    records = [record(1), record(2, waited_s=0), record(3, served=False), record(4, day=2)]
    scored = waits.scored(records, waits.ask(records, [1, 2]), days=[1])
    assert [one.told.caller.id for one in scored] == [1]


def test_those_who_left_are_learned_from_as_waits_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned = []
    monkeypatch.setattr(estimate, "learn", lambda known, quote, *how: learned.append(how))
    waits.ask([record(1, waited_s=60), record(2, waited_s=70, served=False)], [1])
    assert learned == [(60, False), (70, True)]


def hall(records: list[Record], until: int) -> Hall:
    made = Hall()
    for fact in replay(records):
        if fact.at <= until:
            made.take(fact)
    return made


def test_a_server_is_on_duty_while_they_serve_and_pauses_afterwards() -> None:
    one = record(at=30_000, waited_s=60, lasted_s=120)
    (serving,) = hall([one], 30_100).present(30_100).posts
    (resting,) = hall([one], 30_300).present(30_300).posts
    assert (serving.serving, serving.since) == (("PS", "he"), 30_060)
    assert (resting.pausing, resting.since) == (True, 30_180)


def test_a_server_not_seen_for_half_an_hour_has_gone() -> None:
    assert not hall([record()], 40_000).present(40_000).posts


def test_a_server_can_what_they_took_but_not_whom_they_passed_over() -> None:
    took = [record(1, at=29_000, service="NW"), record(2, at=29_500, service="PS")]
    passed = record(3, at=30_000, waited_s=400, service="NW", server="s02")
    instead = record(4, at=30_100, waited_s=60, service="PS")
    (post,) = hall([*took, passed, instead], 30_200).present(30_200).posts
    assert post.server.services == {"PS"}


def test_priority_is_a_head_start() -> None:
    assert wish(record(priority=2).caller).credit_s > wish(record().caller).credit_s


def test_days_are_given_as_spans_and_single_days() -> None:
    assert waits.days("1-3,7") == [1, 2, 3, 7]


def test_a_log_that_is_not_there_is_said() -> None:
    with pytest.raises(SystemExit, match="no queue log at nowhere"):
        waits.main("--log", "nowhere.csv")


def test_without_the_usual_log_the_other_benchmarks_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(waits, "LOG", Path("nowhere.csv"))
    waits.main()
    assert "no queue log at nowhere.csv" in capsys.readouterr().out


def test_the_days_to_predict_come_after_those_to_learn_from(tmp_path: Path) -> None:
    path = file(tmp_path, "3,30000,2,NW,60,served,30059,30179,s04")
    with pytest.raises(SystemExit, match="must come after"):
        waits.main("--log", str(path), "--learn", "3", "--predict", "2")


def test_the_tables_name_all_five_estimators(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    rows = [
        f"{one.caller.day},{one.caller.at},{one.caller.priority},{one.caller.service},"
        f"{one.waited_s},{'served' if one.served else 'abandoned'},{one.off_line_at},"
        f"{one.off_line_at + one.lasted_s},{one.server}"
        for one in busy_morning(1) + busy_morning(2)
    ]
    waits.main("--log", str(file(tmp_path, *rows)), "--learn", "1", "--predict", "2")
    printed = capsys.readouterr().out
    for name in ("ours", "last to enter", "head of line", "queue length", "rolling mean"):
        assert name in printed
