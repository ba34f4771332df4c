"""As many portals as a test asks for: small counties in the styles of portals 1 to 7, quick to build."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from portals import guangdong, hanweb, jpaas, lonsun, trs, ucap
from portals.lonsun import Lonsun
from portals.reports import FIRST_YEAR, LAST_YEAR, Organ, organs
from portals.routes import Routed
from portals.truth import Report
from portals.visiting import Ask, Follow
from portals.volume_styles import Desk, gkmlpt_site, hanweb_site, jpaas_site, trs_site, ucap_site
from portals.vsb import Vsb
from portals.web import Answer, Portal, Request, Site
from scraper.places import counties_named

_NAMES = Path(__file__).parent / "pages" / "volume.toml"
_FIRST_CODE = 990300
# A county's code in a site's code, a credit code and a script; as it is it could be part of any number.
_CODES = ("{}000", "11{}MB", "'{}'")
_FEW_YEARS = 8
_MOST_DEPARTMENTS, _MOST_TOWNSHIPS = 16, 12


@dataclass(frozen=True)
class _Style:
    """A way to build portals.

    ``site`` makes the site under the names of ``model``; ``follow`` knows what its scripts open.
    """

    site: Callable[[Desk], Routed]
    model: type[Portal]
    follow: Follow


_STYLES = (
    _Style(trs_site, trs.Trs, trs.follow),
    _Style(hanweb_site, hanweb.Hanweb, hanweb.follow),
    _Style(jpaas_site, jpaas.Jpaas, jpaas.follow),
    _Style(ucap_site, ucap.Ucap, ucap.follow),
    _Style(gkmlpt_site, guangdong.Guangdong, guangdong.follow),
)


@dataclass(frozen=True)
class _County:
    """An invented county; ``pinyin`` is its name in its host's."""

    name: str
    pinyin: str
    code: str
    bodies: tuple[Organ, ...]
    years: range

    @property
    def host(self) -> str:
        """Its host."""
        return f"www.{self.pinyin}.gov.cn.test"


def portals(count: int = 32, seed: int = 1, pages: int = 24) -> list[Portal]:
    """``count`` portals with about ``pages`` reports each, in all styles by turns; codes are 990300 on.

    The government, the departments and townships report for eight years each, and for all years where there
    would be more bodies than names. Those in the style of UCAP share their prefecture's platform.
    """
    return [_built(number, county) for number, county in enumerate(_counties(count, seed, pages))]


def follow(portal: Portal) -> Follow:
    """What leads on in one of these portals beside written links."""
    if isinstance(portal, Renamed):
        return portal.follow
    return lonsun.follow if isinstance(portal, Lonsun) else lambda url, answer: ()


def _built(number: int, county: _County) -> Portal:
    turn = number % (len(_STYLES) + 2)
    if turn < len(_STYLES):
        return Renamed(_STYLES[turn], county)
    build = Vsb if turn == len(_STYLES) else Lonsun
    portal = build(county.name, county.host, county.code, county.bodies, county.years)
    portal.name = f"{portal.name}-{county.code}"
    return portal


def _counties(count: int, seed: int, pages: int) -> Iterator[_County]:
    chance = Random(f"volume {seed}")
    said = tomllib.loads(_NAMES.read_text(encoding="utf-8"))
    fore, rear = said["fore"], said["rear"]
    names = [(f"{a}{b}县", fore[a] + rear[b]) for a, b in product(fore, rear)]
    invented = [pair for pair in names if not counties_named(pair[0])]
    most = 1 + _MOST_DEPARTMENTS + _MOST_TOWNSHIPS
    length = _FEW_YEARS if pages <= most * _FEW_YEARS else LAST_YEAR - FIRST_YEAR + 1
    bodies = min(most, max(3, round(pages / length)))
    for number, (name, pinyin) in enumerate(chance.sample(invented, count)):
        first = chance.randint(FIRST_YEAR, LAST_YEAR - length + 1)
        found = organs(name, seed, _departments(bodies), bodies - 1 - _departments(bodies))
        yield _County(
            name,
            f"{pinyin}{number}",
            str(_FIRST_CODE + number),
            tuple(organ for organ in found if organ.kind != "county_office"),
            range(first, first + length),
        )


def _departments(bodies: int) -> int:
    return max(bodies // 2, bodies - 1 - _MOST_TOWNSHIPS)


class Renamed(Portal):
    """A county whose site is made under a model's names and served under its own."""

    def __init__(self, style: _Style, county: _County) -> None:
        model = style.model
        self.name = f"{model.name}-{county.code}"
        self.county, self.county_code = county.name, county.code
        self._model_host = urlsplit(model.home).netloc
        self.home = model.home.replace(self._model_host, county.host)
        self.desk = Desk(county.name, county.host, county.bodies, county.years)
        words = [(model.county.removesuffix("县"), county.name.removesuffix("县"))]
        words += [(form.format(model.county_code), form.format(county.code)) for form in _CODES]
        self._site = _Renaming(style.site(self.desk), self._model_host, county.host, words)
        self._follow = style.follow

    def sites(self) -> list[Site]:
        return [self._site]

    def truth(self) -> list[Report]:
        return self.desk.holdings.truth()

    def decoys(self) -> frozenset[str]:
        return frozenset(self.desk.beside)

    def follow(self, url: str, answer: Answer) -> Iterator[Ask]:
        """What the scripts of the portal's pages open."""
        for ask in self._follow(url, answer):
            yield replace(ask, url=ask.url.replace(self._model_host, urlsplit(self.home).netloc))


class _Renaming(Site):
    """A site that answers under another host, with other words in its pages' frames."""

    def __init__(self, site: Site, model: str, host: str, words: Sequence[tuple[str, str]]) -> None:
        self._site, self._model = site, model
        self.hosts, self.platform = (host,), site.platform
        self._words = ((model, host), *words)

    def answer(self, request: Request) -> Answer:
        headers = dict(request.headers)
        if "referer" in headers:
            headers["referer"] = headers["referer"].replace(self.hosts[0], self._model)
        answer = self._site.answer(replace(request, host=self._model, headers=headers))
        told = [(name, self._renamed(value)) for name, value in answer.headers]
        if not (answer.content_type or "").startswith(("text/", "application/json")):
            return replace(answer, headers=told)
        body = answer.body
        for old, new in self._words:
            body = body.replace(old.encode(), new.encode())
        return replace(answer, body=body, headers=told)

    def _renamed(self, text: str) -> str:
        for old, new in self._words:
            text = text.replace(old, new)
        return text
