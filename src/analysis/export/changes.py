"""What changed between two exports: reports, figures, tables and catalogues."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from analysis.export.package import DESCRIPTOR, MANIFEST, NAME
from analysis.export.texts import DICTIONARY
from analysis.export.writing import PARQUET, may_act, quoted, whole_if_whole

CHANGES, CHANGELOG = "changes.csv", "CHANGELOG.md"
HEAD = (
    "change",
    "report_id",
    "county_code",
    "year",
    "table",
    "metric",
    "applicant",
    "field",
    "before",
    "now",
)
_FETCHED = 5_000
# What says of changes itself.
_NOT_CONTENT = (CHANGES, CHANGELOG)

_REPORTS = """
    SELECT CASE WHEN o.report_id IS NULL THEN 'report_added' WHEN n.report_id IS NULL THEN 'report_removed'
                WHEN n.vanished_at IS NOT NULL THEN 'report_vanished' ELSE 'report_returned' END AS change,
           coalesce(n.report_id, o.report_id) AS report_id,
           coalesce(n.county_code, o.county_code) AS county_code,
           coalesce(n.year, o.year) AS year, 'url' AS field, o.url AS before, n.url AS now
    FROM {old} o FULL JOIN {new} n USING (report_id)
    WHERE o.report_id IS NULL OR n.report_id IS NULL OR (o.vanished_at IS NULL) <> (n.vanished_at IS NULL)
    ORDER BY change, county_code, year, report_id
"""
# Of reports that both exports have, with the words that identify them.
_IDENTITY = """
    SELECT 'report_altered' AS change, n.report_id, n.county_code, n.year, {field!r} AS field,
           CAST(o.{field} AS VARCHAR) AS before, CAST(n.{field} AS VARCHAR) AS now
    FROM {old} o JOIN {new} n USING (report_id) WHERE o.{field} IS DISTINCT FROM n.{field}
    ORDER BY n.county_code, n.year, n.report_id
"""
_IDENTIFYING = ("title", "publisher", "publisher_kind", "county_code", "year", "form", "scope", "sha256")
_FACTS = """
    WITH both_have AS (SELECT report_id FROM {old_reports} INTERSECT SELECT report_id FROM {new_reports}),
    o AS (SELECT report_id, metric, applicant, "table", value, raw, unit
          FROM {old} SEMI JOIN both_have USING (report_id)),
    n AS (SELECT report_id, metric, applicant, "table", value, raw, unit
          FROM {new} SEMI JOIN both_have USING (report_id)),
    gone AS (FROM o EXCEPT FROM n),
    come AS (FROM n EXCEPT FROM o)
    SELECT CASE WHEN g.report_id IS NULL THEN 'fact_added' WHEN c.report_id IS NULL THEN 'fact_removed'
                ELSE 'fact_altered' END AS change,
           report_id, r.county_code, r.year, coalesce(c."table", g."table") AS "table", metric, applicant,
           'value' AS field,
           CASE WHEN g.value = c.value THEN g.raw ELSE coalesce({g_value}, g.raw) END AS before,
           CASE WHEN g.value = c.value THEN c.raw ELSE coalesce({c_value}, c.raw) END AS now
    FROM gone g FULL JOIN come c USING (report_id, metric, applicant)
    JOIN {new_reports} r USING (report_id)
    ORDER BY r.county_code, r.year, report_id, metric, applicant
"""
_CATALOGUE = """
    SELECT CASE WHEN o.key IS NULL THEN '{name}_added' WHEN n.key IS NULL THEN '{name}_removed'
                ELSE '{name}_altered' END AS change,
           coalesce(n.key, o.key) AS field, o.said AS before, n.said AS now
    FROM (SELECT {key} AS key, {said} AS said FROM {old}) o
    FULL JOIN (SELECT {key} AS key, {said} AS said FROM {new}) n USING (key)
    WHERE o.said IS DISTINCT FROM n.said ORDER BY field
"""
_CATALOGUES = {
    "metric": (
        "metrics",
        "concat_ws(' ', metric, form)",
        "concat_ws('; ', \"table\", label_zh, label_en, unit)",
    ),
    "measure": ("measures", "measure", "expression"),
    "rule": ("rules", "rule", "concat_ws('; ', severity, holds_en)"),
}
_COLUMNS = """
    SELECT CASE WHEN o.key IS NULL THEN 'column_added' WHEN n.key IS NULL THEN 'column_removed'
                ELSE 'column_altered' END AS change,
           split_part(coalesce(n.key, o.key), '.', 1) AS "table", coalesce(n.key, o.key) AS field,
           o.said AS before, n.said AS now
    FROM {old} o FULL JOIN {new} n USING (key) WHERE o.said IS DISTINCT FROM n.said ORDER BY field
"""
_DICTIONARY = """
    (SELECT concat_ws('.', "table", "column") AS key,
            concat_ws('; ', type, unit, meaning_en, meaning_zh) AS said
     FROM read_csv('{path}', header = true, all_varchar = true, delim = ',', quote = '"', escape = '"'))
"""


def is_export(folder: Path) -> bool:
    """Whether ``folder`` is a whole export of this program."""
    try:
        descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
        return bool(descriptor["name"] == NAME and (folder / MANIFEST).is_file())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def same_content(older: Path, newer: Path) -> bool:
    """Whether two exports differ in nothing but what they say of earlier ones."""
    return _content(older) == _content(newer)


def _content(folder: Path) -> list[str]:
    lines = (folder / MANIFEST).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition("  ")[2] not in _NOT_CONTENT]


def changes_between(
    connection: duckdb.DuckDBPyConnection, older: Path, newer: Path
) -> Iterator[dict[str, Any]]:
    """The changes, with the keys of ``HEAD``: reports, then figures, then columns and catalogues.

    The figures of reports that came or went are not listed one by one. Raises :class:`duckdb.Error` where
    the older export lacks a table that is compared.
    """
    old, new = _reader(older), _reader(newer)
    yield from _asked(connection, _REPORTS.format(old=old("reports"), new=new("reports")))
    for field in _IDENTIFYING:
        query = _IDENTITY.format(field=field, old=old("reports"), new=new("reports"))
        yield from _asked(connection, query)
    query = _FACTS.format(
        old=old("facts"),
        new=new("facts"),
        old_reports=old("reports"),
        new_reports=new("reports"),
        g_value=whole_if_whole("g.value"),
        c_value=whole_if_whole("c.value"),
    )
    yield from _asked(connection, query)
    dictionaries = (_DICTIONARY.format(path=quoted(folder / DICTIONARY)) for folder in (older, newer))
    yield from _asked(connection, _COLUMNS.format(old=next(dictionaries), new=next(dictionaries)))
    for name, (table, key, said) in _CATALOGUES.items():
        if not _has(older, table):
            continue
        query = _CATALOGUE.format(name=name, key=key, said=said, old=old(table), new=new(table))
        yield from _asked(connection, query)


def _has(folder: Path, table: str) -> bool:
    """Whether an export, of an older version perhaps, has a table."""
    return (folder / PARQUET / f"{table}.parquet").is_file()


def _reader(folder: Path) -> Callable[[str], str]:
    return lambda table: f"read_parquet('{quoted(folder / PARQUET / f'{table}.parquet')}')"


def _asked(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    result = connection.execute(query)
    columns = [name for name, *_ in result.description or ()]
    while rows := result.fetchmany(_FETCHED):
        for row in rows:
            line = dict(zip(columns, row, strict=True))
            yield {name: line.get(name) for name in HEAD}


def write_changes(connection: duckdb.DuckDBPyConnection, older: Path | None, newer: Path) -> None:
    """Writes ``changes.csv`` and ``CHANGELOG.md`` into ``newer``; the latter goes on from the older one."""
    counted: Counter[str] = Counter()
    with (newer / CHANGES).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        for change in changes_between(connection, older, newer) if older else ():
            counted[change["change"]] += 1
            writer.writerow(_safe(change[name]) for name in HEAD)
    text = _entry(older, newer, counted)
    before = older / CHANGELOG if older else None
    if before is not None and before.is_file():
        text += "\n" + before.read_text(encoding="utf-8").partition("\n\n")[2]
    (newer / CHANGELOG).write_text(f"# Changes · 变动\n\n{text}", encoding="utf-8", newline="\n")


def _safe(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and may_act(value) else value


def _entry(older: Path | None, newer: Path, counted: Counter[str]) -> str:
    version = edition_of(newer)
    if older is None:
        return f"## {version}\n\nThe first export. · 首次导出。\n"
    lines = [
        f"## {version}",
        "",
        f"Since {edition_of(older)}, one by one in `{CHANGES}`: · 与前次相比，逐条见 `{CHANGES}`：",
    ]
    lines += ["", *(f"- {_SAID[change][0].format(count)} · {_SAID[change][1].format(count)}"
                    for change, count in counted.items())]  # fmt: skip
    if not counted:
        lines += ["- other tables only · 仅其他表格有变"]
    return "\n".join(lines) + "\n"


def edition_of(folder: Path) -> str:
    """The time of an export's newest capture, and the version that made it."""
    descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    return f"{descriptor['created']} (nianbao {descriptor['nianbao']})"


_SAID = {
    "report_added": ("reports added: {:,}", "新增报告 {:,} 份"),
    "report_removed": ("reports removed: {:,}", "移除报告 {:,} 份"),
    "report_vanished": ("reports vanished from their addresses: {:,}", "从网址消失的报告 {:,} 份"),
    "report_returned": ("reports found again: {:,}", "重新出现的报告 {:,} 份"),
    "report_altered": ("words about reports altered: {:,}", "报告信息改动 {:,} 处"),
    "fact_added": ("cells added: {:,}", "新增单元格 {:,} 个"),
    "fact_removed": ("cells removed: {:,}", "移除单元格 {:,} 个"),
    "fact_altered": ("cells altered: {:,}", "改动单元格 {:,} 个"),
    **{
        f"{name}_{what}": (f"{en} {what}: {{:,}}", f"{said}{zh} {{:,}} 个")
        for name, en, zh in (
            ("column", "columns", "列"), ("metric", "metrics", "指标"), ("measure", "measures", "派生指标"),
            ("rule", "rules", "规则"),
        )
        for what, said in (("added", "新增"), ("removed", "移除"), ("altered", "改动"))
    },
}  # fmt: skip
