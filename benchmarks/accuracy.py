"""How many cells are read right: over the golden cases, and over reports laid out by chance.

``make accuracy`` runs this and writes ``docs/accuracy.md`` and ``docs/zh/accuracy.md``.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import sample_report  # noqa: E402 - tests/ is not a package
from corpus import samples  # noqa: E402
from rendering import Key  # noqa: E402
from scraper.documents import read_document  # noqa: E402
from scraper.forms import Report, read_report  # noqa: E402
from scraper.forms.numbers import read_figure  # noqa: E402

REPORTS = 3000
SEED = "accuracy"

Truth = dict[Key, Decimal | None]


@dataclass
class Score:
    """Cells of some documents, each right, wrong or missed; ``warned`` counts wrong and missed ones."""

    documents: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    warned: int = 0

    def add(self, other: Score) -> None:
        """Counts another document's cells as well."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def share(self) -> str:
        """The share of right cells, rounded down, so that 100 % says that none is wrong."""
        cells = self.right + self.wrong + self.missed
        return f"{100_000 * self.right // cells / 1000:.3f} %" if cells else "–"


@dataclass
class Scores:
    """Scores by form, layout and format."""

    by: dict[str, dict[str, Score]] = field(default_factory=lambda: {"form": {}, "layout": {}, "format": {}})
    total: Score = field(default_factory=Score)

    def add(self, form: str, layouts: Iterable[str], kind: str, score: Score) -> None:
        """Counts a document under its form, each of its layouts and its format."""
        self.total.add(score)
        names = {"form": [form], "layout": layouts, "format": [kind]}
        for dimension, values in names.items():
            for value in values:
                self.by[dimension].setdefault(value.replace("_", " "), Score()).add(score)


def score_of(report: Report, truth: Truth) -> Score:
    """Compares a reading with what was printed."""
    read = {(fact.metric, fact.applicant): fact.value for fact in report.facts}
    if not any(metric.startswith("local.") for metric, _ in truth):
        read = {key: value for key, value in read.items() if not key[0].startswith("local.")}
    score = Score(documents=1)
    for key in truth.keys() | read.keys():
        value, expected = read.get(key), truth.get(key)
        if value == expected:
            score.right += key in truth
        elif value is None:
            score.missed += 1
        else:
            score.wrong += 1
    score.warned = score.wrong + score.missed if report.notices else 0
    return score


def golden() -> Scores:
    """The golden cases."""
    scores = Scores()
    for case in sorted((ROOT / "tests" / "golden").glob("*/expected.toml")):
        said = tomllib.loads(case.read_text(encoding="utf-8"))
        (path,) = case.parent.glob("document.*")
        with (case.parent / "expected.csv").open(encoding="utf-8") as lines:
            truth: Truth = {
                (line["metric"], line["applicant"]): Decimal(line["value"]) if line["value"] else None
                for line in csv.DictReader(lines)
            }
        report = read_report(read_document(path.read_bytes(), path.name), path.name)
        scores.add(said["form"], [said["layout"]], path.suffix[1:], score_of(report, truth))
    return scores


def by_format() -> Scores:
    """One report in every format, scanned as well, and a real PDF."""
    folder = ROOT / "tests" / "formats"
    invented, real = _printed(folder / "expected.csv"), _printed(folder / "hongze-2023.csv")
    write = sample_report
    written = {"html": write.html, "docx": write.docx, "xlsx": write.xlsx, "rtf": write.rtf, "mht": write.mht}
    documents = [(kind, make(), invented) for kind, make in written.items()]
    documents += [(path.suffix[1:], path.read_bytes(), invented) for path in folder.glob("report.*")]
    documents.append(("tiff (scan)", (folder / "scan.tiff").read_bytes(), invented))
    documents.append(("pdf", (folder / "hongze-2023.pdf").read_bytes(), real))
    scores = Scores()
    for kind, data, truth in documents:
        report = read_report(read_document(data, kind), kind)
        scores.add("2021", ["invented" if truth is invented else "real"], kind, score_of(report, truth))
    return scores


def _printed(path: Path) -> Truth:
    with path.open(encoding="utf-8") as lines:
        return {
            (line["metric"], line["applicant"]): read_figure(line["raw"], "").value
            for line in csv.DictReader(lines)
        }


def by_chance() -> Scores:
    """Reports in layouts mixed by chance."""
    scores = Scores()
    for sample in samples(SEED, REPORTS):
        report = read_report(read_document(sample.data, "page"), "page")
        scores.add(sample.form, sample.layouts, sample.kind, score_of(report, dict(sample.truth)))
    return scores


TEXTS = {
    "en": {
        "title": "Accuracy",
        "how": "Written by `make accuracy`; don't edit. A cell is right if its value is the printed one, or "
        "none where none is printed; wrong if another value was read; missed if none was read though one is "
        "printed. Warned counts the wrong and missed cells of documents for which a warning was given.",
        "golden": "The golden cases (tests/golden)",
        "formats": "One report in many formats, and a real PDF (tests/formats)",
        "chance": f"{REPORTS} reports in layouts mixed by chance (tests/corpus.py; up to three layouts each)",
        "columns": "documents | right | wrong | missed | warned | share right",
        "form": "form", "layout": "layout", "format": "format", "all": "all",
    },
    "zh": {
        "title": "准确率",
        "how": "由 `make accuracy` 生成，请勿手工修改。取值与印出的一致（或印出为空而未取值）为正确；"
        "取了别的值为错误；印有数值而未取值为遗漏。“已警告”为错误与遗漏中，所在文档已给出警告的单元格数。",
        "golden": "黄金用例（tests/golden）",
        "formats": "同一份报告的多种文件格式，及一份真实 PDF（tests/formats）",
        "chance": f"{REPORTS} 份随机组合版式的报告（tests/corpus.py，每份至多三种版式）",
        "columns": "文档 | 正确 | 错误 | 遗漏 | 已警告 | 正确率",
        "form": "格式", "layout": "版式", "format": "文件", "all": "合计",
    },
}  # fmt: skip


def page(language: str, measured: dict[str, Scores]) -> str:
    """The report in one language."""
    words = TEXTS[language]
    parts = [f"# {words['title']}", words["how"]]
    for name, scores in measured.items():
        parts.append(f"## {words[name]}")
        parts.append("\n".join(_table(words, "all", {words["all"]: scores.total})))
        parts += ["\n".join(_table(words, dimension, scores.by[dimension])) for dimension in scores.by]
    return "\n\n".join(parts) + "\n"


def _table(words: dict[str, str], dimension: str, scores: dict[str, Score]) -> Iterator[str]:
    yield f"| {words[dimension]} | {words['columns']} |"
    yield "|---|" + "---:|" * 6
    for name, score in sorted(scores.items()):
        counts = (score.documents, score.right, score.wrong, score.missed, score.warned, score.share)
        yield f"| {name} | " + " | ".join(map(str, counts)) + " |"


def main() -> None:
    """Measures and writes the two pages."""
    measured = {"golden": golden(), "formats": by_format(), "chance": by_chance()}
    for language, place in (("en", "docs/accuracy.md"), ("zh", "docs/zh/accuracy.md")):
        (ROOT / place).write_text(page(language, measured), encoding="utf-8")
    for name, scores in measured.items():
        print(
            f"{TEXTS['en'][name]}: {scores.total.share} of {scores.total.right} cells right, "
            f"{scores.total.wrong} wrong, {scores.total.missed} missed, {scores.total.warned} warned of"
        )


if __name__ == "__main__":
    main()
