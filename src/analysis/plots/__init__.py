"""Pictures of comparisons, trends and rankings: SVG, PNG and HTML, the same bytes on every machine."""

from analysis.plots.draw import Kind, draw, kind_for
from analysis.plots.faults import PictureFault
from analysis.plots.picture import Picture
from analysis.plots.small import draw_sign, draw_small
from analysis.plots.tiles import draw_coverage
from analysis.plots.wording import Language

__all__ = [
    "Kind",
    "Language",
    "Picture",
    "PictureFault",
    "draw",
    "draw_coverage",
    "draw_sign",
    "draw_small",
    "kind_for",
]
