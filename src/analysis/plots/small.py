"""Small pictures for pages that say in their own text what stands around them."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

from analysis.plots.draw import line_signs, panel_of
from analysis.plots.faults import PictureFault
from analysis.plots.frame import SWATCH, Frame, Sign, sign_path
from analysis.plots.lines import panel, scale
from analysis.plots.material import Material
from analysis.plots.outlines import tag
from analysis.plots.picture import Picture
from analysis.plots.telling import table, title
from analysis.plots.wording import Language
from analysis.series import Question, Sources, Trend

_SIGN_HEIGHT = 14


def draw_small(
    trend: Trend,
    question: Question,
    sources: Sources,
    language: Language,
    *,
    metric: str,
    size: tuple[int, int],
) -> Picture:
    """One ``metric`` of ``trend`` over the years, with no words around it; ``size`` is width and height.

    The key of its signs is in ``picture.frame.signs``. Raises :class:`PictureFault` where there is no figure,
    and :class:`analysis.present.fonts.ExtraMissing` where the extra ``plot`` is not installed.
    """
    (quantity,) = (one for one in trend.quantities if one.quantity_id == metric)
    material = Material(replace(trend, quantities=[quantity]), question, sources, language)
    rows = sorted(material.rows(quantity), key=lambda row: row["year"])
    if all(row["value"] is None for row in rows):
        raise PictureFault("nothing")
    spec = panel(panel_of(material, quantity, rows, "", size, scale(rows, question.shown)))
    frame = Frame(title(material), (), line_signs(material, rows), (), bare=True)
    return Picture(spec, frame, table(material), language)


def draw_sign(sign: Sign) -> str:
    """An SVG element with a sign of a key."""
    root = ET.Element(tag("svg"))
    root.attrib |= {
        "width": f"{SWATCH:.0f}",
        "height": str(_SIGN_HEIGHT),
        "viewBox": f"-1 0 {SWATCH + 2:.0f} {_SIGN_HEIGHT}",
        "aria-hidden": "true",
    }
    ET.SubElement(root, tag("path"), sign_path(sign, 0, _SIGN_HEIGHT / 2))
    return ET.tostring(root, encoding="unicode")
