"""The portals of the invented nation, served by the portal simulator: the reports that its archive has.

A county's home page leads to its disclosure page, that to a list of reports for each body, and the lists to
the reports at the addresses that they have in the archive, with the same bytes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.nation import County, Report, Style, noted_errors, portal_of, reports

from portals.reports import Organ, title
from portals.web import NOT_FOUND, Answer, Request, Site, serving
from scraper.portals import write_registry

_DISCLOSURE, _LISTS = "/zfxxgk/", "/zfxxgk/nb/"
_HEADING = "政府信息公开年报"


class CountySite(Site):
    """A county's portal."""

    def __init__(self, county: County, published: Sequence[Report]) -> None:
        self.hosts = (county.host,)
        self._pages = {
            "/": _page(f"{county.name}人民政府", [(_DISCLOSURE, "政府信息公开")]),
            _DISCLOSURE: _page(
                "政府信息公开", [(f"{_LISTS}{body.slug}/", _named(body)) for body in county.bodies]
            ),
        }
        for body in county.bodies:
            lines = [(_path(one), title(body, one.year)) for one in published if one.organ == body]
            self._pages[f"{_LISTS}{body.slug}/"] = _page(_named(body), lines)
        self._pages |= {_path(one): Answer(one.body, content_type=one.mime) for one in published}

    def answer(self, request: Request) -> Answer:
        """A page of the portal, or a report."""
        return self._pages.get(request.path, NOT_FOUND)


def serve(nation: Sequence[County], years: Sequence[int], style: Style, out: Path, seconds: float) -> None:
    """Serves the nation on loopback; prints the command that crawls it into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    write_registry(out / "portals.toml", [portal_of(county, served=True) for county in nation])
    sites = []
    with noted_errors(out) as note:
        for county in nation:
            published = list(reports(county, years, style))
            for report in published:
                note(report)
            sites.append(CountySite(county, published))
    with serving(sites) as network:
        reached = " ".join(f"--resolve {host}={address}" for host, address in network.resolve.items())
        print(f"nianbao crawl --data {out} {reached}", flush=True)
        try:
            time.sleep(seconds)
        except KeyboardInterrupt:
            return


def _named(body: Organ) -> str:
    return f"{body.name}{_HEADING}"


def _path(report: Report) -> str:
    return f"/{report.url.split('/', 3)[3]}"


def _page(heading: str, links: Sequence[tuple[str, str]]) -> Answer:
    lines = "".join(f'<li><a href="{path}">{words}</a></li>' for path, words in links)
    body = f"<h1>{heading}</h1><ul>{lines}</ul>"
    return Answer(
        f"<!DOCTYPE html><html><head><title>{heading}</title></head><body>{body}</body></html>".encode()
    )
