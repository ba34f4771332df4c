"""Answers of the series as tables of pages, with links to what they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from analysis import series
from nianbao.explorer.asked import Asked, Sheet
from nianbao.records import Column, Record
from nianbao.series_table import columns_of, with_notes
from nianbao.wording import in_language, sentence

# Of what the command words with its options the explorer has wordings of its own.
_OWN = frozenset(
    f"series_{code}"
    for code in ("doubtful", "weak_only", "not_across", "of_few", "another_scope", "another_publisher")
)
_SAME_IN_ALL = ("county_code", "county", "province", "prefecture")


def quantities(asked: Asked, question: series.Question) -> Sequence[series.Quantity]:
    """What a question asks for, found once for each state of the database."""
    key = ("quantities", question.metrics, question.applicant, question.join)
    return asked.kept.get(key, partial(series.quantities_of, asked.connection, question))


def series_sheet(
    asked: Asked,
    name: str,
    caption: str,
    found: series.Trend | series.Comparison | series.Ranking,
    question: series.Question,
    *,
    head: str,
    lines: slice = slice(None),
) -> Sheet:
    """The table of a trend, a comparison or a ranking; of one county it does not say which on each line."""
    records = with_notes(found.records, found.wordings)
    ranked = isinstance(found, series.Ranking)
    shown = [found.quantity] if isinstance(found, series.Ranking) else found.quantities
    columns = columns_of(shown, question, records, ranked=ranked)
    if isinstance(found, series.Trend):
        columns = [_hidden(one) if one.key in _SAME_IN_ALL else one for one in columns]
    links = {
        "county": lambda record: asked.link(f"/county/{record['county_code']}"),
        "publisher": lambda record: report_link(asked, record),
        "year": lambda record: report_link(asked, record) if isinstance(found, series.Trend) else None,
    }
    part = records if asked.whole else records[lines]
    return Sheet(name, caption, part, columns, links, total=len(records), head=head)


def _hidden(column: Column) -> Column:
    return Column(column.key, column.label, brief=False, shown=column.shown)


def report_link(asked: Asked, record: Record) -> str | None:
    """The address of the report that a line is of; None where it is of none."""
    return asked.link(f"/report/{record['report_id']}") if record["report_id"] else None


def said_notes(asked: Asked, notes: Sequence[series.Note]) -> list[str]:
    """What a reader must know of an answer of the series, each once."""
    found = []
    for one in notes:
        values = {
            name: in_language(value) if isinstance(value, Mapping) else value
            for name, value in one.values.items()
        }
        code = f"series_{one.code}"
        found.append(asked.said(code, **values) if code in _OWN else sentence(code, **values))
    return [text[:1].upper() + text[1:] for text in dict.fromkeys(found)]
