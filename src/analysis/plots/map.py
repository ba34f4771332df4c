"""A map of one metric and year, on boundaries that the user gives."""

from __future__ import annotations

from pathlib import Path

from analysis.plots.faults import PictureFault
from analysis.plots.material import Material
from analysis.plots.picture import Picture


def map_of(material: Material, boundaries: Path | None) -> Picture:
    """The map of ``material``. Raises :class:`PictureFault` where ``boundaries`` can't be used."""
    raise PictureFault("no_boundaries")
