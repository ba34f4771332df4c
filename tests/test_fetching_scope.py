"""Where the fetcher goes, and where never: the scope of a portal, and addresses of the network."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetching import HOME, HOST, QUICK, TEXT, Pages, fetch, manner, page, sent_to
from portals.web import Answer, serving
from scraper import fetching
from scraper.archive import Archive
from scraper.fetching import Fetcher, Scope
from scraper.fetching.resolving import Resolver, forbidden
from scraper.fetching.scope import is_government, platform_of
from scraper.forms.identity import is_government_host

# --- scope ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("home", "url", "within"),
    [
        ("http://www.x.gov.cn/", "https://fgj.x.gov.cn/a", True),
        ("http://www.x.gov.cn/index.html", "http://x.gov.cn:8080/a", True),
        ("http://x.gov.cn", "http://www.x.gov.cn/", True),
        ("http://www.x.gov.cn/", "http://www.yx.gov.cn/", False),
        ("http://www.x.gov.cn/", "http://www.x.gov.cn.evil.com/", False),
        ("http://www.x.gov.cn/", "ftp://www.x.gov.cn/", False),
        ("http://www.x.gov.cn/", "http://www.x.gov.cn@evil.com/", False),
        ("http://www.x.gov.cn/", "http://user@www.x.gov.cn/", False),
        ("http://www.x.gov.cn/", "javascript:alert(1)", False),
        ("http://www.x.gov.cn/", "http://[1::/", False),
        ("http://www.x.gov.cn/", "http://www.x.gov.cn:99999/", False),
        # A county on its prefecture's domain has no business with its sisters.
        ("http://x.harbin.gov.cn/", "http://fgj.x.harbin.gov.cn/", True),
        ("http://x.harbin.gov.cn/", "http://y.harbin.gov.cn/", False),
        ("http://x.harbin.gov.cn/", "http://www.harbin.gov.cn/", False),
        # Nor has one in a directory of its prefecture's host.
        ("http://www.wenzhou.gov.cn/yongjia/", "http://www.wenzhou.gov.cn/yongjia/a.html", True),
        ("http://www.wenzhou.gov.cn/yongjia/", "http://wenzhou.gov.cn/yongjia/a.html", True),
        ("http://www.wenzhou.gov.cn/yongjia/", "http://fgw.wenzhou.gov.cn/", False),
        # What the registry names is allowed, whatever it is.
        ("http://1.25.240.11:8082/", "http://1.25.240.11:8082/a", True),
        ("http://1.25.240.11:8082/", "http://1.25.240.12/", False),
    ],
)
def test_the_scope_of_a_portal(home: str, url: str, *, within: bool) -> None:
    assert Scope(home).permits(url) is within


def test_the_registry_s_other_hosts_and_lists_are_in_scope_and_government_s_are_let_in() -> None:
    scope = Scope(
        "http://x.harbin.gov.cn/", ["http://www.harbin.gov.cn/x/list.html"], ["1.2.3.4:81", "xxgk.y.gov.cn"]
    )
    assert scope.permits("http://www.harbin.gov.cn/x/list_1.html")
    assert scope.permits("http://1.2.3.4:81/")
    assert scope.permits("https://xxgk.y.gov.cn/")
    assert scope.admit("fgj.harbin.gov.cn")
    assert scope.permits("http://fgj.harbin.gov.cn/")
    assert not scope.admit("fgj-harbin.gov.cn.bt8.net")
    assert not scope.permits("http://fgj-harbin.gov.cn.bt8.net/")


def test_the_domain_that_a_government_registered() -> None:
    assert platform_of("www.x.harbin.gov.cn") == platform_of("harbin.gov.cn") == "harbin.gov.cn"
    assert platform_of("xx.fujian.gov.cn.test") == "fujian.gov.cn.test"
    assert platform_of("1.2.3.4") == platform_of("www.example.com") == ""


@given(st.from_regex(r"([a-z]{1,9}\.){1,3}(gov\.cn|gov\.cn\.test|com|gov\.cn\.net|cn)", fullmatch=True))
def test_whose_host_is_a_government_s_is_said_alike_where_reports_are_read(host: str) -> None:
    assert is_government(host) == is_government_host(host)


def test_a_redirect_leaves_the_scope_unentered(tmp_path: Path) -> None:
    elsewhere = Pages({"/": page()}, "www.y.gov.cn.test", "clone.bt8.test")
    site = Pages(
        {"/a.html": sent_to("http://www.y.gov.cn.test/"), "/b.html": sent_to("http://clone.bt8.test/")}
    )
    run = fetch(tmp_path, [site, elsewhere], "/a.html", "/b.html", "http://www.y.gov.cn.test/")
    assert run.outcomes == ["out_of_scope"] * 3
    assert {request.host for request in run.network.log} == {HOST}
    assert "www.y.gov.cn.test" in run.fetched[0].detail


def test_robots_txt_of_a_redirect_s_target_is_obeyed(tmp_path: Path) -> None:
    rules = Answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
    site = Pages({"/a.html": sent_to("http://fgj.x.gov.cn.test/b.html")})
    other = Pages({"/robots.txt": rules, "/b.html": page()}, "fgj.x.gov.cn.test")
    run = fetch(tmp_path, [site, other], "/a.html")
    assert run.outcomes == ["robots"]
    assert run.asked == [f"{HOST}/a.html"]


# --- addresses -----------------------------------------------------------------------------------------

NEVER = [
    "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "192.0.2.1", "198.18.0.1", "fe80::1", "fc00::1", "ff02::1", "::", "::ffff:10.0.0.1",
    "::ffff:192.168.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:db8::1", "100::1",
]  # fmt: skip


@pytest.mark.parametrize("address", [*NEVER, "127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_addresses_that_are_not_connected_to(address: str) -> None:
    assert forbidden(address, loopback=False)
    assert bool(forbidden(address, loopback=True)) is (address in NEVER)


@pytest.mark.parametrize("address", ["1.25.240.11", "8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet(address: str) -> None:
    assert not forbidden(address, loopback=False)


def test_addresses_are_given_for_a_host_or_for_one_of_its_ports() -> None:
    given = {
        "x.gov.cn.test": "127.0.0.1:8080",
        "X.gov.cn.test:443": "127.0.0.1:8443",
        "y.gov.cn.test": "[::1]:81",
    }
    resolver = Resolver(given, 1)

    async def place(host: str, port: int) -> tuple[str, int, str]:
        found = await resolver.place(host, port, loopback=True)
        return found.address, found.port, found.queue

    assert asyncio.run(place("x.gov.cn.test", 80)) == ("127.0.0.1", 8080, "address 127.0.0.1:8080")
    assert asyncio.run(place("x.gov.cn.test", 443)) == ("127.0.0.1", 8443, "address 127.0.0.1:8443")
    assert asyncio.run(place("y.gov.cn.test", 443)) == ("::1", 81, "address ::1:81")
    assert asyncio.run(place("1.25.240.11", 8082)) == ("1.25.240.11", 8082, "address 1.25.240.11")


def test_a_private_address_is_refused_whoever_names_it(tmp_path: Path) -> None:
    site = Pages({"/a.html": sent_to("http://inner.x.gov.cn.test/a"), "/b.html": sent_to("http://10.9.8.7/")})
    resolve = {"inner.x.gov.cn.test": "10.9.8.7:80", "meta.x.gov.cn.test": "169.254.169.254:80"}
    how = manner(HOME, "10.9.8.7")
    wanted = ("/a.html", "/b.html", "http://meta.x.gov.cn.test/", "http://10.9.8.7/")
    run = fetch(tmp_path, [site], *wanted, how=how, resolve=resolve)
    assert run.outcomes == ["out_of_scope"] * 4
    assert all("10.9.8.7" in each.detail or "169.254.169.254" in each.detail for each in run.fetched)


def test_this_machine_is_entered_only_where_the_registry_says_so(tmp_path: Path) -> None:
    run = fetch(
        tmp_path,
        [Pages({"/": page()})],
        "/",
        "http://127.0.0.1/",
        "http://[::1]/",
        how=manner(loopback=False),
    )
    assert run.outcomes == ["out_of_scope"] * 3
    assert run.network.log == []
    allowed = manner(HOME, "127.0.0.1", loopback=False)
    assert fetch(tmp_path, [], "http://127.0.0.1/", how=allowed).outcomes == ["out_of_scope"]


def test_a_name_that_changes_its_address_gains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the address that was checked is the one that is connected to, and no other."""
    looked_up = []

    def change(host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        address = "127.0.0.1" if len(looked_up) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("socket.getaddrinfo", change)
    closing = page(TEXT, 200, ("Connection", "close"))
    site = Pages({"/a.html": closing, "/b.html": closing}, "www.rebound.gov.cn")
    with serving([site]) as network, Archive(tmp_path, writing=True) as archive:
        port = network.resolve["www.rebound.gov.cn"].rpartition(":")[2]
        home = f"http://www.rebound.gov.cn:{port}/"
        outcomes = asyncio.run(_outcomes(archive, home, "a.html", "b.html"))
    assert outcomes == ["ok", "ok"]
    assert looked_up == ["www.rebound.gov.cn"]
    assert [request.headers["host"] for request in network.log] == [f"www.rebound.gov.cn:{port}"] * 3


async def _outcomes(archive: Archive, home: str, *names: str) -> list[str]:
    async with Fetcher(archive, QUICK) as fetcher:
        how = manner(home)
        return [(await fetcher.fetch(fetching.Request(home + name), how)).outcome for name in names]


def test_names_that_exist_nowhere_are_not_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: pytest.fail("looked up"))
    run = fetch(tmp_path, [Pages({})], "http://dead.x.gov.cn.test/", "http://dead.x.gov.cn.test/b")
    assert run.outcomes == ["dns", "dns"]


def test_a_name_that_the_dns_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    run = fetch(tmp_path, [], "http://www.nowhere.gov.cn/", how=manner("http://www.nowhere.gov.cn/"))
    assert run.outcomes == ["dns"]
    assert "not known" in run.fetched[0].detail
