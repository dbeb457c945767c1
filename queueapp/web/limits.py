"""How often the public may ask. Devices and staff have proved who they are and are not limited."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from queueapp.web.access import caller

View = TypeVar("View", bound=Callable[..., Any])

# A whole waiting room can share one address, so reading is generous; changes are less so.
limiter = Limiter(
    get_remote_address,
    default_limits=["1200/minute"],
    in_memory_fallback_enabled=True,
    headers_enabled=False,
)


@limiter.request_filter
def _has_proved_who_they_are() -> bool:
    """Asked before any limit is looked up, which would cost a tenth of issuing a ticket."""
    return caller().kind != "public"


def public_limit(rate: str) -> Callable[[View], View]:
    """Let each address without sign-in call the view at most so often."""
    limit: Any = limiter.limit(rate)
    return limit  # type: ignore[no-any-return]
