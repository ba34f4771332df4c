"""Which addresses a portal's crawl may enter."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit


class Scope:
    """The addresses that belong to one portal.

    ``home``, ``lists`` and ``hosts`` are those of the registry. Their hosts are in scope, with and without
    ``www.``, whatever their ending, and so are those that :meth:`admit` lets in, which must be
    government's. Which others are depends on where the county lives:

    - Its home is the first page of a domain of its own (``www.x.gov.cn/``): every host of ``x.gov.cn``,
      for departments and townships publish there.
    - Its home lies on the domain of its prefecture or province (``x.harbin.gov.cn/``): the hosts below
      that one, ``fgj.x.harbin.gov.cn``. The sister counties' are not.
    - Its home is a directory of somebody else's host (``www.wenzhou.gov.cn/yongjia/``): no others.
    """

    def __init__(self, home: str, lists: Iterable[str] = (), hosts: Iterable[str] = ()) -> None:
        first = urlsplit(home)
        named = [host_of(first), *(host_of(urlsplit(url)) for url in lists)]
        named += [host_of(urlsplit(host if "//" in host else f"//{host}")) for host in hosts]
        self._hosts = {name for host in named if host for name in (host, _twin(host))}
        self._below = _below(first)

    def permits(self, url: str) -> bool:
        """Whether ``url`` may be fetched."""
        try:
            parts = urlsplit(url)
            host = host_of(parts)
            if parts.port == 0:
                return False
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            return False
        return host in self._hosts or bool(self._below and host.endswith(self._below))

    def owns(self, platform: str) -> bool:
        """Whether ``platform`` is the county's own domain, and not its prefecture's."""
        return self._below == f".{platform}"

    def admit(self, host: str) -> bool:
        """Lets a host in that the portal's own pages lead to; False where it is no government's."""
        host = host.lower().rstrip(".")
        if is_government(host):
            self._hosts |= {host, _twin(host)}
        return host in self._hosts


def host_of(parts: SplitResult) -> str:
    """The host of an address in lower case, without a dot at its end."""
    return (parts.hostname or "").rstrip(".")


def is_government(host: str) -> bool:
    """Whether governments publish on ``host``."""
    return host.endswith(_endings())


def is_reserved(host: str) -> bool:
    """Whether a name can't exist in the DNS."""
    return f".{host}".endswith(tuple(_facts()["reserved"]))


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "scope.toml").read_text(encoding="utf-8"))


@cache
def _endings() -> tuple[str, ...]:
    return tuple(_facts()["government"])


@cache
def first_page() -> re.Pattern[str]:
    """The paths of a site's first page, in lower case."""
    return re.compile(_facts()["first_page"])


def platform_of(host: str) -> str:
    """The domain that a government registered below ``.gov.cn``: of ``www.x.harbin.gov.cn``,
    ``harbin.gov.cn``. Its hosts mostly stand behind one firewall. Empty for other hosts.
    """
    for ending in _endings():
        if host.endswith(ending):
            return host[: -len(ending)].rpartition(".")[2] + ending
    return ""


def _below(home: SplitResult) -> str:
    """The ending of hosts in scope besides the named ones; empty where there are none."""
    host = host_of(home)
    platform = platform_of(host)
    if not platform or home.query or not first_page().fullmatch(home.path.lower()):
        return ""
    return "." + host.removeprefix("www.")


def _twin(host: str) -> str:
    """The host with ``www.`` or without; an address of the network has no twin."""
    try:
        ip_address(host)
    except ValueError:
        return host[4:] if host.startswith("www.") else f"www.{host}"
    return host
