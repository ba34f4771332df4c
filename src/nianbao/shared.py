"""``parse`` where the archive lies in shared storage: parts, tables, and the switch to them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import duckdb

from analysis.checks import record_findings
from analysis.checks.reuse import record_reuse
from analysis.spreading import Spread
from nianbao.reviews import bring_in
from nianbao.workspace import REGISTRY, REVIEWS, Workspace
from scraper.engine import Engine
from scraper.messages import Message
from scraper.parse import Parsed, samples_of
from scraper.portals.registry import hosts_of
from scraper.shared.current import current
from scraper.shared.parts import Parts, Progress, asked_parts, commits, whole_parts
from scraper.shared.publish import bring_back, is_whole, made_of, publish, tidy
from scraper.shared.settle import read_now, scratch, settle, take_in
from scraper.shared.storage import Storage
from scraper.shared.task import Terms


def parse_shared(
    workspace: Workspace,
    storage: Storage,
    engine: Engine,
    patience: float | None,
    spread: Spread,
    progress: Progress,
) -> tuple[Parsed, Counts]:
    """Reads what is new in the archive, settles, checks, and switches to the new tables.

    Returns what this run read, and how many findings and warnings there are. ``engine`` reads WARC files;
    ``patience`` is in seconds for a document (:class:`scraper.shared.task.Terms`); ``spread`` does what
    checking needs no database for. Raises :class:`ScraperError` where the storage can't be read or written.
    """
    portals = workspace.portals()
    terms = Terms(storage, samples_of(portals), hosts_of(portals), patience)
    before = current(storage)
    published = before.commits if before else ()
    committed = commits(storage)
    parts = whole_parts(terms, committed, published, engine, progress)
    with scratch(storage) as connection:
        asked_parts(terms, committed, parts, take_in(connection, terms, parts, portals), engine)
        parsed = read_now(connection, parts)
        parsed.failures += _said(parts, published)
        made = made_of(parts, _code(), *(_content(storage, name) for name in (REGISTRY, REVIEWS)))
        if before is None or before.made_of != made or not is_whole(storage, before):
            settle(connection, parts)
            bring_back(connection, before)
            counts = _checked(connection, workspace, spread)
            now = publish(connection, storage, parts, made, vars(counts))
            tidy(storage, before, now)
        else:
            counts = Counts(**before.counts)
    return parsed, counts


@dataclass(frozen=True)
class Counts:
    """How many findings there are, and warnings, in so many reports."""

    findings: int
    warnings: int
    warned_reports: int


def _checked(connection: duckdb.DuckDBPyConnection, workspace: Workspace, spread: Spread) -> Counts:
    """Works out findings and shared text, and brings in what people decided."""
    record_reuse(connection, spread)
    findings = record_findings(connection, spread=spread)
    bring_in(workspace, connection)
    warned = connection.execute("SELECT count(*), count(DISTINCT report_id) FROM warning").fetchall()[0]
    return Counts(findings, *warned)


def _said(parts: Parts, published: Collection[str]) -> list[Message]:
    """What went wrong, where no earlier run has told it."""
    said = [said for part in parts if part.name not in published for said in part.said]
    return list({str(one): one for one in (*parts.said, *said)}.values())


def _content(storage: Storage, name: str) -> bytes:
    return storage.read(name) or b""


def _code() -> bytes:
    """Changes whenever the code or the tables change that settle and check."""
    digest = hashlib.sha256()
    for package in ("scraper", "analysis"):
        folder = Path(str(files(package)))
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".toml", ".csv", ".sql"):
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.digest()
