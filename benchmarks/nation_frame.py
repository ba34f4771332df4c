"""What a portal puts around a report: its styles, its script, its menus. Report pages weigh 87 KB, not 10."""

from __future__ import annotations

from itertools import count

_NAMES = ("政务公开", "办事服务", "互动交流", "走进本县", "新闻中心", "数据开放", "专题专栏", "机构职能")
_STYLE = ".nav-{n} li a:hover,.nav-{n} .sub dl dd{{color:#c7000b;background:url(/images/nav{n}.png)}}\n"
_SCRIPT = (
    'menus.push({{"id": {n}, "open": false, "width": 1000 / 8, "item": document.getElementById("m{n}")}});\n'
)
_ITEM = (
    '<li class="nav-item nav-{n}" id="m{n}"><div class="nav-item-inner"><i class="icon icon-{n}"></i>'
    '<a class="nav-link" href="/zwgk/col{n}/index.html" target="_blank" onmouseover="openMenu(\'m{n}\')"'
    ' onfocus="openMenu(\'m{n}\')"><span class="text">{name}</span></a><img src="/images/nav{n}.png"'
    ' width="16" height="16" alt=""><div class="sub" style="display: none"></div></div></li>\n'
)


def framed(page: bytes, weight: int, charset: str) -> bytes:
    """``page`` with so much around its content that it has ``weight`` bytes, or a little more."""
    missing = weight - len(page)
    if missing <= 0:
        return page
    # Of what a page consists of beside its content, about half is markup that a parser has to make nodes of.
    style, script, menu = (_filled(_STYLE, missing // 4), _filled(_SCRIPT, missing // 4), "")
    menu = _filled(_ITEM, missing - len(style) - len(script))
    head, found, body = page.partition(b"</head><body>")
    before = f"<style>{style}</style><script>var menus = [];\n{script}</script></head><body><ul>{menu}</ul>"
    return head + before.encode(charset) + body if found else page


def _filled(line: str, size: int) -> str:
    """``line`` again and again, with other numbers, until there are ``size`` bytes."""
    lines: list[str] = []
    written = 0
    for number in count():
        if written >= size:
            break
        lines.append(line.format(n=number, name=_NAMES[number % len(_NAMES)]))
        written += len(lines[-1].encode())
    return "".join(lines)
