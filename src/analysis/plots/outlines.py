"""Texts of an SVG file as outlines, so that it looks the same where there is no Chinese typeface.

What each text says stays readable for programs in ``aria-label``. Each character is drawn once and used
where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from analysis.plots.typeface import Typeface

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
# Wider strokes stand for the bold face, which the shipped typeface lacks: in units of its em square.
_BOLD = "28"
_PIXELS = re.compile(r"[\d.]+")
_ANCHORS = {"middle": 0.5, "end": 1.0}
_TAKEN = ("transform", "fill", "opacity", "fill-opacity", "x", "y")

ET.register_namespace("", SVG)
ET.register_namespace("xlink", XLINK)


def tag(name: str) -> str:
    """The name of an SVG element as ElementTree has it."""
    return f"{{{SVG}}}{name}"


def outline_texts(root: ET.Element, face: Typeface) -> None:
    """Replaces all texts of ``root`` by outlines."""
    used: dict[str, str] = {}
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            if child.tag == tag("text"):
                parent[place] = _outlined(child, face, used)
    definitions = ET.Element(tag("defs"))
    for glyph, name in used.items():
        ET.SubElement(definitions, tag("path"), {"id": name, "d": face.outline(glyph)})
    root.insert(0, definitions)


def _outlined(text: ET.Element, face: Typeface, used: dict[str, str]) -> ET.Element:
    found = ET.Element(tag("g"), {key: text.attrib[key] for key in _TAKEN[:4] if key in text.attrib})
    lines = _lines(text)
    found.set("role", "img")
    found.set("aria-label", " ".join(line for line, _, _ in lines))
    size = _number(text.get("font-size", "11"))
    anchor = _ANCHORS.get(text.get("text-anchor", ""), 0.0)
    scale = size / face.em
    for line, x, y in lines:
        start = x - anchor * face.width(line, size)
        place = {"transform": f"translate({start:.2f},{y:.2f}) scale({scale:.5g},{-scale:.5g})"}
        for stroke in _strokes(text, scale):
            drawn = ET.SubElement(found, tag("g"), place | stroke)
            _draw(drawn, line, face, used)
    return found


def _strokes(text: ET.Element, scale: float) -> Iterator[dict[str, str]]:
    """With which strokes a text is drawn, one over the other: first its halo, if it has one."""
    if "stroke" in text.attrib:
        wide = _number(text.get("stroke-width", "1")) / scale
        halo = {"stroke": text.attrib["stroke"], "stroke-width": f"{wide:.0f}", "stroke-linejoin": "round"}
        yield halo | {"aria-hidden": "true"}
    bold = text.get("font-weight") == "bold"
    yield {"stroke": text.get("fill", "#000"), "stroke-width": _BOLD} if bold else {}


def _draw(into: ET.Element, line: str, face: Typeface, used: dict[str, str]) -> None:
    at = 0
    for character in line:
        if not character.isspace():
            glyph = face.glyph(character)
            name = used.setdefault(glyph, f"glyph-{glyph.lstrip('.')}")
            ET.SubElement(into, tag("use"), {f"{{{XLINK}}}href": f"#{name}", "x": str(at)})
        at += face.advance(character)


def _lines(text: ET.Element) -> list[tuple[str, float, float]]:
    """The lines of a text with their places."""
    x, y = _number(text.get("x", "0")), _number(text.get("y", "0"))
    if not len(text):
        return [(text.text or "", x, y)]
    lines = []
    for part in text:
        y += float(part.get("dy", "0"))
        lines.append((part.text or "", float(part.get("x", str(x))), y))
    return lines


def _number(given: str) -> float:
    found = _PIXELS.search(given)
    return (-1 if given.startswith("-") else 1) * float(found[0]) if found else 0.0
