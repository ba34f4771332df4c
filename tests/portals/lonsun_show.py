"""The older showList platform of a Lonsun county: its lists never end."""

from __future__ import annotations

import re
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from portals.lonsun_pages import REPORTS, file_link, show_list
from portals.published import Article, item, kept, metas, page
from portals.routes import Routed, template
from portals.web import Answer, Request

if TYPE_CHECKING:
    from portals.lonsun import Attached, Lonsun, Office

_ON_A_PAGE = 8
_PAGE = re.compile(r"/OpennessContent/showList/(?P<office>\d+)/(?P<category>\d+)/page_(?P<page>\d+)\.html")


class ShowSite(Routed):
    """The platform of a county's townships."""

    def __init__(self, portal: Lonsun) -> None:
        super().__init__(portal.show_host)
        self.portal = portal
        self.offices = {office.id: office for office in portal.listed("shown")}
        self.put("/", lambda request: page(self._framed("首页", "<p>请在左侧选择乡镇、街道。</p>")))
        for office in self.offices.values():
            for article in office.articles:
                attached = office.files.get(article.path)
                self.put(article.path, kept(article, partial(self._article, article, attached)))
                if attached:
                    self.put(attached.path, attached.answer)

    def answer(self, request: Request) -> Answer:
        asked = _PAGE.fullmatch(request.path)
        office = self.offices.get(int(asked["office"])) if asked else None
        if asked is None or office is None or asked["category"] != str(REPORTS):
            return super().answer(request)
        return page(self._list(office, int(asked["page"])))

    def _list(self, office: Office, number: int) -> str:
        """A page of the list; beyond the end it is the last one, and has a next one like every page."""
        last = max(1, -(-len(office.articles) // _ON_A_PAGE))
        shown = min(max(1, number), last) - 1
        main = template("lonsun_show_list.html").substitute(
            title=f"{office.organ.short}政府信息公开年报",
            items="\n".join(map(item, office.articles[shown * _ON_A_PAGE : (shown + 1) * _ON_A_PAGE])),
            before=f'<a href="page_{number - 1}.html">上一页</a>' if number > 1 else "",
            after=number + 1,
            last=last,
            total=len(office.articles),
        )
        return self._framed("政府信息公开年报", main)

    def _framed(self, title: str, main: str, meta: str = "") -> str:
        return template("lonsun_show_frame.html").substitute(
            title=title,
            main=main,
            meta=meta,
            county=self.portal.county,
            main_host=self.portal.host,
            tree="\n".join(
                f'<li><a href="{show_list(self.portal, office)}">{office.organ.short}</a></li>'
                for office in self.offices.values()
            ),
        )

    def _article(self, article: Article, attached: Attached | None) -> str:
        main = template("lonsun_show_article.html").substitute(
            heading=escape(article.title),
            source=article.source,
            day=article.day,
            body=article.write(),
            files=file_link(attached) if attached else "",
        )
        return self._framed(escape(article.title), main, metas(article, "政府信息公开年报"))
