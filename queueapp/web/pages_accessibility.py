"""The accessibility statement that the law asks for: lag (2018:1937), "DOS-lagen", 13 §.

What stands in it follows the Agency for Digital Government's (Digg) list of what a statement must
have. It tells what is true of this version, so whoever makes something accessible, or finds that
it is not, changes the page with it.

Every page links to it from its foot, but not the kiosk and the waiting-room display: nobody could
come back from it there, and the statement is about them too.
"""

import datetime as dt
import time
from typing import Any

from flask import render_template

from queueapp import screens
from queueapp.web.access import access
from queueapp.web.site import in_staff_language, pages

# When somebody last held the statement against the screens.
ASSESSED = dt.date(2026, 11, 23)
# Digg's form for those who are not content with the answer; the address Digg asks for.
COMPLAINT = "https://www.digg.se/tdosanmalan"


@pages.get("/tillganglighet")
@access("public")
@in_staff_language
def accessibility() -> Any:
    """What is accessible and what is not, how that was tested, and where to say more."""
    with screens.reading(time.time()) as now:
        return render_template(
            "accessibility.html",
            contact=now.municipality.accessibility_contact,
            assessed=ASSESSED,
            complaint=COMPLAINT,
            **now.banners,
        )
