"""A map of one metric and year, on boundaries that the user gives."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from analysis.plots import telling
from analysis.plots.faults import PictureFault
from analysis.plots.frame import GREY, INK, PAPER, VERMILLION, Frame, Sign
from analysis.plots.lines import HALO
from analysis.plots.material import Material, Row
from analysis.plots.picture import Picture

Spec = dict[str, Any]
Ring = Sequence[Sequence[float]]

# Light to dark, told apart by brightness alone.
SHADES = ("#deebf7", "#9ecae1", "#6baed6", "#3182bd", "#08519c")
_WIDTH, _LOWEST, _HIGHEST = 680, 260, 900
_CODE = 6
# On more areas than this there is no room for names.
_MOST_NAMED = 45


def map_of(material: Material, boundaries: Path | None) -> Picture:
    """The map of ``material``. Raises :class:`PictureFault` where ``boundaries`` can't be used."""
    if boundaries is None:
        raise PictureFault("no_boundaries")
    (quantity,) = material.quantities
    rows = material.rows(quantity)
    owners = [record["owner"][0] for record in material.records]
    areas = _areas(boundaries, {row["code"] for row in rows} | set(owners))
    placed, elsewhere = [], []
    for row, owner in zip(rows, owners, strict=True):
        area = areas.get(row["code"]) or areas.get(owner)
        if area is None:
            elsewhere.append(row)
        else:
            placed.append((row, area))
    if all(row["value"] is None for row, _ in placed):
        raise PictureFault("nothing")
    classes = _classes([row["value"] for row, _ in placed if row["value"] is not None])
    say = material.say
    signs = [Sign("tile", shade, GREY, _span(material, limits)) for shade, limits in classes.items()]
    if any(row["value"] is None for row, _ in placed):
        signs.append(Sign("tile", PAPER, GREY, say("sign_absent")))
    if any(row["doubtful"] for row, _ in placed):
        signs.append(Sign("tile", PAPER, VERMILLION, say("sign_doubtful")))
    notes = [
        *telling.absent(material, rows),
        *_not_on_map(material, elsewhere),
        *telling.notes(material),
        say("note_boundaries", file=boundaries.name),
    ]
    frame = Frame(
        telling.title(material),
        telling.measured(material),
        signs,
        notes,
        telling.warning(say, material.sources),
    )
    return Picture(_spec(placed, classes), frame, telling.table(material), material.language)


def _span(material: Material, limits: tuple[float, float]) -> str:
    first, last = (material.number(value, material.quantities[0]) for value in limits)
    return first if first == last else material.say("sign_class", first=first, last=last)


def _not_on_map(material: Material, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    which = material.say("listed").join(row["line"] for row in rows)
    return [material.say("note_not_on_map", count=len(rows), which=which)]


def _areas(file: Path, codes: set[str]) -> dict[str, Spec]:
    """The areas of the file by their codes, which are in the property that holds most of ``codes``."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
        features = [one for one in content["features"] if one.get("geometry")]
        named = [
            {key: str(value)[:_CODE] for key, value in (one.get("properties") or {}).items()}
            for one in features
        ]
        shapes = [_polygons(one["geometry"]) for one in features]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise PictureFault("boundaries", file=file, reason=f"{type(error).__name__}: {error}") from error
    hits = Counter(key for names in named for key, value in names.items() if value in codes)
    if not hits:
        raise PictureFault("boundaries_foreign", file=file)
    (key, _), *_ = sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))
    found: dict[str, Spec] = {}
    for names, shape in zip(named, shapes, strict=True):
        if names.get(key) in codes and shape:
            before = found.get(names[key], {"coordinates": []})
            found[names[key]] = {"type": "MultiPolygon", "coordinates": [*before["coordinates"], *shape]}
    return found


def _polygons(geometry: Mapping[str, Any]) -> list[list[Ring]]:
    """The polygons of a geometry, wound as d3 wants them: outer rings clockwise, holes the other way."""
    given = {"Polygon": lambda found: [found], "MultiPolygon": list}.get(geometry["type"])
    if given is None:
        return []
    return [
        [_wound(ring, clockwise=number == 0) for number, ring in enumerate(polygon)]
        for polygon in given(geometry["coordinates"])
    ]


def _wound(ring: Ring, *, clockwise: bool) -> Ring:
    return list(ring) if (_area(ring) < 0) == clockwise else list(reversed(ring))


def _area(ring: Ring) -> float:
    """Twice the area of a ring in square degrees; below zero where it runs clockwise."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(one[0] * other[1] - other[0] * one[1] for one, other in pairs)


def _classes(values: Sequence[float]) -> dict[str, tuple[float, float]]:
    """Up to five classes with equally many figures, by shade: the least and the greatest figure in each."""
    limits = quantiles(values, n=len(SHADES), method="inclusive") if len(values) > 1 else []
    inside: dict[int, list[float]] = {}
    for value in values:
        inside.setdefault(sum(value > limit for limit in limits), []).append(value)
    return {SHADES[place]: (min(found), max(found)) for place, found in sorted(inside.items())}


def _shade(row: Row, classes: Mapping[str, tuple[float, float]]) -> str:
    if row["value"] is None:
        return PAPER
    return next(shade for shade, (low, high) in classes.items() if low <= row["value"] <= high)


def _spec(placed: Sequence[tuple[Row, Spec]], classes: Mapping[str, tuple[float, float]]) -> Spec:
    points = [point for _, area in placed for polygon in area["coordinates"] for point in polygon[0]]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    wide = (east - west) * math.cos(math.radians((south + north) / 2)) or 1
    height = min(max(_WIDTH * (north - south) / wide, _LOWEST), _HIGHEST)
    # Those with a border of their own last, so that it lies on top.
    ordered = sorted(placed, key=lambda one: (one[0]["marked"], one[0]["doubtful"]))
    values = [
        {"type": "Feature", "geometry": area, "properties": row | {"look": _look(row, classes)}}
        for row, area in ordered
    ]
    shapes = {
        "data": {"values": values},
        "mark": {"type": "geoshape"},
        "encoding": {
            "fill": {"field": "properties.look.fill", "type": "nominal", "scale": None},
            "stroke": {"field": "properties.look.stroke", "type": "nominal", "scale": None},
            "strokeWidth": {"field": "properties.look.width", "type": "quantitative", "scale": None},
            "description": {"field": "properties.said"},
        },
    }
    sixth = (north - south) / 6
    return {
        "width": _WIDTH,
        "height": round(height),
        "projection": {
            "type": "conicEqualArea",
            "rotate": [-(west + east) / 2, 0],
            "parallels": [south + sixth, north - sixth],
        },
        "layer": [shapes, *_names(ordered)],
    }


def _look(row: Row, classes: Mapping[str, tuple[float, float]]) -> Spec:
    stroke = {"stroke": VERMILLION, "width": 2.2} if row["doubtful"] else {"stroke": GREY, "width": 0.8}
    if row["marked"]:
        stroke = {"stroke": "#000000", "width": 2.5}
    return {"fill": _shade(row, classes)} | stroke


def _names(placed: Sequence[tuple[Row, Spec]]) -> Iterator[Spec]:
    if len(placed) > _MOST_NAMED:
        return
    values = []
    for row, area in placed:
        east, north = _middle(area)
        texts = [("▶ " if row["marked"] else "") + row["line"], row["text"]]
        values.append({"texts": texts, "east": east, "north": north})
    yield {
        "data": {"values": values},
        "mark": {"type": "text", "fontSize": 10, "lineHeight": 12, "color": INK, "aria": False} | HALO,
        "encoding": {
            "longitude": {"field": "east", "type": "quantitative"},
            "latitude": {"field": "north", "type": "quantitative"},
            "text": {"field": "texts"},
        },
    }


def _middle(area: Spec) -> tuple[float, float]:
    """The centre of gravity of the largest polygon."""
    ring = max((polygon[0] for polygon in area["coordinates"]), key=lambda one: abs(_area(one)))
    twice = _area(ring)
    if not twice:
        return ring[0][0], ring[0][1]
    east = north = 0.0
    for (x, y, *_), (next_x, next_y, *_) in zip(ring, [*ring[1:], ring[0]], strict=True):
        cross = x * next_y - next_x * y
        east += (x + next_x) * cross
        north += (y + next_y) * cross
    return east / (3 * twice), north / (3 * twice)
