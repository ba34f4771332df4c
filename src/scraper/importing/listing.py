"""What the index of a web archive lists, and what is done with it, whichever archive it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Protocol

from scraper.archive import Archive, Capture
from scraper.importing.bodies import digest_fits
from scraper.importing.client import NoAnswer, servers
from scraper.importing.intake import Found, Intake
from scraper.importing.kept import Content, content_as_kept
from scraper.messages import Message, ScraperError, message

_ADDRESS = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_TIMESTAMP = re.compile(r"\d{14}", re.ASCII)
_DIGEST = re.compile(r"[A-Z2-7]{32}")

_DEFAULT_PORT = re.compile(r"^(http://[^/:?#]+):80(?=[/?#]|$)|^(https://[^/:?#]+):443(?=[/?#]|$)")
# Of several captures with the same content as many are tried.
_MOST_CANDIDATES = 3


@dataclass(frozen=True)
class Query:
    """Which captures are wanted: those of the addresses that ``pattern`` means.

    ``pattern`` is an address, or one with ``*`` as the servers take it; ``match`` says otherwise how it is
    meant: exact, prefix, host or domain. ``since`` and ``until`` bound the time, in 4 to 14 digits.
    ``only`` is a regular expression that the whole address must fit.
    """

    pattern: str
    match: str = ""
    since: str = ""
    until: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of an index. ``digest`` is SHA-1 in base 32; ``revisit`` lines have no status of their own.

    ``original`` is the address as the archive writes it. ``file``, ``offset`` and ``length`` say where the
    record lies, with an archive that gives its files out.
    """

    url: str
    original: str
    timestamp: str
    mime: str
    status: int
    digest: str
    revisit: bool = False
    file: str = ""
    offset: int = 0
    length: int = 0

    @property
    def captured_at(self) -> datetime:
        """When the page was captured."""
        return _moment(self.timestamp)


class WebArchive(Protocol):
    """An archive of the web that is asked over HTTP.

    ``unreadable`` counts lines of the index that name no capture, or have no digest to verify it by.
    """

    unreadable: int

    def list(self, query: Query) -> Iterator[Listed]:
        """The captures that the index lists.

        Raises :class:`NoAnswer`, and :class:`ScraperError` where the answer is no index; lines that came
        before have been given.
        """
        ...

    def fetch(self, listed: Listed) -> Found:
        """One capture, its digest verified. Raises :class:`NoAnswer` or :class:`NotTaken`."""
        ...

    def source(self, listed: Listed) -> tuple[str, str]:
        """The address at which the archive gives a capture out, and the range of bytes there."""
        ...


class NotTaken(Exception):  # noqa: N818 - it is how an attempt ended
    """A capture that came, but not as the index promises; ``code`` says why it is kept out."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ListedImport:
    """Takes what ``web`` lists into ``intake``; asks for ``limit`` captures at most.

    ``progress`` is told how much there is to do.
    """

    def __init__(
        self, web: WebArchive, intake: Intake, limit: int, progress: Callable[[Message], None]
    ) -> None:
        self._web = web
        self._intake = intake
        self._limit = self._left = limit
        self._progress = progress
        self._unanswered = self._over = 0

    def run(self, query: Query) -> None:
        """Lists, skips what the archive has, fetches the rest, each content once."""
        wanted = [listed for listed in self._listed(query) if not self._has(listed)]
        groups: dict[str, list[Listed]] = {}
        for listed in sorted(wanted, key=lambda listed: listed.timestamp):
            groups.setdefault(listed.digest, []).append(listed)
        held = _held(self._intake.archive, groups)
        known, asked = self._intake.known, min(self._limit, sum(digest not in held for digest in groups))
        self._progress(message("captures_listed", count=len(wanted) + known, known=known, asked=asked))
        for number, (digest, group) in enumerate(groups.items()):
            if self._unanswered >= servers()["manner"]["give_up_after"]:
                self._intake.refused.append(message("server_gone", count=len(groups) - number))
                return
            self._take(group, held.get(digest))
        if self._over:
            self._intake.doubtful.append(message("limit_reached", limit=self._limit, count=self._over))

    def _listed(self, query: Query) -> Iterator[Listed]:
        """What the index lists, each capture once."""
        seen: set[tuple[str, str]] = set()
        most: int = servers()["manner"]["most_rows"]
        try:
            for listed in islice(self._web.list(query), most):
                if (listed.url, listed.timestamp) not in seen:
                    seen.add((listed.url, listed.timestamp))
                    yield listed
        except (NoAnswer, ScraperError) as error:
            self._intake.refused.append(error.said)
        if self._web.unreadable:
            self._intake.refused.append(message("lines_unreadable", count=self._web.unreadable))
        if len(seen) >= most:
            self._intake.refused.append(message("listing_too_long", most=most))

    def _has(self, listed: Listed) -> bool:
        history = self._intake.archive.history(listed.url)
        known = any(c.captured_at == listed.captured_at and _bare(c.digest) == listed.digest for c in history)
        self._intake.known += known
        return known

    def _take(self, group: Sequence[Listed], held: Capture | None) -> None:
        """Takes captures that all have the same content, which is asked for once, if at all."""
        content = _content_of(self._intake.archive, held, group[0].digest) if held else None
        if content is None:
            fetched = self._fetch(group)
            if fetched is None or self._intake.take(fetched) is None:
                return
            content = Content(fetched.headers, fetched.body, fetched.truncated)
            group = [one for one in group if (one.url, one.captured_at) != (fetched.url, fetched.captured_at)]
        for listed in group:
            self._intake.take(self._same(listed, content))

    def _fetch(self, group: Sequence[Listed]) -> Found | None:
        """The first capture of the group that comes as the index promises."""
        # What is listed as unchanged has no record of its own; others are the surer ones.
        candidates = sorted(group, key=lambda listed: listed.revisit)[:_MOST_CANDIDATES]
        refused: list[Message] = []
        for listed in candidates:
            if self._left <= 0:
                self._over += len(group)
                return None
            self._left -= 1
            try:
                found = self._web.fetch(listed)
            except NoAnswer as error:
                self._unanswered += 1
                refused.append(error.said)
            except NotTaken as error:
                self._unanswered = 0
                refused.append(message(error.code, name=self._web.source(listed)[0], url=listed.url))
            else:
                self._unanswered = 0
                return found
        self._intake.refused += refused[:1]
        return None

    def _same(self, listed: Listed, content: Content) -> Found:
        """A capture whose content came with another one."""
        source, source_range = self._web.source(listed)
        kept = ("content-type", "content-encoding")
        return Found(
            url=listed.url,
            captured_at=listed.captured_at,
            status_line=status_line(listed.status),
            headers=[(name, value) for name, value in content.headers if name.lower() in kept],
            body=content.body,
            place=source,
            source=source,
            source_range=source_range,
            digest=f"sha1:{listed.digest}",
            truncated=content.truncated,
        )


def _held(archive: Archive, wanted: Container[str]) -> dict[str, Capture]:
    """Captures of the archive that have one of the ``wanted`` digests, one for each."""
    found: dict[str, Capture] = {}
    for capture in archive.captures():
        digest = _bare(capture.digest)
        if digest in wanted and capture.status == 200:
            found.setdefault(digest, capture)
    return found


def _content_of(archive: Archive, capture: Capture, digest: str) -> Content | None:
    """The archived content if it is the very bytes of ``digest``."""
    try:
        content = content_as_kept(archive, capture)
    except ScraperError:
        return None
    return content if digest_fits(digest, content.body) else None


def _bare(digest: str) -> str:
    """A digest as indexes write it: without the name of its kind."""
    return digest.rpartition(":")[2].upper()


def status_line(status: int) -> str:
    """Code and phrase of a status."""
    known = status in HTTPStatus._value2member_map_
    return f"{status} {HTTPStatus(status).phrase}" if known else str(status)


@dataclass(frozen=True)
class Filter:
    """Which lines of an index can be reports or lead to some, by ``servers.toml`` and the query.

    Servers are asked for these alone; what they send is filtered again.
    """

    query: Query

    @property
    def wanted(self) -> str:
        """Regular expression of the kinds of files that are taken."""
        return str(servers()["mime"]["wanted"])

    @property
    def unwanted(self) -> str:
        """Regular expression of kinds among them that are not."""
        return str(servers()["mime"]["unwanted"])

    def passes(self, listed: Listed) -> bool:
        """Whether a line is wanted."""
        return (
            (listed.revisit or listed.status == 200)
            and re.fullmatch(self.wanted, listed.mime) is not None
            and re.fullmatch(self.unwanted, listed.mime) is None
            and (not self.query.only or re.fullmatch(self.query.only, listed.url) is not None)
        )


def names_capture(url: str, timestamp: str, digest: str) -> bool:
    """Whether a line has the address of a page, a time, and a digest by which what comes can be verified."""
    if not (_TIMESTAMP.fullmatch(timestamp) and _DIGEST.fullmatch(digest) and _ADDRESS.match(url)):
        return False
    try:
        _moment(timestamp)
    except ValueError:
        return False
    return True


def _moment(timestamp: str) -> datetime:
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def plain_address(url: str) -> str:
    """An address without the default port, which archives write and portals don't."""
    return _DEFAULT_PORT.sub(lambda found: found.group(1) or found.group(2), url)
