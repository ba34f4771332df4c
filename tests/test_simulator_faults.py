"""Every fault of the long-tail portal (``portals.md`` §6, row 8) is really served, over real connections."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from protego import Protego

from portals import certificates, faults
from portals.faults import FAULTS
from portals.longtail import LongTail
from portals.longtail_bodies import Body, bodies
from portals.truth import Report
from portals.visiting import Visitor, walk, written_links
from portals.web import Network, serving
from scraper.documents import read_document

COUNTY = "http://www.zechuan.gov.cn.test"
AGENT = "nianbao/0.1"


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with serving(LongTail().sites()) as network:
        yield network


@cache
def truth() -> tuple[Report, ...]:
    return tuple(LongTail().truth())


@cache
def reached() -> dict[str, frozenset[str]]:
    """Each page that is reached from the home page, with the addresses that it links to."""
    portal = LongTail()
    found = walk(Visitor(portal.sites()), portal.home, portal.follow)
    return {url: frozenset(ask.url for ask in written_links(url, answer)) for url, answer in found.items()}


def body_with(fault: str) -> Body:
    return next(body for body in bodies() if body.fault == fault)


def reports_of(body: Body) -> list[Report]:
    return [report for report in truth() if report.publisher == body.organ.name]


def ended(outcome: str, *suffixes: str) -> list[Report]:
    """Reports that end so, and have an address with one of the suffixes."""
    return [r for r in truth() if r.outcome == outcome and any(a.endswith(suffixes) for a in r.addresses)]


def get(network: Network, url: str, context: ssl.SSLContext | None = None) -> httpx.Response:
    """Asks once, as a plain strict client does unless ``context`` is laxer."""
    parts = urlsplit(url)
    host = parts.netloc
    address = network.resolve[f"{host}:443" if parts.scheme == "https" else host]
    with httpx.Client(verify=context or True, trust_env=False, timeout=10) as client:
        request = client.build_request(
            "GET",
            parts._replace(netloc=address).geturl(),
            headers={"Host": host},
            extensions={"sni_hostname": host},
        )
        return client.send(request)


def trusting(ciphers: str = "") -> ssl.SSLContext:
    """A client that trusts the simulator's authority."""
    context = ssl.create_default_context(cadata=certificates.trusted_bundle().decode())
    if ciphers:
        context.set_ciphers(ciphers)
    return context


def test_the_home_page_is_a_script_that_leads_to_frames(network: Network) -> None:
    stub = get(network, f"{COUNTY}/").text
    target = re.search(r'location\.replace\("([^"]+)"\)', stub)
    assert target is not None
    frames = get(network, COUNTY + target[1]).text
    assert "<frameset" in frames
    main = get(network, f"{COUNTY}/portal/main.html").text
    assert re.search(r'<iframe src="/xxgk/index\.aspx"', main)


def test_the_county_s_column_is_in_iframes_one_of_which_a_script_fills(network: Network) -> None:
    column = get(network, f"{COUNTY}/xxgk/nianbao.aspx").text
    assert 'src="about:blank" data-src="year_list.aspx?dept=1"' in column
    assert 'src="year_list.aspx?dept=2"' in column
    second = get(network, f"{COUNTY}/xxgk/year_list.aspx?dept=1&page=2").text
    assert "year_details.aspx?dept=1&amp;id=" in second
    assert second != get(network, f"{COUNTY}/xxgk/year_list.aspx?dept=1").text


def test_an_address_is_known_by_its_whole_query_in_any_order(network: Network) -> None:
    newest = reports_of(bodies()[0])[0]
    (twin,) = newest.duplicates
    assert urlsplit(twin).query != urlsplit(newest.url).query
    assert get(network, twin).content == get(network, newest.url).content
    assert get(network, newest.url.partition("?")[0]).status_code == 404


@pytest.mark.parametrize(
    ("pattern", "at_least"),
    [
        (r"/xxgk/year_details\.aspx\?dept=\d+&id=\d+$", 50),
        (r"/Content-\d+\.html$", 20),
        (r"/ndbg/\d+/index\.html$", 20),
        (r"/zfxxgk/\d{19}\.html$", 60),
    ],
)
def test_addresses_have_the_shapes_of_the_long_tail(pattern: str, at_least: int) -> None:
    assert sum(bool(re.search(pattern, report.url)) for report in truth()) >= at_least


def test_the_townships_list_is_numbered(network: Network) -> None:
    pages = [url for url in reached() if re.search(r"/zfxxgk/\d{19}/\d+\.html$", url)]
    assert sorted(url.rpartition("/")[2] for url in pages) == [f"{n}.html" for n in range(1, len(pages) + 1)]
    assert "下一页" not in get(network, pages[0]).text


def test_titles_have_chinese_numerals_or_no_year() -> None:
    titles = [body.title(year) for body in bodies() for year in body.years]
    assert any("二〇〇九年" in title for title in titles)
    assert sum(not re.search(r"[12〇一二]\S{0,3}年", title.partition("政府信息")[0]) for title in titles) > 5


@pytest.mark.parametrize(
    ("suffix", "magic"), [("pdf", b"%PDF-"), ("doc", b"\xd0\xcf"), ("docx", b"PK"), ("xls", b"\xd0\xcf")]
)
def test_reports_are_in_files_alone(network: Network, suffix: str, magic: bytes) -> None:
    found = [r for r in ended("ok", suffix) if r.attachments]
    assert any(get(network, r.attachments[0]).content.startswith(magic) for r in found)
    assert any("见附件" in get(network, r.url).text for r in found)


def test_tables_are_in_pictures_and_in_a_file_beside_the_text(network: Network) -> None:
    for suffix in ("png", "xls"):
        report = next(r for r in ended("ok", suffix) if "tables" in r.trap)
        page = get(network, report.url).text
        assert "<table" not in page.partition("tdContent")[2]
        assert str(report.year) in page
    assert get(network, ended("ok", "png")[0].attachments[0]).content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("fault", "status", "sign", "robots"),
    [
        ("rivers", 412, "$_ts", 412),
        ("jiasule", 521, "__jsl_clearance", 521),
        ("forbidden", 403, "您的访问被阻断", 404),
        ("acw", 200, "acw_sc__v2", 404),
        ("shell", 200, "{{ title }}", 404),
        ("down", 503, "", 404),
    ],
)
def test_walls_answer_alike_everywhere(
    network: Network, fault: str, status: int, sign: str, robots: int
) -> None:
    body = body_with(fault)
    for url in (f"http://{body.host}/", reports_of(body)[0].url):
        answer = get(network, url)
        assert answer.status_code == status
        assert sign in answer.text
    assert get(network, f"http://{body.host}/robots.txt").status_code == robots


def test_walls_stand_on_separate_addresses(network: Network) -> None:
    walled = LongTail().walled
    assert len({network.resolve[host] for host in walled}) == len(walled) == 5


def test_an_address_joined_from_pieces_is_nowhere_written(network: Network) -> None:
    report = reports_of(body_with("joined"))[0]
    stub = get(network, report.url).text
    assert "seen=1" not in stub
    assert "泽川" not in stub
    assert "泽川" in get(network, f"{report.url}?seen=1").text


def test_a_meta_refresh_leads_to_the_home_page(network: Network) -> None:
    home = f"http://{body_with('refresh').host}/"
    target = re.search(r"(?i)http-equiv=\"refresh\" content=\"0; URL='([^']+)'", get(network, home).text)
    assert target is not None
    assert "政府信息公开年报" in get(network, urljoin(home, target[1])).text


def test_missing_pages_are_answered_with_200(network: Network) -> None:
    lost = [report for report in truth() if report.outcome == "soft404"]
    unheard = f"http://{body_with('soft').host}/never/heard-of.html"
    answers = [get(network, url) for url in [*(report.url for report in lost), unheard]]
    assert lost
    assert {answer.status_code for answer in answers} == {200}
    assert all("页面不存在" in answer.text for answer in answers)


def test_an_expired_certificate_has_an_http_twin(network: Network) -> None:
    report = reports_of(body_with("expired"))[0]
    assert report.outcome == "ok"
    with pytest.raises(httpx.ConnectError, match="expired"):
        get(network, report.url, trusting())
    (twin,) = report.duplicates
    assert twin == report.url.replace("https", "http")
    assert str(report.year) in get(network, twin).text


def test_a_self_signed_certificate_has_none(network: Network) -> None:
    report = reports_of(body_with("self_signed"))[0]
    with pytest.raises(httpx.ConnectError, match="self-signed certificate"):
        get(network, report.url)
    back = get(network, report.url.replace("https", "http"))
    assert (back.status_code, back.headers["Location"]) == (301, report.url)
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    assert str(report.year) in get(network, report.url, unverified).text


def test_weak_keys_are_refused_unless_a_client_allows_them(network: Network) -> None:
    report = reports_of(body_with("weak"))[0]
    with pytest.raises(httpx.ConnectError, match="DH_KEY_TOO_SMALL"):
        get(network, report.url, trusting())
    for ciphers in ("DEFAULT:@SECLEVEL=1", "DEFAULT:!DH:@SECLEVEL=1"):
        assert str(report.year) in get(network, report.url, trusting(ciphers)).text
    strange = ssl.create_default_context()
    strange.set_ciphers("DEFAULT:@SECLEVEL=1")
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        get(network, report.url, strange)


def test_a_host_that_is_hurried_asks_for_a_pause_once() -> None:
    reports = reports_of(body_with("hurried"))
    with serving(LongTail().sites()) as network:
        answers = [get(network, report.url) for report in (reports[0], reports[1], reports[1], reports[2])]
    assert [answer.status_code for answer in answers] == [200, 429, 200, 200]
    assert answers[1].headers["Retry-After"] == str(faults.RETRY_AFTER)


def test_an_endless_page_outlasts_a_client_but_not_its_server() -> None:
    url = reports_of(body_with("endless"))[0].url
    before = threading.active_count()
    with serving(LongTail().sites()) as network:
        started = time.monotonic()
        host, _, port = network.resolve[urlsplit(url).netloc].partition(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode())
            got = b""
            while time.monotonic() - started < 1.2:
                got += connection.recv(4096)
            promised = int(got.lower().partition(b"content-length:")[2].split()[0])
    assert 1024 < len(got) < promised / 10
    assert promised / 1024 * faults.DRIP == pytest.approx(faults.DRIP_LASTS)
    for _ in range(100):
        if threading.active_count() <= before:
            break
        time.sleep(0.02)
    assert threading.active_count() <= before


def test_connections_are_reset(network: Network) -> None:
    url = reports_of(body_with("reset"))[0].url
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        get(network, url)
    assert get(network, urljoin(url, "/robots.txt")).status_code == 404


def test_a_dead_host_has_no_address_and_a_notice(network: Network) -> None:
    lost = [report for report in truth() if report.outcome == "dns"]
    host = urlsplit(lost[0].url).netloc
    assert host not in network.resolve
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(host, 80)
    notices = [url for url in reached() if "notice.aspx" in url]
    assert len(notices) == 1
    notice = get(network, notices[0]).text
    assert host in notice
    assert "已于2017年11月30日关闭" in notice
    assert any(link in notice for link in reached() if "/1.html" in link)


def test_the_clone_is_linked_and_lies_outside_of_gov_cn(network: Network) -> None:
    (host,) = LongTail().foreign
    assert not host.endswith((".gov.cn", ".gov.cn.test"))
    (report,) = (report for report in truth() if report.outcome == "out_of_scope")
    assert urlsplit(report.url).netloc == host
    assert report.publisher in get(network, report.url).text
    copied = reports_of(bodies()[0])[0].publisher
    assert copied in get(network, f"http://{host}/").text


def test_robots_txt_forbids_a_part_of_the_county_s_host(network: Network) -> None:
    robots = Protego.parse(get(network, f"{COUNTY}/robots.txt").text)
    here = [url for url in LongTail().untouchable if url.startswith(COUNTY)]
    assert here
    assert not any(robots.can_fetch(url, AGENT) for url in here)
    assert all(robots.can_fetch(r.url, AGENT) for r in truth() if r.outcome == "ok")


def test_robots_txt_is_a_page_or_out_of_order(network: Network) -> None:
    page = get(network, f"http://{body_with('robots_html').host}/robots.txt")
    assert (page.status_code, page.text.lstrip()[:1]) == (200, "<")
    closed = body_with("robots_down")
    assert get(network, f"http://{closed.host}/robots.txt").status_code == 503
    assert {report.url for report in reports_of(closed)} <= LongTail().untouchable


def test_a_home_page_of_14_mb_has_its_links_at_the_end(network: Network) -> None:
    home = get(network, f"http://{body_with('huge_home').host}/").content
    assert faults.HUGE_PAGE <= len(home) < faults.HUGE_PAGE + 5000
    assert home.index(b"ndbg/index.html") > faults.HUGE_PAGE


def test_a_file_of_62_mb_is_only_promised(network: Network) -> None:
    (report,) = ended("too_large", "pdf")
    url = report.attachments[0]
    host, _, port = network.resolve[urlsplit(url).netloc].partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        asked = f"GET {urlsplit(url).path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n"
        connection.sendall(asked.encode())
        got = b"".join(iter(lambda: connection.recv(4096), b""))
    assert f"Content-Length: {faults.HUGE_FILE}".encode() in got
    assert len(got) < 1000


def test_gbk_that_nobody_declares(network: Network) -> None:
    answer = get(network, reports_of(body_with("undeclared"))[0].url)
    assert "charset" not in answer.headers["Content-Type"]
    assert b"charset" not in answer.content
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()
    assert "档案局" in answer.content.decode("gb18030")


def test_files_that_hold_no_document(network: Network) -> None:
    for suffix, magic in (("rar", b"Rar!"), ("mp4", b"\0\0\0\x18ftyp")):
        (report,) = ended("bad_type", suffix)
        assert get(network, report.attachments[0]).content.startswith(magic)


def test_pages_that_are_gone_or_run_in_a_circle(network: Network) -> None:
    assert {get(network, r.url).status_code for r in truth() if r.outcome == "gone"} == {404, 410}
    (report,) = (report for report in truth() if report.outcome == "redirect")
    there = urljoin(report.url, get(network, report.url).headers["Location"])
    assert there != report.url
    assert urljoin(there, get(network, there).headers["Location"]) == report.url


def test_every_report_that_can_t_be_had_is_linked_so_that_its_gap_can_be_named() -> None:
    linked = frozenset().union(*reached().values())
    for report in truth():
        assert report.addresses & linked, report


def test_every_fault_is_somebody_s() -> None:
    assert {body.fault for body in bodies()} == set(FAULTS)
    outcomes = {report.outcome for report in truth()}
    assert outcomes >= {"ok", "redirect", "soft404", "gone", "blocked", "js_only", "tls_invalid", "dns"}
    assert outcomes >= {"timeout", "deferred", "robots", "out_of_scope", "too_large", "bad_type"}


def test_a_shell_has_no_text_to_read(network: Network) -> None:
    for fault in ("shell", "joined"):
        document = read_document(get(network, reports_of(body_with(fault))[0].url).content, fault)
        assert not re.search(r"泽川|\d{4}年", "".join(document.lines()))


def test_counties_on_one_platform_share_an_address_and_one_has_a_wall() -> None:
    portals = faults.shared_platform()
    with serving([site for portal in portals for site in portal.sites()]) as network:
        assert len(set(network.resolve.values())) == 1
        statuses = [get(network, portal.home).status_code for portal in portals]
        reports = [report for portal in portals for report in portal.truth() if report.outcome == "ok"]
        assert all(get(network, report.url).status_code == 200 for report in reports)
    assert statuses == [200, 412, 200]
    assert len(network.most_at_once) == 1


def test_a_host_asks_for_a_pause_between_requests() -> None:
    portal = faults.crawl_delay()
    with serving(portal.sites()) as network:
        robots = Protego.parse(get(network, f"{portal.home}robots.txt").text)
        assert all(get(network, report.url).status_code == 200 for report in portal.truth())
    assert robots.crawl_delay(AGENT) == faults.CRAWL_DELAY
