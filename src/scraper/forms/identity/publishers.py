"""Who publishes the report, what kind of body that is, and whether it reports for the whole county."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from scraper.documents.characters import fold
from scraper.forms.identity.evidence import Evidence, Identity, quote
from scraper.forms.identity.page import Page
from scraper.forms.identity.places import Place, place_in
from scraper.forms.identity.titles import Title
from scraper.forms.identity.wording import choices, pattern, wording
from scraper.messages import message

# Only the reports of these can be for the whole county or for the publisher alone.
_GOVERNING = ("county_government", "county_office")


def find_publisher(found: Identity, page: Page, titles: list[Title]) -> None:
    """Sets the publisher: of a title, else of the meta tags, else of a label in the text.

    A name with advertising in it is a mirror's work; it is refused, and so is a government of no place.
    """
    refused = ""
    for name, evidence in _candidates(page, titles):
        if not _is_refused(name):
            found.publisher = name
            found.evidence["publisher"] = evidence
            break
        refused = refused or name
    if refused:
        found.notices.append(message("publisher_refused", name=refused))


def _candidates(page: Page, titles: list[Title]) -> Iterator[tuple[str, Evidence]]:
    for title in titles:
        if title.publisher:
            yield title.publisher, quote("title", title.text)
    for key in wording()["publisher"]["metadata"]:
        name = fold(page.metadata.get(key, ""))
        if name:
            yield name, quote("meta", name)
    labelled = pattern("publisher").search(page.text)
    if labelled:
        yield labelled["publisher"], quote("text", labelled.group(0))


def _is_refused(name: str) -> bool:
    if pattern("publisher", "refused").search(name) or choices("publisher", "advertising").search(name):
        return True
    return pattern("publisher", "without_place").match(name) is not None


def find_kind(found: Identity, page: Page) -> Place | None:
    """Sets the kind of the publisher and what it reports on; returns the place in its name.

    Bodies of prefectures and provinces are ``other``.
    """
    if found.publisher is None:
        return None
    place = place_in(found.publisher, found.year)
    governs = bool(place.county or place.above or place.unnamed)
    kind, found.scope = "other", None
    for entry, fits in _kinds():
        if fits.search(place.rest) and (governs or entry["kind"] not in _GOVERNING):
            kind, found.scope = entry["kind"], entry["scope"]
            found.evidence["scope"] = found.evidence["publisher"]
            break
    if kind in _GOVERNING:
        _read_scope(found, page)
    found.publisher_kind = "other" if place.of_prefecture else kind
    found.evidence["publisher_kind"] = found.evidence["publisher"]
    return place


@cache
def _kinds() -> list[tuple[dict[str, str], re.Pattern[str]]]:
    return [(entry, re.compile(entry["pattern"])) for entry in wording()["kind"]]


def _read_scope(found: Identity, page: Page) -> None:
    """Lets the text decide on the scope where it says more than the publisher's name.

    A government's report whose prose gives its office's figures keeps the scope of its tables, with a
    warning that the two differ.
    """
    whole, own = pattern("scope", "whole").search(page.text), pattern("scope", "own").search(page.text)
    if whole and _names_office(whole):
        whole = None
    # A report that says both, as of its text and its tables, is no clearer than its title.
    said, scope = (whole, "whole") if whole else (own, "own")
    if said and not (whole and own) and scope != found.scope:
        quoted = quote("text", said.group(0))
        found.notices.append(message("scope_differs", publisher=found.publisher, text=quoted.text))
        found.scope, found.evidence["scope"] = scope, quoted
    part = pattern("scope", "part").search(page.text)
    if part and found.scope == "whole":
        found.notices.append(message("scope_mixed", text=quote("text", part.group(0)).text))


def _names_office(match: re.Match[str]) -> bool:
    return "办公室" in (match["whole"] or "")
