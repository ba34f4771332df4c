"""Which reports there are: a tile for each county and year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.plots import telling
from analysis.plots.faults import PictureFault
from analysis.plots.frame import BLUE, PAPER, SKY, VERMILLION, YELLOW, Frame, Sign, ink_on
from analysis.plots.material import line_names
from analysis.plots.picture import Picture, Table
from analysis.plots.wording import Language, Wording
from analysis.series import Coverage, Sources

Spec = dict[str, Any]

_COLOURS = {
    "whole": BLUE,
    "own": SKY,
    "unknown": "#bfbfbf",
    "narrative": YELLOW,
    "missing": PAPER,
    "another_scope": PAPER,
}
_EDGE = "#b5b5b5"
_MOST_LINES = 120
_HIGH, _WIDE, _NARROW, _MANY_YEARS = 20, 54, 40, 12


def draw_coverage(found: Coverage, sources: Sources, language: Language) -> Picture:
    """The picture of which reports there are.

    Raises :class:`PictureFault` where it has more lines than can be told apart, and
    :class:`analysis.present.fonts.ExtraMissing` where the extra ``plot`` is not installed.
    """
    say = Wording(language)
    names = line_names(found.records)
    if len(names) > _MOST_LINES:
        raise PictureFault("too_many_lines", count=len(names), most=_MOST_LINES)
    tiles = [_tile(record, names[record["owner"]], say) for record in found.records]
    states = [state for state in _COLOURS if any(tile["state"] == state for tile in tiles)]
    signs = [
        Sign("tile", _COLOURS[state], _EDGE, say(f"state_{state}"), say(f"letter_{state}"))
        for state in states
    ]
    if any(tile["doubtful"] for tile in tiles):
        signs.append(Sign("tile", PAPER, VERMILLION, say("state_doubtful"), "*"))
    title = say("title_of", what=say("title_coverage"), when=telling.years(say, found.years))
    bodies = any(body for _, body in names)
    what = say("bodies" if bodies else "counties", count=len(names))
    frame = Frame(
        title,
        [say("coverage_measured", what=what)],
        signs,
        [telling.source(say, sources)],
        telling.warning(say, sources),
    )
    return Picture(
        _spec(tiles, list(names.values()), found), frame, _table(found, names, tiles, say), language
    )


def _tile(record: Mapping[str, Any], name: str, say: Wording) -> Spec:
    state = record["state"]
    stroke = VERMILLION if record["doubtful"] else _EDGE
    text = say(f"letter_{state}") + ("*" if record["doubtful"] else "")
    fill = _COLOURS[state]
    return {
        "line": name,
        "year": record["year"],
        "state": state,
        "doubtful": record["doubtful"],
        "text": text,
        "look": {"fill": fill, "stroke": stroke, "ink": ink_on(fill)},
        "said": say("said", line=name, year=record["year"], text=say(f"state_{state}")),
    }


def _spec(tiles: list[Spec], names: list[str], found: Coverage) -> Spec:
    place = {
        "x": {
            "field": "year",
            "type": "ordinal",
            "scale": {"domain": list(found.years)},
            "axis": {"title": None, "orient": "top", "labelAngle": 0, "domain": False, "ticks": False},
        },
        "y": {
            "field": "line",
            "type": "nominal",
            "sort": names,
            "axis": {"title": None, "domain": False, "ticks": False, "labelPadding": 6},
        },
    }
    fill, stroke, ink = (
        {"field": f"look.{part}", "type": "nominal", "scale": None} for part in ("fill", "stroke", "ink")
    )
    return {
        "width": {"step": _WIDE if len(found.years) <= _MANY_YEARS else _NARROW},
        "height": {"step": _HIGH},
        "data": {"values": tiles},
        "layer": [
            {
                "mark": {
                    "type": "rect",
                    "width": {"band": 0.9},
                    "height": {"band": 0.82},
                    "strokeWidth": 1.4,
                },
                "encoding": place | {"fill": fill, "stroke": stroke, "description": {"field": "said"}},
            },
            {
                "mark": {"type": "text", "fontSize": 10, "aria": False},
                "encoding": place | {"text": {"field": "text"}, "color": ink},
            },
        ],
    }


def _table(found: Coverage, names: Mapping[Any, str], tiles: list[Spec], say: Wording) -> Table:
    headings = [say("head_line"), say("head_year"), say("head_publisher"), say("head_state")]
    rows = []
    for record, tile in zip(found.records, tiles, strict=True):
        state = say(f"state_{tile['state']}") + ("*" if tile["doubtful"] else "")
        cells = (names[record["owner"]], str(record["year"]), record["publisher"] or "", state)
        rows.append((cells, record["url"]))
    return Table(headings, rows)
