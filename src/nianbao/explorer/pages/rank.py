"""Counties in the order of one metric."""

from __future__ import annotations

from typing import Any

from analysis import series
from nianbao.explorer.asked import PAGE, Asked, Page
from nianbao.explorer.pages.compare import asked_question, form_values
from nianbao.explorer.pictures import pictures_of
from nianbao.explorer.tables import quantities, said_notes, series_sheet
from nianbao.failures import Failure

_FIRST = "refusal_rate"
_AT_LEAST = 10


def rank(asked: Asked) -> Page:
    """The ranking of a year; by default the latest, of refusals among ten decisions or more."""
    metric = asked.one("metric") or _FIRST
    at_least = asked.number("at_least")
    at_least = _AT_LEAST if at_least is None else at_least
    question = asked_question(asked, [metric])
    if question.choice.years is not None and len(question.choice.years) > 1:
        raise Failure("rank_one_year", usage=True)
    lowest = asked.one("lowest") is not None

    def ranked() -> series.Ranking:
        of = quantities(asked, question)
        return series.rank(asked.connection, question, of, lowest=lowest, at_least=at_least)

    found = asked.kept.get(("rank", question, lowest, at_least), ranked)
    label = found.quantity.label[asked.language]
    caption = asked.said("ranking_caption", metric=label, year=found.year)
    lines = slice(asked.first, asked.first + PAGE)
    sheet = series_sheet(asked, "ranking", caption, found, question, head="county", lines=lines)
    values: dict[str, Any] = form_values(asked) | {
        "metric": found.quantity.quantity_id,
        "label": label,
        "year": found.year,
        "lowest": lowest,
        "at_least": at_least,
        "notes": said_notes(asked, found.notes),
        "total": len(found.records),
    }
    pictures = pictures_of(asked, "ranking", caption, found, question)
    return Page("rank.html", asked.said("rank_title"), values, [sheet], pictures)
