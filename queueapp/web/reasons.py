"""Why the next one is next, as a sentence for the one at the counter."""

from flask_babel import gettext


def sentence(reason: str, waited_s: float) -> str:
    """The core's reason in words; ``waited_s`` is the visitor's wait so far in seconds."""
    minutes = round(waited_s / 60)
    if reason == "priority":
        return str(gettext("Has priority, and has waited %(minutes)s min", minutes=minutes))
    text = gettext("Has waited longest of those you can help: %(minutes)s min", minutes=minutes)
    return str(text)
