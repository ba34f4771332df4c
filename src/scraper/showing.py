"""An archived page to be looked at: as it was archived, with cells marked, and with nothing that could act.

Scripts, frames and forms' targets are taken out, and nothing is loaded from anywhere; a content security
policy holds that as well, should something have been missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.archive import Payload
from scraper.documents.html import CELLS, numbered_cells, parse_html
from scraper.documents.reader import web_page

ANCHOR = "nianbao-cell"

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'"
_ACTING = (
    "script, noscript, template, iframe, frame, frameset, object, embed, applet, base, link, meta, title,"
    " portal, audio, video, source, track, dialog"
)
# What makes a browser load something, or leads away from the page.
_LOADING = frozenset(
    "src srcset background poster data lowsrc dynsrc ping action formaction xlink:href manifest".split()
)
_STYLE = """
[data-nianbao] { outline: 4px solid #c2185b !important; outline-offset: -2px; background: #fff59d !important;
  color: #000 !important; font-weight: bold !important; scroll-margin: 40vh; }
body { padding-bottom: 11em !important; }
#nianbao-source { all: initial; position: fixed !important; left: 0; right: 0; bottom: 0; z-index: 2147483647;
  max-height: 10em; overflow: auto; box-sizing: border-box; padding: .6em 1em; background: #212121;
  font: 13px/1.45 system-ui, "Noto Sans SC", "Microsoft YaHei", sans-serif; overflow-wrap: anywhere; }
#nianbao-source * { all: revert; color: #fff; margin: 0; font-size: 13px; }
#nianbao-source a { color: #ffe082; }
"""


class Spot(NamedTuple):
    """A cell to be marked: its place as in a fact, what the fact says is printed there, and what it means."""

    table_no: int
    row: int
    column: int
    raw: str
    title: str


@dataclass(frozen=True)
class ShownPage:
    """A page as HTML that stands alone; ``missed`` are the cells that could not be found in it."""

    html: str
    missed: tuple[Spot, ...]


def show_page(
    payload: Payload, url: str, spots: Sequence[Spot], title: str, said: Iterable[str]
) -> ShownPage | None:
    """The page in ``payload``, archived from ``url``; None where that is no web page.

    ``said`` are the lines of a bar at the foot of the page. The first cell of ``spots`` that is found has
    the id ``ANCHOR``, the others that with ``-2`` and so on.
    """
    text = web_page(payload.body, payload.charset)
    if text is None:
        return None
    tree = parse_html(text)
    missed = tuple(_mark(tree, numbered_cells(text), spots))
    _take_out(tree, url)
    body = tree.body
    styles = "".join(style.html or "" for style in tree.css("head style"))
    lines = "".join(f"<p>{_with_link(line, url)}</p>" for line in said)
    bar = f'<div id="nianbao-source">{lines}</div>'
    inner = body.inner_html if body is not None else ""
    attributes = "".join(
        f' {name}="{escape(value or "")}"' for name, value in (body.attributes if body else {}).items()
    )
    html = (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n{styles}\n<style>{_STYLE}</style>\n</head>\n"
        f"<body{attributes}>\n{inner}\n{bar}\n</body>\n</html>\n"
    )
    return ShownPage(html, missed)


def _mark(
    tree: LexborHTMLParser,
    grids: Sequence[Mapping[tuple[int, int], tuple[int, str]]],
    spots: Sequence[Spot],
) -> Iterator[Spot]:
    """Marks the cells of ``spots`` in the page; gives those that are not there as they were read."""
    elements = tree.css(CELLS)
    marked: set[int] = set()
    for spot in spots:
        cells = grids[spot.table_no] if spot.table_no < len(grids) else {}
        number, printed = cells.get((spot.row, spot.column), (-1, ""))
        # A row that could not be told apart has the texts of several cells as its figures' raw text.
        if number < 0 or not _one_line(spot.raw).startswith(_one_line(printed)):
            yield spot
        elif number not in marked:
            marked.add(number)
            attributes = elements[number].attrs
            attributes["id"] = ANCHOR if len(marked) == 1 else f"{ANCHOR}-{len(marked)}"
            attributes["data-nianbao"] = str(len(marked))
            attributes["title"] = spot.title


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _take_out(tree: LexborHTMLParser, url: str) -> None:
    """Takes away what runs, loads or leads back into the page's own site without saying so."""
    styles = [style for style in tree.css("style") if "</" in (style.text() or "")]
    for node in [*tree.css(_ACTING), *styles]:
        node.decompose()
    for node in tree.css("*"):
        for name in list(node.attributes):
            if name.startswith("on") or name in _LOADING:
                _take_attribute(node, name)
        if "href" in node.attributes:
            _lead_out(node, url)


def _take_attribute(node: LexborNode, name: str) -> None:
    if name == "src" and (node.attributes[name] or "").startswith("data:image/"):
        return
    del node.attrs[name]


def _lead_out(node: LexborNode, url: str) -> None:
    """A link leads where it led on the site, in a window of its own; what is no address leads nowhere."""
    target = node.attributes["href"] or ""
    if target.startswith("#"):
        return
    try:
        target = urljoin(url, target.strip())
        safe = urlsplit(target).scheme in ("http", "https")
    except ValueError:
        safe = False
    if not safe:
        del node.attrs["href"]
        return
    node.attrs["href"], node.attrs["rel"], node.attrs["target"] = target, "noreferrer noopener", "_blank"


def _with_link(line: str, url: str) -> str:
    said, address = escape(line), escape(url)
    if url.startswith(("http://", "https://")):
        link = f'<a href="{address}" rel="noreferrer noopener" target="_blank">{address}</a>'
        return said.replace(address, link)
    return said
