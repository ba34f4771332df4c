"""The archive: what is stored comes back, once each, from records that any WARC reader reads."""

from __future__ import annotations

import gzip
import random
import tempfile
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import brotlicffi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archived import ADDRESS, HTML, address, everything, filled, lose_indexes, records, report, store
from conftest import TONGXIN
from scraper.archive import Archive, Capture, Payload, key_of
from scraper.messages import ScraperError

AT = datetime(2023, 1, 18, 3, 4, 5, tzinfo=UTC)
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
UNCHANGED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True)
class Stored:
    """A response, the body that it holds once it is decoded, and how it was asked for."""

    url: str
    status_line: str
    headers: list[tuple[str, str]]
    body: bytes
    content: bytes
    method: str
    posted: bytes


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


CODINGS = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": lambda body: gzip.compress(body[:5]) + gzip.compress(body[5:]) + bytes(3),
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
    "br": brotlicffi.compress,
    "gzip, br": lambda body: brotlicffi.compress(gzip.compress(body)),
    "unheard-of": bytes,
}

tokens = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,15}", fullmatch=True).filter(
    lambda name: not name.lower().startswith(("content", "transfer"))
)
values = st.text(st.characters(max_codepoint=255), max_size=30)
paths = st.one_of(
    st.text(max_size=30), st.text("年报/?&=%+ #<>[]{}|\\^`\"'\n\t\u2028\u3000\x85é", max_size=20)
)
statuses = st.sampled_from(["200 OK", "404 Not Found", "302 ", "200", "500 Internal Ｅrror", "203 好"])
bodies = st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode), st.just(b""))
posts = st.one_of(
    st.binary(min_size=1, max_size=60),
    st.sampled_from([b"a=1&b=%E5%B9%B4", b'{"page": 1, "q": "\xe5\xb9\xb4"}', b"[1, 2", b" \n", b"&"]),
)


@st.composite
def responses(draw: st.DrawFn) -> Stored:
    """Any response that a server may send."""
    content = draw(bodies)
    coding = draw(st.sampled_from(sorted(CODINGS)))
    headers = draw(st.lists(st.tuples(tokens, values), max_size=4))
    headers += [("Content-Type", draw(values))] if draw(st.booleans()) else []
    headers += [("Content-Encoding", coding)] if coding else []
    headers += [("Transfer-Encoding", "chunked")] if draw(st.booleans()) else []
    method = draw(st.sampled_from(["GET", "GET", "POST"]))
    return Stored(
        url=draw(st.sampled_from(["http://a.gov.cn.test/", "HTTPS://b.gov.cn.test:8082/x?"])) + draw(paths),
        status_line=draw(statuses),
        headers=headers,
        body=CODINGS[coding](content),
        content=content,
        method=method,
        posted=draw(posts) if method == "POST" else b"",
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(responses(), min_size=1, max_size=6))
def test_what_is_stored_comes_back_and_its_index_can_be_made_anew(all_of_them: list[Stored]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept: list[tuple[Stored, Capture]] = []
        with Archive(folder, writing=True) as archive:
            for one in all_of_them:
                capture = archive.store_response(
                    one.url, one.status_line, one.headers, one.body, method=one.method, posted=one.posted
                )
                assert archive.latest(key_of(one.url, one.method, one.posted)) == capture
                kept.append((one, capture))
        captures = [capture for _, capture in kept]
        check_all_is_there(folder, kept)
        index = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.cdxj")}
        lose_indexes(folder)
        assert everything(folder) == captures
        assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.cdxj")} == index
        (folder / "captures.sqlite").unlink()
        assert everything(folder) == captures


def check_all_is_there(folder: Path, kept: list[tuple[Stored, Capture]]) -> None:
    with Archive(folder) as archive:
        for one, capture in kept:
            payload = archive.read(capture)
            assert payload.body == one.content
            assert capture.sha256 == sha256(one.content).hexdigest()
            assert capture.url == key_of(one.url, one.method, one.posted)
            assert capture.status == int(one.status_line[:3])
            assert payload.headers.keys() == {
                f"x-archive-orig-{name}".lower() if name == "Transfer-Encoding" else name.lower()
                for name, _ in one.headers
            }
    answers = [record for record in records(folder) if record.kind in ("response", "revisit")]
    for (one, capture), record in zip(kept, answers, strict=True):
        assert record.block == (b"" if capture.revisit else one.body)
        assert record.status_line.startswith(f"HTTP/1.1 {one.status_line[:3]}")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_bodies_that_are_not_as_their_header_says_are_kept_as_they_came(tmp_path: Path, coding: str) -> None:
    text = TONGXIN.read_bytes()
    packed = CODINGS[coding](random.Random(1).randbytes(200_000) + text)
    headers = [("Content-Encoding", coding)]
    with Archive(tmp_path, writing=True) as archive:
        not_coded = archive.store_response(address(1), "200 OK", headers, text)
        cut_short = archive.store_response(address(2), "200 OK", headers, packed[:-1000])
        assert archive.read(not_coded).body == text
        assert 100_000 < len(archive.read(cut_short).body) < 200_000 + len(text)


def test_bytes_of_a_record_are_what_the_standard_asks_for(tmp_path: Path) -> None:
    body = report(1)
    with Archive(tmp_path, writing=True) as archive:
        archive.store_response(
            ADDRESS, "200 OK", HTML, body, captured_at=AT, warc_headers=[("X-Source", "年报\r\nX: y")]
        )
    first, record = records(tmp_path)
    assert first.kind == "warcinfo"
    assert first.fields["WARC-Filename"] == next(tmp_path.glob("*.warc.gz")).name
    assert record.kind == "response"
    assert record.fields["WARC-Date"] == "2023-01-18T03:04:05Z"
    assert record.fields["WARC-Target-URI"] == ADDRESS
    assert record.fields["Content-Type"] == "application/http; msgtype=response"
    assert record.fields["X-Source"] == "年报 X: y"
    assert record.fields["WARC-Record-ID"].startswith("<urn:uuid:")
    assert {"WARC-Payload-Digest", "WARC-Block-Digest"} <= record.fields.keys()
    assert (record.status_line, record.headers, record.block) == ("HTTP/1.1 200 OK", HTML, body)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (
            "http://a.gov.cn.test/年报?q=年 报",
            "http://a.gov.cn.test/%E5%B9%B4%E6%8A%A5?q=%E5%B9%B4%20%E6%8A%A5",
        ),
        ("HTTP://a.gov.cn.test/%e5%b9%b4?a=1&a=2#x", "http://a.gov.cn.test/%e5%b9%b4?a=1&a=2#x"),
        (" http://a.gov.cn.test/a\n<b>\u2028", "http://a.gov.cn.test/a%0A%3Cb%3E"),
    ],
)
def test_addresses_are_kept_as_the_standard_writes_them(tmp_path: Path, written: str, kept: str) -> None:
    with Archive(tmp_path, writing=True) as archive:
        capture = store(archive, 1, written)
        assert capture.url == key_of(written) == kept
        assert archive.latest(written) == archive.latest(kept) == capture
    assert records(tmp_path)[1].fields["WARC-Target-URI"] == kept


def test_archiving_a_page_of_a_portal_costs_less_than_a_millisecond(tmp_path: Path) -> None:
    page = (TONGXIN.read_bytes() * 9)[:87_000]
    costs = []
    with Archive(tmp_path, writing=True) as archive:
        for turn in range(5):
            start = time.process_time()
            for number in range(100):
                archive.store_response(address(number), "200 OK", HTML[:2], b"%d.%d" % (turn, number) + page)
            costs.append((time.process_time() - start) / 100)
    assert min(costs) < 0.001


def test_a_payload_that_was_made_already_is_not_decoded_again(tmp_path: Path) -> None:
    payload = Payload.of(HTML, report(1))
    with Archive(tmp_path, writing=True) as archive:
        capture = archive.store_response(ADDRESS, "200 OK", HTML, report(1), payload=payload)
        assert archive.read(capture) == payload
        assert payload.charset == "gbk"


# The same again


def test_content_that_came_again_is_a_revisit_of_the_first_record(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        first = archive.store_response(ADDRESS, "200 OK", HTML, report(1), captured_at=AT)
        again = archive.store_response(ADDRESS, "200 OK", [*HTML, ("Date", "now")], report(1))
        elsewhere = store(archive, 1, address(2))
        other = store(archive, 3)
        assert [c.revisit for c in (first, again, elsewhere, other)] == [False, True, True, False]
        assert {c.sha256 for c in (first, again, elsewhere)} == {first.sha256}
        assert again.mime == "text/html"
        assert archive.read(again).body == archive.read(elsewhere).body == gzip.decompress(report(1))
        assert archive.read(again).headers["date"] == "now"
        assert archive.history(ADDRESS) == [first, again]
    whole, revisit = records(tmp_path)[1:3]
    assert revisit.kind == "revisit"
    assert revisit.fields["WARC-Profile"] == IDENTICAL
    assert revisit.fields["WARC-Refers-To"] == whole.fields["WARC-Record-ID"]
    assert revisit.fields["WARC-Refers-To-Target-URI"] == ADDRESS
    assert revisit.fields["WARC-Refers-To-Date"] == "2023-01-18T03:04:05Z"
    assert revisit.fields["WARC-Payload-Digest"] == whole.fields["WARC-Payload-Digest"]
    assert revisit.headers == [*HTML, ("Date", "now")]
    assert revisit.block == b""


def test_index_lines_of_revisits_are_those_that_replay_software_expects(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        for _ in range(2):
            store(archive, 1)
    lines = next(tmp_path.glob("*.cdxj")).read_text(encoding="utf-8").splitlines()
    assert sum('"mime": "text/html"' in line for line in lines) == 1
    assert sum('"mime": "warc/revisit"' in line for line in lines) == 1


def test_empty_bodies_and_files_are_always_written_whole(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        empty = [archive.store_response(address(n), "302 Found", [("Location", "/")], b"") for n in (1, 2)]
        files = [archive.store_resource(f"file:///{n}/a.pdf", "application/pdf", b"%PDF", AT) for n in (1, 2)]
        assert not any(capture.revisit for capture in (*empty, *files))
        assert archive.read(files[0]).body == b"%PDF"
        assert archive.read(files[0]).content_type == "application/pdf"
    assert everything(tmp_path) == [*empty, *files]


def test_content_archived_in_an_earlier_run_is_known_again(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    captures = filled(tmp_path, 3)
    assert all(capture.revisit for capture in captures)
    assert captures[0].warc_file > everything(tmp_path)[0].warc_file
    with Archive(tmp_path) as archive:
        assert archive.newest_file == captures[0].warc_file
        assert archive.read(captures[2]).body == gzip.decompress(report(2))


def test_a_lost_original_is_told_and_is_never_referred_to_again(tmp_path: Path) -> None:
    (first,) = filled(tmp_path, 1)
    (again,) = filled(tmp_path, 1)
    (tmp_path / first.warc_file).unlink()
    with Archive(tmp_path) as archive, pytest.raises(ScraperError) as told:
        archive.read(again)
    assert told.value.said.code == "original_missing"
    assert again.warc_file in str(told.value)
    (whole,) = filled(tmp_path, 1)
    assert not whole.revisit
    with Archive(tmp_path) as archive:
        assert archive.read(again).body == gzip.decompress(report(0))


def test_an_original_that_vanishes_under_a_writer_is_not_referred_to(tmp_path: Path) -> None:
    (first,) = filled(tmp_path, 1)
    with Archive(tmp_path, writing=True) as archive:
        (tmp_path / first.warc_file).unlink()
        assert not store(archive, 0).revisit


def test_an_altered_record_is_told_with_file_and_offset(tmp_path: Path) -> None:
    capture, other = filled(tmp_path, 2)
    warc = tmp_path / capture.warc_file
    data = warc.read_bytes()
    # The record of the other page in the place of this one: whole, but not what the index promises.
    swapped = data[other.offset : other.end].ljust(capture.length, b"\0")[: capture.length]
    warc.write_bytes(data[: capture.offset] + swapped + data[capture.end :])
    with Archive(tmp_path) as archive:
        with pytest.raises(ScraperError, match=f"byte {capture.offset} of .*{capture.warc_file}"):
            archive.read(capture)
        assert archive.read(other).body == gzip.decompress(report(1))


# Conditional requests


def test_an_answer_that_nothing_changed_stands_for_what_was_archived(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        first = archive.store_response(ADDRESS, "200 OK", HTML, report(1), captured_at=AT)
        fresh = [("ETag", '"2"'), ("Content-Length", "0"), ("Content-Type", "text/plain")]
        held = archive.store_not_modified(ADDRESS, "304 Not Modified", fresh, first)
        assert archive.latest(ADDRESS) == held
        assert (held.status, held.mime, held.sha256, held.revisit) == (304, "text/html", first.sha256, True)
        payload = archive.read(held)
        assert payload.body == gzip.decompress(report(1))
        assert payload.content_type == "text/html; charset=gbk"
        assert payload.headers == {**archive.read(first).headers, "etag": '"2"'}
        assert archive.store_not_modified(ADDRESS, "304 Not Modified", [], held).sha256 == first.sha256
    _, _, record, again = records(tmp_path)
    assert record.kind == again.kind == "revisit"
    assert record.fields["WARC-Profile"] == again.fields["WARC-Profile"] == UNCHANGED
    assert (
        record.fields["WARC-Refers-To-Date"] == again.fields["WARC-Refers-To-Date"] == "2023-01-18T03:04:05Z"
    )
    assert record.status_line == "HTTP/1.1 304 Not Modified"
    assert record.headers == fresh


def test_what_stands_at_an_address_is_the_newest_content(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        first = store(archive, 1)
        assert archive.current(ADDRESS) == first
        archive.store_not_modified(ADDRESS, "304 Not Modified", [], first)
        store(archive, 1)
        archive.store_response(ADDRESS, "404 Not Found", [], b"gone")
        assert archive.current(ADDRESS) == first, "nothing else came"
        second = store(archive, 2, ADDRESS)
        assert archive.current(ADDRESS) == second
        back = store(archive, 1)
        assert back.revisit
        archive.store_not_modified(ADDRESS, "304 Not Modified", [], back)
        assert archive.current(ADDRESS) == back, "what was there before was brought back"
        copy = store(archive, 1, address(9))
        assert archive.current(address(9)) == copy, "the address has no other"
        assert archive.current(address(8)) is None


# Requests with a body


@pytest.mark.parametrize(
    ("posted", "key", "line"),
    [
        (b"page=2&q=%E5%B9%B4", "&page=2&q=%E5%B9%B4", "&page=2&q=%e5%b9%b4"),
        ("q=县 局".encode(), "&q=县 局", "&q=%e5%8e%bf%20%e5%b1%80"),
        (b'{"p": 2, "r": [1, 0.0, true]}', '&{"p": 2, "r": [1, 0.0, true]}', "&p=2&r=1&r.2_=0&r.3_=true"),
        (b"\xff\xfe", "&__wb_post_data=//4=", "&__wb_post_data=//4="),
        (b"", "", ""),
    ],
)
def test_answers_to_posts_are_kept_with_the_request_and_found_by_it(
    tmp_path: Path, posted: bytes, key: str, line: str
) -> None:
    url = "http://a.gov.cn.test/module/web/jpage/dataproxy.jsp"
    with Archive(tmp_path, writing=True) as archive:
        capture = archive.store_response(
            url, "200 OK", [("Content-Type", "text/xml")], b"<datastore/>", method="POST", posted=posted
        )
        plain = archive.store_response(url, "405 Not Allowed", [], b"no")
        assert capture.url == key_of(url, "POST", posted) == f"{url}?__wb_method=POST{key}"
        assert archive.history(capture.url) == [capture]
        assert archive.latest(url) == plain
    _, request, response, _ = records(tmp_path)
    assert request.kind == "request"
    assert request.fields["WARC-Concurrent-To"] == response.fields["WARC-Record-ID"]
    assert response.fields["WARC-Concurrent-To"] == request.fields["WARC-Record-ID"]
    assert request.fields["WARC-Target-URI"] == response.fields["WARC-Target-URI"] == url
    assert request.block == posted
    assert request.status_line == "POST /module/web/jpage/dataproxy.jsp HTTP/1.1"
    index = next(tmp_path.glob("*.cdxj")).read_text(encoding="utf-8")
    assert f"cn,gov,a)/module/web/jpage/dataproxy.jsp?__wb_method=post{line} 20" in index
    lose_indexes(tmp_path)
    assert everything(tmp_path) == [capture, plain]


def test_an_answer_to_another_post_is_no_original(tmp_path: Path) -> None:
    """Replay software finds the answer to a POST request by that request alone."""
    url = "http://a.gov.cn.test/search"
    with Archive(tmp_path, writing=True) as archive:

        def answer(posted: bytes) -> Capture:
            return archive.store_response(url, "200 OK", HTML, report(1), method="POST", posted=posted)

        assert [answer(posted).revisit for posted in (b"page=1", b"page=2", b"page=1")] == [
            False,
            False,
            True,
        ]
        store(archive, 1)
        assert answer(b"page=3").revisit


def test_headers_of_a_request_are_kept_where_they_are_known(tmp_path: Path) -> None:
    sent = [("Host", "a.gov.cn.test"), ("Content-Type", "text/plain"), ("Content-Length", "1")]
    with Archive(tmp_path, writing=True) as archive:
        archive.store_response(ADDRESS, "200 OK", [], b"1", method="POST", posted=b"x", request_headers=sent)
    assert records(tmp_path)[1].headers == sent
