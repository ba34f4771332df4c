"""Portal 8: a county of the long tail, with frames, ASP lists and many hosts, each with its own fault.

`longtail.toml` says who publishes where and what is amiss; `faults.py` has the faults of whole hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from portals.faults import FAULTS
from portals.longtail_bodies import bodies, settings
from portals.longtail_county import County
from portals.truth import Report
from portals.visiting import Ask, text_of
from portals.web import Answer, Portal, Site


class LongTail(Portal):
    """The county. ``tls``, ``delay``, ``hours`` and ``hosts`` are what a registry's entry would say."""

    name = "longtail"
    county_code = "990208"
    county = "泽川县"
    home = "http://www.zechuan.gov.cn.test/"
    hosts: tuple[str, ...] = ()
    tls = "verify"
    delay = 0.0
    hours = ""

    def sites(self) -> list[Site]:
        return County().sites

    def truth(self) -> list[Report]:
        return [report for desk in County().desks for report in desk.reports]

    def decoys(self) -> frozenset[str]:
        county = County()
        return frozenset([*county.guides, *(url for desk in county.desks for url in desk.decoys)])

    @property
    def walled(self) -> frozenset[str]:
        """Hosts that refuse robots: besides robots.txt only one page of each may be asked for."""
        return frozenset(body.host for body in bodies() if FAULTS[body.fault].outcome == "blocked")

    @property
    def untouchable(self) -> frozenset[str]:
        """Addresses that may not be asked for at all: robots.txt says so."""
        return frozenset(report.url for report in self.truth() if report.outcome == "robots")

    @property
    def foreign(self) -> frozenset[str]:
        """Hosts that a crawler of the county has no business on."""
        return frozenset([settings()["clone"]])

    @staticmethod
    def follow(url: str, answer: Answer) -> Iterator[Ask]:
        """What a browser opens without a click, and the http pages of hosts whose https is broken."""
        text = text_of(answer)
        for pattern in (r'location\.replace\("([^"]+)"\)', r"URL='([^']+)'", r'data-src="([^"]+)"'):
            for target in re.findall(pattern, text):
                yield Ask(urljoin(url, target))
