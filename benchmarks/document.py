"""``docs/performance.md`` from the results: its text is in ``sections``, its figures in ``results``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

from benchmarks.results import Result, read
from jinja2 import Environment, FileSystemLoader, StrictUndefined

SECTIONS = Path(__file__).with_name("sections")
PAGES = {"en": "performance.md", "zh": "zh/performance.md"}
"""The document in each language, below ``docs``."""


def pages(names: list[str], folder: Path) -> dict[str, str]:
    """The document in each language, with the results of ``folder`` for the benchmarks ``names``."""
    found = {}
    for name in names:
        path = folder / f"{name}.json"
        if not path.exists():
            raise SystemExit(f"no result in {path}: python benchmarks/performance.py {name}")
        found[name] = read(path)
    return {language: _page(language, found) for language in PAGES}


def section(result: Result, language: str = "en") -> str:
    """A benchmark's part of the document."""
    template = _templates().get_template(f"{language}/{result.benchmark}.md")
    return template.render(**asdict(result), language=language).strip()


def _page(language: str, results: Mapping[str, Result]) -> str:
    parts = {name: section(result, language) for name, result in results.items()}
    page: str = _templates().get_template(f"{language}/performance.md").render(sections=parts)
    return page.strip() + "\n"


@cache
def _templates() -> Environment:
    # It is Markdown: nothing in it is escaped.
    made = Environment(  # noqa: S701
        loader=FileSystemLoader(SECTIONS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["number"] = number
    made.filters["percent"] = percent
    return made


def number(value: float | None, places: int = 0) -> str:
    """A figure with thousands apart; a dash where there is none."""
    return "–" if value is None else f"{value:,.{places}f}"


def percent(share: float | None, places: int = 0) -> str:
    """A share as a percentage."""
    return "–" if share is None else f"{100 * share:.{places}f} %"
