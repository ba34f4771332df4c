"""``nianbao export``: the whole dataset, documented, valid and the same each time."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import openpyxl
import pytest
import yaml

from analysis.export import writing
from analysis.export.catalogue import SQL_TYPES, Column, Table, tables_of
from analysis.series import Choice, Question, compare
from analysis.series.measures import measures
from conftest import TONGXIN, Outcome, Run
from history import History, report
from nianbao.cli import main
from nianbao.commands.demo import demo
from scraper.store import open_database

FILES = {
    "README.md", "README.zh-CN.md", "LICENSE.md", "CITATION.cff", "datapackage.json", "dictionary.csv",
    "dictionary.md", "dictionary.zh.md", "load.R", "load.do", "nianbao.xlsx", "changes.csv", "CHANGELOG.md",
    "MANIFEST.sha256", "csv", "parquet",
}  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


@pytest.fixture(scope="module")
def exported(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of the samples."""
    folder = tmp_path_factory.mktemp("exports") / "samples"
    with pytest.raises(SystemExit) as ended:
        main(["export", str(folder), "--data", str(samples), "--format", "json"])
    assert ended.value.code == 0
    return folder


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / "csv" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def asked(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """An answer over the Parquet files, which ``{table}`` names."""
    names = {path.stem: f"'{path}'" for path in (folder / "parquet").iterdir()}
    with duckdb.connect() as connection:
        return connection.execute(query.format(**names)).fetchall()


def described(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for resource in json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]:
        for field in resource["schema"]["fields"]:
            yield resource, field


def test_an_export_is_whole_and_leaves_nothing_beside_it(exported: Path) -> None:
    assert {path.name for path in exported.iterdir()} == FILES
    assert [path.name for path in exported.parent.iterdir()] == [exported.name]


def test_its_own_validator_finds_the_package_valid(exported: Path) -> None:
    found = frictionless.validate(str(exported / "datapackage.json"))
    assert found.valid, found.flatten(["name", "rowNumber", "fieldName", "type", "message"])[:5]
    assert found.stats["tasks"] == len(list((exported / "csv").iterdir()))


def test_a_figure_that_was_tampered_with_is_not_valid(exported: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(exported, tmp_path / "copy")
    file = folder / "csv" / "cases_wide.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",2022,", ",many,"), encoding="utf-8")
    assert not frictionless.validate(str(folder / "datapackage.json")).valid


def test_parquet_and_csv_hold_the_same(exported: Path) -> None:
    for path in (exported / "parquet").iterdir():
        (counted,) = asked(exported, f"SELECT count(*) FROM {{{path.stem}}}")
        assert len(rows_of(exported, path.stem)) == counted[0]
    figures = asked(exported, "SELECT report_id, metric, applicant, value FROM {facts}")
    written = rows_of(exported, "facts")
    assert [(r["report_id"], r["metric"], r["applicant"]) for r in written] == [line[:3] for line in figures]
    assert [None if r["value"] == "" else float(r["value"]) for r in written] == [line[3] for line in figures]
    assert {"6", "2864.35"} <= {r["value"] for r in written}


def test_long_tables_keep_their_order_in_both_formats(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    (tmp_path / "parquet").mkdir()
    said = {"en": "number", "zh": "数"}
    column = Column("n", "integer", "", said, said, {"en": "", "zh": ""})
    query = "SELECT i AS n FROM range(600_000) t(i) ORDER BY hash(i), i"
    with duckdb.connect() as connection:
        ordered = [number for (number,) in connection.execute(query).fetchall()]
        numbers = Table("numbers", said, query, ("n",), (), (column,))
        assert writing.write_table(connection, numbers, tmp_path) == len(ordered)
    assert [int(line["n"]) for line in rows_of(tmp_path, "numbers")] == ordered
    assert [number for (number,) in asked(tmp_path, "FROM {numbers}")] == ordered


def test_facts_are_those_of_the_database(run: Run, samples: Path, exported: Path) -> None:
    facts = run("sql", "SELECT report_id, metric, applicant, raw FROM fact", "--data", samples).records
    keys = ("report_id", "metric", "applicant", "raw")
    written = {tuple(line[key] for key in keys) for line in rows_of(exported, "facts")}
    assert written == {tuple(fact[key] for key in keys) for fact in facts}
    assert len(written) == 2388


def test_every_column_is_documented_and_has_its_type(exported: Path) -> None:
    with (exported / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        lines = {(line["table"], line["column"]): line for line in csv.DictReader(file)}
    english, chinese = ((exported / f"dictionary{x}.md").read_text(encoding="utf-8") for x in ("", ".zh"))
    seen = set()
    for path in sorted((exported / "parquet").iterdir()):
        for name, kind, *_ in asked(exported, f"DESCRIBE FROM {{{path.stem}}}"):
            line = lines[path.stem, name]
            assert SQL_TYPES[line["type"]] == kind  # type: ignore[index]
            assert all(line[key] for key in ("label_en", "label_zh", "meaning_en", "meaning_zh"))
            assert f"| `{name}` | {line['type']} |" in english
            assert f"| `{name}` | {line['type']} |" in chinese
            assert re.search("[一-鿿]", line["meaning_zh"])
            seen.add((path.stem, name))
    assert seen == set(lines)


def test_columns_that_are_never_empty_are_not(exported: Path) -> None:
    with (exported / "dictionary.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if not line["empty_en"]:
                query = f'SELECT count(*) FROM {{{line["table"]}}} WHERE "{line["column"]}" IS NULL'
                assert asked(exported, query) == [(0,)], line


def test_metrics_carry_label_and_unit_of_the_catalogue(exported: Path) -> None:
    fields = {(resource["name"], field["name"]): field for resource, field in described(exported)}
    field = fields["totals_wide", "granted"]
    assert (field["title"], field["unit"], field["type"]) == ("Granted in full", "requests", "number")
    assert "予以公开" in field["description"]


def test_totals_are_the_total_column_and_the_other_tables(exported: Path) -> None:
    # 青禾县 2022 as figures.toml has it.
    (line,) = [r for r in rows_of(exported, "totals_wide") if (r["county"], r["year"]) == ("青禾县", "2022")]
    expected = {"requests_received": "38", "granted": "24", "review_total": "3", "fee_amount": "296.1"}
    assert {key: line[key] for key in expected} == expected
    # The form of 2021 asks for no number of projects.
    assert line["procurement_projects"] == ""


def test_measures_are_those_that_comparisons_show(samples: Path, exported: Path) -> None:
    found = {(line["report_id"], line["measure"]): line for line in rows_of(exported, "measure_values")}
    with duckdb.connect(str(samples / "reports.duckdb"), read_only=True) as connection:
        for measure in measures():
            question = Question((measure,), Choice(years=(2019, 2020, 2021, 2022)))
            for record in compare(connection, question).records:
                line = found.pop((record["report_id"], measure))
                assert (float(line["value"]) if line["value"] else None) == pytest.approx(record[measure])
                missing = [f"{measure}:{line['missing']}"] if line["missing"] else []
                assert missing == list(record["missing"])
                assert (line["doubtful"] == "true") == (measure in record["doubtful"])
                assert (line["assumed"] == "true") == (measure in record["assumed"])
    assert not found


def test_doubtful_cells_are_marked(exported: Path) -> None:
    doubtful = {
        (line["county_code"], line["year"], line["metric"], line["applicant"])
        for line in rows_of(exported, "facts")
        if line["doubtful"] == "true"
    }
    # 白榆区 carries in 3 in 2022 where it carried forward 2 in 2021.
    assert ("990102", "2022", "requests_carried_in", "total") in doubtful
    assert ("990102", "2021", "carried_forward", "total") in doubtful
    assert not any(code == "990101" for code, *_ in doubtful)


def test_coverage_has_every_county_and_year_of_the_provinces(exported: Path) -> None:
    status = {(line["county"], line["year"]): line["status"] for line in rows_of(exported, "coverage")}
    assert status["同心县", "2020"] == "reported"
    assert status["盐池县", "2020"] == "missing"
    # 22 counties of Ningxia and two invented ones, in four years.
    assert len(status) == 24 * 4
    assert sum(one == "reported" for one in status.values()) == 12


def test_the_same_database_gives_the_same_bytes(
    run: Run, samples: Path, exported: Path, tmp_path: Path
) -> None:
    assert run("export", tmp_path / "again", "--data", samples).code == 0
    assert manifest(tmp_path / "again") == manifest(exported)


def test_the_manifest_holds_the_digest_of_every_file(exported: Path) -> None:
    found = manifest(exported)
    files = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert set(found) == files - {"MANIFEST.sha256"}
    for name, digest in found.items():
        assert hashlib.sha256((exported / name).read_bytes()).hexdigest() == digest


def manifest(folder: Path) -> dict[str, str]:
    lines = (folder / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_the_workbook_has_a_sheet_for_each_table(exported: Path) -> None:
    book = openpyxl.load_workbook(exported / "nianbao.xlsx", read_only=True)
    assert book.sheetnames == ["contents", *(path.stem for path in tables(exported))]
    rows = list(book["findings"].iter_rows(values_only=True))
    assert rows[0][:2] == ("finding_id", "report_id")
    assert len(rows) == len(rows_of(exported, "findings")) + 1
    book.close()


def tables(folder: Path) -> list[Path]:
    resources = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    return [folder / resource["path"] for resource in resources]


def test_a_table_too_large_for_a_sheet_is_said_to_be_elsewhere(
    run: Run, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 2_000)
    found = run("export", tmp_path / "small", "--data", samples, "--format", "json")
    assert "too large for a sheet, and so in csv/ and parquet/ only: facts" in found.err
    assert {line["table"] for line in found.records if not line["xlsx"]} == {"facts", "counties"}
    book = openpyxl.load_workbook(tmp_path / "small" / "nianbao.xlsx", read_only=True)
    assert "facts" not in book.sheetnames
    contents = {row[0]: row[3] for row in book["contents"].iter_rows(values_only=True)}
    assert str(contents["facts"]).startswith("Too large for a sheet")
    book.close()
    assert "not `facts`, `counties`" in (tmp_path / "small" / "README.md").read_text(encoding="utf-8")


def test_the_citation_is_valid(exported: Path) -> None:
    """By the fields that CFF 1.2.0 demands and knows."""
    cited = yaml.safe_load((exported / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(cited)
    assert set(cited) <= {
        "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers",
        "keywords", "license", "license-url", "message", "preferred-citation", "references", "repository",
        "repository-artifact", "repository-code", "title", "type", "url", "version",
    }  # fmt: skip
    assert cited["cff-version"] == "1.2.0"
    assert cited["type"] == "dataset"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(cited["date-released"]))
    assert all(set(author) <= {"name"} for author in cited["authors"])


def test_the_readmes_say_how_much_there_is_and_that_samples_are_invented(exported: Path) -> None:
    english, chinese = (
        (exported / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
    )
    for text in (english, chinese):
        assert "| `facts` | 2,388 |" in text
        assert "2019" in text
        assert "2022" in text
        named = set(re.findall(r"`((?:csv/|parquet/|[\w.]+\.(?:md|csv|json|R|do|cff|xlsx|sha256)))`", text))
        assert named == (FILES - {"README.md", "README.zh-CN.md", "csv", "parquet"}) | {"csv/", "parquet/"}
    assert "may be invented" in english
    assert "可能为虚构" in chinese


def test_scripts_name_every_column_once(exported: Path) -> None:
    stata = (exported / "load.do").read_text(encoding="utf-8")
    for part in stata.split("import delimited")[1:]:
        names = re.findall(r"^rename v\d+ (\w+)$", part, re.MULTILINE)
        assert len(set(names)) == len(names)
        assert all(len(name) <= 32 for name in names)
        table = re.search(r"csv/(\w+)\.csv", part)
        assert table is not None
        with (exported / "csv" / f"{table[1]}.csv").open(encoding="utf-8", newline="") as file:
            assert len(names) == len(next(csv.reader(file)))
    assert "not run" in stata
    loaded = (exported / "load.R").read_text(encoding="utf-8")
    assert loaded.count("(") == loaded.count(")")
    assert '"county_code" = "character"' in loaded


def test_what_a_page_says_is_no_formula(run: Run, tmp_path: Path) -> None:
    page = TONGXIN.read_text(encoding="utf-8")
    evil = page.replace("<td>6</td>", '<td>=HYPERLINK("http://evil.test")</td>', 1)
    assert evil != page
    file = tmp_path / "evil.html"
    file.write_text(evil, encoding="utf-8")
    run("import", file)
    run("parse")
    assert run("export", tmp_path / "out").code == 0
    raws = [line["raw"] for line in rows_of(tmp_path / "out", "facts")]
    assert '\'=HYPERLINK("http://evil.test")' in raws
    assert not [raw for raw in raws if raw.startswith("=")]
    assert asked(tmp_path / "out", "SELECT count(*) FROM {facts} WHERE raw LIKE '=HYPER%'") == [(1,)]
    assert b"<f>" not in sheet_xml(tmp_path / "out" / "nianbao.xlsx")


def sheet_xml(file: Path) -> bytes:
    with zipfile.ZipFile(file) as book:
        return b"".join(book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/"))


@pytest.mark.parametrize(("text", "acts"), [
    ("=1+1", True), ("@SUM(A1)", True), ("+1+cmd|'/c calc'!A0", True), ("-1+1", True), ("＝A1", True),
    ("\tx", True), ("-12", False), ("-", False), ("——", False), ("+3.5%", False), ("12", False), ("", False),
    ("－", False), ("/", False),
])  # fmt: skip
def test_signs_alone_and_figures_are_no_formulas(text: str, acts: bool) -> None:
    assert writing.may_act(text) is acts
    with duckdb.connect() as connection:
        table = next(table for table in tables_of(_catalogue(connection)) if table.name == "facts")
        raw = next(column for column in table.columns if column.name == "raw")
        (said,) = connection.execute(
            f'SELECT {writing.printed(raw)} FROM (SELECT $1 AS "raw")', [text]
        ).fetchall()
    assert said[0] == (f"'{text}" if acts else text)


def _catalogue(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    connection.execute(
        'CREATE TABLE metric (metric VARCHAR, form VARCHAR, "table" VARCHAR, label_zh VARCHAR,'
        " label_en VARCHAR, unit VARCHAR)"
    )
    return connection


def test_an_export_is_replaced_and_nothing_else_is(run: Run, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (folder / "csv").mkdir(parents=True)
    (folder / "csv" / "mine.csv").write_text("mine", encoding="utf-8")
    refused = run("export", folder, "--data", samples)
    assert refused.code == 2
    assert "is no export of nianbao" in refused.err
    assert [path.name for path in folder.rglob("*")] == ["csv", "mine.csv"]
    shutil.rmtree(folder)
    folder.mkdir()
    assert run("export", folder, "--data", samples).code == 0
    first = manifest(folder)
    (folder / "mine.txt").write_text("gone with the export", encoding="utf-8")
    assert run("export", folder, "--data", samples).code == 0
    assert manifest(folder) == first
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_a_failing_export_leaves_what_was_there(run: Run, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run("export", folder, "--data", samples).code == 0
    before = manifest(folder)
    broken = tmp_path / "data"
    shutil.copytree(samples, broken)
    with duckdb.connect(str(broken / "reports.duckdb")) as connection:
        connection.execute("DROP VIEW altered_figure")
    assert run("export", folder, "--data", broken).code == 1
    assert manifest(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "out"]


def test_without_a_database_or_reports_it_says_so(run: Run, tmp_path: Path) -> None:
    assert run("export", tmp_path / "out").code == 1
    (tmp_path / "data").mkdir()
    open_database(tmp_path / "data" / "reports.duckdb").close()
    found = run("export", tmp_path / "out")
    assert found.code == 1
    assert not (tmp_path / "out").exists()


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data")


def export(run: Run, folder: Path, *arguments: object) -> Outcome:
    found = run("export", folder, *arguments, "--format", "json")
    assert found.code == 0, found.err
    return found


def changes(folder: Path) -> list[tuple[str, ...]]:
    with (folder / "changes.csv").open(encoding="utf-8", newline="") as file:
        return [
            (line["change"], line["year"], line["metric"] or line["field"], line["before"], line["now"])
            for line in csv.DictReader(file)
            if not (line["change"] == "report_altered" and line["field"] == "sha256")
        ]


def test_changes_between_exports_are_told(run: Run, history: History, tmp_path: Path) -> None:
    history.answer("/a.html", 0, report(upheld=1))
    history.answer("/b.html", 0, report(year=2019))
    history.parse()
    export(run, tmp_path / "exports" / "one")
    first = (tmp_path / "exports" / "one" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "first export" in first
    assert changes(tmp_path / "exports" / "one") == []
    history.answer("/a.html", 9, report(upheld=5))
    history.answer("/b.html", 9, status="404 Not Found")
    history.answer("/c.html", 9, report(year=2021))
    history.parse()
    # The newest export beside it is what it is compared with.
    second = tmp_path / "exports" / "two"
    assert "Compared with" in export(run, second).err
    found = changes(second)
    assert {change[0] for change in found} == {"report_added", "report_vanished", "fact_altered"}
    assert sorted(change for change in found if change[0] == "fact_altered") == [
        ("fact_altered", "2020", "review_total", "2", "6"),
        ("fact_altered", "2020", "review_upheld", "1", "5"),
    ]
    assert [change[1] for change in found if change[0] == "report_added"] == ["2021"]
    assert [change[1] for change in found if change[0] == "report_vanished"] == ["2019"]
    told = (second / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "- cells altered: 2 · 改动单元格 2 个" in told
    assert "- reports vanished from their addresses: 1" in told
    assert told.endswith(first.partition("\n\n")[2])
    # With nothing new what it says of changes stands, byte for byte, wherever it is written.
    export(run, second)
    export(run, tmp_path / "three", "--since", second)
    assert (tmp_path / "three" / "changes.csv").read_bytes() == (second / "changes.csv").read_bytes()
    assert manifest(tmp_path / "three") == manifest(second)


def test_changes_of_columns_and_catalogues_are_told(
    run: Run, samples: Path, exported: Path, tmp_path: Path
) -> None:
    older = shutil.copytree(exported, tmp_path / "older")
    dictionary = older / "dictionary.csv"
    lines = dictionary.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = [line for line in lines if not line.startswith("facts,doubtful,")]
    lines = [line.replace("facts,raw,string", "facts,raw,number") for line in lines]
    dictionary.write_text("".join(lines), encoding="utf-8")
    with duckdb.connect() as connection:
        file = older / "parquet" / "metrics.parquet"
        connection.execute(f"CREATE TABLE m AS FROM '{file}'")
        connection.execute("DELETE FROM m WHERE metric = 'fee_amount'")
        connection.execute(f"COPY m TO '{file}'")
    (older / "MANIFEST.sha256").write_text("0  altered\n", encoding="utf-8")
    export(run, tmp_path / "out", "--data", samples, "--since", older)
    found = {(change[0], change[2]) for change in changes(tmp_path / "out")}
    assert found == {
        ("column_added", "facts.doubtful"),
        ("column_altered", "facts.raw"),
        ("metric_added", "fee_amount 2021"),
    }


def test_only_exports_can_be_compared_with(run: Run, samples: Path, tmp_path: Path) -> None:
    found = run("export", tmp_path / "out", "--data", samples, "--since", tmp_path)
    assert found.code == 2
    assert not (tmp_path / "out").exists()
