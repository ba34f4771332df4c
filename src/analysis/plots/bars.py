"""Bars: lines one below the other, for each metric a column of bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from analysis.plots.frame import BLUE, INK, ORANGE, PAPER, SOFT, VERMILLION
from analysis.plots.lines import HALO, TITLE, scale
from analysis.plots.material import Row
from analysis.plots.typeface import typeface

Spec = dict[str, Any]

JOINED = "#cfe3f1"
# Fewer than so many have no median worth drawing.
_ENOUGH = 5
_STEP, _NARROW_STEP, _MANY = 21, 16, 40
# Of the texts beside bars: their size, and how far they keep off.
_SIZE, _BESIDE = 11, 12


def middle(rows: Sequence[Row]) -> float | None:
    """The median of the figures drawn; None where they are few."""
    values = [row["value"] for row in rows if row["value"] is not None]
    return median(values) if len(values) >= _ENOUGH else None


def bars(
    rows: Sequence[Row], names: Sequence[str], title: str, width: int, shown: str, *, whole: bool, named: bool
) -> Spec:
    """A column of bars of ``rows``, which bear ``names``; these stand beside it where it is ``named``.

    ``whole``: the figures are counts.
    """
    drawn = [
        row | {"name": name, "look": _look(row)}
        for row, name in zip(rows, names, strict=True)
        if row["value"] is not None
    ]
    lacking = [
        row | {"name": name, "zero": 0} for row, name in zip(rows, names, strict=True) if row["value"] is None
    ]
    sides = _sides(rows, width, shown)
    y = {
        "field": "name",
        "type": "nominal",
        "sort": list(names),
        "scale": {"domain": list(names)},
        "axis": {"title": None, "ticks": False, "domain": False, "labels": named, "labelPadding": 6},
    }
    x = {
        "type": "quantitative",
        "axis": {"title": None, "tickCount": 4, "labelFlush": False, "tickMinStep": 1 if whole else 0},
        "scale": {"domain": sides, "nice": False},
    }
    layers = [_bars(drawn, x, y), *_peers(drawn, x, y), *_median(rows, x), *_texts(drawn, lacking, x, y)]
    step = _STEP if len(names) <= _MANY else _NARROW_STEP
    lines = typeface().title(title, TITLE, width)
    return {"title": lines, "width": width, "height": {"step": step}, "layer": layers}


def _sides(rows: Sequence[Row], width: int, shown: str) -> list[float]:
    """From where to where the scale goes, with room for the texts beside the bars."""
    low, high = scale(rows, shown, 1)
    widths = [(typeface().width(row["text"], _SIZE) + _BESIDE, row["value"] or 0) for row in rows]
    left = max((wide for wide, value in widths if value < 0), default=0) / width
    right = max((wide for wide, value in widths if value >= 0), default=0) / width
    span = (high - low) / (1 - left - right)
    return [low - span * left, high + span * right]


def _look(row: Row) -> Mapping[str, str]:
    if row["doubtful"]:
        return {"fill": PAPER, "stroke": VERMILLION}
    if row["joined"]:
        return {"fill": JOINED, "stroke": BLUE}
    return {"fill": ORANGE, "stroke": ORANGE} if row["marked"] else {"fill": BLUE, "stroke": BLUE}


def _bars(drawn: Sequence[Row], x: Spec, y: Spec) -> Spec:
    return {
        "data": {"values": list(drawn)},
        "mark": {"type": "bar", "strokeWidth": 1.5, "height": {"band": 0.72}},
        "encoding": {
            "x": {"field": "value"} | x,
            "y": y,
            "fill": {"field": "look.fill", "type": "nominal", "scale": None},
            "stroke": {"field": "look.stroke", "type": "nominal", "scale": None},
            "description": {"field": "said"},
        },
    }


def _texts(drawn: Sequence[Row], lacking: Sequence[Row], x: Spec, y: Spec) -> Iterator[Spec]:
    for rows, align, dx in (
        ([row for row in drawn if row["value"] >= 0], "left", 5),
        ([row for row in drawn if row["value"] < 0], "right", -5),
    ):
        if rows:
            yield {
                "data": {"values": rows},
                "mark": {"type": "text", "align": align, "dx": dx, "color": INK, "aria": False} | HALO,
                "encoding": {"x": {"field": "beyond"} | x, "y": y, "text": {"field": "text"}},
                "transform": [{"calculate": _BEYOND, "as": "beyond"}],
            }
    if lacking:
        yield {
            "data": {"values": list(lacking)},
            "mark": {"type": "text", "align": "left", "dx": 5, "color": SOFT} | HALO,
            "encoding": {
                "x": {"field": "zero"} | x,
                "y": y,
                "text": {"field": "text"},
                "description": {"field": "said"},
            },
        }


# Where the text of a figure stands: beyond its bar and the quartiles of its peers.
_BEYOND = (
    "datum.value < 0 ? min(datum.value, isValid(datum.q25) ? datum.q25 : 0) : "
    "max(datum.value, isValid(datum.q75) ? datum.q75 : 0)"
)


def _peers(drawn: Sequence[Row], x: Spec, y: Spec) -> Iterator[Spec]:
    """Median and quartiles of each line's peers, over its bar."""
    found = [row for row in drawn if row.get("median") is not None]
    if not found:
        return
    values = {"values": found}
    across = {"x": {"field": "q25"} | x, "x2": {"field": "q75"}, "y": y}
    for colour, wide in ((PAPER, 5), (INK, 2)):
        mark = {"type": "rule", "color": colour, "strokeWidth": wide, "aria": False}
        yield {"data": values, "mark": mark, "encoding": across}
        tick = {"type": "tick", "color": colour, "thickness": wide, "size": 13, "opacity": 1, "aria": False}
        yield {"data": values, "mark": tick, "encoding": {"x": {"field": "median"} | x, "y": y}}


def _median(rows: Sequence[Row], x: Spec) -> Iterator[Spec]:
    found = middle(rows)
    if found is not None and not any(row.get("median") is not None for row in rows):
        mark = {"type": "rule", "color": INK, "strokeDash": [4, 3], "strokeWidth": 1.2, "aria": False}
        yield {
            "data": {"values": [{"middle": found}]},
            "mark": mark,
            "encoding": {"x": {"field": "middle"} | x},
        }
