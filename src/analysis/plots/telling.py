"""What is said around pictures: titles, what is measured, notes, sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.plots.frame import BLUE, ORANGE, PAPER, VERMILLION, Sign
from analysis.plots.material import Material, Row
from analysis.plots.picture import Table
from analysis.plots.wording import Wording
from analysis.series import Note, Quantity, Ranking, Sources, Trend
from analysis.series.measures import measures

_MOST_HOSTS, _MOST_NAMED, _LONGEST_TITLE = 4, 20, 60
# What these notes say stands elsewhere in a picture, or is no concern of its reader's.
_SAID_ELSEWHERE = ("reports_missing", "ranked", "continued")


def title(material: Material) -> str:
    """What the picture shows, of whom and when."""
    say = material.say
    what = say("listed").join(map(material.label, material.quantities))
    if len(what) > _LONGEST_TITLE:
        what = say("title_several", count=len(material.quantities))
    if len(material.quantities) == 1:
        what = material.axis(material.quantities[0])
    when = years(material.say, material.years)
    where = _where(material)
    return (
        say("title_in", what=what, where=where, when=when) if where else say("title_of", what=what, when=when)
    )


def years(say: Wording, found: Sequence[int]) -> str:
    """A year, or from which to which."""
    if len(found) == 1:
        return say("year", year=found[0])
    return say("years", first=found[0], last=found[-1])


def _where(material: Material) -> str:
    if isinstance(material.answer, Trend) or len(material.lines) == 1:
        return next(iter(material.lines.values()))
    places = material.question.choice.places
    if len(places) == 1:
        (place,) = places
        return place.province if place.level == "province" else place.prefecture or place.province
    return ""


def measured(material: Material) -> list[str]:
    """What each quantity is, of what, and how it is shown."""
    say = material.say
    found = []
    for quantity in material.quantities:
        what = _definition(material, quantity)
        if material.question.shown != "value":
            what = say(f"measured_{material.question.shown}", what=what, **_base(material))
        if len(material.quantities) == 1:
            found.append(say("measured_alone", what=what[:1].upper() + what[1:]))
        else:
            found.append(say("measured", label=material.label(quantity), what=what))
    return found


def _base(material: Material) -> dict[str, Any]:
    return {"base": material.question.base} if material.question.shown == "index" else {}


def _definition(material: Material, quantity: Quantity) -> str:
    say = material.say
    applicant = material.question.applicant
    by_applicant = applicant != "total"
    if quantity.is_measure:
        what = measures()[quantity.quantity_id].definition[material.language]
        what = say(f"{quantity.unit}_of", what=what)
        if by_applicant:
            what = say("column_of_applicant", what=what, applicant=say(f"applicant_{applicant}"))
        return what
    unit = say(f"unit_{quantity.unit}")
    if by_applicant:
        return say("as_printed_of", unit=unit, applicant=say(f"applicant_{applicant}"))
    return say("as_printed", unit=unit)


def notes(material: Material) -> list[str]:
    """What a reader must know of the figures, and where they come from."""
    found = [
        _note(material, note)
        for note in material.answer.notes
        if note.code not in (*_SAID_ELSEWHERE, *_marks_unseen(material))
    ]
    return [*dict.fromkeys(found), *_top(material), source(material.say, material.sources)]


def _note(material: Material, note: Note) -> str:
    values = {
        name: value[material.language] if isinstance(value, dict) else value
        for name, value in note.values.items()
    }
    if "metrics" in values and len(material.quantities) == 1:
        what = str(values["what"])
        return material.say(f"note_{note.code}_alone", what=what[:1].upper() + what[1:])
    if "metrics" in values:
        named = str(values["metrics"]).split(", ")
        values["metrics"] = material.say("listed").join(map(material.label_of, named))
    if "metric" in values:
        values["metric"] = material.label_of(str(values["metric"]))
    return material.say(f"note_{note.code}", **values)


def _marks_unseen(material: Material) -> list[str]:
    """Marks that no record has: a ranking may be cut off before them."""
    return [
        mark
        for mark in ("break", "joined", "doubtful", "assumed")
        if not any(record[mark] for record in material.records)
    ]


def _top(material: Material) -> list[str]:
    """That a ranking is cut off."""
    if not isinstance(material.answer, Ranking):
        return []
    for note in material.answer.notes:
        if note.code == "ranked":
            shown = sum(record["rank"] is not None for record in material.records)
            if shown < note.values["count"]:
                return [material.say("note_top", shown=shown, **note.values)]
    return []


def absent(material: Material, rows: Sequence[Row], *, by_year: bool = False) -> list[str]:
    """Which of ``rows`` have no figure, and why."""
    say = material.say
    lacking = [row for row in rows if row["value"] is None]
    if not lacking:
        return []
    code = "explained_year" if by_year else "explained"
    named = [say(code, line=r["line"], year=r["year"], why=r["text"]) for r in lacking]
    which = say("listed").join(named[:_MOST_NAMED])
    if len(named) > _MOST_NAMED:
        which = say("note_absent_more", which=which, more=len(named) - _MOST_NAMED)
    return [say("note_absent", count=len(named), which=which)]


def source(say: Wording, sources: Sources) -> str:
    """Where the figures come from and when they were captured."""
    hosts = say("listed").join(sources.hosts[:_MOST_HOSTS]) or say("hosts_none")
    if len(sources.hosts) > _MOST_HOSTS:
        hosts = say("hosts_more", hosts=hosts, more=len(sources.hosts) - _MOST_HOSTS)
    when = str(sources.first or "–")
    if sources.first != sources.last:
        when = say("days", first=sources.first, last=sources.last)
    return say("note_source", reports=f"{sources.reports:,}", hosts=hosts, when=when)


def warning(say: Wording, sources: Sources) -> str:
    """That figures are invented, if any are."""
    if not sources.samples:
        return ""
    if sources.samples == sources.reports:
        return say("sample")
    return say("sample_some", count=sources.samples, reports=sources.reports)


def signs(material: Material, rows: Sequence[Row], *, bars: bool = False) -> list[Sign]:
    """The key of the signs that ``rows`` have."""
    say = material.say
    drawn = [row for row in rows if row["value"] is not None]
    found = [Sign("bar" if bars else "circle", BLUE, BLUE, say("sign_figure"))]
    if any(row["doubtful"] for row in drawn):
        found.append(
            Sign("bar" if bars else "diamond", PAPER if bars else ORANGE, VERMILLION, say("sign_doubtful"))
        )
    if any(row["joined"] for row in drawn):
        found.append(
            Sign("bar" if bars else "circle", "#cfe3f1" if bars else PAPER, BLUE, say("sign_joined"))
        )
    if any(row["assumed"] for row in drawn):
        found.append(Sign("circle", BLUE, BLUE, say("sign_assumed")))
    return found if len(found) > 1 else []


def table(material: Material) -> Table:
    """The figures drawn, line by line."""
    say = material.say
    columns = [material.rows(quantity) for quantity in material.quantities]
    headings = [say("head_line"), say("head_year"), say("head_publisher")]
    rows = []
    for number, record in enumerate(material.records):
        line, year = columns[0][number]["line"], str(record["year"])
        figures = [column[number]["text"] for column in columns]
        rows.append(((line, year, record["publisher"] or "", *figures), record["url"]))
    return Table([*headings, *map(material.axis, material.quantities)], rows)
