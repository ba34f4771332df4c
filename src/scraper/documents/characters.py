"""Bytes to characters, and characters to the one form in which labels are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

_META_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.-]+)", re.IGNORECASE)
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Pages that say gb2312 hold characters that GB 2312 lacks (镕, 喆), and pages of either encoding say that
# they are the other. So the two are told apart by the bytes, and gb18030 stands for its whole family.
_CHINESE = ("utf-8", "gb18030")

_PINYIN_NOTE = re.compile(r"(?<=[㐀-鿿])(?:[（(][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńň]{1,7}[)）])+")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]+")
# Not between two digits: one figure could be made of two.
_ORNAMENT = re.compile("(?<=[㐀-鿿])[★☆◆◇■□▲△▼▽※♦♥]+(?=[㐀-鿿0-9])|(?<=[0-9])[★☆◆◇■□▲△▼▽※♦♥]+(?=[㐀-鿿])")
# All that mirrors insert: what is read stands around it.
INSERTED = re.compile("|".join(part.pattern for part in (_INVISIBLE, _PINYIN_NOTE, _ORNAMENT)))
_DAMAGE = re.compile(r"\ufffd|[\u3100-\u312f\u2500-\u257f\ue000-\uf8ff]|[?？][!！](?=[㐀-鿿《])|\?[。”、]")

# Labels come again on every page, and paragraphs several times while theirs is read. What is kept of them
# stays below some 10 MB, however many pages a crawl sees.
_MOST_KEPT = 4096
_LONGEST_KEPT = 600

_to_simplified = opencc.OpenCC("t2s").convert


def decode(data: bytes, http_charset: str | None = None) -> str:
    """The characters of ``data``.

    A byte order mark decides, then valid UTF-8, then Big5 if the page or the server declares it. All
    else is gb18030, or UTF-8 with damaged bytes, as where a download was cut off: what leaves fewer
    bytes that fit nothing. These become U+FFFD.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _META_CHARSET.search(data[:4096])
    label = declared.group(1).decode("ascii") if declared else (http_charset or "")
    if label.strip().lower().startswith("big5"):
        return data.decode("big5hkscs", errors="replace")
    texts = (data.decode(encoding, errors="replace") for encoding in _CHINESE)
    return min(texts, key=lambda text: text.count("\ufffd"))


def fold(text: str) -> str:
    """``text`` in simplified characters, half-width forms, and without what mirrors insert.

    Mirrors set pinyin in brackets behind a character (機(jī)構) and ornaments between two (公★开); these
    and invisible characters go.
    """
    return _fold_anew(text) if len(text) > _LONGEST_KEPT else _fold(text)


def _fold_anew(text: str) -> str:
    visible = _PINYIN_NOTE.sub("", _INVISIBLE.sub("", text))
    simplified: str = _to_simplified(unicodedata.normalize("NFKC", _ORNAMENT.sub("", visible)))
    return simplified


_fold = lru_cache(maxsize=_MOST_KEPT)(_fold_anew)


def is_damaged(text: str) -> bool:
    """Whether characters of ``text`` were lost on the way to this file."""
    return _DAMAGE.search(text) is not None


def damaged_runs(text: str) -> list[str]:
    """Short extracts around places where characters were lost on the way to this file.

    A GBK stream that lost one byte reads as other characters up to the next bracket or full stop, and
    may show digits that were never printed; no figure may be taken from such a run.
    """
    return [text[max(0, m.start() - 6) : m.end() + 6] for m in _DAMAGE.finditer(text)]
