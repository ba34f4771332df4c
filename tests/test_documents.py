"""What is read before any form is matched: characters, and files that are none of ours."""

from __future__ import annotations

import pytest

from scraper.documents import read_document
from scraper.documents.characters import fold
from scraper.forms import NotAReport, read_report
from scraper.messages import ScraperError


def page(text: str, charset: str) -> bytes:
    return f'<html><head><meta charset="{charset}"></head><body><p>{text}</p></body></html>'.encode(
        "utf-8" if charset == "utf-8" else "gb18030" if charset.startswith("gb") else charset
    )


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "gb18030", "utf-8", "big5"])
def test_pages_are_decoded_as_they_say(charset: str) -> None:
    text = "縣人民政府" if charset == "big5" else "县人民政府公开镕喆"
    assert read_document(page(text, charset), "page").paragraphs == [text]


def test_a_page_that_says_gb2312_but_is_utf_8_is_read_as_what_it_is() -> None:
    data = page("县人民政府", "utf-8").replace(b'"utf-8"', b'"gb2312"')
    assert read_document(data, "page").paragraphs == ["县人民政府"]


def test_a_server_says_what_the_page_does_not() -> None:
    data = "<html><body><p>縣人民政府</p></body></html>".encode("big5")
    assert read_document(data, "page", "big5").paragraphs == ["縣人民政府"]


def test_traditional_full_width_and_annotated_characters_fold_to_one_form() -> None:
    assert fold("政府信息公開（２０２０）機(jī)構(gòu)") == "政府信息公开(2020)机构"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "file_empty"), (b" \r\n\t", "file_empty"), (b"%PDF-1.4 ...", "file_damaged")],
)
def test_files_that_hold_nothing_to_read_are_told(data: bytes, code: str) -> None:
    with pytest.raises(ScraperError) as refused:
        read_document(data, "report")
    assert refused.value.said.code == code


@pytest.mark.parametrize(
    "text",
    [
        "会议通知",
        "关于做好2022年政府信息公开工作年度报告编制工作的通知",
        "政府网站工作年度报表（2021年度）",
    ],
)
def test_pages_about_something_else_are_no_reports(text: str) -> None:
    with pytest.raises(NotAReport):
        read_report(read_document(f"<html><body><h1>{text}</h1></body></html>".encode(), "page"), "page")


def test_hidden_text_and_scripts_are_not_read() -> None:
    hidden = "<script>var a='6'</script><p style='display:none'>6</p><template><p>6</p></template><p>7</p>"
    assert read_document(f"<html><body>{hidden}</body></html>".encode(), "page").paragraphs == ["7"]
