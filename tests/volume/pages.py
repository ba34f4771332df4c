"""Any number of invented portals: home, disclosure page, list of several pages, and report pages.

Every address has a page of its own: the reports are a handful of bodies in which publisher and year are
replaced, which costs a server next to nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from portals.reports import Organ, body_html

ROBOTS = b"User-agent: *\nDisallow: /search/\nDisallow: /admin/\n"
LIST_PATH = "/zfxxgk/zfxxgknb/"

_COUNTY = "青禾县"
_BODIES = ("教育局", "财政局", "民政局", "水利局")
_OFFICES = (
    "人民政府 教育局 财政局 民政局 水利局 司法局 审计局 统计局 交通局 林业局 农业局 商务局 住建局 文旅局 "
    "信访局 医保局 城关镇 东河镇 西山镇 南桥镇 北塬镇 石门乡 柳树乡 白水乡 高家乡"
).split()
_FIRST_YEAR, _YEARS = 2008, 18
_LIST = re.compile(rf"{LIST_PATH}(?:index(?:_(\d+))?\.html)?")
_CONTENT = re.compile(rf"{LIST_PATH}content_(\d+)\.html")
_SYLLABLES = "平安永清金水石门龙泉东阳青云长白宁远和顺新丰玉山广德福林海"

_SMALL = 3_600
_LARGE = (40_000, 52_000, 64_000, 84_000)
_STYLE = "text-indent:32.0pt;line-height:28.0pt;mso-pagination:widow-orphan"
_SPAN = "font-family:仿宋_GB2312;mso-bidi-font-size:10.5pt"
# A cell as it is written by hand, by an editor, and as Word pastes it.
_BARE = r"<td \1>\2</td>"
_EDITED = r'<td \1 style="border:1px solid #000"><p style="text-align:center">\2</p></td>'
_PASTED = (
    r'<td \1 style="border:solid windowtext 1.0pt"><p class="MsoNormal" style="text-align:center">'
    rf'<span lang="EN-US" style="{_SPAN}">\2</span></p></td>'
)
_CELLS = (_BARE, _EDITED, _PASTED, _PASTED)
_PROSE = (
    "各单位按照条例要求做好日常公开，规范发布程序，及时更新栏目，做好解读回应。",
    "政务新媒体由专人值守，内容经三级审核后发布，定期清理失效链接和过期栏目。",
    "全年主动公开政府信息1234条，其中门户网站公开980条，政务微信公开254条。",
    "办公室组织两次业务培训，各乡镇和部门的工作人员参加，培训后逐一开展测试。",
)
_MENU = (
    "首页 走进本县 新闻动态 政务服务 互动交流 数据开放 领导之窗 机构职能 政策文件 规划计划 财政信息 重点领域 "
    "行政执法 建议提案 公示公告 人事信息 应急管理 乡村振兴 生态环境 公共资源"
).split()


@dataclass(frozen=True)
class Extent:
    """How many portals with how many reports each, ``on_page`` of them on each page of their lists.

    ``small`` pages have a report without tables, of about 5 KB with its frame; others are pages of 40 to
    90 KB with all tables, as Word pastes them.
    """

    portals: int
    reports: int
    on_page: int = 20
    small: bool = False

    @property
    def list_pages(self) -> int:
        """The pages of a portal's list."""
        return -(-self.reports // self.on_page)

    @property
    def pages(self) -> int:
        """All pages: of each portal the home, the disclosure page, the list and the reports."""
        return self.portals * (2 + self.list_pages + self.reports)


def host(number: int) -> str:
    """The host of the portal ``number``, counted from 0."""
    return f"www.c{number + 1:05}.gov.cn.test"


def county_of(number: int) -> str:
    """The name of its county."""
    first, second = divmod(number % len(_SYLLABLES) ** 2, len(_SYLLABLES))
    return f"{_SYLLABLES[first]}{_SYLLABLES[second]}县"


class Template:
    """A page with places left open, filled by joining: much cheaper than replacing in a long page."""

    def __init__(self, text: str) -> None:
        self._parts = re.split(r"@(\w+)@", text)

    def fill(self, **values: str) -> bytes:
        """The page with its places filled; those that are not named stay open."""
        parts = self._encoded.copy()
        for place in range(1, len(parts), 2):
            name = self._parts[place]
            parts[place] = values[name].encode()
        return b"".join(parts)

    @cached_property
    def _encoded(self) -> list[bytes]:
        return [part.encode() for part in self._parts]


class Pages:
    """Writes the pages of portals of the given ``extent``."""

    def __init__(self, extent: Extent) -> None:
        self._extent = extent
        menu = "".join(
            f'<li><a href="/{f"lm{place}/" if place else ""}" target="_self">{name}</a></li>'
            for place, name in enumerate(_MENU[:6] if extent.small else _MENU)
        )
        self._frame = _FRAME.replace("@menu@", menu)
        self._page = Template(self._frame)
        self._reports = [
            Template(self._frame.replace("@body@", body)) for body in _bodies(small=extent.small)
        ]

    def answer(self, number: int, path: str) -> tuple[str, bytes] | None:
        """The media type and the body at ``path`` of the portal ``number``; None where there is nothing."""
        if path == "/robots.txt":
            return "text/plain", ROBOTS
        found = _CONTENT.fullmatch(path)
        if found:
            report = int(found[1])
            return ("text/html", self._report(number, report)) if report < self._extent.reports else None
        shown = self._shown(number, path)
        if shown is None:
            return None
        title, body = shown
        county = county_of(number)
        return "text/html", self._page.fill(title=title, body=body, county=county, code=f"{number:05}")

    def _shown(self, number: int, path: str) -> tuple[str, str] | None:
        """The title and the body of a page that leads to reports."""
        if path == "/":
            return "门户网站", _entrance("/zfxxgk/", "政府信息公开")
        if path == "/zfxxgk/":
            return "政府信息公开", _entrance(LIST_PATH, "政府信息公开年报")
        found = _LIST.fullmatch(path)
        page = int(found[1] or 1) if found else 0
        if not 1 <= page <= self._extent.list_pages:
            return None
        return "政府信息公开年报", self._list(number, page)

    def _list(self, number: int, page: int) -> str:
        extent = self._extent
        first = (page - 1) * extent.on_page
        titles = {r: _title(number, r) for r in range(first, min(first + extent.on_page, extent.reports))}
        items = "".join(
            f'<li><a href="content_{report}.html" title="{title}">{title}</a><span>2024-01-31</span></li>'
            for report, title in titles.items()
        )
        # As the page before the second is the list's own address, each page has one address.
        before = "./" if page == 2 else f"index_{page - 1}.html"
        steps = [f'<a href="{before}">上一页</a>'] if page > 1 else []
        steps += [f'<a href="index_{page + 1}.html">下一页</a>'] if page < extent.list_pages else []
        return f'<ul>{items}</ul><div class="page">共{extent.reports}条 {" ".join(steps)}</div>'

    def _report(self, number: int, report: int) -> bytes:
        publisher, year = _whose(number, report)
        return self._reports[report % len(self._reports)].fill(
            title=_title(number, report),
            county=county_of(number),
            code=f"{number:05}",
            publisher=publisher,
            year=str(year),
        )


def _entrance(path: str, name: str) -> str:
    """A page with news, which nobody follows, and the way on."""
    news = (f'<li><a href="/xwzx/{day}.html">今日要闻第{day}期</a></li>' for day in range(1, 31))
    return f'<ul>{"".join(news)}</ul><div><a href="{path}">{name}</a></div>'


def _whose(number: int, report: int) -> tuple[str, int]:
    """The publisher and the year of a report; each pair comes once in a portal."""
    office, year = divmod(report, _YEARS)
    rest, kind = divmod(office, len(_OFFICES))
    return f"{county_of(number)}{f'第{rest}' if rest else ''}{_OFFICES[kind]}", _FIRST_YEAR + year


def _title(number: int, report: int) -> str:
    publisher, year = _whose(number, report)
    return f"{publisher}{year}年政府信息公开工作年度报告"


def _bodies(*, small: bool) -> list[str]:
    """The articles of reports, with the title, the publisher and the year left open."""
    if small:
        return [_filled_up(_article(body, year), _SMALL) for body in _BODIES for year in (2009, 2012)]
    return [
        _filled_up(_article(body, 2021, cell), size)
        for body, size, cell in zip(_BODIES, _LARGE, _CELLS, strict=True)
    ]


def _article(body: str, year: int, cell: str = "") -> str:
    organ = Organ(f"{_COUNTY}{body}", "department", "x")
    text = body_html(organ, year).replace(organ.name, "@publisher@").replace(str(year), "@year@")
    text = re.sub(r"<p>(.*?)</p>", lambda found: _paragraph(found[1]), text)
    if cell:
        text = re.sub(r"<td ([^>]*)>(.*?)</td>", cell, text)
    return f'<h1>@title@</h1><div class="TRS_Editor">{text}</div>'


def _paragraph(text: str) -> str:
    return f'<p class="MsoNormal" style="{_STYLE}"><span lang="EN-US" style="{_SPAN}">{text}</span></p>'


def _filled_up(article: str, size: int) -> str:
    """The article with paragraphs of prose behind the first, so that it has about ``size`` bytes."""
    head, end, rest = article.partition("</p>")
    prose: list[str] = []
    wanted = size - len(article.encode())
    while wanted > 0:
        prose.append(_paragraph(_PROSE[len(prose) % len(_PROSE)]))
        wanted -= len(prose[-1].encode())
    return "".join((head, end, *prose, rest))


_FRAME = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">
<title>@title@_@county@人民政府</title>
<meta name="SiteName" content="@county@人民政府门户网站"><meta name="SiteIDCode" content="99000@code@">
<link rel="stylesheet" href="/static/css/common.css">
<script src="/static/js/jquery.min.js"></script>
<script>var site = "@county@"; function search() { document.forms[0].submit(); }</script>
</head><body>
<div class="header"><a href="/"><img src="/static/img/head.png" alt="@county@人民政府"></a></div>
<ul class="menu">@menu@</ul>
<form action="/search/" method="get"><input name="q"></form>
<div class="main">@body@</div>
<div class="footer">@county@人民政府办公室主办
<a href="/lxwm/">联系我们</a> <a href="/wzdt/">关于本站</a></div>
</body></html>
"""
