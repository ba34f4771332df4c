"""Pages as HTML: everything in them is escaped, and says the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nianbao.explorer.asked import PAGE, Asked, Page, address, words
from nianbao.records import as_text
from scraper.messages import Language

_BEIJING = timedelta(hours=8)
# A text that is longer is cut where it is shown; the files have all of it.
LONGEST_SHOWN = 2000
# What stands in the address of one answer and not in those that lead on from it.
_OF_ONE_ANSWER = ("page", "saved", "table", "plot", "save", "cell")


@cache
def _environment() -> Environment:
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("nianbao.explorer"),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["spans"] = _spans
    made.filters["short"] = short
    made.filters["plain"] = as_text
    made.filters["moment"] = moment
    made.filters["web"] = web_address
    return made


def short(text: str) -> str:
    """A text that a page can show, whatever a report says."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def moment(when: datetime | None) -> str:
    """A moment, which is UTC, as clocks in China show it."""
    return "" if when is None else f"{when + _BEIJING:%Y-%m-%d %H:%M}"


def web_address(url: str | None) -> str:
    """An address that may be clicked: that of a web page and nothing else."""
    return url if url and url.startswith(("http://", "https://")) else ""


def _spans(cell: Mapping[str, Any]) -> Markup:
    """The attributes of a cell that covers several rows or columns."""
    rows = f' rowspan="{int(cell["rows"])}"' if cell["rows"] > 1 else ""
    columns = f' colspan="{int(cell["columns"])}"' if cell["columns"] > 1 else ""
    return Markup(rows + columns)  # noqa: S704 - numbers


def page_html(page: Page, asked: Asked, path: str, taken_at: datetime | None) -> str:
    """The HTML of ``page``, which stands at ``path`` behind the language."""
    grouped: dict[str, list[str]] = {}
    for name, value in asked.query:
        if name not in _OF_ONE_ANSWER:
            grouped.setdefault(name, []).append(value)

    def here(*, language: str = asked.language, **changed: object) -> str:
        return address(language, path, {**grouped, **changed})

    def file(suffix: str, **changed: object) -> str:
        name = path if path != "/" else "/index"
        return address(asked.language, f"{name}.{suffix}", {**grouped, **changed})

    return (
        _environment()
        .get_template(page.template)
        .render(
            **page.values,
            page=page,
            asked=asked,
            t=asked.said,
            link=asked.link,
            here=here,
            file=file,
            path=path,
            language=asked.language,
            taken_at=taken_at,
            page_size=PAGE,
        )
    )


def failure_html(language: Language, title: str, text: str) -> str:
    """The page that says why there is nothing to show."""

    def said(code: str, /, **values: object) -> str:
        return words(code, **values).text(language)

    def link(path: str, /, **query: object) -> str:
        return address(language, path, query)

    def here(*, language: str = language) -> str:
        return address(language, "/", {})

    return (
        _environment()
        .get_template("failure.html")
        .render(
            page=Page("failure.html", title, {}),
            t=said,
            link=link,
            here=here,
            path="",
            language=language,
            taken_at=None,
            text=text,
        )
    )
