"""``import``: what others archived or saved, into the archive."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nianbao.commands.collect import pass_on, warn_of_samples
from nianbao.console import column, say, tell, warn
from nianbao.failures import WORK_FAILED, Failure
from nianbao.naming import portals_called
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat
from nianbao.records import Column, Record, put
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.archive import Archive
from scraper.importing import (
    CommonCrawlServers,
    Intake,
    Manner,
    Query,
    import_commoncrawl,
    import_files,
    import_wayback,
    report_addresses,
    slowest,
)
from scraper.messages import Message
from scraper.portals.registry import published_on

# Of one kind; the record on standard output has them all.
_MOST_TOLD = 10

_DIGITS = re.compile(r"\d{4}(\d\d){0,5}")


class Match(StrEnum):
    """How far an address reaches, as the servers call it."""

    EXACT = "exact"
    PREFIX = "prefix"
    HOST = "host"
    DOMAIN = "domain"


_Patterns = list[str] | None


def import_(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH")] = None,
    wayback: Annotated[_Patterns, typer.Option("--wayback", metavar="ADDRESS")] = None,
    wayback_for: Annotated[_Patterns, typer.Option("--wayback-for", metavar="COUNTY")] = None,
    commoncrawl: Annotated[_Patterns, typer.Option("--commoncrawl", metavar="ADDRESS")] = None,
    match: Annotated[Match | None, typer.Option("--match")] = None,
    since: Annotated[str, typer.Option("--from", metavar="TIME")] = "",
    until: Annotated[str, typer.Option("--to", metavar="TIME")] = "",
    only: Annotated[str, typer.Option("--only", metavar="REGEX")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1)] = 10_000,
    delay: Annotated[float, typer.Option("--delay", min=0)] = slowest(),
    cdx: Annotated[str, typer.Option("--cdx", metavar="URL")] = "",
    collinfo: Annotated[str, typer.Option("--collinfo", metavar="URL")] = "",
    index: Annotated[str, typer.Option("--index", metavar="URL")] = "",
    data_host: Annotated[str, typer.Option("--data-host", metavar="URL")] = "",
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> int:
    """Takes files, WARC and WACZ, and captures of web archives into the archive; ``parse`` reads them."""
    workspace = Workspace(data)
    query = Query("", match.value if match else "", _time("--from", since), _time("--to", until), _only(only))
    manner, cdx = Manner(limit, delay), _server("--cdx", cdx)
    servers = CommonCrawlServers(
        _server("--collinfo", collinfo), _server("--index", index), _server("--data-host", data_host)
    )
    asked = [replace(query, pattern=pattern) for pattern in wayback or []]
    asked += [one for county in wayback_for or [] for one in _reports_of(county, query, workspace)]
    crawled = [replace(query, pattern=pattern) for pattern in commoncrawl or []]
    if not (paths or asked or crawled):
        raise Failure("import_nothing_named", usage=True)
    _check_exist(paths or [])
    with Archive(workspace.archive, writing=True) as archive:
        pass_on(archive)
        intakes = import_files(paths, archive) if paths else []
        intakes += import_wayback(asked, archive, _tell, manner, cdx) if asked else []
        intakes += import_commoncrawl(crawled, archive, _tell, manner, servers) if crawled else []
    warn_of_samples(workspace)
    put([_record(intake) for intake in intakes], _columns(), print_format, output)
    return report_refused(intakes)


def _check_exist(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise Failure("file_missing", usage=True, file=path)


def _reports_of(county: str, query: Query, workspace: Workspace) -> Iterator[Query]:
    """What to ask for each host of a county: addresses that look like annual reports and their lists."""
    hosts = (host for portal in portals_called(county, workspace.portals()) for host in published_on(portal))
    for host in dict.fromkeys(hosts):
        yield replace(query, pattern=host, match="host", only=query.only or report_addresses())


def _tell(said: Message) -> None:
    tell(said.text(language()))


def _time(option: str, given: str) -> str:
    """A time as 4 to 14 digits. Raises :class:`Failure` for what is none."""
    digits = re.sub(r"[-:T ]", "", given)
    if given and not _DIGITS.fullmatch(digits):
        raise Failure("import_time", usage=True, option=option, given=given)
    return digits


def _only(given: str) -> str:
    try:
        re.compile(given)
    except re.error as error:
        raise Failure("import_regex", usage=True, given=given, reason=error) from error
    return given


def _server(option: str, given: str) -> str:
    if given and not re.match(r"https?://[^/?#]+", given):
        raise Failure("import_server", usage=True, option=option, given=given)
    return given


def _record(intake: Intake) -> Record:
    return {
        "source": intake.source,
        "kind": intake.kind,
        "new": intake.new,
        "known": intake.known,
        "left_out": intake.left_out,
        "refused": [refused.text(language()) for refused in intake.refused],
        "doubtful": [doubtful.text(language()) for doubtful in intake.doubtful],
    }


def _columns() -> list[Column]:
    def counted(key: str) -> Column:
        return Column(key, sentence(f"column_{key}"), shown=lambda record: str(len(record[key])))

    whole = [column(key) for key in ("source", "kind", "new", "known", "left_out")]
    return [*whole, counted("refused"), counted("doubtful")]


def report_refused(intakes: Sequence[Intake]) -> int:
    """Says what came of an import, and what was not taken and why; the exit code."""
    say("imported", new=sum(intake.new for intake in intakes), known=sum(intake.known for intake in intakes))
    refused = [said for intake in intakes for said in intake.refused]
    told = Counter[str]()
    for said in [*(said for intake in intakes for said in intake.doubtful), *refused]:
        told[said.code] += 1
        if told[said.code] <= _MOST_TOLD:
            warn(said.text(language()))
    more = sum(count - _MOST_TOLD for count in told.values() if count > _MOST_TOLD)
    if more:
        warn(sentence("import_more", count=more))
    if refused:
        warn(sentence("import_failed_in_part", failed=len(refused)))
    return WORK_FAILED if refused else 0
