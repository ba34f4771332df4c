"""The portals of the simulator. A new one is added with one line; see the README beside this file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portals import guangdong, hanweb, jpaas, lonsun, trs, ucap
from portals.longtail import LongTail
from portals.visiting import Ask, Follow
from portals.vsb import Vsb
from portals.web import Answer, Portal


def only_links(url: str, answer: Answer) -> tuple[Ask, ...]:
    """What leads on in a portal whose every page is linked."""
    return ()


@dataclass(frozen=True)
class Entry:
    """A portal, and what leads on in it beside written links, known from how its pages work in a browser."""

    build: Callable[[], Portal]
    follow: Follow = only_links


PORTALS: list[Entry] = [
    Entry(trs.Trs, trs.follow),
    Entry(hanweb.Hanweb, hanweb.follow),
    Entry(jpaas.Jpaas, jpaas.follow),
    Entry(ucap.Ucap, ucap.follow),
    Entry(Vsb),
    Entry(guangdong.Guangdong, guangdong.follow),
    Entry(lonsun.Lonsun, lonsun.follow),
    Entry(LongTail, LongTail.follow),
]
