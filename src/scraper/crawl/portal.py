"""One portal's crawl: from its home page and known lists to every report, best leads first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import urljoin, urlsplit

from scraper.archive import Archive
from scraper.crawl.found import Gap, PortalCrawl, Step
from scraper.crawl.frontier import Frontier, Waiting
from scraper.crawl.lists import follow
from scraper.crawl.reports import Reports
from scraper.crawl.visit import Visit
from scraper.fetching import Expects, Fetched, Fetcher, Manner, Outcome, Request
from scraper.forms.identity import names_report
from scraper.portals import Portal
from scraper.portals.addresses import path_below, same_as
from scraper.portals.families import Family, families
from scraper.portals.files import files_of, is_file, pictures_of, titles_in_zip
from scraper.portals.lead import Lead, lead_to
from scraper.portals.page import Link, Page, page_of
from scraper.portals.pagers import continuations, leads_on
from scraper.portals.recognition import (
    Recognised,
    is_empty,
    moved_addresses,
    recognise,
)
from scraper.portals.signs import Judgement, Reason, Role, judge
from scraper.portals.wording import wording

_HAS_PAGE = ("ok", "not_modified")
_START_POINTS = 100
_QUOTED_POINTS = 55
# What stands in a frame is what its page is.
_FRAME_POINTS = 60
# Other hosts that a home page may lead to for its disclosure pages.
_MOST_HOSTS = 2
# A page with so many links to reports is a list, whatever the link to it said.
_LIST_LINKS = 3

Event = Callable[[str, dict[str, Any]], None]
"""Told what happened: a word for it and its particulars."""


class PortalCrawler:
    """Crawls ``portal``.

    ``newest`` is the newest WARC file when the run began; ``without`` names families whose adapters are not
    to be used.
    """

    def __init__(
        self,
        portal: Portal,
        archive: Archive,
        fetcher: Fetcher,
        *,
        newest: str,
        event: Event,
        explain: bool = False,
        without: Iterable[str] = (),
    ) -> None:
        self._portal = portal
        self._fetcher = fetcher
        self._manner = Manner.of(portal)
        self._visit = Visit(archive, portal, newest)
        self._event = event
        self._explain = explain
        self._families = {name: one for name, one in families().items() if name not in set(without)}
        self._frontier = Frontier()
        self._reports = Reports(portal, self._visit)
        self._at: Waiting = Waiting(Lead(portal.home, "home"))
        self._folders: dict[str, str] = {}
        self.found = PortalCrawl(portal)
        self.steps: list[Step] = []

    async def run(self) -> PortalCrawl:
        """Looks at everything that leads on, then at reports of the last visit that nothing leads to."""
        start = (Reason("place", "registry", _START_POINTS),)
        for address in self._portal.lists:
            self._frontier.offer(Waiting(Lead(address, "list", "", start)))
        self._frontier.offer(Waiting(Lead(self._portal.home, "home", "", start)))
        await self._work()
        if not self.found.lists and not self._reports.found:
            self._guess()
            await self._work()
        for address in self._visit.known:
            self._frontier.offer(Waiting(Lead(address, "report", "", (Reason("place", "visit", 1),))))
        await self._work()
        self.found.reports = self._reports.found
        self._visit.end(self._reports.addresses)
        getattr(self._fetcher, "release", lambda _: None)(self._manner)
        return self.found

    async def _work(self) -> None:
        while waiting := self._frontier.pop():
            self._at = waiting
            if waiting.lead.role == "file":
                await self._take_file(waiting.lead, waiting.referer)
            else:
                await self._look(waiting)

    def _guess(self) -> None:
        """The host's site maps and addresses that many portals have, where the home page leads to nothing."""
        home = self._portal.home
        for url in self._fetcher.sitemaps(urlsplit(home).hostname or ""):
            lead = Lead(url, "sitemap", "", (Reason("place", "robots.txt", 1),), is_reply=True, guess=True)
            self._frontier.offer(Waiting(lead, home, 1))
        for path in wording()["address"]["guesses"]:
            lead = Lead(urljoin(home, path), "hub", "", (Reason("address", path, 1),), guess=True)
            self._frontier.offer(Waiting(lead, home, 1))

    async def _look(self, waiting: Waiting) -> None:
        lead = waiting.lead
        page, fetched = await self._open(lead, waiting.referer)
        if page is None or fetched is None:
            return
        seen_as = await self._recognise(page, fetched, lead)
        self._note(lead, fetched, seen_as)
        if lead.role in ("home", "hub"):
            self._offer_moved(page)
        if seen_as in ("report", "files") and lead.role == "report":
            return
        role = self._role_of(page, lead)
        if role is None:
            return
        # The files of a report are its own; those of a list are reports.
        self._offer_all(page, role, files=seen_as not in ("report", "files"))
        if role in ("list", "year"):
            self.found.lists.append(await follow(page, self))

    def _role_of(self, page: Page, lead: Lead) -> Role | None:
        """What a page is by its links, whatever the link to it promised; None where nothing leads on."""
        reports = sum(names_report(link.label) for link in page.links)
        if lead.role in ("organ", "directory") and reports:
            return "list"
        if lead.role in ("report", "hub", "sitemap") and reports >= _LIST_LINKS:
            return "list"
        return None if lead.role == "report" else lead.role

    # What lists.follow asks for.

    def claim(self, lead: Lead) -> bool:
        """Whether the lead's page is one of the portal's and was not asked for yet."""
        return self._in_scope(lead.url) and self._frontier.claim(lead)

    async def open_more(self, lead: Lead, referer: str) -> Page | None:
        """A further page of the list at hand; a page with nothing on it is none."""
        page, fetched = await self._open(lead, referer)
        if page is None or fetched is None:
            return None
        self._note(lead, fetched)
        if is_empty(page) and not (lead.guess or lead.is_reply):
            self._miss(lead, "soft404", "an empty page")
            return None
        return page

    def more_of(self, page: Page) -> Iterator[Lead]:
        """What may be further pages of a list: by its links and scripts, and as its family says."""
        yield from continuations(page)
        for lead in self._family_leads(page):
            if lead.role == "more":
                yield lead

    def take(self, page: Page) -> None:
        """Offers what a further page of the list at hand leads to."""
        self._offer_all(page, "list")

    # What a page leads to.

    def _offer_all(self, page: Page, role: Role, *, files: bool = True) -> None:
        for link in page.links:
            if (role in ("list", "year") and leads_on(link, page)) or (is_file(link) and not files):
                continue
            if link.source == "frame":
                self._offer(
                    Lead(link.url, role, link.label, (Reason("place", "frame", _FRAME_POINTS),)), page
                )
                continue
            judged = judge(link, role)
            if judged is not None:
                self._offer(_lead(link, judged), page)
        for lead in self._family_leads(page):
            if lead.role != "more":
                self._offer(lead, page)

    def _offer(self, lead: Lead, page: Page) -> None:
        if not (self._in_scope(lead.url) or self._admits(lead)):
            if lead.role == "report" and lead.score >= _START_POINTS and self._frontier.claim(lead):
                self._miss(lead, "out_of_scope", urlsplit(lead.url).hostname or "")
            return
        # A list may hang on any page, but what it leads to is its own part of the portal.
        if path_below(lead.url, self._portal.home) or self._at.lead.role in ("list", "year"):
            self._frontier.offer(Waiting(lead, page.url, self._at.depth + 1))

    def _in_scope(self, url: str) -> bool:
        host, path = urlsplit(url).hostname or "", urlsplit(url).path
        return self._manner.scope.permits(url) and path.startswith(self._folders.get(host, ""))

    def _admits(self, lead: Lead) -> bool:
        """Lets a folder of another government's host in, where the home page says that its column is there.

        Many counties keep their disclosure pages on their prefecture's platform.
        """
        parts = urlsplit(lead.url)
        host = parts.hostname or ""
        says_so = any(reason.kind == "text" for reason in lead.reasons)
        if self._at.lead.role != "home" or lead.role not in ("hub", "list") or not says_so:
            return False
        if host in self._folders or len(self._folders) >= _MOST_HOSTS or not self._manner.scope.admit(host):
            return False
        self._folders[host] = parts.path.rpartition("/")[0] + "/"
        return True

    def _family_leads(self, page: Page) -> Iterator[Lead]:
        for name, family in self._families.items():
            mark = family.fingerprint(page)
            if mark is not None:
                self._bears(name, mark, family)
                yield from family.leads(page)

    def _bears(self, name: str, mark: str, family: Family) -> None:
        self.found.families.setdefault(name, mark)

    # What a page is.

    async def _recognise(self, page: Page, fetched: Fetched, lead: Lead) -> str:
        if lead.is_reply or page.data is not None:
            return ""
        known = recognise(page, lead.label)
        if known.what == "shell" and not any(self._family_leads(page)):
            self._miss(lead, "js_only", "")
            return "shell"
        if known.what == "report":
            if self._take_report(known, fetched, lead) and not known.has_tables:
                await self._take_files(page, fetched, known, lead)
            self._offer_quoted(known, page)
            return "report"
        if known.what == "cover" and lead.role == "report":
            return "files" if await self._take_files(page, fetched, known, lead) else "cover"
        return ""

    def _take_report(self, known: Recognised, fetched: Fetched, lead: Lead) -> bool:
        """Adds a report of this county; whether it is one."""
        if self._reports.is_foreign(known.identity):
            self._miss(lead, "out_of_scope", known.identity.publisher or "")
            return False
        report = self._reports.add(known, fetched, lead.label)
        self._event("report", {**asdict(report), "url": fetched.url})
        return True

    async def _take_files(self, page: Page, fetched: Fetched, known: Recognised, lead: Lead) -> bool:
        """The files of a report whose page has no tables: whether the page leads to any.

        Pictures are taken where no other file is there.
        """
        links = files_of(page) or pictures_of(page)
        for link in links:
            wanted = Lead(link.url, "file", link.label or lead.label)
            if self._in_scope(link.url) and self._frontier.claim(wanted):
                got = await self._fetch_file(wanted, page.url)
                if got is not None and not self._reports.is_foreign(known.identity):
                    self._add_file(known, fetched, got, lead.label)
        return bool(links)

    def _add_file(self, known: Recognised, page: Fetched, file: Fetched, label: str) -> None:
        """Takes a file as the page's report, or a ZIP file as the reports that its members are."""
        members = titles_in_zip(file.payload.body) if file.payload else []
        for title in members:
            member = Recognised("cover", self._reports.titled(title), digest=f"{file.url} {title}")
            self._reports.add_file(member, page, file, title)
        if not members:
            self._reports.add_file(known, page, file, label)

    async def _take_file(self, lead: Lead, referer: str) -> None:
        """A report that a list links to as a file."""
        got = await self._fetch_file(lead, referer)
        if got is None or got.payload is None:
            return
        known = Recognised("cover", self._reports.titled(lead.label))
        if got.payload.body.lstrip()[:1] == b"<":
            known = recognise(page_of(got.payload.body, got.payload.charset, got.url), lead.label)
        if not self._reports.is_foreign(known.identity):
            self._reports.add(known, got, lead.label)

    async def _fetch_file(self, lead: Lead, referer: str) -> Fetched | None:
        fetched = await self._fetch(Request(lead.url, referer=referer, expects="file"))
        self._note(lead, fetched)
        if fetched.outcome in _HAS_PAGE:
            return fetched
        self._miss(lead, fetched.outcome, fetched.detail)
        return None

    def _offer_quoted(self, known: Recognised, page: Page) -> None:
        for url in known.quoted:
            if urlsplit(url).path not in ("", "/") and same_as(url) != same_as(page.url):
                self._offer(Lead(url, "list", "", (Reason("place", "quoted", _QUOTED_POINTS),)), page)

    def _offer_moved(self, page: Page) -> None:
        """Where a notice says that the site is now."""
        for url in moved_addresses(page):
            self._offer(Lead(url, "home", "", (Reason("text", url, _QUOTED_POINTS),)), page)

    # Asking.

    async def _open(self, lead: Lead, referer: str) -> tuple[Page | None, Fetched | None]:
        method = "POST" if lead.posted else "GET"
        expects: Expects = "data" if lead.is_reply else "page"
        fetched = await self._fetch(Request(lead.url, method, lead.posted, referer, expects))
        if lead.role in ("list", "year", "more"):
            self.found.list_pages += 1
        if fetched.outcome in _HAS_PAGE and fetched.payload is not None:
            return page_of(fetched.payload.body, fetched.payload.charset, fetched.url), fetched
        self._note(lead, fetched)
        if not lead.guess:
            self._miss(lead, fetched.outcome, fetched.detail)
        return None, None

    async def _fetch(self, request: Request) -> Fetched:
        fetched = await self._fetcher.fetch(request, self._manner, since=self._visit.since)
        self.found.pages += 1
        self._event(
            "fetched",
            {
                "url": request.url,
                "outcome": fetched.outcome,
                "detail": fetched.detail,
                "from_archive": fetched.from_archive,
            },
        )
        return fetched

    def _note(self, lead: Lead, fetched: Fetched, seen_as: str = "") -> None:
        if self._explain:
            self.steps.append(Step(lead.url, lead.role, lead.label, lead.reasons, fetched.outcome, seen_as))

    def _miss(self, lead: Lead, outcome: Outcome, detail: str) -> None:
        self.found.gaps.append(Gap(lead.url, outcome, detail, lead.role, lead.label))


def _lead(link: Link, judged: Judgement) -> Lead:
    lead = lead_to(link.url, link.label, judged)
    if judged.role == "report" and is_file(link):
        return Lead(link.url, "file", link.label, judged.reasons)
    return lead
