"""The long-tail portal's reports: their pages, the files beside them, what became of some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from portals import files
from portals.faults import FAULTS, HUGE_FILE
from portals.longtail_bodies import Body, settings
from portals.reports import Organ, body_html, decoy_html, decoy_titles, shell_html, text_sha256, title
from portals.shelf import Line, Shelf, article
from portals.truth import Outcome, Report
from portals.web import Answer


@dataclass(frozen=True)
class Style:
    """How pages look, and where they lie: ``article`` and ``column`` take the body and a number.

    ``outcome`` and ``trap`` say why pages that lie there can't be had.
    """

    page: str
    article: Callable[[Body, int], str]
    column: Callable[[Body, int], str]
    on_a_page: int = 100
    outcome: Outcome = "ok"
    trap: str = ""


@dataclass(frozen=True)
class _Format:
    """A file that holds a report: whole, or its tables alone, or in place of the page.

    ``readable`` files hold the report's own figures as text.
    """

    suffix: str
    make: Callable[[Organ, int], bytes]
    role: str = "whole"
    outcome: Outcome = "ok"
    readable: bool = False
    trap: str = ""


def _rar(organ: Organ, year: int) -> bytes:
    return b"Rar!\x1a\x07\x00\xcf\x90\x73\x00\x00\x0d\x00\x00\x00" + title(organ, year).encode() * 40


def _mp4(organ: Organ, year: int) -> bytes:
    return b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x40\x00mdat" + bytes(16_000)


def _beginning_of_pdf(organ: Organ, year: int) -> bytes:
    return b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


_FORMATS = {
    "scan": _Format("pdf", files.scan_pdf, trap="a scan without text"),
    "pdf": _Format("pdf", files.pdf, readable=True, trap="the report is a PDF"),
    "xls": _Format("xls", files.xls, trap="the report is a workbook"),
    "doc": _Format("doc", files.doc, trap="the report is a Word 97 file"),
    "docx": _Format("docx", files.docx, readable=True, trap="the report is a Word file"),
    "linked_docx": _Format("docx", files.docx, "linked", readable=True, trap="the list links to the file"),
    "table_xls": _Format("xls", files.table_html_xls, "tables", trap="the tables are in a .xls"),
    "table_png": _Format("png", files.table_png, "picture", trap="the tables are pictures"),
    "rar": _Format("rar", _rar, outcome="bad_type", trap="the report is a .rar"),
    "mp4": _Format("mp4", _mp4, outcome="bad_type", trap="the report is a film"),
    "huge_pdf": _Format("pdf", _beginning_of_pdf, outcome="too_large", trap="the file has 62 MB"),
}
_TYPES = files.TYPES | {"rar": "application/octet-stream", "mp4": "video/mp4"}
_WITH_TABLES = _Format("", files.docx, "none", readable=True)


class Desk:
    """Lays a body's reports on a host's shelf; ``reports`` and ``decoys`` say what lies there."""

    def __init__(self, shelf: Shelf, style: Style, clone: Shelf) -> None:
        self.shelf = shelf
        self.style = style
        self.reports: list[Report] = []
        self.decoys: list[str] = []
        self._clone = clone

    def lines(self, body: Body) -> list[Line]:
        """Lays the body's reports, and the decoys among them. Returns their list, the newest first."""
        dated = [(year, self._report(body, year)) for year in body.years]
        dated += [(year, line) for year in body.decoys for line in self._decoys(body, year)]
        return [line for _, line in sorted(dated, key=lambda pair: pair[0], reverse=True)]

    def _report(self, body: Body, year: int) -> Line:
        if year in body.broken:
            return self._broken(body, year)
        form = _FORMATS.get(body.files.get(year, ""), _WITH_TABLES)
        target = self.style.article(body, body.id_of(year))
        if form.role == "linked":
            url = self._attach(body, year, form)
            self._add(body, year, url, trap=form.trap)
            return Line(body.title(year), url, body.day_of(year))
        attached = () if form is _WITH_TABLES else (self._attach(body, year, form),)
        url = self.shelf.lay(target, partial(self._page, body, year, form, attached))
        self._add(body, year, url, attached, outcome=form.outcome, trap=form.trap, readable=form.readable)
        return Line(body.title(year), target, body.day_of(year))

    def _page(self, body: Body, year: int, form: _Format, attached: tuple[str, ...]) -> str:
        organ = body.organ
        link = "".join(
            f'<p>附件：<a href="{url}">{title(organ, year)}.{form.suffix}</a></p>' for url in attached
        )
        inner = (
            shell_html(organ, year) if form.role == "whole" else body_html(organ, year, tables=not attached)
        )
        if form.role == "picture":
            inner, link = inner + f'<p><img src="{attached[0]}" alt="" width="600"></p>', ""
        return article(self.style.page, body.title(year), body.day_of(year), organ.name, inner, link)

    def _attach(self, body: Body, year: int, form: _Format) -> str:
        path = f"/UploadFiles/{year + 1}/{body.number:02}/{body.id_of(year) * 17}.{form.suffix}"
        content_type = _TYPES[form.suffix]
        if form.outcome != "too_large":
            return self.shelf.lay_file(path, lambda: form.make(body.organ, year), content_type)
        # The server says how long the file is, and a client that goes on all the same gets no more.
        promised = (("Content-Length", str(HUGE_FILE)), ("Connection", "close"))
        answer = Answer(form.make(body.organ, year), content_type=content_type, headers=promised)
        self.shelf.put(path, lambda request: answer)
        return self.shelf.url(path)

    def _add(
        self,
        body: Body,
        year: int,
        url: str,
        attached: tuple[str, ...] = (),
        *,
        outcome: Outcome = "ok",
        trap: str = "",
        readable: bool = True,
    ) -> None:
        fault = FAULTS[body.fault]
        outcomes = (fault.outcome, self.style.outcome, outcome)
        ended = next((said for said in outcomes if said != "ok"), outcome)
        twin = url.replace("https:", "http:", 1)
        self.reports.append(
            Report(
                publisher=body.organ.name,
                kind=body.organ.kind,
                year=year,
                url=url,
                duplicates=(twin,) if twin != url and ended == "ok" else (),
                attachments=attached,
                text_sha256=text_sha256(body.organ, year) if ended == "ok" and readable else "",
                outcome=ended,
                trap=trap or fault.trap or self.style.trap or body.trap(year),
            )
        )

    def _broken(self, body: Body, year: int) -> Line:
        what = body.broken[year]
        number = body.id_of(year)
        target = self.style.article(body, number)
        outcome, trap = _BROKEN[what]
        url = self.shelf.url(target)
        if what == "gone":
            self.shelf.put(target, lambda request: Answer("此文已撤下".encode(), 410))
        elif what == "circle":
            other = f"{target}?from=old"
            self.shelf.put(target, lambda request: Answer(status=302, headers=[("Location", other)]))
            self.shelf.put(other, lambda request: Answer(status=302, headers=[("Location", target)]))
        elif what == "dead_host":
            url = f"http://{body.organ.slug}.{settings()['domain']}/ndbg/{number}.html"
        elif what == "clone":
            url = self._clone.lay(target, partial(self._page, body, year, _WITH_TABLES, ()))
        self._add(body, year, url, outcome=outcome, trap=trap)
        return Line(body.title(year), url, body.day_of(year))

    def _decoys(self, body: Body, year: int) -> list[Line]:
        found = []
        for number, heading in enumerate(decoy_titles(settings()["county"], year), start=1):
            target = self.style.article(body, body.id_of(year) + number * 100_000)
            write = partial(self._decoy, heading, body.day_of(year), body.organ.name)
            self.decoys.append(self.shelf.lay(target, write))
            found.append(Line(heading, target, body.day_of(year)))
        return found

    def _decoy(self, heading: str, day: str, source: str) -> str:
        return article(self.style.page, heading, day, source, decoy_html(heading))


_BROKEN: Mapping[str, tuple[Outcome, str]] = {
    "soft404": ("soft404", "a page that says with status 200 that it is missing"),
    "not_found": ("gone", "404"),
    "gone": ("gone", "410"),
    "circle": ("redirect", "two addresses that redirect to each other"),
    "dead_host": ("dns", "the host's name is no longer known; a notice says where it went"),
    "clone": ("out_of_scope", "only a copy on a host outside .gov.cn is linked"),
}
