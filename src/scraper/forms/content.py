"""What a report says, as digests: the same for its copies in other pages and files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from scraper.documents.characters import fold
from scraper.forms.facts import Fact

_DIGIT = re.compile("[0-9０-９]")

# Two years' reports may well agree in fewer: many small bodies report one request, or none.
_FEWEST = 10


def digests_of(facts: Sequence[Fact], text: Iterable[str]) -> tuple[str, str | None]:
    """The digest of a report's figures and prose, and that of its figures alone.

    A blank cell is as one that is not printed, a figure the same however it is written, and prose the
    same in whatever lines and script it is set. What can't be read as a figure but has digits counts as
    it is printed. The second is None where so few figures are above zero that two reports may agree.
    """
    figures = _figures(facts)
    prose = "".join("".join(fold(line).split()) for line in text)
    above_zero = sum(fact.value is not None and fact.value > 0 for fact in facts)
    return _digest([*figures, prose]), _digest(figures) if above_zero >= _FEWEST else None


def _figures(facts: Iterable[Fact]) -> list[str]:
    return sorted(f"{fact.metric}|{fact.applicant}|{figure}" for fact in facts if (figure := _figure(fact)))


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _figure(fact: Fact) -> str:
    if fact.value is not None:
        return f"{float(fact.value)!r} {fact.unit}"
    return fact.raw if _DIGIT.search(fact.raw) else ""
