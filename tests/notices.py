"""Notices as tests read them: their files, and the words in these."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from selectolax.lexbor import LexborHTMLParser, LexborNode

from conftest import Run


def text_of(pdf: Path) -> list[str]:
    """The text of each page, without blanks."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = []
        for page in document:
            words = page.get_textpage()
            pages.append("".join(words.get_text_bounded().split()))
            words.close()
            page.close()
        return pages


def page_of(html: Path) -> LexborHTMLParser:
    return LexborHTMLParser(html.read_text(encoding="utf-8"))


def text_in(node: LexborHTMLParser | LexborNode, selector: str) -> str:
    found = node.css_first(selector)
    assert found is not None
    return found.text()


def words_of(html: Path) -> str:
    body = page_of(html).body
    assert body is not None
    return body.text()


def written(run: Run, *arguments: object) -> dict[str, Path]:
    """The files of the only notice, by suffix."""
    found = run("check", "notice", *arguments, "--format", "json")
    assert found.code == 0, found.err
    (one,) = found.records
    return {Path(file).suffix: Path(file) for file in one["files"]}
