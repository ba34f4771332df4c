"""The pages, by their address behind the language."""

from __future__ import annotations

from collections.abc import Mapping

from nianbao.explorer.answering import PageFunction
from nianbao.explorer.pages.about import about
from nianbao.explorer.pages.api import api
from nianbao.explorer.pages.archived import archived
from nianbao.explorer.pages.compare import compare
from nianbao.explorer.pages.country import country
from nianbao.explorer.pages.county import county
from nianbao.explorer.pages.dictionary import metrics, rules
from nianbao.explorer.pages.finding import finding
from nianbao.explorer.pages.findings import findings
from nianbao.explorer.pages.province import province
from nianbao.explorer.pages.rank import rank
from nianbao.explorer.pages.report import report
from nianbao.explorer.pages.search import search

PAGES: Mapping[str, PageFunction] = {
    "/": country,
    "/province/{province}": province,
    "/county/{county}": county,
    "/report/{report}": report,
    "/report/{report}/archived": archived,
    "/findings": findings,
    "/finding/{finding}": finding,
    "/compare": compare,
    "/rank": rank,
    "/search": search,
    "/metrics": metrics,
    "/rules": rules,
    "/about": about,
    "/api": api,
}
