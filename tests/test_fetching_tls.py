"""TLS as portals speak it: strict unless the registry says otherwise, and the twin that answers instead."""

from __future__ import annotations

import ssl
import warnings
from pathlib import Path

import pytest

from fetching import HOST, Pages, fetch, manner, page, sent_to
from portals import certificates

SECURE = f"https://{HOST}/a.html"


@pytest.fixture(autouse=True)
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority of the simulator is one that this machine trusts."""
    bundle = tmp_path / "authority.pem"
    bundle.write_bytes(certificates.trusted_bundle())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))


def sound(host: str = HOST) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificates.authority().issue_cert(host).configure_cert(context)
    return context


def old(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = sound()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    return context


def secure(context: ssl.SSLContext, *others: Pages) -> list[Pages]:
    return [Pages({"/a.html": page()}, tls=context), *others]


def plain(target: str = "") -> Pages:
    return Pages({"/a.html": sent_to(target) if target else page()})


def test_a_sound_certificate_is_accepted_for_the_name_that_was_asked_for(tmp_path: Path) -> None:
    run = fetch(tmp_path, secure(sound()), SECURE, SECURE)
    assert run.outcomes == ["ok", "ok"]
    assert run.network.log[0].headers["host"] == HOST


@pytest.mark.parametrize(
    ("context", "says", "cure"),
    [
        (certificates.self_signed(HOST), "self-signed", "unverified"),
        (certificates.expired(HOST), "expired", "unverified"),
        (sound("www.other.gov.cn.test"), "another host's", "unverified"),
        (certificates.weak(HOST), "too short", "legacy"),
        (old(ssl.TLSVersion.TLSv1), "older than TLS 1.2", "legacy"),
        (old(ssl.TLSVersion.TLSv1_1), "older than TLS 1.2", "legacy"),
    ],
)
def test_what_is_wrong_is_said_and_what_the_registry_could_say(
    tmp_path: Path, context: ssl.SSLContext, says: str, cure: str
) -> None:
    run = fetch(tmp_path / "strict", secure(context), SECURE, SECURE)
    assert run.outcomes == ["tls_invalid"] * 2
    assert run.network.log == []
    for each in run.fetched:
        assert says in each.detail
        assert f'tls = "{cure}"' in each.detail
    weaker = {"legacy": ["legacy", "unverified"], "unverified": ["unverified"]}[cure]
    for trust in ("legacy", "unverified"):
        how = manner(tls=trust)
        outcome = "ok" if trust in weaker else "tls_invalid"
        assert fetch(tmp_path / trust, secure(context), SECURE, how=how).outcomes == [outcome], trust


def test_the_http_twin_is_used_where_it_answers(tmp_path: Path) -> None:
    run = fetch(tmp_path, secure(certificates.expired(HOST), plain()), SECURE, SECURE)
    assert run.outcomes == ["ok", "ok"]
    assert {each.url for each in run.fetched} == {f"http://{HOST}/a.html"}
    assert "expired" in run.fetched[0].detail
    assert "expired" in run.fetched[1].detail


def test_a_twin_that_leads_back_is_none(tmp_path: Path) -> None:
    run = fetch(tmp_path, secure(certificates.expired(HOST), plain(SECURE)), SECURE, f"http://{HOST}/a.html")
    assert run.outcomes == ["tls_invalid", "tls_invalid"]
    assert {each.url for each in run.fetched} == {SECURE}
    assert all("expired" in each.detail for each in run.fetched)


def test_where_http_is_closed_https_is_tried(tmp_path: Path) -> None:
    run = fetch(
        tmp_path / "a", secure(sound()), f"http://{HOST}/a.html", resolve={f"{HOST}:80": "127.0.0.1:1"}
    )
    assert run.outcomes == ["ok"]
    assert run.fetched[0].url == SECURE
    assert "refused" in run.fetched[0].detail.lower()
    run = fetch(tmp_path / "c", secure(sound()), f"http://{HOST}/a.html")
    assert run.outcomes == ["ok"]
    nothing = {HOST: "127.0.0.1:1"}
    assert fetch(tmp_path / "b", [], f"http://{HOST}/a.html", resolve=nothing).outcomes == ["deferred"]


def test_http_and_https_that_send_to_each_other_end(tmp_path: Path) -> None:
    there = Pages({"/a.html": sent_to(f"http://{HOST}/a.html")}, tls=sound())
    run = fetch(tmp_path, [there, plain(SECURE)], SECURE)
    assert run.outcomes == ["redirect"]
    assert len(run.targets) <= 8


def test_what_is_no_tls_at_all(tmp_path: Path) -> None:
    run = fetch(tmp_path, [plain()], SECURE)
    assert run.outcomes == ["ok"]
    assert run.fetched[0].url == f"http://{HOST}/a.html"
    assert "not TLS" in run.fetched[0].detail
