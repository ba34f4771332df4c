"""The portal registry: TOML files of ``[[portal]]`` entries."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w

from scraper.messages import ScraperError, message

_NEEDED = ("county_code", "county", "home")


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
    ``sample`` marks portals with invented figures; ``source`` says where the entry came from, ``seen``
    when the address was last seen to work (YYYY-MM-DD).
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


def shipped_registry() -> list[Portal]:
    """The portals that come with nianbao."""
    folder = Path(str(files(__package__) / "registry"))
    return [portal for path in sorted(folder.glob("*.toml")) for portal in read_registry(path)]


def read_registry(path: Path) -> list[Portal]:
    """The portals of one file. Raises :class:`ScraperError` naming the file and the entry at fault."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("portal", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ScraperError(message("registry_unreadable", file=path, reason=error)) from error
    return [_portal(path, number, entry) for number, entry in enumerate(entries, start=1)]


def _portal(path: Path, number: int, entry: dict[str, Any]) -> Portal:
    missing = [key for key in _NEEDED if not entry.get(key)]
    unknown = sorted(set(entry) - set(Portal.__dataclass_fields__))
    if missing or unknown:
        raise ScraperError(
            message(
                "registry_entry",
                file=path,
                number=number,
                missing=", ".join(missing) or "–",
                unknown=", ".join(unknown) or "–",
            )
        )
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return Portal(**values)


def write_registry(path: Path, portals: list[Portal]) -> None:
    """Writes ``portals`` as a registry file."""
    entries = [{key: list(v) if isinstance(v, tuple) else v for key, v in asdict(p).items()} for p in portals]
    path.write_text(tomli_w.dumps({"portal": entries}), encoding="utf-8")
