"""Answers that are no pages: walls, captchas, pages that are missing with status 200, stubs, wrong kinds."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from fetching import HOME, TEXT, Pages, fetch, manner, page, sent_to
from portals.web import Answer
from scraper import fetching
from scraper.archive import Payload
from scraper.fetching.judging import Verdict, judge
from scraper.fetching.request import Expects

CHALLENGES = tomllib.loads((files("scraper.fetching") / "challenges.toml").read_text(encoding="utf-8"))


def judged(
    body: str | bytes,
    status: int = 200,
    content_type: str = "text/html",
    *headers: tuple[str, str],
    url: str = f"{HOME}xxgk/a.html",
    expects: Expects = "page",
) -> Verdict:
    data = body if isinstance(body, bytes) else body.encode()
    said = [("Content-Type", content_type), *headers]
    return judge(fetching.Request(url, expects=expects), status, Payload.of(said, data))


# --- walls ---------------------------------------------------------------------------------------------


def examples(wall: dict[str, Any]) -> list[tuple[int, bytes, str]]:
    """An answer for each sign of a wall: status, body, cookie."""
    status = wall.get("status", [200])
    markers = [form for each in wall.get("markers", ()) for form in (each.encode(), each.encode("gb18030"))]
    bodies = [b"<html><script>%s</script><p>%s</p></html>" % (marker, marker) for marker in markers]
    cookies = [f"{name}_h=1" for name in wall.get("cookies", ())]
    signs = [(body, "") for body in bodies] + [(b"<html></html>", cookie) for cookie in cookies]
    return [(code, *sign) for code in status for sign in signs or [(b"<html></html>", "")]]


@pytest.mark.parametrize(
    "wall", CHALLENGES["wall"], ids=lambda wall: f"{wall['vendor']} {wall.get('status', '')}"
)
def test_every_wall_is_told_by_each_of_its_signs(wall: dict[str, Any]) -> None:
    kinds: tuple[Expects, ...] = ("page", "file", "data")
    for expects in kinds:
        for status, body, cookie in examples(wall):
            verdict = judged(body, status, "text/html", ("Set-Cookie", cookie), expects=expects)
            assert verdict.outcome == "blocked", body
            assert wall["vendor"] in verdict.detail
            assert wall["says"] in verdict.detail


@pytest.mark.parametrize("phrase", CHALLENGES["wall"][-2]["markers"])
def test_a_firewall_s_words_are_heard_with_any_status(phrase: str) -> None:
    for status in (200, 405, 400, 404):
        assert judged(f"<html><body><h3>{phrase}</h3></body></html>", status).outcome == "blocked"


def test_pages_that_have_passed_a_wall_or_write_about_one_are_pages() -> None:
    links = "".join(f'<a href="/xxgk/{number}.html">年报</a>' for number in range(9))
    assert judged(f"<script>$_ts=window['$_ts'];</script>{links}").outcome == "ok"
    assert judged(f"<p>要求部署网站防火墙，访问被拦截时应当记录。</p>{TEXT}").outcome == "ok"
    assert judged(f"{TEXT}", 200, "text/html", ("Set-Cookie", "__jsluid_h=1")).outcome == "ok"


def test_refusals_and_missing_pages_by_their_status() -> None:
    assert judged("", 401).outcome == judged("", 403).outcome == "blocked"
    assert [judged(TEXT, status).outcome for status in (404, 410, 400, 405, 451)] == ["gone"] * 5
    assert judged("", 302).outcome == "redirect"
    assert judged("", 304).outcome == "deferred"
    assert [judged("", status).outcome for status in (408, 429, 500, 502, 503, 504)] == ["deferred"] * 6


# --- captchas and files --------------------------------------------------------------------------------


def test_a_captcha_in_place_of_a_file(tmp_path: Path) -> None:
    form = page('<form action="download.jsp">请输入验证码：<input name="code"><img src="code.jsp"></form>')
    site = Pages(
        {"/download.jsp": form, "/empty.doc": Answer(b""), "/gate.jsp": page("请在本站页面内点击下载")}
    )
    wanted = [
        fetching.Request(f"{HOME}{name}", referer=f"{HOME}a.html", expects="file")
        for name in ("download.jsp", "empty.doc", "gate.jsp")
    ]
    run = fetch(tmp_path, [site], *wanted)
    assert run.outcomes == ["needs_captcha"] * 3
    assert {r.headers.get("referer") for r in run.network.log if r.path != "/robots.txt"} == {f"{HOME}a.html"}
    assert len(run.targets) == 3


@pytest.mark.parametrize(
    ("body", "content_type", "outcome"),
    [
        (b"%PDF-1.7", "application/pdf", "ok"),
        (b"PK\x03\x04", "application/octet-stream", "ok"),
        (b"\xd0\xcf\x11\xe0", "text/html", "ok"),
        (b"\xff\xd8\xff", "image/jpeg", "ok"),
        (
            "<html><body><table><tr><td>信息公开</td></tr></table></body></html>".encode(),
            "application/msword",
            "ok",
        ),
        (b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><body>1</body></html>', "text/html", "ok"),
        (page().body, "text/html", "ok"),
        (page("附件不存在").body, "text/html", "soft404"),
        (page("系统错误，请联系管理员").body, "text/html", "soft404"),
        (page("登录").body, "text/html", "needs_captcha"),
        (b"MZ\x90\x00", "application/octet-stream", "bad_type"),
        (b"\x7fELF", "application/octet-stream", "bad_type"),
        (b"\x00\x00\x00\x18ftypmp42", "application/octet-stream", "bad_type"),
        (b"abc", "video/mp4", "bad_type"),
        (b"abc", "application/x-msdownload", "bad_type"),
    ],
)
def test_what_comes_in_place_of_a_file(body: bytes, content_type: str, outcome: str) -> None:
    assert judged(body, 200, content_type, expects="file").outcome == outcome


def test_a_film_is_not_read_to_its_end(tmp_path: Path) -> None:
    film = Answer(
        b"\x00\x00\x00\x18ftypmp42" + b"x" * 3_000_000, content_type="application/octet-stream", drip=0.01
    )
    assert fetch(tmp_path, [Pages({"/a.mp4": film})], "/a.mp4").outcomes == ["bad_type"]


# --- pages that say that there is none -------------------------------------------------------------------


@pytest.mark.parametrize("phrase", CHALLENGES["soft404"]["phrases"])
def test_a_page_that_says_that_there_is_none(phrase: str) -> None:
    tip = f'<html><body><p>抱歉，{phrase}。</p><a href="/">返回首页</a></body></html>'
    assert judged(tip).outcome == judged(tip.encode("gb18030")).outcome == "soft404"
    menu = "".join(f'<a href="/{number}/index.html">栏目</a>' for number in range(40))
    assert (
        judged(f"<html><head><title>{phrase} - 某县人民政府</title></head>{menu}{TEXT}</html>").outcome
        == "soft404"
    )
    # Scripts hold such words for cases that may come.
    assert judged(f"<script>function fail() {{ alert('{phrase}') }}</script>{TEXT}").outcome == "ok"


@pytest.mark.parametrize("title", ["404", "404 Not Found", "404错误", "出错了", "Error", " 错误页面 "])
def test_titles_of_missing_pages(title: str) -> None:
    assert judged(f"<title>{title}</title>{TEXT}").outcome == "soft404"


@pytest.mark.parametrize(
    "title", ["同心县2022年政府信息公开工作年度报告", "关于印发〔2020〕404号文件的通知", ""]
)
def test_titles_of_pages(title: str) -> None:
    assert judged(f"<title>{title}</title>{TEXT}").outcome == "ok"


def test_an_empty_page_is_none() -> None:
    assert judged("").outcome == "soft404"
    stub = '<html><head><title></title><script src="/page.js"></script></head><body><ul></ul></body></html>'
    assert judged(stub).outcome == "soft404"
    assert (
        judged('<html><body><div id="app"></div><script src="/app.js"></script></body></html>').outcome
        == "ok"
    )
    assert judged('<frameset><frame src="a.html"></frameset>').outcome == "ok"
    assert judged('<html><body><img src="scan.jpg"></body></html>').outcome == "ok"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"data":[]}', b"<li></li>", b"<recordset></recordset>", b"null"]
)
def test_an_empty_reply_of_a_list_is_a_reply(body: bytes) -> None:
    assert judged(body, 200, "application/json", expects="data").outcome == "ok"


def test_a_doubtful_page_is_compared_with_an_address_that_can_t_exist(tmp_path: Path) -> None:
    def nothing(where: str) -> Answer:
        return page(f"<h3>提示</h3><p>对不起，您来晚了（{where}，编号 {len(where)}）。</p>")

    real = page("<p>本年度未发生相关情况。</p>")
    site = Pages(
        {
            "/xxgk/a.html": nothing("/xxgk/a.html"),
            "/xxgk/b.html": nothing("/xxgk/b.html"),
            "/xxgk/c.html": real,
        }
    )
    site.missing = nothing("elsewhere/")
    run = fetch(tmp_path, [site], "/xxgk/a.html", "/xxgk/b.html", "/xxgk/c.html")
    assert run.outcomes == ["soft404", "soft404", "ok"]
    assert len(run.targets) == 4, "the host is asked for an impossible address once"


def test_pages_with_links_or_text_need_no_comparison(tmp_path: Path) -> None:
    site = Pages(
        {
            "/a/b.html": page(),
            "/a/c.html": page('<a href="/a/d.html">2022年年度报告</a>'),
            "/": page("欢迎访问某县人民政府网站"),
        }
    )
    run = fetch(tmp_path, [site], "/a/b.html", "/a/c.html", "/")
    assert run.outcomes == ["ok"] * 3
    assert len(run.targets) == 3


def test_the_first_page_in_place_of_another_is_no_page(tmp_path: Path) -> None:
    site = Pages(
        {"/": page(), "/xxgk/a.html": page(), "/index.html": page(), "/b.html": page("另一页" * 200)}
    )
    run = fetch(tmp_path, [site], "/", "/xxgk/a.html", "/index.html", "/b.html")
    assert run.outcomes == ["ok", "soft404", "ok", "ok"]


def test_a_shell_that_scripts_fill_is_like_any_other(tmp_path: Path) -> None:
    shell = page('<div id="app"><h1>{{ title }}</h1></div><script src="/app.js"></script>')
    site = Pages({"/": shell, "/xxgk/a.html": shell})
    site.missing = shell
    assert fetch(tmp_path, [site], "/", "/xxgk/a.html").outcomes == ["ok", "ok"]


# --- stubs -----------------------------------------------------------------------------------------------

META = [
    '<meta http-equiv="refresh" content="0;url=/new/index.html">',
    '<META HTTP-EQUIV="Refresh" CONTENT="0; URL=\'/new/index.html\'">',
    "<meta content='1;URL=/new/index.html' http-equiv=refresh>",
    '<meta http-equiv="refresh" content="0;/new/index.html">',
]
SCRIPTS = [
    'location.href="/new/index.html"',
    "window.location = '/new/index.html';",
    'window.location.href = "/new/index.html" ;',
    "location.replace('/new/index.html')",
    'top.location.href="/new/index.html"',
    'self.location="/new/index.html"',
    'document.location.href="\\\\new\\\\index.html"'.replace("\\\\", "/"),
    "setTimeout(\"location.href='/new/index.html'\", 500)",
    "setTimeout(function () { window.location.assign('/new/index.html') }, 10);",
    'window.open("/new/index.html", "_self")',
    '<!--\nlocation.href="/new/index.html";\n//-->',
    '// location.href="/old/index.html"\nlocation.href="/new/index.html"',
    '/* location.href="/old/index.html" */ location.href="/new/index.html"',
    'if (mobile()) { location.href="/wap/index.html" } else { location.href="/new/index.html" }',
]


@pytest.mark.parametrize("head", META)
def test_meta_redirects(head: str) -> None:
    verdict = judged(f"<html><head>{head}</head><body></body></html>", url=f"{HOME}x/")
    assert (verdict.outcome, verdict.target, verdict.via) == ("redirect", f"{HOME}new/index.html", "meta")


@pytest.mark.parametrize("script", SCRIPTS)
def test_redirects_by_a_literal_in_a_script(script: str) -> None:
    verdict = judged(f"<html><script>{script}</script><body>正在跳转</body></html>", url=f"{HOME}x/")
    assert (verdict.outcome, verdict.target, verdict.via) == ("redirect", f"{HOME}new/index.html", "js")


@pytest.mark.parametrize(
    "script",
    [
        'location.href = "/new" + "/index.html"',
        'var a = "/new"; location.href = a + "/index.html"',
        "location.href = decodeURIComponent('%2Fnew')",
        "window['loc' + 'ation']['href'] = to",
        "eval(function(p,a,c,k,e,d){return p}('0',1,1,'x'.split('|'),0,{}))",
        "var t=location.pathname+String.fromCharCode(63)+'s';window['loc'+'ation']=t",
        "location.reload()",
    ],
)
def test_a_redirect_that_must_be_worked_out_is_left_alone(script: str) -> None:
    assert (
        judged(f"<html><script>{script}</script><body></body></html>", url=f"{HOME}x/").outcome == "js_only"
    )


def test_a_page_with_something_on_it_is_no_stub() -> None:
    script = '<script>function go() { location.href="/search.html" }</script>'
    assert judged(script + TEXT).outcome == "ok"
    assert judged(f'{script}<a href="/xxgk/1.html">年报</a>').outcome == "ok"
    assert judged(f'<meta http-equiv="refresh" content="300">{TEXT}').outcome == "ok"


def test_stubs_are_followed_three_times_within_the_scope(tmp_path: Path) -> None:
    def stub(target: str) -> Answer:
        return page(f"<script>location.href='{target}'</script>")

    site = Pages({f"/{n}/": stub(f"/{n + 1}/") for n in range(9)} | {"/9/": page()})
    site_pages = {
        "/a.html": page('<meta http-equiv="refresh" content="0;url=/8/">'),
        "/out.html": stub("http://b.com/x.html"),
    }
    run = fetch(
        tmp_path, [Pages({**site._pages, **site_pages})], "/6/", "/5/", "/a.html", "/out.html", how=manner()
    )
    assert run.outcomes == ["ok", "redirect", "ok", "out_of_scope"]
    assert run.fetched[0].detail == "via=js/js/js"
    assert run.fetched[0].url == f"{HOME}9/"
    assert run.fetched[2].detail == "via=meta/js"


def test_a_stub_that_leads_a_deep_page_to_the_first_is_a_missing_page(tmp_path: Path) -> None:
    site = Pages(
        {"/xxgk/a.html": page("<script>location.href='/'</script>"), "/": page(), "/b/": sent_to("/")}
    )
    assert fetch(tmp_path, [site], "/xxgk/a.html", "/b/").outcomes == ["soft404", "ok"]
