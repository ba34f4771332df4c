"""``nianbao import`` of WARC and WACZ files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import sample_report
from conftest import Run
from foreign import (
    FIRST,
    HTML,
    LATER,
    NOT_MODIFIED,
    PAGE,
    SITE,
    Warc,
    at,
    body_of,
    captures,
    counts,
    in_chunks,
    own_records,
    pages,
    put,
    sha1,
    wacz,
)  # fmt: skip
from portals import dead_host, kept

# WARC


def test_responses_keep_address_time_and_bytes_whatever_the_transfer_did(run: Run, tmp_path: Path) -> None:
    page = sample_report.html().decode()
    gbk = page.replace('charset="utf-8"', 'charset="gb2312"').encode("gb18030")
    warc = Warc()
    warc.response(f"{SITE}/plain.html", page.encode(), FIRST)
    warc.response(f"{SITE}/chunked.html", page.encode(), FIRST, chunked=True)
    warc.response(f"{SITE}/packed.html", page.encode(), FIRST, packed=True)
    warc.response(f"{SITE}/both.html", page.encode(), FIRST, packed=True, chunked=True)
    warc.response(f"{SITE}/gbk.html", gbk, FIRST, head=[("Content-Type", "text/html")])
    file = put(tmp_path, "a.warc.gz", warc.bytes())
    found = run("import", file)
    assert (found.code, counts(found)) == (0, [(5, 0)])
    assert {one.captured_at for one in captures(tmp_path)} == {FIRST}
    for name in ("plain", "chunked", "packed", "both"):
        assert body_of(tmp_path, f"{SITE}/{name}.html") == page.encode()
    assert body_of(tmp_path, f"{SITE}/gbk.html") == gbk
    kept = {head["WARC-Target-URI"]: (head, body) for head, body in own_records(tmp_path)}
    head, body = kept[f"{SITE}/packed.html"]
    assert (head["Content-Encoding"], gzip.decompress(body)) == ("gzip", page.encode())
    assert (head["WARC-Source-URI"], head["WARC-Source-Range"]) == (
        file.as_uri(),
        f"bytes={warc.offsets[3]}-",
    )
    assert head["X-Source-Payload-Digest"] == sha1(gzip.compress(page.encode(), mtime=0))
    assert run("parse").code == 0
    read = run("sql", "SELECT DISTINCT year, publisher FROM report").records
    assert read == [{"year": 2021, "publisher": "青禾县人民政府"}]


def test_importing_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    warc, packed = kept.write(tmp_path)
    first = run("import", warc)
    files = {path: path.read_bytes() for path in (tmp_path / "data" / "archive").glob("*.warc.gz")}
    again = run("import", warc, packed)
    assert (first.code, again.code) == (0, 0)
    ((new, none),) = counts(first)
    assert (new, none) == (13, 0)
    assert counts(again) == [(0, 13), (0, 13)]
    assert {path: path.read_bytes() for path in (tmp_path / "data" / "archive").glob("*.warc.gz")} == files


@pytest.mark.parametrize("packed", [False, True])
def test_a_revisit_has_the_content_it_refers_to_wherever_that_lies(
    run: Run, tmp_path: Path, packed: bool
) -> None:
    early, late = Warc(), Warc()
    digest = {"WARC-Payload-Digest": sha1(gzip.compress(PAGE, mtime=0) if packed else PAGE)}
    by_date = {"WARC-Refers-To-Target-URI": f"{SITE}/a.html", "WARC-Refers-To-Date": "2012-03-05T08:00:00Z"}
    early.revisit(f"{SITE}/before.html", LATER, digest)
    name = late.response(f"{SITE}/a.html", PAGE, FIRST, packed=packed)
    late.revisit(f"{SITE}/digest.html", LATER, digest)
    late.revisit(f"{SITE}/date.html", LATER, by_date)
    late.revisit(f"{SITE}/name.html", LATER, {"WARC-Refers-To": name})
    paths = [put(tmp_path, "early.warc.gz", early.bytes()), put(tmp_path, "late.warc.gz", late.bytes())]
    found = run("import", *paths)
    assert (found.code, counts(found)) == (0, [(1, 0), (4, 0)])
    for page in ("before", "digest", "date", "name"):
        assert body_of(tmp_path, f"{SITE}/{page}.html") == PAGE
    later = [one for one in captures(tmp_path) if one.url != f"{SITE}/a.html"]
    assert {(one.captured_at, one.revisit) for one in later} == {(LATER, True)}
    assert counts(run("import", *paths)) == [(0, 1), (0, 4)]


def test_a_revisit_may_refer_to_what_was_imported_before(run: Run, tmp_path: Path) -> None:
    one, two = Warc(), Warc()
    one.response(f"{SITE}/a.html", PAGE, FIRST)
    refers = {"WARC-Refers-To-Target-URI": f"{SITE}/a.html", "WARC-Refers-To-Date": "2012-03-05T08:00:00Z"}
    two.revisit(f"{SITE}/a.html", LATER, refers)
    second = put(tmp_path, "two.warc.gz", two.bytes())
    alone = run("import", second)
    assert (alone.code, counts(alone)) == (1, [(0, 0)])
    assert f"byte {two.offsets[1]} says that {SITE}/a.html had not changed" in alone.err
    assert "Import the files of that crawl together" in alone.err
    run("import", put(tmp_path, "one.warc.gz", one.bytes()))
    assert counts(run("import", second)) == [(1, 0)]
    assert [capture.captured_at for capture in captures(tmp_path)] == [FIRST, LATER]


def test_an_answer_that_nothing_was_modified_is_kept_as_such(run: Run, tmp_path: Path) -> None:
    warc = Warc()
    warc.response(f"{SITE}/a.html", PAGE, FIRST)
    refers = {"WARC-Refers-To-Target-URI": f"{SITE}/a.html", "WARC-Refers-To-Date": "2012-03-05T08:00:00Z"}
    warc.revisit(f"{SITE}/a.html", LATER, refers, profile=NOT_MODIFIED, status="304 Not Modified")
    file = put(tmp_path, "a.warc.gz", warc.bytes())
    assert run("import", file).code == 0
    assert [(one.captured_at, one.status) for one in captures(tmp_path)] == [(FIRST, 200), (LATER, 304)]
    assert body_of(tmp_path, f"{SITE}/a.html") == PAGE
    assert counts(run("import", file)) == [(0, 2)]


def test_errors_and_redirects_are_evidence_and_what_no_address_brought_is_left(
    run: Run, tmp_path: Path
) -> None:
    warc = Warc()
    warc.response(f"{SITE}/gone.html", b"<html>404</html>", FIRST, status="404 Not Found")
    warc.response(f"{SITE}/old", b"", FIRST, status="302 Found", head=[("Location", "/new")])
    warc.bare("response", "dns:www.qinghe.gov.cn", b"20120305080000\nwww 60 IN A 1.2.3.4\n", "text/dns")
    warc.bare("conversion", f"{SITE}/a.html", b"the text", "text/plain")
    warc.bare("metadata", f"{SITE}/a.html", b"via: x\r\n", "application/warc-fields")
    warc.bare("resource", f"{SITE}/a.pdf", b"%PDF-1.4", "application/pdf")
    warc.bare("resource", "urn:screenshot:a", b"\x89PNG", "image/png")
    found = run("import", put(tmp_path, "a.warc.gz", warc.bytes()))
    assert (found.code, found.records[0]["left_out"]) == (0, 3)
    assert [(one.url, one.status, one.mime) for one in captures(tmp_path)] == [
        (f"{SITE}/a.pdf", 200, "application/pdf"),
        (f"{SITE}/gone.html", 404, "text/html"),
        (f"{SITE}/old", 302, "unk"),
    ]


@pytest.mark.parametrize("order", ["before", "behind", "unnamed"])
def test_the_answer_to_a_posted_form_does_not_pass_for_the_page(run: Run, tmp_path: Path, order: str) -> None:
    url, posted = f"{SITE}/dataproxy.jsp", b"columnid=101&page=2"
    block = b"POST /dataproxy.jsp HTTP/1.1\r\nHost: www.qinghe.gov.cn\r\n\r\n" + posted
    warc = Warc()
    if order == "before":
        asked = warc.request(url, block)
        warc.response(url, PAGE, FIRST, fields={"WARC-Concurrent-To": asked})
    else:
        name = warc.response(url, PAGE, FIRST)
        warc.request(url, block, name if order == "behind" else "")
    warc.response(f"{SITE}/other.html", PAGE, LATER)
    run("import", put(tmp_path, "a.warc.gz", warc.bytes()))
    assert [one.url for one in captures(tmp_path)] == [
        f"{url}?__wb_method=POST&columnid=101&page=2",
        f"{SITE}/other.html",
    ]


def test_what_was_cut_short_is_taken_only_where_that_is_of_use(run: Run, tmp_path: Path) -> None:
    cut = {"WARC-Truncated": "length"}
    warc = Warc()
    warc.response(f"{SITE}/only.html", PAGE[:2000], FIRST, fields=cut)
    warc.response(f"{SITE}/other.html", PAGE, FIRST)
    warc.response(f"{SITE}/other.html", PAGE[:2000], LATER, fields=cut)
    warc.response(
        f"{SITE}/a.pdf", b"%PDF-1.4 ...", FIRST, head=[("Content-Type", "application/pdf")], fields=cut
    )
    file = put(tmp_path, "a.warc.gz", warc.bytes())
    found = run("import", file)
    assert (found.code, counts(found)) == (1, [(2, 0)])
    assert "only.html was cut short by those who archived it; it was taken" in found.err
    assert "other.html was cut short by those who archived it. The archive has another capture" in found.err
    assert (
        "a.pdf was cut short by those who archived it, and a file without its end can't be read" in found.err
    )
    assert [(one.url, one.captured_at) for one in captures(tmp_path)] == [
        (f"{SITE}/only.html", FIRST),
        (f"{SITE}/other.html", FIRST),
    ]
    ((head, _),) = [
        kept for kept in own_records(tmp_path) if kept[0]["WARC-Target-URI"].endswith("only.html")
    ]
    assert head["WARC-Truncated"] == "length"
    assert counts(run("import", file)) == [(0, 2)]


def arc() -> bytes:
    """An ARC file with one page, of the years before WARC."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    version = b"1 0 Somebody\nURL IP-address Archive-date Content-type Archive-length\n\n"
    file = b"filedesc://a.arc 0.0.0.0 20120305080000 text/plain %d\n" % len(version) + version
    return file + f"{SITE}/0.html 10.0.0.1 20120305080000 text/html {len(block)}\n".encode() + block + b"\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.warc", pages(1, gzipped=False).bytes()),
        ("one-member.warc.gz", gzip.compress(pages(1, gzipped=False).bytes())),
        ("no-digests.warc.gz", pages(1, digests=False).bytes()),
        ("no-suffix", pages(1).bytes()),
        ("old.arc", arc()),
        ("old.arc.gz", gzip.compress(arc())),
    ],
)
def test_every_packing_of_warc_and_arc_is_read(run: Run, tmp_path: Path, name: str, content: bytes) -> None:
    found = run("import", put(tmp_path, name, content))
    assert (found.code, found.records[0]["kind"], counts(found)) == (0, "warc", [(1, 0)])
    ((url, moment),) = [(one.url, one.captured_at) for one in captures(tmp_path)]
    assert (url, moment) == (f"{SITE}/0.html", FIRST)
    assert body_of(tmp_path, url).startswith(PAGE)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]


@pytest.mark.parametrize("digests", [True, False])
@pytest.mark.parametrize("gzipped", [True, False])
def test_a_damaged_record_is_told_with_its_place_and_the_others_are_taken(
    run: Run, tmp_path: Path, gzipped: bool, digests: bool
) -> None:
    warc = pages(6, gzipped=gzipped, digests=digests)
    start, after = warc.offsets[3], warc.offsets[4]
    # In the packed bytes; or, where nothing is packed, in the record's length or its content.
    place = (start + after) // 2
    if not gzipped and not digests:
        place = warc.bytes().index(b"Content-Length: ", start) + len("Content-Length: ")
    content = flipped(warc.bytes(), place)[:-40]
    file = put(tmp_path, "damaged.warc.gz" if gzipped else "damaged.warc", content)
    found = run("import", file)
    assert (found.code, counts(found)) == (1, [(4, 0)])
    for offset in (start, warc.offsets[6]):
        assert f"damaged.warc{'.gz' if gzipped else ''}: the record at byte {offset} is damaged" in found.err
    assert [one.url for one in captures(tmp_path)] == [f"{SITE}/{number}.html" for number in (0, 1, 3, 4)]
    assert "Not taken: 2" in found.err
    assert counts(run("import", file)) == [(0, 4)]


def test_of_a_file_packed_as_one_what_is_verified_is_taken(run: Run, tmp_path: Path) -> None:
    whole = gzip.compress(pages(400, gzipped=False).bytes(), compresslevel=0)
    found = run("import", put(tmp_path, "a.warc.gz", whole[: len(whole) // 2]))
    ((new, _),) = counts(found)
    assert found.code == 1
    assert 195 <= new <= 200
    assert "the record at byte 0 is damaged" in found.err


def test_digests_count_however_the_writer_took_them(run: Run, tmp_path: Path) -> None:
    packed = gzip.compress(PAGE, mtime=0)
    warc = Warc()

    def one(name: str, digest: str) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        fields = {"WARC-Payload-Digest": digest, "WARC-Date": "2012-03-05T08:00:00Z"}
        block = head + in_chunks(packed)
        warc.bare("response", f"{SITE}/{name}", block, "application/http; msgtype=response", fields)

    one("wire", sha1(in_chunks(packed)))
    one("entity", sha1(packed))
    one("content", sha1(PAGE))
    one("wrong", sha1(b"something else"))
    found = run("import", put(tmp_path, "a.warc.gz", warc.bytes()))
    assert (found.code, counts(found)) == (1, [(3, 0)])
    assert f"the record at byte {warc.offsets[4]} is damaged" in found.err


def test_a_file_that_is_no_warc_is_told(run: Run, tmp_path: Path) -> None:
    found = run("import", put(tmp_path, "a.warc.gz", b"<html>404</html>"), "--lang", "zh")
    assert found.code == 1
    assert "a.warc.gz：第 0 字节处的记录已损坏或不完整" in found.err


def test_what_has_an_impossible_address_or_time_is_refused(run: Run, tmp_path: Path) -> None:
    warc = Warc()
    warc.response("http://[www.qinghe.gov.cn/a.html", PAGE, FIRST)
    warc.response("http:///a.html", PAGE, FIRST)
    warc.response(f"{SITE}/a.html", PAGE, at("2990-01-01T00:00:00"))
    warc.response(f"{SITE}/b c.html", PAGE, FIRST, fields={"WARC-Date": "in spring"})
    warc.response(f"{SITE}/年报 a.html", PAGE, FIRST)
    found = run("import", put(tmp_path, "a.warc.gz", warc.bytes()))
    assert (found.code, counts(found), len(found.records[0]["refused"])) == (1, [(1, 0)], 4)
    assert found.err.count("is no web address") == 2
    assert "is said to be captured on 2990-01-01, which is to come" in found.err
    assert [one.url for one in captures(tmp_path)] == [f"{SITE}/%E5%B9%B4%E6%8A%A5%20a.html"]


def test_many_refusals_of_one_kind_are_not_all_told(run: Run, tmp_path: Path) -> None:
    warc = Warc()
    for number in range(25):
        warc.revisit(f"{SITE}/{number}.html", FIRST, {"WARC-Payload-Digest": sha1(b"%d" % number)}, head=HTML)
    found = run("import", put(tmp_path, "a.warc.gz", warc.bytes()))
    assert (len(found.records[0]["refused"]), found.err.count("had not changed")) == (25, 10)
    assert "and 15 more for the same reasons" in found.err


# WACZ


def test_a_wacz_gives_what_its_warc_files_have(run: Run, tmp_path: Path) -> None:
    file = put(tmp_path, "dead.wacz", kept.wacz())
    found = run("import", file)
    assert (found.code, found.records[0]["kind"], counts(found)) == (0, "wacz", [(13, 0)])
    assert run("parse").code == 0
    read = run("sql", "SELECT url, year, captured_at FROM report").records
    truth = {report.url: report.year for report in dead_host.truth()}
    assert truth.items() <= {record["url"]: record["year"] for record in read}.items()
    assert {record["captured_at"][:4] for record in read} <= {"2016", "2017"}
    (head, _), *_ = own_records(tmp_path)
    assert head["WARC-Source-URI"] == f"{file.as_uri()}#archive/{kept.NAME}"


WARC_NAME = "archive/a.warc.gz"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (wacz({WARC_NAME: pages(2).bytes()}, hashed={WARC_NAME: b""}), "does not have the digest"),
        (wacz({WARC_NAME: pages(2).bytes()}, hashed={}), "is not in the list of members"),
        (wacz({WARC_NAME: pages(2).bytes()}, signed=b"{}"), "was altered after the file was made"),
        (wacz({WARC_NAME: pages(2).bytes()}, listed={"profile": "multi-wacz-package"}), "several WACZ"),
        (wacz({"a.wacz": b"PK", WARC_NAME: b""}), "Unpack it, and import the WACZ files"),
        (wacz({WARC_NAME: pages(2).bytes()}, listed={"resources": "?"}), "can't be read"),
        (wacz({WARC_NAME: pages(2).bytes()})[:-60], "is no WACZ file, or a damaged one"),
    ],
)  # fmt: skip
def test_what_can_not_be_trusted_in_a_wacz_is_refused(
    run: Run, tmp_path: Path, content: bytes, said: str
) -> None:
    found = run("import", put(tmp_path, "a.wacz", content))
    assert (found.code, counts(found)) == (1, [(0, 0)])
    assert said in found.err
    assert "a.wacz" in found.err


def test_the_sound_members_of_a_wacz_are_taken_all_the_same(run: Run, tmp_path: Path) -> None:
    one, two = pages(2).bytes(), Warc()
    two.response(f"{SITE}/two.html", PAGE, FIRST)
    members = {WARC_NAME: one, "archive/b.warc.gz": two.bytes(), "indexes/index.cdx": b"altered"}
    listed = {
        WARC_NAME: one + b"!",
        "archive/b.warc.gz": two.bytes(),
        "indexes/index.cdx": b"",
        "archive/c": b"",
    }
    found = run("import", put(tmp_path, "a.wacz", wacz(members, hashed=listed)))
    assert (found.code, counts(found)) == (1, [(1, 0)])
    for name in (WARC_NAME, "indexes/index.cdx"):
        assert f"the member {name} does not have the digest" in found.err
    assert "archive/c is listed but not there" in found.err
