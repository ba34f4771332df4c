"""HTML files that stand alone: no script, nothing loaded, everything in them escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup


@cache
def _template(name: str) -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals["spans"] = _spans
    return environment.from_string((files(__package__) / name).read_text(encoding="utf-8"))


def _spans(cell: Mapping[str, Any]) -> Markup:
    """The attributes of a cell that covers several rows or columns."""
    rows = f' rowspan="{int(cell["rows"])}"' if cell["rows"] > 1 else ""
    columns = f' colspan="{int(cell["columns"])}"' if cell["columns"] > 1 else ""
    return Markup(rows + columns)  # noqa: S704 - numbers


def html(template: str, page: Mapping[str, Any]) -> str:
    """The HTML of ``page``, all of whose texts are escaped."""
    return _template(template).render(page)
