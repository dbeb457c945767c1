"""Why the next one is next, as a sentence for the one at the counter."""

from flask_babel import lazy_gettext as _

from queueapp.web import words

# By the core's reason, with `_only` where nobody else on duty speaks the visitor's language. The
# counter page fills in the same sentences as the minutes pass.
SENTENCES = {
    "longest": _("Has waited longest of those you can help: %(minutes)s min"),
    "longest_only": _(
        "Has waited longest of those you can help: %(minutes)s min. "
        "You are the only one on duty who speaks %(language)s"
    ),
    "priority": _("Has priority, and has waited %(minutes)s min"),
    "few_speakers": _(
        "Few on duty speak %(language)s, so this visitor goes before some who came earlier: "
        "has waited %(minutes)s min"
    ),
    "few_speakers_only": _(
        "You are the only one on duty who speaks %(language)s, so this visitor goes before some "
        "who came earlier: has waited %(minutes)s min"
    ),
    "suited": _(
        "A colleague is better placed to help those who came earlier: has waited %(minutes)s min"
    ),
}


def template(reason: str, only_speaker: bool, language: str, names: words.Names) -> str:
    """The sentence with the language (a code) filled in, and the minutes not yet."""
    key = f"{reason}_only" if only_speaker and f"{reason}_only" in SENTENCES else reason
    return str(SENTENCES[key]).replace("%(language)s", names.language(language))


def sentence(
    reason: str, only_speaker: bool, language: str, names: words.Names, waited_s: float
) -> str:
    """The whole sentence; ``waited_s`` is the visitor's wait so far in seconds."""
    told = template(reason, only_speaker, language, names)
    return told % {"minutes": round(waited_s / 60)}
