"""The face of this package: an answer of :mod:`analysis.series` becomes a picture."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from analysis.plots.picture import Picture
from analysis.plots.wording import Language
from analysis.series import Comparison, Question, Ranking, Sources, Trend

Kind = Literal["lines", "bars", "panels", "distribution", "map"]


def draw(
    answer: Comparison | Trend | Ranking,
    question: Question,
    sources: Sources,
    language: Language,
    *,
    kind: Kind | None = None,
    marked: Collection[str] = (),
    boundaries: Path | None = None,
) -> Picture:
    """The picture of ``answer``, which is what the database says to ``question``, from ``sources``.

    ``kind`` is by default what suits the answer best: ``lines`` for a trend, ``bars`` for one year,
    ``panels`` for several, a ``map`` where ``boundaries`` (GeoJSON) are given. ``marked`` are the codes of
    counties to be pointed out. Raises :class:`PictureFault` where it can't be drawn so, and
    :class:`analysis.present.fonts.ExtraMissing` where the extra ``plot`` is not installed.
    """
    raise NotImplementedError
