"""Lines over years that are broken where the series is, with peers beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from analysis.plots.frame import BLUE, GREY, INK, ORANGE, PAPER, SOFT, VERMILLION
from analysis.plots.material import Row
from analysis.plots.typeface import typeface

Spec = dict[str, Any]

BAND, MEDIAN, ABSENT = "#c9c9c9", "#4d4d4d", "#f1f1f1"
_POINT = 70
# So much of a year is free on both sides.
_BESIDE = 0.45
_ROOM = 1.18
_FEW_YEARS, _SMALL = 5, 300
# The size of a panel's title.
TITLE = 13
# Around texts that may stand on lines.
HALO = {"stroke": PAPER, "strokeWidth": 3}


@dataclass(frozen=True)
class Panel:
    """A panel of one line: its rows by year, its title, its size, and its scale from ``low`` to ``high``."""

    rows: Sequence[Row]
    title: str
    width: int
    height: int
    low: float
    high: float
    whole: bool
    shown: str
    years: Sequence[int]


def scale(rows: Sequence[Row], shown: str, room: float = _ROOM) -> tuple[float, float]:
    """From where to where the scale of ``rows`` goes: to zero, and to ``room`` times what is farthest off."""
    if shown == "percentile":
        return 0, 100
    found = [row[part] for row in rows for part in ("value", "q25", "q75") if row.get(part) is not None]
    low, high = min(0.0, *found) if found else 0.0, max(0.0, *found) if found else 0.0
    if shown == "index":
        high = max(high, 100.0)
    if low == high == 0:
        return 0, 1
    return low * room, high * room


def panel(one: Panel) -> Spec:
    """The specification of a panel."""
    parts = list(pieces(one.rows, one.shown))
    drawn = [row | {"piece": number} for number, piece in enumerate(parts) for row in piece]
    layers = [
        *_absences(one),
        *_peers(one),
        *_hundred(one),
        *_breaks(one, drawn),
        {
            "data": {"values": drawn},
            "mark": {"type": "line", "color": BLUE, "strokeWidth": 2, "aria": False},
            "encoding": _at(one, "value") | {"detail": {"field": "piece", "type": "nominal"}},
        },
        _points(one, drawn),
        _texts(one, drawn),
    ]
    title = {"text": typeface().title(one.title, TITLE, one.width), "offset": 16}
    return {"title": title, "width": one.width, "height": one.height, "layer": layers}


def pieces(rows: Sequence[Row], shown: str) -> Iterator[list[Row]]:
    """The rows with figures, as far as a line may be drawn through them: to a gap or to a break."""
    piece: list[Row] = []
    for row in rows:
        if piece and (
            row["value"] is None or row["year"] != piece[-1]["year"] + 1 or parted(piece[-1], row, shown)
        ):
            yield piece
            piece = []
        if row["value"] is not None:
            piece.append(row)
    if piece:
        yield piece


def parted(before: Row, after: Row, shown: str) -> bool:
    """Whether the series breaks between two figures; those of an index break from the base year on."""
    if shown == "index":
        return bool(before["breaks"] != after["breaks"])
    return bool(after["breaks"])


def _x(one: Panel, field: str = "year") -> Spec:
    every = max(1, math.ceil(len(one.years) * 34 / one.width))
    axis = {
        "values": list(one.years[::every]),
        "format": "d",
        "grid": False,
        "title": None,
        "labelFlush": False,
    }
    domain = [one.years[0] - _BESIDE, one.years[-1] + _BESIDE]
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"domain": domain, "nice": False}}


def _y(one: Panel, field: str) -> Spec:
    axis: Spec = {"title": None, "tickCount": 5}
    if one.whole:
        axis["tickMinStep"] = 1
    return {
        "field": field,
        "type": "quantitative",
        "axis": axis,
        "scale": {"domain": [one.low, one.high], "nice": False},
    }


def _at(one: Panel, field: str) -> Spec:
    return {"x": _x(one), "y": _y(one, field)}


def _points(one: Panel, drawn: Sequence[Row]) -> Spec:
    values = [row | {"look": _look(row)} for row in drawn]
    return {
        "data": {"values": values},
        "mark": {"type": "point", "filled": True, "size": _POINT, "opacity": 1, "strokeWidth": 1.8},
        "encoding": _at(one, "value")
        | {
            "shape": {"field": "look.shape", "type": "nominal", "scale": None},
            "fill": {"field": "look.fill", "type": "nominal", "scale": None},
            "stroke": {"field": "look.stroke", "type": "nominal", "scale": None},
            "description": {"field": "said"},
        },
    }


def _look(row: Row) -> Mapping[str, str]:
    """Doubtful figures by shape, those from another item by being hollow."""
    if row["doubtful"]:
        return {"shape": "diamond", "fill": PAPER if row["joined"] else ORANGE, "stroke": VERMILLION}
    return {"shape": "circle", "fill": PAPER if row["joined"] else BLUE, "stroke": BLUE}


def _texts(one: Panel, drawn: Sequence[Row]) -> Spec:
    every = len(one.years) <= _FEW_YEARS or one.width > _SMALL
    values = list(drawn) if every else _brief(drawn)
    return {
        "data": {"values": values},
        "mark": {"type": "text", "dy": -11, "color": INK, "aria": False} | HALO,
        "encoding": _at(one, "value") | {"text": {"field": "text"}},
    }


def _brief(drawn: Sequence[Row]) -> list[Row]:
    """Of many figures in a small panel only the last is written out, and of the doubtful ones the sign."""
    return [*(row | {"text": "*"} for row in drawn[:-1] if row["doubtful"]), *drawn[-1:]]


def _breaks(one: Panel, drawn: Sequence[Row]) -> Iterator[Spec]:
    places = [
        {
            "year": after["year"] - 0.5,
            "text": "†",
            "breaks": after["breaks"] or before["breaks"],
        }
        for before, after in pairwise(drawn)
        if parted(before, after, one.shown)
    ]
    if not places:
        return
    yield {
        "data": {"values": places},
        "mark": {
            "type": "rule",
            "color": VERMILLION,
            "strokeDash": [4, 3],
            "strokeWidth": 1.5,
            "aria": False,
        },
        "encoding": {"x": _x(one)},
    }
    yield {
        "data": {"values": places},
        "mark": {"type": "text", "color": VERMILLION, "fontSize": 13, "y": -7, "aria": False},
        "encoding": {"x": _x(one), "text": {"field": "text"}},
    }


def _absences(one: Panel) -> Iterator[Spec]:
    """The years without a figure, each with the reason."""
    of_year = {row["year"]: row for row in one.rows}
    lacking = [
        {
            "year": year,
            "first": year - _BESIDE,
            "last": year + _BESIDE,
            "text": row["text"] if row else "",
            "said": row["said"] if row else "",
        }
        for year in one.years
        if (row := of_year.get(year)) is None or row["value"] is None
    ]
    if not lacking:
        return
    x = _x(one, "first")
    yield {
        "data": {"values": lacking},
        "mark": {"type": "rect", "color": ABSENT},
        "encoding": {"x": x, "x2": {"field": "last"}, "description": {"field": "said"}},
    }
    if one.width <= _SMALL and len(one.years) > _FEW_YEARS:
        return
    yield {
        "data": {"values": lacking},
        "mark": {
            "type": "text",
            "color": SOFT,
            "fontSize": 10,
            "angle": 270,
            "align": "left",
            "baseline": "middle",
            "y": one.height - 6,
            "aria": False,
        },
        "encoding": {"x": _x(one), "text": {"field": "text"}},
    }


def _peers(one: Panel) -> Iterator[Spec]:
    """The median and the quartiles of peers, year by year; their lines end where those of figures do."""
    found = [row for row in one.rows if row.get("median") is not None]
    if not found:
        return
    bands = [0]
    for before, row in pairwise(found):
        ends = row["year"] != before["year"] + 1 or parted(before, row, one.shown)
        bands.append(bands[-1] + ends)
    parts = ("year", "median", "q25", "q75")
    data = [{key: row[key] for key in parts} | {"band": band} for row, band in zip(found, bands, strict=True)]
    # A year by itself has no area: a bar stands for it.
    lone = [row for row in data if bands.count(row["band"]) == 1]
    each = {"detail": {"field": "band", "type": "nominal"}}
    between = _at(one, "q25") | {"y2": {"field": "q75"}}
    middle = _at(one, "median")
    area = {"type": "area", "color": BAND, "opacity": 0.6, "aria": False}
    bar = {"type": "rule", "color": BAND, "opacity": 0.6, "strokeWidth": 14, "aria": False}
    dashes = {"type": "line", "color": MEDIAN, "strokeDash": [5, 3], "strokeWidth": 1.5, "aria": False}
    tick = {"type": "tick", "color": MEDIAN, "orient": "horizontal", "thickness": 2, "size": 12}
    yield {"data": {"values": data}, "mark": area, "encoding": between | each}
    if lone:
        yield {"data": {"values": lone}, "mark": bar, "encoding": between}
    yield {"data": {"values": data}, "mark": dashes, "encoding": middle | each}
    yield {"data": {"values": data}, "mark": tick | {"aria": False}, "encoding": middle}


def _hundred(one: Panel) -> Iterator[Spec]:
    if one.shown == "index":
        mark = {"type": "rule", "color": GREY, "strokeWidth": 1, "aria": False}
        yield {"data": {"values": [{"hundred": 100}]}, "mark": mark, "encoding": {"y": _y(one, "hundred")}}
