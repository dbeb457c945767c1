"""Why the next one is next, as a sentence for the one at the counter."""

from flask_babel import lazy_gettext as _

# By the core's reason; the counter page fills in the same sentences as the minutes pass.
SENTENCES = {
    "longest": _("Has waited longest of those you can help: %(minutes)s min"),
    "priority": _("Has priority, and has waited %(minutes)s min"),
}


def sentence(reason: str, waited_s: float) -> str:
    """The core's reason in words; ``waited_s`` is the visitor's wait so far in seconds."""
    return str(SENTENCES[reason]) % {"minutes": round(waited_s / 60)}
