"""The explorer over real HTTP: pages, downloads, review, readers beside writers, hostile reports."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from urllib.parse import urljoin, urlsplit

import duckdb
import httpx
import openpyxl
import pytest
from selectolax.lexbor import LexborHTMLParser

from conftest import TONGXIN, Run
from exploring import HOSTILE, hostile_page, make_hostile, served, wait_for
from nianbao.commands.demo import demo
from nianbao.explorer.settings import Settings

# A page, its title in both languages, and what must be on it.
PAGES = {
    "/": "宁夏回族自治区",
    "/province/64": "同心县",
    "/county/640324": "同心县人民政府办公室",
    "/findings": "requests.balance",
    "/compare?metric=granted&metric=refusal_rate&year=2019-2022": "青禾县",
    "/rank": "白榆区",
    "/search?q=日常工作": "同心县",
    "/metrics": "refusal_rate",
    "/rules": "requests.balance",
    "/about": "SHA-256",
    "/api": "/api/trend/{county}",
}
TOKEN = "口令-7"  # noqa: S105 - of a test
_WRITER = """
    import sys, duckdb
    with duckdb.connect(sys.argv[1]) as connection:
        connection.execute("UPDATE report SET publisher = '新名字' WHERE county_code = '640324'")
        print("writing", flush=True)
        sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves; nobody may alter it."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


@pytest.fixture(scope="module")
def client(samples: Path) -> Iterator[httpx.Client]:
    """A client of the explorer of the sample workspace."""
    with served(samples) as client:
        yield client


@pytest.fixture
def own(samples: Path, tmp_path: Path) -> Path:
    """A copy of the sample workspace that may be altered."""
    return copytree(samples, tmp_path / "data")


def parsed(client: httpx.Client, address: str) -> LexborHTMLParser:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return LexborHTMLParser(answer.text)


def text_of(client: httpx.Client, address: str) -> str:
    found = parsed(client, address).css_first("main")
    assert found is not None
    return " ".join(found.text().split())


def finding_of(client: httpx.Client, rule: str = "requests.balance") -> str:
    """The id of a finding of that rule."""
    records = client.get("/api/findings", params={"rule": rule}).json()["records"]
    return str(records[0]["finding_id"])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_pages_answer_in_both_languages(client: httpx.Client, language: str, page: str) -> None:
    tree = parsed(client, f"/{language}{page}")
    html = tree.css_first("html")
    assert html is not None
    assert html.attributes["lang"] == {"zh": "zh-CN", "en": "en-GB"}[language]
    main = tree.css_first("main")
    assert main is not None
    assert PAGES[page] in main.text()
    assert len(tree.css("h1")) == 1
    other = tree.css_first("a.language")
    assert other is not None
    assert client.get(other.attributes["href"] or "").status_code == 200


def test_the_front_door_speaks_the_readers_language(client: httpx.Client) -> None:
    for preferred, page in (("zh-CN,zh;q=0.9", "/zh/"), ("en-GB", "/en/"), ("fr", "/en/")):
        answer = client.get("/", headers={"accept-language": preferred})
        assert answer.headers["location"] == page


def test_no_link_of_any_page_is_dead(client: httpx.Client) -> None:
    waiting, seen = ["/zh/", "/en/county/990101"], set[str]()
    while waiting and len(seen) < 120:
        page = waiting.pop(0)
        if page in seen:
            continue
        seen.add(page)
        answer = client.get(page)
        assert answer.status_code == 200, page
        if not answer.headers["content-type"].startswith("text/html") or "/archived" in page:
            continue
        tree = LexborHTMLParser(answer.text)
        links = [one.attributes.get("href") or one.attributes.get("src") for one in tree.css("[href], [src]")]
        for link in links:
            target = urlsplit(urljoin(page, link or ""))
            if not target.netloc and ".svg" not in target.path and ".png" not in target.path:
                waiting.append(f"{target.path}?{target.query}".rstrip("?"))
    assert len(seen) == 120


def test_nothing_runs_but_our_own_files(client: httpx.Client) -> None:
    for page in PAGES:
        answer = client.get(f"/zh{page}")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        tree = LexborHTMLParser(answer.text)
        assert not tree.css("style, [style]")
        assert [one.attributes.get("src") for one in tree.css("script")] == ["/static/htmx.min.js"]
        assert not [name for one in tree.css("*") for name in one.attributes if name.startswith("on")]
        hosts = {urlsplit(one.attributes.get("src") or "").netloc for one in tree.css("[src], link")}
        assert hosts == {""}


def test_what_is_not_there_is_said(client: httpx.Client) -> None:
    for address, status, said in (
        ("/zh/nowhere", 404, "没有页面"),
        ("/en/nowhere", 404, "no page"),
        ("/en/report/ffffffff", 404, "ffffffff"),
        ("/en/finding/ffffffff", 404, "ffffffff"),
        ("/en/province/00", 404, "00"),
        ("/en/county/天上县", 400, "天上县"),
        ("/en/compare?metric=grantd", 400, "granted"),
        ("/en/findings?year=last", 400, "year"),
        ("/en/findings?severity=bad", 400, "error, warning, notice"),
        ("/en/findings?page=0", 200, "requests.balance"),
        ("/en/findings?page=99999", 200, "Nothing here"),
        ("/en/rank.svg?plot=none", 404, "none"),
        ("/en/rank.csv?table=none", 404, "none"),
    ):
        answer = client.get(address)
        assert answer.status_code == status, address
        assert said in answer.text, address
        assert "Traceback" not in answer.text


def test_a_report_is_shown_as_printed_with_what_fails(client: httpx.Client) -> None:
    (report,) = client.get("/api/reports", params={"county": "同心县", "year": 2020}).json()["records"]
    tree = parsed(client, f"/zh/report/{report['report_id']}")
    tables = tree.css("table.printed")
    assert len(tables) == 3
    told = tree.css("td.told")
    assert told
    assert all(one.css_first("sup") is not None for one in told)
    points = tree.css(".points li")
    assert len(points) == 4
    assert "应当成立" in points[0].text()
    frame = tree.css_first("iframe")
    assert frame is not None
    assert frame.attributes["sandbox"] in ("", None)
    cell = next(one for one in told if one.css_first("a") is not None).css_first("a")
    assert cell is not None
    marked = parsed(client, (cell.attributes["href"] or "").split("#")[0])
    frame = marked.css_first("iframe")
    assert frame is not None
    source = (frame.attributes["src"] or "").split("#")[0]
    archived = client.get(source)
    assert archived.headers["content-security-policy"].startswith("sandbox;")
    named = LexborHTMLParser(archived.text).css_first("#nianbao-cell")
    assert named is not None
    assert named.text().strip() == cell.text().strip()
    assert "已标出" in marked.css_first("main").text()  # type: ignore[union-attr]


def test_claims_are_underlined_where_they_stand(run: Run, tmp_path: Path) -> None:
    page = TONGXIN.read_text(encoding="utf-8")
    sentence = "2020年，本机关共收到政府信息公开申请6件，上年结转0件。"
    page = page.replace("一、总体情况</p>", f"一、总体情况</p><p>{sentence}</p>")
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    assert run("import", tmp_path / "report.html").code == 0
    assert run("parse").code == 0
    with served(tmp_path / "data") as client:
        (listed,) = client.get("/api/reports").json()["records"]
        report = client.get(f"/api/reports/{listed['report_id']}").json()
        assert {claim["value"] for claim in report["claims"]} == {6, 0}
        tree = parsed(client, f"/zh/report/{listed['report_id']}")
        marks = tree.css(".prose mark")
        assert [mark.text(deep=False) for mark in marks] == ["6", "0"]
        assert "一、本年新收政府信息公开申请数量 = 6" in (marks[0].attributes["title"] or "")


def test_files_hold_what_the_command_writes(
    client: httpx.Client, samples: Path, run: Run, tmp_path: Path
) -> None:
    for page, command in (
        ("/en/findings.csv", ["check"]),
        ("/en/findings.csv?severity=error&place=640324",
         ["check", "--severity", "error", "--county", "640324"]),
        ("/en/compare.csv?metric=granted&metric=refusal_rate&year=2019-2022",
         ["compare", "granted", "refusal_rate", "--year", "2019-2022"]),
        ("/en/rank.csv?metric=refusal_rate&at_least=0", ["rank", "refusal_rate"]),
        ("/en/county/640324.csv?table=outcomes",
         ["trend", "640324", "granted", "granted_in_part", "denied_subtotal", "unavailable_subtotal",
          "rejected_subtotal", "other_handling", "processed_total"]),
    ):  # fmt: skip
        file = tmp_path / "records.csv"
        assert run(*command, "--data", samples, "--output", file).code == 0
        answer = client.get(page)
        assert "attachment" in answer.headers["content-disposition"]
        ours, theirs = (
            list(csv.DictReader(io.StringIO(one)))
            for one in (answer.text.lstrip("\ufeff"), file.read_text("utf-8-sig"))
        )
        assert ours
        assert [{key: line[key] for key in ours[0]} for line in theirs] == ours, page


def test_tables_come_as_workbooks_and_plots_as_pictures(client: httpx.Client) -> None:
    for table in ("figures", "outcomes", "findings", "reports"):
        answer = client.get("/zh/county/640324.xlsx", params={"table": table})
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        assert sheet.max_row > 1
    svg = client.get("/zh/county/640324.svg", params={"plot": "figures"})
    assert svg.headers["content-type"] == "image/svg+xml"
    assert svg.text.startswith("<svg")
    assert "sandbox" in svg.headers["content-security-policy"]
    png = client.get("/zh/rank.png", params={"save": "yes"})
    assert png.content.startswith(b"\x89PNG")
    assert "attachment" in png.headers["content-disposition"]


def test_long_lists_have_pages(client: httpx.Client) -> None:
    first = client.get("/api/findings", params={"limit": 7}).json()
    second = client.get("/api/findings", params={"limit": 7, "first": 7}).json()
    everything = client.get("/api/findings", params={"limit": 1000}).json()
    assert first["records"] + second["records"] == everything["records"][:14]
    assert first["total"] == len(everything["records"])


def test_search_finds_chinese_texts_and_places(client: httpx.Client) -> None:
    assert "同心县" in text_of(client, "/zh/search?q=tongxin")
    found = client.get("/api/search", params={"q": "日常工作 政府信息"}).json()
    assert found["exact"]
    assert {line["county"] for line in found["records"]} >= {"同心县"}
    assert all(
        "日常工作" in line["text"] or line["text"] == "" or "政府信息" in line["text"]
        for line in found["records"]
    )
    assert client.get("/api/search", params={"q": "绝无此词语"}).json()["total"] == 0
    marks = parsed(client, "/zh/search?q=日常工作").css(".hits mark")
    assert marks
    assert all(mark.text() == "日常工作" for mark in marks)


def review(
    client: httpx.Client, finding: str, headers: dict[str, str] | None = None, **fields: str
) -> httpx.Response:
    given = {"verdict": "confirmed", "name": "王某", "note": "电话核实", **fields}
    origin = str(client.base_url).rstrip("/")
    return client.post(f"/zh/finding/{finding}", data=given, headers={"origin": origin, **(headers or {})})


def test_a_decision_is_kept_as_the_command_keeps_it(own: Path, run: Run) -> None:
    with served(own) as client:
        finding = finding_of(client)
        answer = review(client, finding)
        assert answer.status_code == 303
        assert "判断已保存" in text_of(client, answer.headers["location"])
        assert "王某" in text_of(client, f"/zh/finding/{finding}")
        assert client.get("/api/findings", params={"status": "confirmed"}).json()["total"] == 1
    (line,) = (own / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)
    assert (kept["finding_id"], kept["verdict"], kept["name"], kept["note"]) == (
        finding, "confirmed", "王某", "电话核实",
    )  # fmt: skip
    (listed,) = run("check", "review", "--list", "--data", own, "--format", "json").records
    assert listed["finding_id"] == finding


def test_no_other_site_decides(own: Path) -> None:
    with served(own) as client:
        finding = finding_of(client)
        for headers in (
            {"origin": "https://elsewhere.test"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
        ):
            assert review(client, finding, headers).status_code == 403, headers
        assert review(client, finding, verdict="perhaps").status_code == 400
        assert review(client, finding, name=" ").status_code == 400
        assert review(client, finding, note="长" * 5000).status_code == 413
        assert review(client, finding, note="长" * 50000).status_code == 413
        assert review(client, "ffffffff").status_code == 404
        answer = client.get("/zh/", headers={"host": "elsewhere.test"})
        assert answer.status_code == 400
    assert not (own / "reviews.jsonl").exists()


def test_beyond_this_machine_decisions_need_the_token(own: Path) -> None:
    with served(own, Settings(hosts=("*",), local=False)) as client:
        finding = finding_of(client)
        assert review(client, finding).status_code == 403
        assert "启动时未设口令" in text_of(client, f"/zh/finding/{finding}")
        assert not parsed(client, f"/zh/finding/{finding}").css(".review form")
    with served(own, Settings(hosts=("*",), local=False, token=TOKEN)) as client:
        assert review(client, finding).status_code == 403
        assert review(client, finding, token=f"{TOKEN}8").status_code == 403
        assert review(client, finding, token=TOKEN).status_code == 303
        decision = {"verdict": "dismissed", "name": "Li", "note": ""}
        address = f"/api/findings/{finding}/decisions"
        assert client.post(address, json=decision).status_code == 403
        token = TOKEN.encode()
        answer = client.post(address, json=decision, headers=[(b"authorization", b"Bearer " + token)])
        assert answer.json() == {"finding": finding, "verdict": "dismissed", "in_database": True}
        assert client.post(address, data=decision).status_code == 400
    assert len((own / "reviews.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def writing(folder: Path) -> subprocess.Popen[str]:
    """A process that holds the database of ``folder`` for writing until it is sent a line."""
    code = "\n".join(line[4:] for line in _WRITER.splitlines())
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / "reports.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "writing"
    return process


def test_readers_go_on_while_a_process_writes_and_see_what_it_wrote(own: Path) -> None:
    with served(own) as client:
        assert "新名字" not in text_of(client, "/zh/county/640324")
        with writing(own) as process:
            assert "同心县" in text_of(client, "/zh/county/640324?new=1")
            answer = review(client, finding_of(client))
            assert "saved=later" in answer.headers["location"]
            assert (
                "稍后" in text_of(client, answer.headers["location"])
                or "之后" in text_of(client, answer.headers["location"])
                or "完成后" in text_of(client, answer.headers["location"])
            )
            process.communicate("\n")
        wait_for(lambda: "新名字" in client.get("/zh/county/640324").text)
        wait_for(lambda: client.get("/api/findings", params={"status": "confirmed"}).json()["total"] == 1)


def test_the_explorer_never_stands_in_a_writers_way(own: Path) -> None:
    with served(own) as client:
        for number in range(30):
            with duckdb.connect(str(own / "reports.duckdb")) as connection:
                connection.execute("UPDATE report SET publisher = $1 WHERE year = 2020", [f"甲{number}"])
            assert client.get(f"/zh/findings?page={number + 1}").status_code == 200
        wait_for(lambda: "甲29" in client.get("/api/reports", params={"year": 2020}).text)


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        answer = client.get("/en/")
        assert answer.status_code == 503
        assert "nianbao parse" in answer.text
        assert client.get("/api/coverage").status_code == 503
        assert client.get("/api/sql", params={"query": "SELECT 1"}).status_code == 503
        health = client.get("/health")
        assert (health.status_code, "nianbao parse" in health.text) == (503, True)


def test_those_who_watch_over_it_are_told_that_it_answers(client: httpx.Client) -> None:
    answer = client.get("/health", headers={"host": "localhost"})
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, "ok\n", "no-store")
    assert client.post("/health").status_code == 405


def test_what_reports_say_is_text_and_nothing_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hostile.html").write_bytes(hostile_page())
    assert run("import", tmp_path / "hostile.html").code == 0
    assert run("parse").code == 0
    make_hostile(tmp_path / "data" / "reports.duckdb")
    with served(tmp_path / "data") as client:
        (report,) = client.get("/api/reports").json()["records"]
        assert HOSTILE in report["publisher"]
        finding = finding_of(client, "*")
        pages = [
            f"/en/report/{report['report_id']}",
            f"/en/report/{report['report_id']}/archived",
            f"/zh/county/{report['county_code']}",
            "/zh/findings",
            f"/zh/finding/{finding}",
            "/zh/compare?metric=granted",
            f"/zh/search?q={HOSTILE[:20]}",
            "/zh/search?q=总体情况",
            "/zh/rank?metric=granted",
            f"/zh/rank?in={HOSTILE[:60]}",
        ]
        for page in pages:
            answer = client.get(page)
            assert answer.status_code in (200, 400), page
            assert len(answer.content) < 1_000_000, page
            tree = LexborHTMLParser(answer.text)
            assert {one.attributes.get("src") for one in tree.css("script")} <= {"/static/htmx.min.js"}, page
            assert not [one for one in tree.css("img") if one.attributes.get("src") == "x"], page
            links = [one.attributes.get("href") or "" for one in tree.css("a")]
            assert not [link for link in links if link.lower().strip().startswith("javascript")], page
        assert HOSTILE[:30] in text_of(client, pages[0])
        assert "九九九…" in text_of(client, pages[0])
        book = client.get(f"/en/report/{report['report_id']}.csv")
        assert len(book.content) > 9_000_000


def test_the_api_answers_as_the_command_does(client: httpx.Client, samples: Path, run: Run) -> None:
    for address, command in (
        (
            "/api/compare?metric=granted&metric=refusal_rate&year=2021",
            ["compare", "granted", "refusal_rate", "--year", "2021"],
        ),
        (
            "/api/trend/白榆区?metric=refusal_rate&peers=kind",
            ["trend", "白榆区", "refusal_rate", "--peers", "kind"],
        ),
        ("/api/rank/refusal_rate?year=2022", ["rank", "refusal_rate", "--year", "2022"]),
        ("/api/findings?limit=1000", ["check"]),
    ):
        ours = client.get(address).json()["records"]
        theirs = run(*command, "--data", samples, "--format", "json").records
        assert len(ours) == len(theirs) > 0
        for one, other in zip(ours, theirs, strict=True):
            shared = set(one) & set(other) - {"notes"}
            assert "county_code" in shared
            assert {key: one[key] for key in shared} == {key: other[key] for key in shared}, address


def test_the_api_describes_all_that_it_answers(client: httpx.Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    report = client.get("/api/reports", params={"year": 2022}).json()["records"][0]["report_id"]
    given = {
        "report": report, "finding": finding_of(client), "county": "640324", "metric": "refusal_rate",
        "query": "SELECT 1", "q": "申请",
    }  # fmt: skip
    for path, methods in described["paths"].items():
        if "get" not in methods:
            continue
        known = methods["get"]["parameters"]
        assert {one["name"] for one in known if one["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path))
        query = {
            one["name"]: given[one["name"]] for one in known if one["in"] == "query" and one["name"] in given
        }
        answer = client.get(path.format(**given), params=query)
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/json"
        assert isinstance(answer.json(), dict)
    chinese = client.get("/api/openapi.json", params={"lang": "zh"}).json()
    assert chinese["paths"].keys() == described["paths"].keys()
    assert chinese["paths"]["/api/sql"]["get"]["summary"] != described["paths"]["/api/sql"]["get"]["summary"]


def test_the_api_says_in_json_what_is_wrong(client: httpx.Client) -> None:
    for address, status in (
        ("/api/reports/ffff", 404),
        ("/api/findings/ffff", 404),
        ("/api/compare", 400),
        ("/api/trend/640324?metric=grantd", 400),
        ("/api/changes?since=yesterday", 400),
        ("/api/source/ffff/granted", 404),
    ):
        answer = client.get(address)
        assert (answer.status_code, set(answer.json())) == (status, {"error"}), address


def test_sql_reads_and_does_nothing_else(client: httpx.Client, samples: Path) -> None:
    def sql(query: str) -> httpx.Response:
        return client.get("/api/sql", params={"query": query})

    assert sql("SELECT count(*) AS n FROM report").json() == {"columns": ["n"], "rows": [[12]], "more": False}
    assert sql("SELECT * FROM range(20000)").json()["more"] is True
    assert len(sql("SELECT * FROM range(20000)").json()["rows"]) == 10_000
    before = (samples / "reports.duckdb").read_bytes()
    for query in (
        "DROP TABLE report",
        "SELECT 1; SELECT 2",
        "UPDATE report SET year = 1",
        f"SELECT * FROM read_text('{samples / 'portals.toml'}')",
        f"COPY report TO '{samples / 'stolen.csv'}'",
        "ATTACH 'other.duckdb'",
        "SET memory_limit = '100GB'",
        "SELECT repeat('x', 9000000)",
        "SELECT list(i) FROM range(1000000000) t(i)",
        "",
    ):
        answer = sql(query)
        assert answer.status_code == 400, query
        assert set(answer.json()) == {"error"}
    assert (samples / "reports.duckdb").read_bytes() == before
    assert not (samples / "stolen.csv").exists()
    slow = sql("SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3")
    assert slow.status_code == 400
    assert "5 seconds" in slow.json()["error"]
    assert slow.elapsed.total_seconds() < 9


def test_the_command_serves_until_it_is_interrupted(samples: Path) -> None:
    command = [sys.executable, "-c", "from nianbao.cli import main; main()", "serve", "--lang", "en"]
    with subprocess.Popen(
        [*command, "--data", str(samples), "--port", "0"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert address is not None, said
        assert httpx.get(f"{address[0]}en/", timeout=30).status_code == 200
        taken = subprocess.run(
            [*command, "--data", str(samples), "--port", address[1]],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert taken.returncode == 1
        assert "--port" in taken.stderr
        process.terminate()
        process.communicate(timeout=30)


def test_beyond_loopback_it_says_that_decisions_are_off(samples: Path) -> None:
    command = [sys.executable, "-c", "from nianbao.cli import main; main()", "serve", "--lang", "en"]
    with subprocess.Popen(
        [*command, "--data", str(samples), "--port", "0", "--host", "0.0.0.0"],  # noqa: S104 - on purpose
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)},
    ) as process:
        assert process.stderr is not None
        assert "--token" in process.stderr.readline()
        process.terminate()
        process.communicate(timeout=30)
