"""The dead host's archives (``portals.md`` §5, §6): files that others read, servers that answer as theirs."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import httpx
import pytest
from warcio.archiveiterator import ArchiveIterator

from portals import commoncrawl, dead_host, holdings, kept
from portals.archives import Archives, serving_archives
from portals.truth import Report
from scraper.documents import read_document
from scraper.forms import read_report

HOST = "lqz.zechuan.gov.cn.test"


@pytest.fixture(scope="module")
def archives() -> Iterator[Archives]:
    with serving_archives() as archives:
        yield archives


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


def is_the_report(report: Report, body: bytes) -> bool:
    identity = read_report(read_document(body, report.url), report.url).identity
    return (identity.publisher, identity.year) == (report.publisher, report.year)


def test_the_dead_host_has_ten_pages_and_five_lost_reports() -> None:
    assert len(dead_host.pages()) == 10
    bodies = {page.url: page.body for page in dead_host.pages()}
    assert [report.year for report in dead_host.truth()] == [2012, 2011, 2010, 2009, 2008]
    for report in dead_host.truth():
        assert all(is_the_report(report, bodies[url]) for url in report.addresses)


def test_files_are_the_same_at_every_call(tmp_path: Path) -> None:
    warc, wacz = kept.write(tmp_path)
    kept.warc.cache_clear()
    kept.wacz.cache_clear()
    assert warc.read_bytes() == kept.warc()
    assert wacz.read_bytes() == kept.wacz()


def test_the_warc_has_every_kind_of_record_and_of_body() -> None:
    kinds, encodings = set(), set()
    bodies: dict[str, bytes] = {}
    for record in ArchiveIterator(BytesIO(kept.warc())):
        kinds.add(record.rec_type)
        if record.rec_type == "response":
            head = record.http_headers
            encodings.add((head.get_header("Transfer-Encoding"), head.get_header("Content-Encoding")))
            bodies[record.rec_headers.get_header("WARC-Target-URI")] = record.content_stream().read()
    assert kinds == {"warcinfo", "request", "response", "metadata", "revisit"}
    assert encodings == {(None, None), ("chunked", None), (None, "gzip"), ("chunked", "gzip")}
    assert bodies == {page.url: page.body for page in (*dead_host.pages(), *dead_host.others())}


def test_the_revisit_record_says_what_it_is_of() -> None:
    (revisit,) = (r for r in ArchiveIterator(BytesIO(kept.warc())) if r.rec_type == "revisit")
    fields = revisit.rec_headers
    first = next(one for one in kept.records() if one.page.url == fields.get_header("WARC-Target-URI"))
    assert fields.get_header("WARC-Profile").endswith("/revisit/identical-payload-digest")
    assert fields.get_header("WARC-Refers-To-Target-URI") == first.page.url
    assert fields.get_header("WARC-Refers-To-Date") == f"{first.at:%Y-%m-%dT%H:%M:%SZ}"
    assert fields.get_header("WARC-Payload-Digest") == f"sha1:{first.page.digest}"


def test_one_page_is_gbk_that_says_gb2312() -> None:
    (page,) = (page for page in dead_host.pages() if "gb2312" in page.content_type)
    with pytest.raises(UnicodeDecodeError):
        page.body.decode()
    assert "柳泉镇" in page.body.decode("gb18030")


def test_the_wacz_is_whole() -> None:
    with ZipFile(BytesIO(kept.wacz())) as package:
        assert all(entry.compress_type == ZIP_STORED for entry in package.infolist())
        described = package.read("datapackage.json")
        for resource in json.loads(described)["resources"]:
            content = package.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert resource["bytes"] == len(content)
        digest = json.loads(package.read("datapackage-digest.json"))
        assert digest["hash"] == f"sha256:{hashlib.sha256(described).hexdigest()}"
        lines = package.read("indexes/index.cdx").decode().splitlines()
        assert lines == sorted(lines)
        warc = package.read(f"archive/{kept.NAME}")
        for line in lines:
            fields = json.loads(line.split(" ", 2)[2])
            start, length = int(fields["offset"]), int(fields["length"])
            (record,) = ArchiveIterator(BytesIO(warc[start : start + length]))
            assert record.rec_headers.get_header("WARC-Target-URI") == fields["url"]
        assert package.read("pages/pages.jsonl").startswith(b'{"format": "json-pages-1.0"')


def cdx(client: httpx.Client, archives: Archives, *query: tuple[str, str]) -> list[list[str]]:
    """The rows of the Internet Archive's answer, the names of fields first."""
    found = client.get(archives.cdx, params=[("output", "json"), *query]).raise_for_status().json()
    assert isinstance(found, list)
    return found


def test_a_listing_without_output_is_text(client: httpx.Client, archives: Archives) -> None:
    text = client.get(archives.cdx, params={"url": f"{HOST}/ndbg/index.html"}).text
    (line,) = text.splitlines()
    assert line.split(" ")[0] == "test,cn,gov,zechuan,lqz)/ndbg/index.html"
    assert len(line.split(" ")) == 7


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"url": f"{HOST}/"}, {f"http://{HOST}:80/", f"http://{HOST}/"}),
        ({"url": f"https://{HOST}:443/"}, {f"http://{HOST}:80/", f"http://{HOST}/"}),
        (
            {"url": f"{HOST}/news/", "matchType": "prefix"},
            {f"http://{HOST}/news/{n}.html" for n in (31, 32, 33)},
        ),
        ({"url": f"{HOST}/news/*"}, {f"http://{HOST}/news/{n}.html" for n in (31, 32, 33)}),
    ],
)
def test_addresses_are_matched_without_scheme_and_port(
    client: httpx.Client, archives: Archives, query: dict[str, str], expected: set[str]
) -> None:
    assert {row[2] for row in cdx(client, archives, *query.items())[1:]} == expected


def test_a_host_or_a_domain_is_listed(client: httpx.Client, archives: Archives) -> None:
    fields = ("fl", "original,timestamp")
    host = cdx(client, archives, ("url", HOST), ("matchType", "host"), fields)
    domain = cdx(client, archives, ("url", "zechuan.gov.cn.test"), ("matchType", "domain"), fields)
    assert host[0] == domain[0] == ["original", "timestamp"]
    assert {row[0].split("/")[2].partition(":")[0] for row in host[1:]} == {HOST}
    assert {tuple(row) for row in host} < {tuple(row) for row in domain}
    assert ["http://www.zechuan.gov.cn.test/", "20130905060708"] in domain
    assert domain == cdx(client, archives, ("url", "*.zechuan.gov.cn.test/*"), fields)


def test_times_are_bounded_on_both_sides(client: httpx.Client, archives: Archives) -> None:
    rows = cdx(client, archives, ("url", f"{HOST}/*"), ("from", "2015"), ("to", "201602"))[1:]
    assert rows
    assert all("2015" <= row[1] < "201603" for row in rows)


def test_filters_fit_whole_fields_and_can_be_negated(client: httpx.Client, archives: Archives) -> None:
    every = ("url", f"{HOST}/*")
    assert cdx(client, archives, every, ("filter", "mimetype:text")) == []
    wanted = cdx(
        client,
        archives,
        every,
        ("filter", "mimetype:text/html|application/.*"),
        ("filter", "!statuscode:[345].."),
    )
    assert {row[4] for row in wanted[1:]} == {"200"}
    others = cdx(client, archives, every, ("filter", "!mimetype:(text|image)/.*"))
    assert {row[3] for row in others[1:]} == {
        "warc/revisit",
        "application/javascript",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
    assert {row[4] for row in others[1:] if row[3] == "warc/revisit"} == {"-"}
    assert client.get(archives.cdx, params={"url": HOST, "filter": "mimetype:["}).status_code == 400
    assert client.get(archives.cdx).status_code == 400


def test_adjacent_rows_collapse(client: httpx.Client, archives: Archives) -> None:
    every = ("url", f"{HOST}/*")
    keys = [row[0] for row in cdx(client, archives, every, ("collapse", "urlkey"))[1:]]
    assert len(keys) == len(set(keys))
    assert set(keys) == {row[0] for row in cdx(client, archives, every)[1:]}
    years = [row[1] for row in cdx(client, archives, ("url", f"{HOST}/"), ("collapse", "timestamp:4"))[1:]]
    assert [year[:4] for year in years] == ["2011", "2014", "2016"]


def test_limits_count_from_either_end(client: httpx.Client, archives: Archives) -> None:
    every = ("url", f"{HOST}/*")
    rows = cdx(client, archives, every)[1:]
    assert cdx(client, archives, every, ("limit", "3"), ("offset", "2"))[1:] == rows[2:5]
    assert cdx(client, archives, every, ("limit", "-2"))[1:] == rows[-2:]


@pytest.mark.parametrize("encoded_twice", [True, False])
def test_a_listing_is_resumed(client: httpx.Client, archives: Archives, encoded_twice: bool) -> None:
    query = [("url", f"{HOST}/*"), ("limit", "7"), ("showResumeKey", "true")]
    found: list[list[str]] = []
    key = ""
    for _ in range(30):
        rows = list(cdx(client, archives, *query, *([("resumeKey", key)] if key else [])))
        key = ""
        if rows and len(rows[-1]) == 1:
            *rows, blank, (key,) = rows
            assert blank == []
        found += rows[1:]
        if not key:
            break
        key = key if encoded_twice else httpx.QueryParams(f"k={key}")["k"]
    assert found == cdx(client, archives, ("url", f"{HOST}/*"))[1:]


def test_pages_are_filled_before_they_are_filtered(client: httpx.Client, archives: Archives) -> None:
    every, size = ("url", f"{HOST}/*"), ("pageSize", "1")
    asked = {"url": f"{HOST}/*", "pageSize": "1", "showNumPages": "true"}
    count = int(client.get(archives.cdx, params=asked).text)
    html = ("filter", "mimetype:text/html")
    pages = [cdx(client, archives, every, size, html, ("page", str(page))) for page in range(count + 1)]
    assert [row for page in pages for row in page[1:]] == cdx(client, archives, every, html)[1:]
    assert [] in pages[:-1]
    assert pages[-1] == []


def test_captures_come_raw_with_the_digest_of_their_row(client: httpx.Client, archives: Archives) -> None:
    base = archives.cdx.removesuffix("/cdx/search/cdx")
    rows = cdx(client, archives, ("url", f"{HOST}/*"), ("filter", "!original:.*/(css|js|images)/.*"))[1:]
    for _, timestamp, original, mime, status, digest, _ in rows:
        with client.stream("GET", f"{base}/web/{timestamp}id_/{original}") as answer:
            raw = b"".join(answer.iter_raw())
        if original == holdings.ABSENT.url:
            assert answer.status_code == 404
        elif original == holdings.DAMAGED.url:
            assert dead_host.digest_of(raw) != digest
        else:
            assert dead_host.digest_of(raw) == digest
            assert str(answer.status_code) == status or (mime, status) == ("warc/revisit", "-")


def test_another_time_leads_to_the_nearest_capture(client: httpx.Client, archives: Archives) -> None:
    base = archives.cdx.removesuffix("/cdx/search/cdx")
    answer = client.get(f"{base}/web/20160101id_/http://{HOST}/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/web/20160705233018id_/http://{HOST}/"
    report = holdings.county_report()
    found = client.get(f"{base}/web/20140816091011id_/{report.url}")
    assert is_the_report(report, found.content)


def test_the_servers_ask_for_a_pause(client: httpx.Client) -> None:
    with serving_archives(busy=[1]) as archives:
        for url, status in ((archives.cdx, 429), (archives.collinfo, 503)):
            first, second = (client.get(url, params={"url": f"{HOST}/"}) for _ in range(2))
            assert (first.status_code, second.status_code) == (status, 200)
            assert first.headers["Retry-After"] == str(holdings.RETRY_AFTER)
        assert len(archives.log) == 4


def index(client: httpx.Client, archives: Archives, number: int, **query: str | list[str]) -> httpx.Response:
    """The answer of the index of one crawl, from 0, the newest first."""
    collections = client.get(archives.collinfo).json()
    assert [entry["id"] for entry in collections] == list(commoncrawl.CRAWLS)
    return client.get(collections[number]["cdx-api"], params={"url": f"{HOST}/*", "output": "json", **query})


def listed(answer: httpx.Response) -> list[dict[str, str]]:
    return [json.loads(line) for line in answer.raise_for_status().text.splitlines()]


def test_a_crawl_without_captures_says_so(client: httpx.Client, archives: Archives) -> None:
    answer = index(client, archives, 2)
    assert answer.status_code == 404
    assert answer.json() == {"message": f"No Captures found for: {HOST}/*"}


@pytest.mark.parametrize(
    ("written", "field", "kept_value", "left_out"),
    [
        ("=status:200", "status", "200", "404"),
        ("!=status:200", "status", "404", "200"),
        (
            "mime:html",
            "mime",
            "text/html",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            "!mimetype:html",
            "mime",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "text/html",
        ),
        ("~url:.*/news/", "url", f"http://{HOST}/news/31.html", f"http://{HOST}/"),
        ("!~url:.*/news/", "url", f"http://{HOST}/", f"http://{HOST}/news/31.html"),
    ],
)
def test_filters_are_those_of_pywb(
    client: httpx.Client, archives: Archives, written: str, field: str, kept_value: str, left_out: str
) -> None:
    values = {row[field] for row in listed(index(client, archives, 1, filter=written))}
    assert kept_value in values
    assert left_out not in values


def test_pages_of_the_index(client: httpx.Client, archives: Archives) -> None:
    counts = index(client, archives, 1, pageSize="1", showNumPages="true").json()
    assert counts["pages"] == counts["blocks"] > 1
    rows = [
        row
        for page in range(counts["pages"])
        for row in listed(index(client, archives, 1, pageSize="1", page=str(page)))
    ]
    assert rows == listed(index(client, archives, 1))
    assert listed(index(client, archives, 1, pageSize="1")) == rows[:10]
    assert index(client, archives, 1, pageSize="1", page="99").status_code == 400
    assert listed(index(client, archives, 1, fl="url,offset", limit="1")) == [
        {"url": rows[0]["url"], "offset": rows[0]["offset"]}
    ]


def test_ranges_give_single_records(client: httpx.Client, archives: Archives) -> None:
    wanted = {page.url: page for page in (*dead_host.pages(), *dead_host.others())}
    cut = set()
    for row in listed(index(client, archives, 1)):
        start, length = int(row["offset"]), int(row["length"])
        answer = client.get(
            archives.data + row["filename"], headers={"Range": f"bytes={start}-{start + length - 1}"}
        )
        assert (answer.status_code, len(answer.content)) == (206, length)
        assert gzip.decompress(answer.content).startswith(b"WARC/1.0\r\n")
        record = next(iter(ArchiveIterator(BytesIO(answer.content))))
        body = record.content_stream().read()
        assert dead_host.digest_of(body) == row["digest"]
        whole = wanted[row["url"]].body
        if record.rec_headers.get_header("WARC-Truncated"):
            cut.add(row["url"])
            assert (len(body), row["truncated"]) == (commoncrawl.CUT_AT, "length")
            assert whole.startswith(body)
        else:
            assert body == whole
    assert cut == commoncrawl.cut_off()
    assert len(cut) == 2


def test_ranges_outside_of_a_file_are_refused(client: httpx.Client, archives: Archives) -> None:
    path = listed(index(client, archives, 0))[0]["filename"]
    assert client.get(archives.data + path).headers["Accept-Ranges"] == "bytes"
    assert client.get(archives.data + path, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert client.get(archives.data + "crawl-data/none.warc.gz").status_code == 404


def test_every_report_of_the_dead_host_is_in_either_archive(client: httpx.Client, archives: Archives) -> None:
    lists = [
        {row[2] for row in cdx(client, archives, ("url", f"{HOST}/*"))[1:]},
        {row["url"] for row in listed(index(client, archives, 1))},
    ]
    for found in lists:
        assert all(report.url in found for report in dead_host.truth())
