"""``portals``: the registry, listed, checked and added to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from nianbao.commands.collect import choose_portals, pass_on, resolve_map
from nianbao.console import column, note, say
from nianbao.failures import WORK_FAILED, Failure
from nianbao.group import ListsByDefault
from nianbao.naming import county_called
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat
from nianbao.records import Column, Record, put
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.archive import Archive
from scraper.fetching import Fetched, Fetcher, Manner, Request
from scraper.forms.identity import is_government_host
from scraper.portals import Portal, read_registry
from scraper.portals.areas import matches
from scraper.portals.doubts import doubts
from scraper.portals.families import families
from scraper.portals.registry import (
    Fault,
    add_entry,
    examine_registry,
    merged,
    published_on,
    shipped_registry,
)

app = typer.Typer(cls=ListsByDefault, add_completion=False, rich_markup_mode=None)

Registry = Annotated[Path | None, typer.Option("--registry", metavar="FILE", dir_okay=False)]

_AT_ONCE = 8


@app.command("list")
def list_(
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT")] = None,
    data: Data = DEFAULT_DATA,
    registry: Registry = None,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the entries in which every one of ``texts`` is found."""
    workspace = Workspace(data)
    known = merged(read_registry(registry) if registry else [], workspace.portals())
    found = [portal for portal in known if all(matches(portal, text) for text in texts or [])]
    found.sort(key=lambda portal: portal.key)
    shipped = set(shipped_registry())
    put([_record(portal, portal in shipped) for portal in found], _columns(), print_format, output)
    if not found:
        say("portals_none")


def _columns() -> list[Column]:
    return [
        *map(column, ("county_code", "county", "prefecture", "province", "home")),
        Column("lists", sentence("column_lists"), shown=lambda record: str(len(record["lists"]) or "")),
        *map(column, ("family", "seen")),
        *(
            column(key, brief=False)
            for key in (
                "hosts", "source", "shipped", "disabled", "sample", "delay", "hours", "tls", "loopback",
                "most_pages", "most_bytes",
            )
        ),
    ]  # fmt: skip


def _record(portal: Portal, shipped: bool) -> dict[str, Any]:
    return {key: getattr(portal, key) for key in Portal.__dataclass_fields__} | {"shipped": shipped}


@app.command("check")
def check(
    places: Annotated[list[str] | None, typer.Argument(metavar="PLACE")] = None,
    online: Annotated[bool, typer.Option("--online")] = False,
    data: Data = DEFAULT_DATA,
    everything: Annotated[bool, typer.Option("--all")] = False,
    registry: Registry = None,
    resolve: Annotated[list[str] | None, typer.Option("--resolve", metavar="HOST=ADDRESS:PORT")] = None,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> int:
    """Prints what is wrong or doubtful in the entries, and with ``online`` how each home page answered."""
    workspace = Workspace(data)
    files = [file for file in (registry, workspace.registry) if file and (file == registry or file.exists())]
    own, faults = _examined(files)
    known = merged(own, shipped_registry())
    if online or places:
        chosen = choose_portals(known, places or [], workspace, everything=everything)
    else:
        chosen = [portal for portal in known if not portal.disabled]
    answers = _ask(workspace, chosen, resolve_map(resolve or [])) if online else {}
    said = _said(known, chosen)
    records = [
        *(_fault_record(fault) for fault in faults),
        *(_checked(portal, said[portal], answers.get(portal)) for portal in chosen),
    ]
    shown = [record for record in records if online or record["messages"]]
    put(shown, _check_columns(online), print_format, output)
    wrong = sum(record["severity"] == "error" for record in records)
    say("portals_checked", count=len(records), wrong=wrong)
    return WORK_FAILED if wrong else 0


def _examined(files: Sequence[Path]) -> tuple[list[Portal], list[Fault]]:
    examined = [examine_registry(file) for file in files]
    return [portal for sound, _ in examined for portal in sound], [f for _, found in examined for f in found]


_Said = list[tuple[str, str]]


def _said(known: Sequence[Portal], chosen: Sequence[Portal]) -> dict[Portal, _Said]:
    """What is doubtful in each of ``chosen``, held against all that are ``known``."""
    said: dict[Portal, _Said] = {portal: [] for portal in chosen}
    for doubt in doubts(known):
        if doubt.portal in said:
            said[doubt.portal].append((doubt.severity, doubt.said.text(language())))
    return said


def _ask(
    workspace: Workspace, portals: Sequence[Portal], resolve: Mapping[str, str]
) -> dict[Portal, Fetched]:
    """How the home page of each portal answers; the answers are archived like a crawl's."""
    with Archive(workspace.archive, writing=True) as archive:
        pass_on(archive)
        return asyncio.run(_ask_all(archive, portals, resolve))


async def _ask_all(
    archive: Archive, portals: Sequence[Portal], resolve: Mapping[str, str]
) -> dict[Portal, Fetched]:
    before = archive.newest_file
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def ask(fetcher: Fetcher, portal: Portal) -> Fetched:
        manner, request = Manner.of(portal), Request(portal.home)
        async with at_once:
            # A fetcher waits for the portal's hours; whoever checks wants to know now.
            if not manner.open_hours.are_open:
                return Fetched(request, "deferred", portal.home, detail=portal.hours)
            return await fetcher.fetch(request, manner, since=before)

    async with Fetcher(archive, resolve=resolve) as fetcher:
        answers = await asyncio.gather(*(ask(fetcher, portal) for portal in portals))
    return dict(zip(portals, answers, strict=True))


def _fault_record(fault: Fault) -> dict[str, Any]:
    return dict.fromkeys(("county_code", "county", "home", "outcome")) | {
        "severity": "error",
        "messages": [fault.said.text(language())],
    }


def _checked(portal: Portal, said: _Said, answer: Fetched | None) -> dict[str, Any]:
    said = list(said)
    if answer is not None and answer.outcome not in ("ok", "not_modified"):
        said.append(("error", " ".join(filter(None, (sentence(f"outcome_{answer.outcome}"), answer.detail)))))
    elif answer is not None and answer.url and answer.url != portal.home:
        said.append(("notice", sentence("portal_moved", url=answer.url)))
    severities = {severity for severity, _ in said}
    return {
        "severity": next((one for one in ("error", "notice") if one in severities), None),
        "county_code": portal.county_code,
        "county": portal.county,
        "home": portal.home,
        "outcome": answer.outcome if answer else None,
        "messages": [text for _, text in said],
    }


def _check_columns(online: bool) -> list[Column]:
    return [
        Column("severity", sentence("column_severity"), shown=_severity),
        *map(column, ("county_code", "county", "home")),
        column("outcome", brief=online),
        column("messages"),
    ]


def _severity(record: Record) -> str:
    return sentence(f"severity_{record['severity']}") if record["severity"] else ""


@app.command("add")
def add(
    county: Annotated[str, typer.Argument(metavar="COUNTY")],
    home: Annotated[str, typer.Argument(metavar="HOME")],
    lists: Annotated[list[str] | None, typer.Option("--list", metavar="URL")] = None,
    hosts: Annotated[list[str] | None, typer.Option("--host", metavar="HOST")] = None,
    family: Annotated[str, typer.Option("--family")] = "",
    delay: Annotated[float, typer.Option("--delay", metavar="SECONDS")] = 2.0,
    source: Annotated[str, typer.Option("--source")] = "",
    allow_host: Annotated[bool, typer.Option("--allow-host")] = False,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
) -> None:
    """Adds an entry to the workspace's own registry."""
    workspace = Workspace(data)
    if family and family not in families():
        raise Failure("unknown_family", usage=True, given=family, near="; ".join(families()))
    area = county_called(county)
    portal = Portal(
        county_code=area.code,
        county=area.name,
        province=area.above[0],
        prefecture="".join(area.above[1:]),
        home=home,
        lists=tuple(lists or ()),
        hosts=tuple(hosts or ()),
        family=family,
        delay=delay,
        source=source or f"nianbao portals add, {datetime.now(UTC).astimezone():%Y-%m-%d}",
    )
    _refuse_doubtful(portal, workspace, allow_host=allow_host)
    add_entry(workspace.registry, portal)
    say("portal_added", county=area.place, file=workspace.registry)
    if portal.key in {known.key for known in shipped_registry()}:
        note("portal_overrides", county=area.name)


def _refuse_doubtful(portal: Portal, workspace: Workspace, *, allow_host: bool) -> None:
    """Raises :class:`Failure` where the entry would lead a crawl astray."""
    foreign = [host for host in published_on(portal) if host and not is_government_host(host)]
    if foreign and not allow_host:
        raise Failure("portal_foreign_host", usage=True, hosts=", ".join(foreign))
    others = [known for known in workspace.portals() if known.key != portal.key]
    for doubt in doubts([*others, portal]):
        if doubt.portal is portal and doubt.severity == "error":
            raise Failure("portal_refused", usage=True, reason=doubt.said.text(language()))
