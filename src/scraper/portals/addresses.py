"""Addresses as portals write them, and when two of them are the same."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scraper.portals.wording import wording

_SCHEME_TYPO = re.compile(r"^(https?)\s*[:：]?\s*/{1,3}\s*(?=[\w.-]+\.)", re.IGNORECASE)
# http://a.gov.cn/http://b.gov.cn/x is what an editor makes of an address pasted behind another.
_DOUBLED = re.compile(r"^https?://[^/?]+/(?=https?:/)", re.IGNORECASE)
_NO_ADDRESS = ("javascript:", "mailto:", "tel:", "data:", "about:", "#")
_PORTS = {"http": 80, "https": 443}


def join(base: str, written: str) -> str | None:
    """The address that ``written`` means on a page at ``base``; None where it means none.

    Editors' slips are mended: blanks, backslashes, ``http:/www``, full-width colons, ``&amp;`` kept as
    text, a dot behind the host, one address pasted behind another.
    """
    target = "".join(written.split()).replace("\\", "/").replace("&amp;", "&")
    if not target or target.lower().startswith(_NO_ADDRESS):
        return None
    target = _DOUBLED.sub("", target)
    target = _SCHEME_TYPO.sub(lambda match: f"{match[1].lower()}://", target)
    try:
        parts = urlsplit(urljoin(base, target))
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    host = parts.hostname.rstrip(".")
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


@lru_cache(maxsize=4096)
def same_as(url: str) -> str:
    """What all addresses of one page have in common: a key to compare, not an address to ask for.

    http and https are one, the order of a query doesn't matter, and fields that only say how a page is
    shown (``isMobile``) are dropped. All else of a query may be the page's identity.
    """
    parts = urlsplit(url)
    dropped = wording()["address"]["noise"]
    fields = sorted(
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in dropped
    )
    return f"{parts.netloc}{parts.path}?{urlencode(fields)}" if fields else f"{parts.netloc}{parts.path}"


def without_twin(url: str) -> str:
    """The address of the page that ``url`` shows for small screens, or ``url`` itself."""
    return re.sub(wording()["address"]["twin"], "", url)


def path_below(url: str, home: str) -> bool:
    """Whether ``url`` lies in the part of the host that ``home`` is the first page of.

    Counties that share a host have a folder each: ``http://host/xyx/``.
    """
    one, other = urlsplit(url), urlsplit(home)
    folder = other.path.rpartition("/")[0] + "/"
    return one.hostname != other.hostname or one.path.startswith(folder)


def resolve_base(base_href: str | None, url: str) -> str:
    """The address that a page's links are relative to."""
    return (join(url, base_href) if base_href else None) or url
