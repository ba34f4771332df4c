"""The face of this package: an answer of :mod:`analysis.series` becomes a picture."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Literal

from analysis.plots import telling
from analysis.plots.bars import bars, middle
from analysis.plots.distribution import distribution, too_many_for_dots
from analysis.plots.faults import PictureFault
from analysis.plots.frame import BLUE, INK, ORANGE, VERMILLION, Frame, Sign
from analysis.plots.lines import ABSENT, BAND, MEDIAN, Panel, panel, scale
from analysis.plots.map import map_of
from analysis.plots.material import Answer, Material, Row
from analysis.plots.picture import Picture
from analysis.plots.wording import Language
from analysis.series import Quantity, Question, Ranking, Sources, Trend

Kind = Literal["lines", "bars", "panels", "distribution", "map"]
Spec = dict[str, Any]

# More than this nobody can tell apart on one picture.
_MOST_LINES = {"bars": 100, "panels": 60, "lines": 1}
_MOST_METRICS = {"bars": 4, "panels": 4, "lines": 8, "distribution": 8, "map": 1}
_BAR_WIDTHS = {1: 440, 2: 260, 3: 190, 4: 160}
_LINE_WIDTH, _WIDEST, _YEAR = 560, 900, 50
_LINE_HEIGHT, _SEVERAL_HEIGHT = 260, 170
_PANEL_WIDTH, _PANEL_HEIGHT, _PANELS_ACROSS = 150, 95, 4


def draw(
    answer: Answer,
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
    today of counties to be pointed out. Raises :class:`PictureFault` where it can't be drawn so, and
    :class:`analysis.present.fonts.ExtraMissing` where the extra ``plot`` is not installed.
    """
    material = Material(answer, question, sources, language, marked)
    chosen = _kind(material, kind, boundaries)
    _check(material, chosen)
    if chosen == "map":
        return map_of(material, boundaries)
    return {"lines": _lines, "panels": _panels, "bars": _bars, "distribution": _distribution}[chosen](
        material
    )


def kind_for(answer: Answer, question: Question, language: Language, kinds: Sequence[Kind]) -> Kind | None:
    """The first of ``kinds`` in which ``answer`` can be drawn; None where it can't be drawn at all."""
    nothing = Sources(reports=0, hosts=(), first=None, last=None, samples=0)
    material = Material(answer, question, nothing, language)
    for kind in kinds:
        try:
            _check(material, _kind(material, kind, None))
        except PictureFault:
            continue
        return kind
    return None


def _kind(material: Material, wanted: Kind | None, boundaries: Path | None) -> Kind:
    several_years = len(material.years) > 1
    if isinstance(material.answer, Trend):
        known: list[Kind] = ["lines"]
    elif isinstance(material.answer, Ranking):
        known = ["bars", "distribution", "map"]
    elif several_years:
        known = ["panels", "distribution"]
    else:
        known = ["bars", "distribution", "map"]
    if wanted is None:
        wanted = "map" if boundaries is not None else known[0]
    if wanted not in known:
        one_year = wanted in ("bars", "map") and several_years
        raise PictureFault("one_year" if one_year else "kind", given=wanted, known=", ".join(known))
    return wanted


def _check(material: Material, kind: Kind) -> None:
    """Refuses what has no figures, or more than can be drawn. Raises :class:`PictureFault`."""
    figures = (
        record[quantity.quantity_id] for record in material.records for quantity in material.quantities
    )
    if all(figure is None for figure in figures):
        raise PictureFault("nothing")
    metrics, lines = len(material.quantities), len(material.lines)
    if metrics > _MOST_METRICS[kind]:
        raise PictureFault("too_many_metrics", count=metrics, most=_MOST_METRICS[kind])
    if kind == "bars" and isinstance(material.answer, Ranking):
        lines = sum(record["rank"] is not None for record in material.records)
    if lines > _MOST_LINES.get(kind, lines):
        code = "too_many_ranked" if isinstance(material.answer, Ranking) else "too_many"
        raise PictureFault(code, count=lines, most=_MOST_LINES[kind])


def _picture(
    material: Material, spec: Spec, subtitle: Sequence[str], signs: Sequence[Sign], notes: Sequence[str]
) -> Picture:
    say = material.say
    frame = Frame(telling.title(material), subtitle, signs, notes, telling.warning(say, material.sources))
    return Picture(spec, frame, telling.table(material), material.language)


def _lines(material: Material) -> Picture:
    """A trend: a panel for each metric, one below the other."""
    several = len(material.quantities) > 1
    span = material.years[-1] - material.years[0] + 1
    width = min(max(_LINE_WIDTH, span * _YEAR), _WIDEST)
    panels, rows = [], []
    for quantity in material.quantities:
        of_one = sorted(material.rows(quantity), key=lambda row: row["year"])
        title = material.axis(quantity) if several else ""
        height = _SEVERAL_HEIGHT if several else _LINE_HEIGHT
        panels.append(
            panel(
                panel_of(material, quantity, of_one, title, (width, height), scale(of_one, _shown(material)))
            )
        )
        rows += of_one
    notes = [*_absent_years(material, rows), *telling.notes(material)]
    return _picture(
        material, {"vconcat": panels, "spacing": 26}, _subtitle(material), line_signs(material, rows), notes
    )


def _shown(material: Material) -> str:
    return material.question.shown


def panel_of(
    material: Material,
    quantity: Quantity,
    rows: Sequence[Row],
    title: str,
    size: tuple[int, int],
    sides: tuple[float, float],
) -> Panel:
    """What a panel of one line is drawn from; ``size`` is width and height, ``sides`` its scale."""
    years = range(material.years[0], material.years[-1] + 1)
    return Panel(rows, title, *size, *sides, _whole(material, quantity), _shown(material), years)


def _whole(material: Material, quantity: Quantity) -> bool:
    """Whether the figures are counts, between which no scale needs a mark."""
    return not quantity.is_measure and _shown(material) in ("value", "change")


def _absent_years(material: Material, rows: Sequence[Row]) -> list[str]:
    if len(material.quantities) > 1:
        # The panels say it, each for itself.
        return []
    return telling.absent(material, rows, by_year=True)


def line_signs(material: Material, rows: Sequence[Row]) -> list[Sign]:
    """The key of lines over years."""
    say = material.say
    found = telling.signs(material, rows)
    others = []
    if any(row["breaks"] for row in rows):
        others.append(Sign("dashes", VERMILLION, VERMILLION, say("sign_break")))
    if any(row.get("median") is not None for row in rows):
        others.append(Sign("bar", BAND, BAND, say("sign_band")))
        others.append(Sign("dashes", MEDIAN, MEDIAN, say("sign_peers")))
    if any(row["value"] is None for row in rows):
        others.append(Sign("bar", ABSENT, "#d0d0d0", say("sign_absent")))
    if others and not found:
        found = [Sign("circle", BLUE, BLUE, say("sign_figure"))]
    return [*found, *others]


def _panels(material: Material) -> Picture:
    """Several lines over several years: a small panel for each, of the same scale."""
    if len(material.lines) == 1:
        return _lines(material)
    blocks, rows = [], []
    for quantity in material.quantities:
        all_rows = material.rows(quantity)
        sides = scale(all_rows, _shown(material))
        size = (_PANEL_WIDTH, _PANEL_HEIGHT)
        marked = set(material.marked_names)
        small = [
            panel(panel_of(material, quantity, of_line, f"▶ {name}" if name in marked else name, size, sides))
            for name, of_line in material.by_line(quantity)
        ]
        block: Spec = {"concat": small, "columns": _PANELS_ACROSS, "spacing": 22}
        if len(material.quantities) > 1:
            block["title"] = {"text": material.axis(quantity), "fontSize": 14, "offset": 14}
        blocks.append(block)
        rows += all_rows
    subtitle = [*_subtitle(material), material.say("panels_measured")]
    spec = {"vconcat": blocks, "spacing": 34}
    return _picture(material, spec, subtitle, line_signs(material, rows), telling.notes(material))


def _bars(material: Material) -> Picture:
    """One year: bars in the order of the answer; what a ranking has no place for is named in a note."""
    ranking = isinstance(material.answer, Ranking)
    places = [
        number for number, record in enumerate(material.records) if not ranking or record["rank"] is not None
    ]
    columns = [material.rows(quantity) for quantity in material.quantities]
    names = [_name(material, number, columns[0][number]) for number in places]
    width = _BAR_WIDTHS[len(columns)]
    specs = []
    for number, (quantity, column) in enumerate(zip(material.quantities, columns, strict=True)):
        chosen = [column[place] for place in places]
        title = material.axis(quantity) if len(columns) > 1 else ""
        whole = _whole(material, quantity)
        specs.append(bars(chosen, names, title, width, _shown(material), whole=whole, named=number == 0))
    rows = [row for column in columns for row in column]
    notes = [*(telling.absent(material, rows) if ranking else []), *telling.notes(material)]
    signs = [*_bar_signs(material, rows), *_medians(material, [[c[p] for p in places] for c in columns])]
    return _picture(material, {"hconcat": specs, "spacing": 18}, _subtitle(material), signs, notes)


def _name(material: Material, number: int, row: Row) -> str:
    mark = "▶ " if row["marked"] else ""
    rank = material.records[number].get("rank")
    return f"{mark}{row['line']}" if rank is None else f"{mark}{row['line']}  {rank}"


def _bar_signs(material: Material, rows: Sequence[Row]) -> list[Sign]:
    found = telling.signs(material, rows, bars=True)
    if material.marked_names:
        names = material.say("listed").join(material.marked_names)
        found.append(Sign("bar", ORANGE, ORANGE, material.say("sign_marked", names=names)))
    return found


def _medians(material: Material, columns: Sequence[Sequence[Row]]) -> list[Sign]:
    say = material.say
    if any(row.get("median") is not None for column in columns for row in column):
        return [
            Sign("line", INK, INK, say("sign_band")),
            Sign("tick", INK, INK, say("sign_peers")),
        ]
    found = [
        material.number(value, quantity)
        for quantity, column in zip(material.quantities, columns, strict=True)
        if (value := middle(column)) is not None
    ]
    shown = material.say("separated").join(found)
    return [Sign("dashes", INK, INK, say("sign_median", median=shown))] if found else []


def _distribution(material: Material) -> Picture:
    """How the figures of a year lie: a panel for each metric and year."""
    specs, rows, columns = [], [], False
    for quantity in material.quantities:
        for year in material.years:
            of_year = [row for row in material.rows(quantity) if row["year"] == year]
            rows += of_year
            if all(row["value"] is None for row in of_year):
                continue
            parts = [material.axis(quantity)] if len(material.quantities) > 1 else []
            parts += [telling.years(material.say, [year])] if len(material.years) > 1 else []
            whole = _whole(material, quantity)
            specs.append(distribution(of_year, " · ".join(parts), _shown(material), whole=whole))
            columns = columns or too_many_for_dots(of_year, _shown(material))
    if len(specs) > _MOST_METRICS["distribution"]:
        raise PictureFault("too_many_panels", count=len(specs), most=_MOST_METRICS["distribution"])
    count = sum(row["value"] is not None for row in rows)
    said = material.say("columns_measured" if columns else "dots_measured", count=count)
    signs = _dot_signs(material, rows, columns=columns)
    notes = [*telling.absent(material, rows), *telling.notes(material)]
    spec = {"vconcat": specs, "spacing": 24}
    return _picture(material, spec, [*_subtitle(material), said], signs, notes)


def _dot_signs(material: Material, rows: Sequence[Row], *, columns: bool) -> list[Sign]:
    found = [] if columns else telling.signs(material, rows)
    if material.marked_names:
        names = material.say("listed").join(material.marked_names)
        found.append(Sign("line", VERMILLION, VERMILLION, material.say("sign_marked", names=names)))
    return found


def _subtitle(material: Material) -> list[str]:
    found = telling.measured(material)
    peers = material.question.peers
    if peers is not None:
        found.append(material.say("peers_are", who=material.say(f"peers_{peers}")))
    return found
