"""A report's own text: told from what portals set around it, the same for every copy."""

from __future__ import annotations

import pytest

from portals.catalogue import PORTALS, Entry
from portals.truth import Report
from portals.visiting import Visitor
from scraper.documents import Document, read_document
from scraper.forms import read_report
from scraper.forms.content import digests_of
from scraper.forms.own_text import own_text

TITLE = "青禾县人民政府2022年政府信息公开工作年度报告"
SENTENCE = "本报告的统计期限为2022年1月1日至2022年12月31日。"
OWN = [SENTENCE, "一、总体情况", "全年按时更新栏目，咨询窗口照常开放。", "六、其他需要报告的事项", "无。"]
# Pages and word files; PDF files and scans have tests of their own.
READ = (b"<", b"\xef\xbb\xbf<", b"PK\x03\x04", b"\xd0\xcf")
MOST_COPIED = 5


def text_of(*lines: str, title: str | None = TITLE) -> list[str]:
    return own_text(Document(paragraphs=list(lines)), title)


@pytest.mark.parametrize(
    "before",
    [
        [],
        ["首页", "政务公开", TITLE],
        [f"当前位置：首页 > 年报 > {TITLE}", TITLE, "发布时间：2023-01-20 10:12 来源：青禾县 浏览次数：123"],
        ["欢迎访问本站。", TITLE, "字体：【大 中 小】", "点击收听语音朗读"],
        ["2022年 2021年 2020年 2019年 2018年 2017年 2016年 2015年 2014年 2013年 2012年 2011年", TITLE],
    ],
)
@pytest.mark.parametrize(
    "behind",
    [
        [],
        ["打印 关闭", "友情链接：青禾旅游网 天气"],
        ["上一篇：2021年年报", "相关新闻：全县召开会议，部署明年工作。"],
        ["扫一扫在手机打开当前页", "主办：青禾县人民政府办公室 网站标识码：9901010001"],
        ["您是第1234567位访客。", "版权所有，未经书面许可不得转载。", "建议使用1024*768分辨率浏览本站。"],
    ],
)
def test_what_stands_around_it_is_left_out(before: list[str], behind: list[str]) -> None:
    assert text_of(*before, *OWN, *behind) == OWN


def test_counters_and_dates_within_it_are_left_out() -> None:
    lines = [*OWN[:2], "打印日期：2023年5月6日", "浏览次数：88", *OWN[2:]]
    assert text_of(TITLE, *lines) == OWN


def test_a_counter_within_a_line_is_left_out() -> None:
    lines = text_of(TITLE, f"浏览次数：88 次 {SENTENCE}", *OWN[1:])
    assert lines == OWN


def test_a_sentence_about_visits_is_the_report_s_own() -> None:
    said = "政府网站全年浏览量123万次，访问量同比增长；公众可扫一扫二维码关注。"
    assert said in text_of(TITLE, *OWN[:3], said, *OWN[3:])


@pytest.mark.parametrize("last", ["无", "暂无", "没有其他需要报告的事项"])
def test_a_last_section_without_a_full_stop_is_its_end(last: str) -> None:
    assert text_of(TITLE, *OWN[:-1], last, "主办单位：青禾县")[-1] == last


def test_without_a_title_on_the_page_it_begins_with_its_first_sentence() -> None:
    assert text_of("首页", "政务公开", *OWN, title=None) == OWN
    assert text_of("首页", "政务公开") == []


def content(url: str, body: bytes) -> str:
    document = read_document(body, url)
    report = read_report(document, url, url)
    return digests_of(report.facts, own_text(document, report.identity.title))[0]


def copied(reports: list[Report]) -> list[Report]:
    """Some reports with several addresses, from all years."""
    found = [one for one in reports if one.outcome == "ok" and one.duplicates]
    return found[:: max(1, len(found) // MOST_COPIED)]


@pytest.mark.parametrize("entry", PORTALS, ids=lambda entry: entry.build.__name__)
def test_copies_have_one_content_and_other_reports_another(entry: Entry) -> None:
    portal = entry.build()
    visitor = Visitor(portal.sites())
    known: dict[str, tuple[str, int]] = {}
    for report in copied(portal.truth()):
        pages = {url: visitor.get(url, referer=report.url).body for url in (report.url, *report.duplicates)}
        contents = {content(url, body) for url, body in pages.items() if body.startswith(READ)}
        assert len(contents) == 1, pages.keys()
        assert known.setdefault(contents.pop(), (report.publisher, report.year)) == (
            report.publisher,
            report.year,
        )
