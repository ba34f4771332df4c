"""The portal registry: TOML files of ``[[portal]]`` entries."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from scraper.messages import Message, ScraperError, message
from scraper.places import county_by_code, current
from scraper.portals import entry as entries


@dataclass(frozen=True)
class Portal:
    """One county's portal: where a crawl of it begins, and what it may do there.

    ``home`` is the portal's first page, ``lists`` are addresses of annual-report lists where they are
    known, ``hosts`` are others than the home's that the county publishes on. ``family`` is the module of
    ``scraper.portals.families`` that the portal is of, where known. ``delay`` is in seconds between
    requests, ``hours`` the part of the day in which it may be crawled, in Beijing time ("22:00-06:00";
    always where empty). ``tls`` says how far certificates and protocols are trusted: ``verify``,
    ``legacy`` (old protocols, certificate verified) or ``unverified``. ``loopback`` allows addresses of
    this machine, for samples and tests. ``most_pages`` and ``most_bytes`` bound a visit for each host.
    ``sample`` marks portals with invented figures, ``disabled`` an entry that is neither crawled nor
    evidence of whose its host is. ``source`` says where the entry came from; ``seen`` is the day, month
    or year (YYYY-MM-DD, YYYY-MM, YYYY) at or after which the address is known to have worked.
    """

    county_code: str
    county: str
    home: str
    lists: tuple[str, ...] = ()
    prefecture: str = ""
    province: str = ""
    family: str = ""
    hosts: tuple[str, ...] = ()
    delay: float = 2.0
    hours: str = ""
    tls: str = "verify"
    loopback: bool = False
    most_pages: int = 5000
    most_bytes: int = 2_000_000_000
    sample: bool = False
    source: str = ""
    seen: str = ""
    disabled: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What makes two entries the same: the county's code and the home, be it http or https."""
        parts = urlsplit(self.home)
        query = f"?{parts.query}" if parts.query else ""
        return self.county_code, f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"

    @property
    def host(self) -> str:
        """The home's host, without port."""
        return urlsplit(self.home).hostname or ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with the entry ``number`` of a registry, counted from 1."""

    number: int
    said: Message


@cache
def shipped_registry() -> tuple[Portal, ...]:
    """The portals that come with nianbao, in the order of their codes."""
    folder = Path(str(files("scraper.portals") / "provinces"))
    found = [portal for path in sorted(folder.glob("*.toml")) for portal in read_registry(path)]
    return tuple(sorted(found, key=lambda portal: portal.key))


def read_registry(path: Path) -> list[Portal]:
    """The portals of one file. Raises :class:`ScraperError` naming the file and the entry at fault."""
    portals, faults = examine_registry(path)
    for fault in faults:
        raise ScraperError(fault.said)
    return portals


def examine_registry(path: Path) -> tuple[list[Portal], list[Fault]]:
    """The sound entries of one file, and what is wrong with the others.

    Raises :class:`ScraperError` where the file is no registry at all.
    """
    portals: list[Portal] = []
    faults: list[Fault] = []
    first: dict[tuple[str, str], int] = {}
    for number, entry in enumerate(_entries(path), start=1):
        said = list(entries.problems(entry))
        if not said:
            portal = _portal(entry)
            if portal.key in first:
                said = [message("entry_twice", first=first[portal.key])]
            else:
                first[portal.key] = number
                portals.append(portal)
        county = str(entry.get("county") or entry.get("county_code") or "–")
        faults += [Fault(number, _at(path, number, county, problem)) for problem in said]
    return portals, faults


def _at(path: Path, number: int, county: str, problem: Message) -> Message:
    said = {"en": problem.text("en"), "zh": problem.text("zh")}
    return message("registry_entry", file=path, number=number, county=county, problem=said)


def _entries(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        return _parsed(path, path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScraperError(message("registry_unreadable", file=path, reason=error)) from error


def _parsed(path: Path, text: str) -> list[dict[str, Any]]:
    """The entries in the ``text`` of a registry."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScraperError(message("registry_unreadable", file=path, reason=error)) from error
    found: list[dict[str, Any]] = content.get("portal", [])
    strange = [key for key in content if key != "portal"]
    if strange or not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ScraperError(message("registry_shape", file=path, key=(strange or ["portal"])[0]))
    return found


def _portal(entry: Mapping[str, Any]) -> Portal:
    """The portal of a sound entry; what the register knows of its county need not stand in it."""
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    values["seen"] = str(values.get("seen", ""))
    values["hosts"] = tuple(host.lower() for host in values.get("hosts", ()))
    county = county_by_code(entry["county_code"])
    if county is not None:
        values["prefecture"], values["province"] = county.prefecture, county.province
    return Portal(**values)


def merged(*registries: Iterable[Portal]) -> list[Portal]:
    """All entries, of those with the same county and home the first one."""
    found: dict[tuple[str, str], Portal] = {}
    for portal in (portal for registry in registries for portal in registry):
        found.setdefault(portal.key, portal)
    return list(found.values())


def hosts_of(portals: Iterable[Portal]) -> dict[str, str]:
    """Hosts on which exactly one county publishes, with its code: evidence of whose a report is.

    That is the host of a home that is the host's first page, with and without ``www.``, and hosts below
    it. A home further down is a county's place on somebody else's host. Hosts that several counties
    name, and those of prefectures and provinces (``shared_hosts.toml``), are nobody's.
    """
    named: defaultdict[str, set[str]] = defaultdict(set)
    own: defaultdict[str, set[str]] = defaultdict(set)
    for portal in portals:
        if portal.disabled:
            continue
        for host in published_on(portal):
            named[bare(host)].add(_code_today(portal))
            if is_own(host, portal):
                own[bare(host)].add(_code_today(portal))
    sole = {host: codes for host, codes in own.items() if len(named[host]) == 1 and not is_shared(host)}
    return {written: code for host, (code,) in sole.items() for written in (host, f"www.{host}")}


def _code_today(portal: Portal) -> str:
    county = county_by_code(portal.county_code)
    return current(county).code if county else portal.county_code


def published_on(portal: Portal) -> Iterator[str]:
    """Every host that the entry names, without port."""
    yield portal.host
    for url in portal.lists:
        yield urlsplit(url).hostname or ""
    for host in portal.hosts:
        yield urlsplit(f"//{host}").hostname or ""


def is_own(host: str, portal: Portal) -> bool:
    """Whether ``host`` is the portal's own, as its entry tells: its home begins there, or above it."""
    path = urlsplit(portal.home).path
    first_page = path in ("", "/") or (path.count("/") == 1 and path.startswith(("/index.", "/default.")))
    return first_page and (bare(host) == bare(portal.host) or host.endswith(f".{bare(portal.host)}"))


def bare(host: str) -> str:
    """``host`` without ``www.``."""
    return host.removeprefix("www.")


def is_shared(host: str) -> bool:
    """Whether ``host`` is known as a prefecture's or a province's."""
    return bare(host) in _shared_hosts()


@cache
def _shared_hosts() -> frozenset[str]:
    text = (files("scraper.portals") / "shared_hosts.toml").read_text(encoding="utf-8")
    return frozenset(bare(host) for host in tomllib.loads(text)["hosts"])


def write_registry(path: Path, portals: Iterable[Portal]) -> None:
    """Writes ``portals`` as a registry file, each with the keys that are not as they are without it."""
    path.write_text(tomli_w.dumps({"portal": [entry_of(portal) for portal in portals]}), encoding="utf-8")


def entry_of(portal: Portal) -> dict[str, Any]:
    """The keys and values of an entry, without those that say nothing."""
    default = {field.name: field.default for field in fields(Portal)}
    values = {key: getattr(portal, key) for key in entries.KEYS}
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value != default[key]
    }


def add_entry(path: Path, portal: Portal) -> None:
    """Adds ``portal`` to the registry at ``path``; all else in the file stays as it is, comments too.

    The file is put in place when it is whole. Raises :class:`ScraperError` where the entry is not sound
    or there already, where what is there is no sound registry, or where it can't be written.
    """
    entry = entry_of(portal)
    for problem in entries.problems(entry):
        raise ScraperError(problem)
    if any(portal.key == known.key for known in (read_registry(path) if path.exists() else ())):
        raise ScraperError(message("entry_exists", file=path, county=portal.county, home=portal.home))
    try:
        _replace(path.resolve(), entry)
    except OSError as error:
        said = message("workspace_not_writable", folder=path.parent, reason=error.strerror or error)
        raise ScraperError(said) from error


def _replace(path: Path, entry: Mapping[str, Any]) -> None:
    """Puts a file with one more ``entry`` in the place of ``path``."""
    before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    kept = f"{before.rstrip()}\n\n" if before.strip() else ""
    after = kept + tomli_w.dumps({"portal": [entry]})
    if _parsed(path, after) != [*_parsed(path, before), entry]:
        raise ScraperError(message("registry_shape", file=path, key="portal"))
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(after, encoding="utf-8")
    unfinished.replace(path)
