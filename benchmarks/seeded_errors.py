"""Slips of known kinds, put into reports that contradict nothing: are they detected, are their cells named?

``make localisation`` runs this, prints the tables, and writes ``docs/seeded_errors.md`` and its Chinese page.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from statistics import median

import duckdb
import pyarrow as pa

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from analysis.checks import Finding, evaluate  # noqa: E402 - tests/ is not a package
from analysis.checks.localisation import Explanation, localise  # noqa: E402
from analysis.checks.localisation.relations import TableFigures, linear_relations  # noqa: E402
from analysis.checks.relation import Cell, LinearRelation  # noqa: E402
from analysis.checks.rules import catalogue  # noqa: E402
from consistent_reports import (  # noqa: E402
    Figures,
    SeededReport,
    cells_in,
    consistent_reports,
    tables,
)
from scraper.store import open_database  # noqa: E402
from seeded_slips import KINDS, Spoilt, slip  # noqa: E402

REPORTS = 1000
YEARS = {"2014": 2016, "2019": 2020, "2021": 2022}
MOST_SLIPS = 3
TRIES = 60

_FACT = pa.schema(
    [(name, pa.string()) for name in ("report_id", "metric", "applicant")]
    + [("value", pa.float64())]
    + [(name, pa.string()) for name in ("raw", "unit", "table")]
    + [(name, pa.int32()) for name in ("table_no", "row", "col")]
    + [("confidence", pa.float64())]
)
_REPORT = """
    INSERT INTO report BY NAME
    SELECT $1 AS report_id, $1 AS county_code, $1 || '人民政府' AS publisher, 'own' AS scope,
           'county_government' AS publisher_kind, $2::INTEGER AS year, $3 AS form,
           $1 || '人民政府' || $2 || '年政府信息公开工作年度报告' AS title,
           'http://' || $1 || '.gov.cn/' AS url,
           make_date($2, 1, 1) AS period_start, make_date($2, 12, 31) AS period_end,
           make_date($2 + 1, 1, 20) AS published_on, make_date($2 + 1, 1, 21)::TIMESTAMP AS captured_at,
           '' AS sha256, '' AS warc_file, 0 AS warc_offset, true AS sample
"""


@dataclass(frozen=True)
class SpoiltReport:
    """A consistent report, the slips that were put into it, and what it then says."""

    truth: SeededReport
    slips: tuple[tuple[str, Spoilt], ...]
    figures: Figures


@dataclass
class Score:
    """Slips of one kind.

    ``visible`` are those by which alone some relation would fail; ``detected``, ``located`` and ``mended``
    count visible ones.
    """

    made: int = 0
    visible: int = 0
    detected: int = 0
    located: int = 0
    mended: int = 0


@dataclass
class Scores:
    """What came of the reports of one form."""

    reports: int = 0
    false_alarms: int = 0
    kinds: dict[str, Score] = field(default_factory=lambda: {kind: Score() for kind in KINDS})
    whole: Score = field(default_factory=Score)
    alone: int = 0
    named: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def spoilt(report: SeededReport) -> SpoiltReport:
    """The report with one to three slips, no two of them in the same cell."""
    chance = random.Random(f"slips {report.report_id}")  # noqa: S311 - figures, not secrets
    wanted = chance.randint(1, MOST_SLIPS)
    slips: list[tuple[str, Spoilt]] = []
    figures = dict(report.figures)
    for _ in range(TRIES):
        kind = chance.choice(list(KINDS))
        changes = slip(kind, report, chance)
        if changes and not any(changes.keys() & made.keys() for _, made in slips):
            slips.append((kind, changes))
            figures |= changes
        if len(slips) == wanted:
            break
    return SpoiltReport(report, tuple(slips), figures)


def broken(table: TableFigures) -> list[LinearRelation]:
    """The relations of a table that fail and have no blank cell."""
    return [relation for relation in linear_relations(catalogue(), table) if _fails(relation, table)]


def _fails(relation: LinearRelation, table: TableFigures) -> bool:
    total = Fraction(0)
    for cell, coefficient in relation.coefficients.items():
        value = table.figures.get(cell)
        if value is None:
            return False
        total += coefficient * value
    return total != relation.constant if relation.op == "=" else total > relation.constant


def measure(form: str) -> Scores:
    """Spoils the reports of a form, evaluates all rules over them, and localises what fails."""
    scores = Scores()
    untouched = list(consistent_reports(form, REPORTS))
    scores.reports = len(untouched)
    scores.false_alarms = sum(map(len, alarms((report, report.figures) for report in untouched).values()))
    reports = [spoilt(report) for report in untouched]
    alarmed = alarms((report.truth, report.figures) for report in reports)
    for report in reports:
        _score(scores, report, alarmed[report.truth.report_id])
    return scores


def alarms(reports: Iterable[tuple[SeededReport, Figures]]) -> dict[str, list[set[Cell]]]:
    """The cells of every finding in each report, as ``nianbao parse`` finds them in a database."""
    found: dict[str, list[set[Cell]]] = defaultdict(list)
    tables_of: dict[str, list[Cell]] = {}
    with open_database(None) as connection:
        for report, figures in reports:
            _store(connection, report, figures)
            tables_of = {name: cells_in(rows) for name, rows in report.tables.items()}
        for finding in evaluate(connection):
            found[finding.report_id].append(_concerned(finding, tables_of))
    return found


def _concerned(finding: Finding, tables_of: Mapping[str, Iterable[Cell]]) -> set[Cell]:
    """The cells that a finding is about; all of its table's where it names none."""
    cells = {(cell.metric, cell.applicant) for cell in finding.cells}
    table = next(rule.table for rule in catalogue().rules if rule.rule == finding.rule)
    return cells or set(tables_of.get(table, ()))


def _store(connection: duckdb.DuckDBPyConnection, report: SeededReport, figures: Figures) -> None:
    connection.execute(_REPORT, [report.report_id, YEARS[report.form], report.form])
    connection.register("facts", pa.Table.from_pylist(list(_facts(report, figures)), schema=_FACT))
    connection.execute("INSERT INTO fact BY NAME SELECT * FROM facts")
    connection.unregister("facts")


def _facts(report: SeededReport, figures: Figures) -> Iterator[dict[str, object]]:
    for number, (name, rows) in enumerate(report.tables.items()):
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                value = figures[cell] if cell else None
                if cell:
                    yield {
                        "report_id": report.report_id, "metric": cell[0], "applicant": cell[1],
                        "value": value, "raw": "" if value is None else str(value), "unit": "", "table": name,
                        "table_no": number, "row": row, "col": column,
                    }  # fmt: skip


def _score(scores: Scores, report: SpoiltReport, alarmed: Sequence[set[Cell]]) -> None:
    explanations, spent = _explained(report)
    visible = [(kind, _visible(report, changes)) for kind, changes in report.slips]
    true = frozenset(cell for _, cells in visible for cell in cells)
    chosen = list(_nearest(explanations, true))
    proposed = {(change.metric, change.applicant): change.to for one in chosen for change in one.changes}
    for kind, cells in visible:
        _count(scores.kinds[kind], cells, alarmed, proposed, report)
    if not true:
        return
    scores.seconds.append(spent)
    scores.named.extend(map(len, explanations))
    _count(scores.whole, true, alarmed, proposed, report)
    located = true <= proposed.keys()
    scores.alone += located and all(len(alternatives) == 1 for alternatives in explanations)


def _count(
    score: Score,
    cells: frozenset[Cell],
    alarmed: Sequence[set[Cell]],
    proposed: dict[Cell, Fraction],
    report: SpoiltReport,
) -> None:
    score.made += 1
    score.visible += bool(cells)
    if cells:
        score.detected += any(cells & alarm for alarm in alarmed)
        score.located += cells <= proposed.keys()
        score.mended += all(proposed.get(cell) == report.truth.figures[cell] for cell in cells)


def _explained(report: SpoiltReport) -> tuple[list[list[Explanation]], float]:
    """The alternatives for each part of the report, and the seconds that it took."""
    parts: list[list[Explanation]] = []
    spent = 0.0
    for table in tables(report.truth, report.figures):
        started = time.process_time()
        relations = linear_relations(catalogue(), table)
        found = localise(table.figures, relations, printed=table.raw, order=[table.rows])
        spent += time.process_time() - started
        parts += [list(alternatives) for _, alternatives in groupby(found, key=lambda one: one.part)]
    return parts, spent


def _visible(report: SpoiltReport, changes: Spoilt) -> frozenset[Cell]:
    """The cells of a slip that relations look at, if one of these would fail by this slip alone.

    The report's blanks stay blank: what they hide nobody can see.
    """
    blanks = {cell: None for cell, value in report.figures.items() if value is None}
    alone = report.truth.figures | changes | blanks
    cells: set[Cell] = set()
    fails = False
    for table in tables(report.truth, alone):
        fails = fails or bool(broken(table))
        looked_at = {cell for one in linear_relations(catalogue(), table) for cell in one.coefficients}
        cells |= changes.keys() & looked_at
    return frozenset(cells) if fails else frozenset()


def _nearest(parts: Iterable[Sequence[Explanation]], true: frozenset[Cell]) -> Iterator[Explanation]:
    """Of each part's alternatives the one with most of the true cells."""
    for alternatives in parts:
        yield max(
            alternatives,
            key=lambda one: (
                len(true & {(change.metric, change.applicant) for change in one.changes}),
                -len(one.changes),
            ),
        )


TEXTS = {
    "en": {
        "title": "Seeded errors",
        "how": (
            "Written by `make localisation`; don't edit. {reports} reports of each form that contradict "
            "nothing are drawn by chance, and one to three slips put into each ([checks.md](checks.md), "
            "Which cell is wrong)."
            "\n\n"
            "A slip is **visible** if it alone makes a relation fail that must hold; what no relation "
            "looks at, or a blank hides, nobody can see. It is **detected** if a finding is about one of "
            "its cells, **located** if one of the proposed explanations has all of its cells that "
            "relations look at, and **mended** if it proposes the true figures as well. A report is "
            "located if all its visible slips are."
            "\n\n"
            "Where a part of a report has several equally good explanations all are named, and the "
            "report counts as located if the true cells are in one of them. **Alone** counts the reports "
            "where no other explanation was named; **named** is how many explanations a part has on "
            "average. Milliseconds are those of one report, all its tables together. **False alarms** "
            "are findings of any rule in the untouched reports."
        ),
        "form": "form | reports with a visible slip | detected | located | mended | alone | named"
        " | median ms | slowest ms | false alarms",
        "kind": "slip | made | visible | detected | located | mended",
        "heading": "The form of {form}",
        "all": "All forms",
    },
    "zh": {
        "title": "人为差错测试",
        "how": (
            "由 `make localisation` 生成，请勿手工修改。每种格式随机生成 {repo"
            "rts} 份没有矛盾的报告，每份加入一至三处笔误（见 [checks.md](checks."
            "md)“哪一格有误”）。"
            "\n\n"
            "**可见**：仅此一处笔误就使某项必须成立的关系不成立；没有关系涉及或被空白掩盖的，无人能够"
            "看出。**发现**：有一项发现涉及其单元格。**定位**：所提出的某种解释包含其全部（关系所"
            "涉及的）单元格。**修正**：并且提出了真实数字。一份报告的全部可见笔误均已定位，该报告才算"
            "定位。"
            "\n\n"
            "某部分有几种同样合理的解释时全部列出，真实单元格在其中之一即算定位。**唯一**为没有列出其"
            "他解释的报告所占比例，**解释数**为每部分平均列出的解释数。耗时（毫秒）为一份报告全部表格"
            "合计。**误报**为未改动的报告中任何规则的发现数。"
        ),
        "form": "格式 | 有可见笔误的报告 | 发现 | 定位 | 修正 | 唯一 | 解释数 | 中位毫秒 | 最长毫秒 | 误报",
        "kind": "笔误 | 加入 | 可见 | 发现 | 定位 | 修正",
        "heading": "{form} 年格式",
        "all": "各格式",
    },
}
_NAMES = {
    "digit_altered": ("one digit altered", "某位数字写错"),
    "digit_lost": ("a digit lost", "漏写一位数字"),
    "digit_doubled": ("a digit written twice", "某位数字重复"),
    "digits_swapped": ("two neighbouring digits swapped", "相邻两位数字颠倒"),
    "tenfold": ("ten times too large", "多写一个零"),
    "row_shifted": ("a row (2014: the column) shifted by one", "整行（2014 年格式：整列）错位一格"),
    "columns_swapped": ("two columns (2014: two rows) swapped", "两列（2014 年格式：两行）互换"),
    "total_copied": ("a total copied from another one", "总计误抄自另一项"),
    "wrong_applicant": (
        "in another applicant's column (2014: a row off)",
        "填入其他申请人（2014 年格式：邻行）",
    ),
    "other_figure": ("just another figure", "任意其他数字"),
    "blank": ("left blank", "漏填"),
}


def page(language: str, measured: dict[str, Scores]) -> str:
    """The report in one language."""
    words = TEXTS[language]
    parts = [f"# {words['title']}", words["how"].format(reports=REPORTS), f"## {words['all']}"]
    parts.append("\n".join(_rows(words["form"], map(_form_row, measured, measured.values()))))
    for form, scores in measured.items():
        lines = (_kind_row(_NAMES[kind][language == "zh"], score) for kind, score in scores.kinds.items())
        parts += [f"## {words['heading'].format(form=form)}", "\n".join(_rows(words["kind"], lines))]
    return "\n\n".join(parts) + "\n"


def _rows(head: str, lines: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {head} |"
    yield "|---|" + "---:|" * head.count("|")
    for line in lines:
        yield "| " + " | ".join(map(str, line)) + " |"


def _form_row(form: str, scores: Scores) -> list[object]:
    whole = scores.whole
    return [
        form,
        whole.visible,
        *(
            _share(count, whole.visible)
            for count in (whole.detected, whole.located, whole.mended, scores.alone)
        ),
        f"{sum(scores.named) / len(scores.named):.1f}",
        f"{median(scores.seconds) * 1000:.0f}",
        f"{max(scores.seconds) * 1000:.0f}",
        scores.false_alarms,
    ]


def _kind_row(name: str, score: Score) -> list[object]:
    counts = (score.detected, score.located, score.mended)
    return [name, score.made, score.visible, *(_share(count, score.visible) for count in counts)]


def _share(count: int, of: int) -> str:
    """The share, rounded down, so that 100 % says that none is missing."""
    return f"{1000 * count // of / 10:.1f} %" if of else "–"


def main() -> None:
    """Measures, prints and writes the two pages."""
    measured = {form: measure(form) for form in YEARS}
    for language, place in (("en", "docs/seeded_errors.md"), ("zh", "docs/zh/seeded_errors.md")):
        (ROOT / place).write_text(page(language, measured), encoding="utf-8")
    print(page("en", measured))


if __name__ == "__main__":
    main()
