"""Pages as PDF. Each is typeset by a process of its own (:mod:`.typeset`).

Typesetting is seconds of pure Python: in a thread it would hold the interpreter against everybody
who calls a visitor meanwhile, under gevent it would stop them altogether. A process also gives its
memory back.
"""

import subprocess
import sys
from functools import lru_cache

from flask import url_for

from queueapp.core.ticket import Refusal
from queueapp.web import typeset
from queueapp.web.assets import BUILT

LONGEST_S = 120
KEPT = 8
"""Documents that are kept, of about half a megabyte each."""
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian's names of what WeasyPrint stands on."""


class PdfNotAvailable(Refusal):
    """The machine lacks the libraries that make PDFs; ``packages`` are to be installed."""

    code = "pdf-not-available"


class TookTooLong(Refusal):
    """The machine has too much else to do."""

    code = "unavailable"


class NotTypeset(Exception):
    """The page could not be made a PDF."""


def pdf(html: str) -> bytes:
    """The page as a PDF; :class:`PdfNotAvailable` where the machine cannot make one,
    :class:`TookTooLong` where it is too busy."""
    prefix = url_for("static", filename="built/")
    # -P: what stands beside the program must not be taken for modules.
    return _typeset(html, sys.executable, "-P", typeset.__file__, str(BUILT), prefix)


@lru_cache(maxsize=KEPT)
def _typeset(html: str, *command: str) -> bytes:
    """What the command makes of the page. A whole committee opens the same report: it is kept."""
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            ["nice", "-n", "5", *command],  # noqa: S607
            input=html.encode(),
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TookTooLong from None
    if done.returncode == typeset.NO_LIBRARY:
        raise PdfNotAvailable(packages=PACKAGES)
    if done.returncode:
        raise NotTypeset(done.stderr.decode(errors="replace").strip())
    return done.stdout
