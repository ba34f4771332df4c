"""The portal registry: TOML files of ``[[portal]]`` entries."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import tomli_w

from scraper.messages import ScraperError, message

_NEEDED = ("county_code", "county", "home", "lists")


@dataclass(frozen=True)
class Portal:
    """One county's portal.

    ``lists`` are addresses of annual-report lists; ``delay`` is in seconds between requests to a host;
    ``sample`` marks portals with invented figures; ``source`` says where the entry came from.
    """

    county_code: str
    county: str
    home: str
    lists: tuple[str, ...]
    prefecture: str = ""
    province: str = ""
    delay: float = 2.0
    sample: bool = False
    source: str = ""


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
    return Portal(**{**entry, "lists": tuple(entry["lists"])})


def write_registry(path: Path, portals: list[Portal]) -> None:
    """Writes ``portals`` as a registry file."""
    entries = [{**asdict(portal), "lists": list(portal.lists)} for portal in portals]
    path.write_text(tomli_w.dumps({"portal": entries}), encoding="utf-8")
