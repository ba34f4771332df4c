"""The archived page of a report, for a frame in which nothing of it can run."""

from __future__ import annotations

from nianbao.explorer.answering import Answer
from nianbao.explorer.asked import Asked, NotThere, words

_SHOWN = ("text/html", "application/xhtml+xml", "text/plain")


def archived(asked: Asked) -> Answer:
    """The bytes of the archived page as it was; any other file than a page is given to be saved."""
    raise NotThere(words("no_such_page"))
