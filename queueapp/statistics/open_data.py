"""The tables that anybody may see: which, and of which whole months or years."""

import datetime as dt
from dataclasses import dataclass

from queueapp import screens
from queueapp.statistics import answer as answers
from queueapp.statistics import engine
from queueapp.statistics.answer import Answer
from queueapp.statistics.question import Question, checked, today

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table: ``figures`` by ``group`` for every whole ``period`` (month or year)."""

    code: str
    group: str
    period: str
    figures: tuple[str, ...]


DATASETS = {
    one.code: one
    for one in (
        Dataset("visits", "office", "month", ("visits", "errands")),
        Dataset(
            "waits",
            "office",
            "month",
            ("visits", "wait_median_s", "wait_p90_s", "within_10_share", "left_share"),
        ),
        Dataset(
            "languages",
            "language",
            "year",
            (
                "visits",
                "first_language_share",
                "other_language_share",
                "interpreter_share",
                "unmet_share",
            ),
        ),
    )
}


def question(now: screens.Moment, dataset: Dataset) -> Question | None:
    """What the dataset asks; None before any whole period of the log is over."""
    with engine.opened(now) as opened:
        days = opened.days()
    if days is None:
        return None
    first, _ = days
    begin = _begin(first, dataset.period)
    if begin < first:  # the log begins within it
        begin = _begin(begin + _LONGEST[dataset.period], dataset.period)
    last = _begin(today(now), dataset.period) - ONE_DAY
    if last < begin:
        return None
    return checked(Question(begin, last, (dataset.group, dataset.period), dataset.figures))


_LONGEST = {"month": dt.timedelta(days=31), "year": dt.timedelta(days=366)}


def _begin(day: dt.date, period: str) -> dt.date:
    """The first day of the month or year that holds the day."""
    return day.replace(day=1) if period == "month" else day.replace(month=1, day=1)


def answer(now: screens.Moment, dataset: Dataset) -> Answer | None:
    """The dataset's figures, protected as all are; None before any whole period is over."""
    asked = question(now, dataset)
    return answers.answer(now, asked) if asked else None
