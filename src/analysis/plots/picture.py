"""A picture, and the files that it becomes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

from analysis.plots.frame import Frame, framed
from analysis.plots.outlines import outline_texts, tag
from analysis.plots.typeface import EXTRA, typeface
from analysis.plots.wording import Language, Wording
from analysis.present.fonts import SANS, ExtraMissing, font_files

_VEGA_LITE = "6.4"
_PRINTABLE = 2.0
_CONFIG = {
    "font": SANS,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 11,
        "labelColor": "#1a1a1a",
        "labelLimit": 0,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titleColor": "#595959",
        "gridColor": "#e6e6e6",
        "domainColor": "#8c8c8c",
        "tickColor": "#8c8c8c",
    },
    "title": {
        "fontSize": 13,
        "anchor": "start",
        "frame": "group",
        "fontWeight": "bold",
        "color": "#1a1a1a",
        "offset": 8,
    },
    "text": {"fontSize": 11},
}


@dataclass(frozen=True)
class Table:
    """What is drawn, as a table beneath the picture: headings, and rows with the address of their report."""

    headings: Sequence[str]
    rows: Sequence[tuple[Sequence[str], str | None]]


@dataclass(frozen=True)
class Picture:
    """``spec`` is its Vega-Lite specification, whose data are the figures drawn; ``frame`` stands around it.

    The same answer makes the same bytes. All texts are outlines of the shipped typeface; what they say is in
    ``aria-label`` attributes, and what is said of each figure shows when it is pointed at.
    """

    spec: Mapping[str, Any]
    frame: Frame
    table: Table
    language: Language

    @cached_property
    def _svg(self) -> str:
        face = typeface()
        root = framed(_body(self.spec), self.frame, face)
        root.set("lang", "zh-CN" if self.language == "zh" else "en-GB")
        _tell_when_pointed_at(root)
        outline_texts(root, face)
        text = ET.tostring(root, encoding="unicode")
        return _with_own_names(text)

    def svg(self) -> str:
        """One SVG element with all that it needs, for files as for pages."""
        return self._svg

    def png(self, scale: float = _PRINTABLE) -> bytes:
        """Pixels, ``scale`` for each of the picture's own."""
        made: bytes = _renderer().svg_to_png(self._svg, scale=scale)
        return made

    def html(self) -> str:
        """A page with the picture and a table of what it shows. It loads nothing and runs nothing."""
        from jinja2 import Environment, StrictUndefined

        environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        source = (files(__package__) / "picture.html").read_text(encoding="utf-8")
        page = environment.from_string(source)
        say = Wording(self.language)
        words = {name: say(name) for name in ("page_table", "page_report")}
        return page.render(svg=self._svg, frame=self.frame, table=self.table, language=self.language, **words)


def _renderer() -> Any:
    folder = font_files(EXTRA)[SANS].parent
    try:
        import vl_convert
    except ImportError as error:
        raise ExtraMissing(EXTRA) from error
    vl_convert.register_font_directory(str(folder))
    return vl_convert


def _body(spec: Mapping[str, Any]) -> ET.Element:
    # Nothing may be loaded from anywhere: all data are in the specification.
    whole = json.dumps({"config": _CONFIG, **spec}, ensure_ascii=False)
    made = _renderer().vegalite_to_svg(whole, vl_version=_VEGA_LITE, allowed_base_urls=[])
    return ET.fromstring(made)  # noqa: S314 - made here


def _tell_when_pointed_at(root: ET.Element) -> None:
    """Shows what is said of a figure, which Vega puts in ``aria-label``, when it is pointed at."""
    for element in root.iter():
        said = element.get("aria-label")
        if said and element.tag == tag("path") and element.get("role") == "graphics-symbol":
            title = ET.Element(tag("title"))
            title.text = said
            element.insert(0, title)


def _with_own_names(svg: str) -> str:
    """``svg`` with ids that begin anew in each picture, and are no other picture's on the same page.

    Vega counts them on from picture to picture. Characters look the same everywhere and keep theirs.
    """
    names = [
        name for name in dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)) if not name.startswith("glyph-")
    ]
    for number, name in enumerate(names):
        svg = re.sub(rf'(\bid="|url\(#|href="#){re.escape(name)}\b', rf"\g<1>part-{number}", svg)
    mark = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return re.sub(r'(\bid="|url\(#|href="#)part-', rf"\g<1>part-{mark}-", svg)
