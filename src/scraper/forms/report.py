"""A document read as an annual report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scraper.documents import Document, Grid
from scraper.documents.characters import damaged_runs
from scraper.forms.claims import Claim, find_claims
from scraper.forms.facts import Fact
from scraper.forms.gathering import Match
from scraper.forms.identity import NO_HOSTS, Identity, identify, is_narrative
from scraper.forms.matcher import match_grids
from scraper.forms.printed import Label, printed_labels
from scraper.forms.streams import flattened_tables
from scraper.messages import Message, ScraperError, message

# Fewer figures than the smallest statutory table's first block has are no report.
_FEWEST_FACTS = 3


class NotAReport(ScraperError):  # noqa: N818 - the name says all
    """The document is something else than an annual report."""


@dataclass(frozen=True)
class Report:
    """What one annual report says: in its tables ``facts``, in its prose ``claims``.

    ``forms`` gives the form of each statutory table found, ``labels`` what is printed around the facts.
    """

    identity: Identity
    form: str
    forms: dict[str, str]
    facts: tuple[Fact, ...]
    claims: tuple[Claim, ...]
    notices: tuple[Message, ...]
    labels: tuple[Label, ...] = ()


def read_report(
    document: Document, name: str, url: str | None = None, hosts: Mapping[str, str] = NO_HOSTS
) -> Report:
    """Facts, claims and identity of the report in ``document``.

    ``name`` is what messages call the document; ``hosts`` gives the counties' codes of hosts that a
    registry of portals knows. Raises :class:`NotAReport` where it has neither a statutory table nor the
    title and subjects of a report.
    """
    match, grids = _match(document)
    identity = identify(document, url, hosts)
    has_tables = len(match.facts) >= _FEWEST_FACTS
    if not has_tables and not is_narrative(identity, document):
        raise NotAReport(message("not_a_report", name=name))
    notices = [*document.notices, *identity.notices]
    notices += match.notices if has_tables else _why_no_tables(match)
    notices += _damage(document)
    return Report(
        identity=identity,
        form=_most_common(match.forms) if has_tables else "narrative",
        forms=match.forms if has_tables else {},
        facts=tuple(match.facts) if has_tables else (),
        claims=tuple(find_claims(document.paragraphs, identity.year, identity.publisher)),
        notices=tuple(notices),
        labels=printed_labels(grids, match.facts) if has_tables else (),
    )


def _match(document: Document) -> tuple[Match, Sequence[Grid]]:
    """The tables of the document's grids, or else of its lines, if they are tables that lost their bars."""
    grids = document.grids
    match = match_grids(grids)
    if len(match.facts) < _FEWEST_FACTS and (flattened := flattened_tables(document.paragraphs)):
        grids = [*grids, *flattened]
        match = match_grids(grids)
    return match, grids


def _why_no_tables(match: Match) -> list[Message]:
    refused = [said for said in match.notices if said.code == "text_flattened"]
    return refused or [message("tables_missing")]


def _most_common(forms: dict[str, str]) -> str:
    return Counter(forms.values()).most_common(1)[0][0]


def _damage(document: Document) -> list[Message]:
    runs = [run for paragraph in document.paragraphs for run in damaged_runs(paragraph)]
    return [message("text_damaged", count=len(runs), sample=runs[0])] if runs else []
