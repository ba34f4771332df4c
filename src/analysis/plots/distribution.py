"""How the figures of one year lie: a dot for each, or columns where they are many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median, quantiles
from typing import Any

from analysis.plots.frame import BLUE, INK, ORANGE, PAPER, VERMILLION
from analysis.plots.lines import scale
from analysis.plots.material import Row

Spec = dict[str, Any]

WIDTH = 640
_DOT, _HIGHEST = 9, 18
_BOX, _NAME = 30, 15
_COLUMNS, _COLUMN_HEIGHT = 32, 130
_ROOM = 1.04
_STEPS = (1, 2, 2.5, 5, 10)


def too_many_for_dots(rows: Sequence[Row], shown: str) -> bool:
    """Whether dots would pile up higher than can be drawn."""
    low, high = scale(rows, shown, _ROOM)
    return max(_piles(_drawn(rows), low, high).values(), default=0) > _HIGHEST


def _drawn(rows: Sequence[Row]) -> list[Row]:
    return sorted(
        (row for row in rows if row["value"] is not None), key=lambda row: (row["value"], row["line"])
    )


def _bin(value: float, low: float, high: float) -> int:
    return min(math.floor((value - low) / (high - low) * WIDTH / _DOT), WIDTH // _DOT - 1)


def _piles(drawn: Sequence[Row], low: float, high: float) -> Counter[int]:
    return Counter(_bin(row["value"], low, high) for row in drawn)


def distribution(rows: Sequence[Row], title: str, shown: str, *, whole: bool) -> Spec:
    """The panel of ``rows``, which are of one metric and year."""
    low, high = scale(rows, shown, _ROOM)
    drawn = _drawn(rows)
    x = {
        "type": "quantitative",
        "axis": {"title": None, "grid": False, "tickCount": 8, "labelFlush": False},
        "scale": {"domain": [low, high], "nice": False},
    }
    marked = [row for row in drawn if row["marked"]]
    top = len(marked) * _NAME
    if too_many_for_dots(rows, shown):
        height = top + _COLUMN_HEIGHT + _BOX
        layers = [*_columns(drawn, x, low, high, top, height, whole=whole)]
    else:
        height = top + max(_piles(drawn, low, high).values()) * _DOT + _BOX
        layers = [_dots(drawn, x, low, high, height)]
    layers += [*_box(drawn, x, height), *_marked(marked, x, low, high, height)]
    return {"title": title, "width": WIDTH, "height": height, "layer": layers}


def _pixels(field: str, height: float) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, height], "reverse": True},
    }


def _dots(drawn: Sequence[Row], x: Spec, low: float, high: float, height: float) -> Spec:
    pile: Counter[int] = Counter()
    placed = []
    for row in drawn:
        place = _bin(row["value"], low, high)
        pile[place] += 1
        placed.append(row | {"y": height - _BOX - (pile[place] - 0.5) * _DOT, "look": _look(row)})
    return {
        "data": {"values": placed},
        "mark": {"type": "point", "filled": True, "opacity": 0.95, "strokeWidth": 1.4},
        "encoding": {
            "x": {"field": "value"} | x,
            "y": _pixels("y", height),
            "fill": {"field": "look.fill", "type": "nominal", "scale": None},
            "stroke": {"field": "look.stroke", "type": "nominal", "scale": None},
            "shape": {"field": "look.shape", "type": "nominal", "scale": None},
            "size": {"field": "look.size", "type": "quantitative", "scale": None},
            "description": {"field": "said"},
        },
    }


def _look(row: Row) -> Spec:
    fill = VERMILLION if row["marked"] else ORANGE if row["doubtful"] else BLUE
    fill = PAPER if row["joined"] else fill
    shape = "diamond" if row["doubtful"] else "circle"
    stroke = VERMILLION if row["doubtful"] or row["marked"] else BLUE
    return {"fill": fill, "stroke": stroke, "shape": shape, "size": 95 if row["marked"] else 50}


def _columns(
    drawn: Sequence[Row], x: Spec, low: float, high: float, top: float, height: float, *, whole: bool
) -> Iterator[Spec]:
    step = _step((high - low) / _COLUMNS)
    if whole:
        step = max(1, math.ceil(step))
    counts = Counter(math.floor(row["value"] / step) for row in drawn)
    values = [
        {
            "first": place * step,
            "last": (place + 1) * step,
            "count": count,
            "said": f"{place * step:g}–{(place + 1) * step:g}: {count}",
        }
        for place, count in sorted(counts.items())
    ]
    yield {
        "data": {"values": values},
        "mark": {"type": "rect", "color": BLUE, "stroke": "#ffffff", "strokeWidth": 1},
        "encoding": {
            "x": {"field": "first"} | x,
            "x2": {"field": "last"},
            "y": {
                "field": "count",
                "type": "quantitative",
                "axis": {"title": None, "tickCount": 4, "tickMinStep": 1},
                "scale": {"domain": [0, max(counts.values())], "range": [height - _BOX, top]},
            },
            "y2": {"datum": 0},
            "description": {"field": "said"},
        },
    }


def _step(least: float) -> float:
    """The least of 1, 2, 2.5, 5, 10 times a power of ten that is not smaller than ``least``."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in _STEPS if power * step >= least)


def _box(drawn: Sequence[Row], x: Spec, height: float) -> Iterator[Spec]:
    """The middle half of all, and their median."""
    values = [row["value"] for row in drawn]
    lower, upper = values[0], values[-1]
    if len(values) > 1:
        lower, _, upper = quantiles(values, n=4, method="inclusive")
    data = {"values": [{"lower": lower, "upper": upper, "median": median(values)}]}
    y = {"value": height - _BOX / 2 + 3}
    yield {
        "data": data,
        "mark": {"type": "rule", "color": "#b5b5b5", "strokeWidth": 9, "aria": False},
        "encoding": {"x": {"field": "lower"} | x, "x2": {"field": "upper"}, "y": y},
    }
    yield {
        "data": data,
        "mark": {"type": "tick", "color": INK, "thickness": 3, "size": 15, "aria": False},
        "encoding": {"x": {"field": "median"} | x, "y": y},
    }


def _marked(marked: Sequence[Row], x: Spec, low: float, high: float, height: float) -> Iterator[Spec]:
    """A line up from each, and its name with its figure."""
    for number, row in enumerate(marked):
        at = (row["value"] - low) / (high - low)
        named = row | {"named": f"{row['line']} {row['text']}"}
        y = number * _NAME
        rule = {"type": "rule", "color": VERMILLION, "strokeWidth": 1, "aria": False}
        place = {"x": {"field": "value"} | x}
        yield {
            "data": {"values": [row]},
            "mark": rule,
            "encoding": place | {"y": {"value": y + 6}, "y2": {"value": height - _BOX}},
        }
        yield {
            "data": {"values": [named]},
            "mark": {
                "type": "text",
                "align": "right" if at > 0.7 else "left",
                "dx": -5 if at > 0.7 else 5,
                "fontWeight": "bold",
                "color": "#8a3b00",
                "aria": False,
            },
            "encoding": place | {"y": {"value": y + 6}, "text": {"field": "named"}},
        }
