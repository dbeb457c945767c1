"""An application with two autumns of visits in its log, a year of weeks apart, and a manager."""

import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from queueapp.core.events import Event
from tests import builders, random_log

# Before any clock that runs the tests, and around the end of summer time in both years.
LATER = random_log.working_days(dt.date(2024, 10, 21), 10)
EARLIER = [day - dt.timedelta(days=364) for day in LATER]
PERIOD = {"from": LATER[0].isoformat(), "to": LATER[-1].isoformat()}


class Explored:
    """The application, its log, and a client that is a manager's."""

    def __init__(self, folder: Path, url: str = "", **settings: str) -> None:
        self.app: Flask = builders.app(
            url or f"sqlite:///{folder / 'q.sqlite3'}", folder / "var", **settings
        )
        with self.app.app_context():
            self.log: list[Event] = [
                *random_log.fill(self.app, EARLIER, 60, seed=1),
                *random_log.fill(self.app, LATER, 80, seed=2),
            ]
        self.manager = builders.bearer(self.app, "maria")
        self.client: FlaskClient = self.app.test_client()

    def get(self, path: str, **asked: Any) -> Any:
        """The manager's answer to that address."""
        query = MultiDict(
            (name, value)
            for name, given in {**PERIOD, **asked}.items()
            for value in (given if isinstance(given, list) else [given])
        )
        return self.client.get(path, query_string=query, headers=self.manager)


class Filled(HTMLParser):
    """The form of a page that asks for a view, as it would be sent, and its downloads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.downloads: list[str] = []
        self._select = ""
        self._asks = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self.sent.append((self._select, given["value"]))
        elif tag == "form":
            self._asks = given.get("method") == "get"
        elif (
            tag == "input"
            and self._asks
            and (given.get("type") != "checkbox" or "checked" in given)
        ):
            self.sent.append((given["name"], given.get("value", "")))
        elif tag == "a" and "download" in given:
            self.downloads.append(given["href"])


def table(page: str) -> list[list[str]]:
    """The cells of the page's table of figures, row by row, without what is only for the eye."""
    rows = re.findall(r"<tr\b.*?</tr>", page, re.DOTALL)
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]
