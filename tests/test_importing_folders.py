"""``nianbao import`` of saved pages, folders, and files with a manifest; what is wrong in the command."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import sample_report
from conftest import TONGXIN, Run
from foreign import LATER, PAGE, SITE, at, captures, counts, put

SINGLE_FILE = """<!DOCTYPE html> <html><!--
 Page saved with SingleFile
 url: http://www.qinghe.gov.cn/art/2022/1.html?a=1&b=2
 saved date: Tue Mar 01 2022 10:11:12 GMT+0800 (中国标准时间)
--><body>"""


def aged(path: Path, moment: datetime) -> Path:
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


def test_pages_saved_by_a_program_that_notes_the_address_are_kept_under_it(run: Run, tmp_path: Path) -> None:
    report, folder = sample_report.html(), tmp_path / "saved"
    note = b"<!-- saved from url=(0039)http://www.qinghe.gov.cn/ndbg/2021.html -->"
    aged(put(folder, "browser.html", report.replace(b"<html>", b"<html>" + note)), LATER)
    put(folder, "single.html", SINGLE_FILE.encode() + report)
    head = f"Snapshot-Content-Location: {SITE}/mht.html\nDate: Fri, 1 Apr 2022 08:00:00 -0000\n"
    put(folder, "page.mhtml", head.encode() + sample_report.mht())
    put(folder, "plain.html", report)
    found = run("import", folder)
    assert (found.code, found.records[0]["kind"], counts(found)) == (0, "folder", [(4, 0)])
    *files, _, _, _ = found_captures = captures(tmp_path)
    assert [one.url for one in files] == [(folder / "plain.html").as_uri()]
    assert [(one.url, one.captured_at) for one in found_captures[1:]] == [
        (f"{SITE}/art/2022/1.html?a=1&b=2", at("2022-03-01T02:11:12")),
        (f"{SITE}/mht.html", at("2022-04-01T08:00:00")),
        (f"{SITE}/ndbg/2021.html", LATER),
    ]
    assert counts(run("import", folder)) == [(0, 4)]
    assert run("parse").code == 0
    # One report at four addresses.
    assert run("sql", "SELECT count(*) AS n FROM report WHERE year = 2021").records == [{"n": 1}]
    assert run("sql", "SELECT count(*) AS n FROM also_at").records == [{"n": 3}]


def test_the_parts_of_a_saved_page_are_left_unless_they_are_documents(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    put(folder, "report.html", PAGE)
    for name in ("style.css", "logo.png", "script.js", "saved_resource.html", "report.docx"):
        put(folder, f"report_files/{name}", PAGE)
    put(folder, "other_files/logo.png", b"no page has that folder")
    put(folder, ".DS_Store", b"0")
    put(folder, "index.cdxj", b"0")
    found = run("import", folder)
    assert (counts(found), found.records[0]["left_out"]) == ([(4, 0)], 4)
    names = [one.url.rpartition("/saved/")[2] for one in captures(tmp_path)]
    assert names == [
        "other_files/logo.png", "report.html", "report_files/report.docx", "report_files/saved_resource.html",
    ]  # fmt: skip
    assert counts(run("import", folder / "report_files" / "logo.png")) == [(1, 0)]


def test_a_manifest_gives_files_their_address_and_time(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    put(folder, "甲.pdf", b"%PDF-1.4 a")
    aged(put(folder, "sub/乙.doc", b"\xd0\xcf\x11\xe0 b"), LATER)
    put(folder, "c.html", SINGLE_FILE.encode())
    put(folder, "d.html", PAGE)
    lines = (
        "File,URL,captured_at,注\n"
        f"甲.pdf,{SITE}/a.pdf,2019/3/5,\n"
        f"sub\\乙.doc,{SITE}/b.doc,,\n"
        f"c.html,{SITE}/c1.html,20190305080910,\n"
        f"c.html,{SITE}/c2.html,2019-03-05 16:09+08:00,\n"
    )
    put(folder, "manifest.csv", lines.encode("gb18030"))
    found = run("import", folder)
    assert (found.code, counts(found)) == (0, [(5, 0)])
    assert [(one.url, one.captured_at) for one in captures(tmp_path)[1:]] == [
        (f"{SITE}/a.pdf", at("2019-03-05T00:00:00")),
        (f"{SITE}/b.doc", LATER),
        (f"{SITE}/c1.html", at("2019-03-05T08:09:10")),
        (f"{SITE}/c2.html", at("2019-03-05T08:09:00")),
    ]
    assert counts(run("import", folder)) == [(0, 5)]
    assert counts(run("import", folder / "manifest.csv")) == [(0, 4)]


def test_wrong_lines_of_a_manifest_are_told_and_their_files_are_not_taken(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    for name in ("a.html", "b.html", "c.html"):
        put(folder, name, PAGE)
    put(tmp_path, "outside.html", PAGE)
    lines = [
        "file,url,captured_at",
        "a.html,www.qinghe.gov.cn/a.html,",
        f"b.html,{SITE}/b.html,in spring",
        f"missing.html,{SITE}/d.html,",
        f"../outside.html,{SITE}/e.html,",
        f"c.html,{SITE}/c.html,2019-02-30",
    ]
    put(folder, "manifest.csv", "\r\n".join(lines).encode())
    found = run("import", folder)
    assert (found.code, counts(found)) == (1, [(0, 0)])
    for said in (
        "line 2: “www.qinghe.gov.cn/a.html” is no web address",
        "line 3: captured_at “in spring” is no time",
        "line 4: there is no file “missing.html”",
        "line 5: there is no file “../outside.html”",
        "line 6: captured_at “2019-02-30” is no time",
    ):
        assert said in found.err
    assert captures(tmp_path) == []


def test_without_its_columns_a_manifest_stops_the_import_of_its_folder(run: Run, tmp_path: Path) -> None:
    put(tmp_path, "saved/a.html", PAGE)
    put(tmp_path, "saved/manifest.csv", b"name,address\na.html,x\n")
    found = run("import", tmp_path / "saved", TONGXIN)
    assert (found.code, counts(found)) == (1, [(0, 0), (1, 0)])
    assert "manifest.csv lacks the column file, url" in found.err


def test_files_that_can_not_be_read_are_told_and_a_workspace_can_be_taken_over(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "a.html").symlink_to(tmp_path / "saved" / "a.html")
    put(tmp_path, "saved/b.html", PAGE)
    assert run("import", tmp_path / "saved").code == 0
    assert run("import", tmp_path / "data" / "archive", "--data", "other").code == 0
    assert [one.url for one in captures(tmp_path)] == [(tmp_path / "saved" / "b.html").as_uri()]


def test_what_is_wrong_in_the_command_is_told(run: Run, tmp_path: Path) -> None:
    for arguments, said in (
        ((), "name what to import"),
        (("nothing.html",), "nothing.html does not exist"),
        (("--wayback", "x", "--from", "spring"), "--from spring: write a year"),
        (("--wayback", "x", "--only", "("), "--only (: this is no regular expression"),
        (("--wayback", "x", "--cdx", "localhost:80"), "--cdx localhost:80: write the whole address"),
    ):
        found = run("import", *arguments)
        assert (found.code, said in found.err) == (2, True), arguments
    assert not (tmp_path / "data").exists()
