"""What a report says, as one digest: the same for its copies in other pages and files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from scraper.documents.characters import fold
from scraper.forms.facts import Fact

_DIGIT = re.compile("[0-9０-９]")


def content_of(facts: Iterable[Fact], text: Iterable[str]) -> str:
    """The digest of a report's figures and prose.

    A blank cell is as one that is not printed, a figure the same however it is written, and prose the
    same in whatever lines and script it is set. What can't be read as a figure but has digits counts as
    it is printed.
    """
    figures = sorted(
        f"{fact.metric}|{fact.applicant}|{figure}" for fact in facts if (figure := _figure(fact))
    )
    prose = "".join("".join(fold(line).split()) for line in text)
    return hashlib.sha256("\n".join([*figures, prose]).encode()).hexdigest()


def _figure(fact: Fact) -> str:
    if fact.value is not None:
        return f"{float(fact.value)!r} {fact.unit}"
    return fact.raw if _DIGIT.search(fact.raw) else ""
