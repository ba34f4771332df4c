"""Plots of pages: drawn when somebody looks at them, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from analysis import series
from analysis.plots import Kind, PictureFault, draw, kind_for
from nianbao.explorer.asked import Asked, NotThere, Picture, words

# One that many counties don't fit into gives way to their distribution.
_KINDS: tuple[Kind, ...] = ("lines", "bars", "panels", "distribution")
# Drawing takes both cores for a while, and the drawer is not known to bear company.
_drawing = threading.Lock()

Found = series.Trend | series.Comparison | series.Ranking


def pictures_of(
    asked: Asked, name: str, caption: str, found: Found, question: series.Question
) -> Sequence[Picture]:
    """The plot of an answer, and a map where boundaries are known; nothing where there is nothing to draw."""
    kind = kind_for(found, question, asked.language, _KINDS)
    shown = [] if kind is None else [_picture(asked, name, caption, found, question, kind)]
    if asked.boundaries is not None and isinstance(found, series.Ranking):
        shown.append(_picture(asked, f"{name}-map", caption, found, question, "map"))
    return shown


def _picture(
    asked: Asked, name: str, caption: str, found: Found, question: series.Question, kind: Kind
) -> Picture:
    def drawn(suffix: str) -> bytes:
        sources = series.sources_of(asked.connection, found.records)
        boundaries = asked.boundaries if kind == "map" else None
        try:
            with _drawing:
                made = draw(found, question, sources, asked.language, kind=kind, boundaries=boundaries)
                return made.png() if suffix == "png" else made.svg().encode()
        except PictureFault as fault:
            raise NotThere(words("no_picture", reason=str(fault))) from fault

    return Picture(name, caption, asked.said("picture_text", caption=caption), drawn)
