"""Pages with a video meeting in them: what the browser may show there, and lend it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import current_app, make_response
from werkzeug.wrappers import Response

from queueapp import configuration
from queueapp.municipality import Municipality

View = TypeVar("View", bound=Callable[..., Any])


def with_meetings(view: View) -> View:
    """Let the page hold the municipality's meetings, with camera, microphone and screen."""

    @wraps(view)
    def shown(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        if places := _origins(configuration.current()):
            policy = current_app.config["CONTENT_SECURITY_POLICY"]
            response.headers["Content-Security-Policy"] = f"{policy}; frame-src {' '.join(places)}"
            lent = " ".join(f'"{place}"' for place in places)
            response.headers["Permissions-Policy"] = ", ".join(
                [
                    *(f"{what}=(self {lent})" for what in ("camera", "microphone")),
                    f"display-capture=(self {lent})",
                    "geolocation=()",
                ]
            )
        return response

    return shown  # type: ignore[return-value]


def _origins(municipality: Municipality) -> list[str]:
    """Where the meetings are: scheme, host and port of each address, once."""
    rooms = [room for office in municipality.offices for room in office.video_rooms]
    parts = [urlsplit(room.meeting) for room in rooms]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})
