"""The built front end: which file an entry was built to."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, url_for

BUILT = Path(__file__).parents[1] / "static" / "built"
MANIFEST = BUILT / "manifest.json"
YEAR_S = 365 * 24 * 3600


class NotBuilt(Exception):
    """The screens have not been built: ``make install`` does it."""


@cache
def manifest() -> dict[str, Any]:
    """The build's own list of entries and files."""
    try:
        read: dict[str, Any] = json.loads(MANIFEST.read_text())
    except OSError:
        raise NotBuilt("the screens have not been built; run: make install") from None
    return read


@cache
def build() -> str:
    """A name for this build of the screens; a display loaded from another reloads itself."""
    return hashlib.sha256(MANIFEST.read_bytes()).hexdigest()[:12] if MANIFEST.exists() else ""


def entry(source: str) -> dict[str, list[str]]:
    """The addresses of an entry's script and styles."""
    found = manifest()
    css: list[str] = []

    def collect(name: str) -> None:
        # What is imported comes first, so that an entry's own styles have the last word.
        for imported in found[name].get("imports", []):
            collect(imported)
        css.extend(found[name].get("css", []))

    collect(source)
    return {
        "js": [_address(found[source]["file"])],
        "css": [_address(name) for name in dict.fromkeys(css)],
    }


def style(source: str) -> str:
    """The address of a style sheet that is an entry of its own."""
    return _address(manifest()[source]["file"])


def _address(file: str) -> str:
    return url_for("static", filename=f"built/{file}")


def init_app(app: Flask) -> None:
    """Give the templates ``entry`` and ``style``; let browsers keep what is named by content."""
    app.jinja_env.globals["entry"] = entry
    app.jinja_env.globals["style"] = style

    @app.after_request
    def keep(response: Response) -> Response:
        if request.path.startswith("/static/built/assets/") and response.status_code == 200:
            response.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
        return response
