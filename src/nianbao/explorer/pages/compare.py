"""Counties side by side: which metrics of which places and years, in a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import duckdb

from analysis import series
from nianbao.explorer.asked import PAGE, Asked, Page
from nianbao.explorer.pictures import pictures_of
from nianbao.explorer.places import county_of_name, place_of_name
from nianbao.explorer.tables import quantities, said_notes, series_sheet
from nianbao.question import As, JoinOn, Kind, PeersOf, ScopeOf, choice_of, question_of
from nianbao.wording import sentence
from scraper.forms.catalogue import metrics

_TABLES = ("measure", "requests", "proactive", "cases", "statistics")
_APPLICANTS = "SELECT applicant, label_zh, label_en FROM applicant ORDER BY rowid"
_YEARS = "SELECT DISTINCT year FROM report WHERE year IS NOT NULL ORDER BY year"
_SEPARATORS = str.maketrans({"，": ",", "、": ",", "；": ",", ";": ",", "\n": ","})


def compare(asked: Asked) -> Page:
    """The form, and the answer where metrics are chosen."""
    values: dict[str, Any] = form_values(asked)
    values |= {"notes": [], "pages": 1, "total": 0}
    wanted = asked.many("metric")
    if not wanted:
        return Page("compare.html", asked.said("compare_title"), values)
    question = asked_question(asked, wanted, counties=_named(asked))
    found = asked.kept.get(("compare", question), partial(_answer, asked, question))
    lines = slice(asked.first, asked.first + PAGE)
    sheet = series_sheet(
        asked, "comparison", asked.said("comparison_caption"), found, question, head="county", lines=lines
    )
    values |= {"notes": said_notes(asked, found.notes), "total": len(found.records)}
    pictures = pictures_of(asked, "comparison", asked.said("comparison_caption"), found, question)
    return Page("compare.html", asked.said("compare_title"), values, [sheet], pictures)


def _answer(asked: Asked, question: series.Question) -> series.Comparison:
    return series.compare(asked.connection, question, quantities(asked, question))


def _named(asked: Asked) -> list[str]:
    """The counties, which may stand in one field with commas between them."""
    given = ",".join(asked.many("county")).translate(_SEPARATORS)
    return [one.strip() for one in given.split(",") if one.strip()]


def asked_question(
    asked: Asked, wanted: Sequence[str], counties: Sequence[str] = (), default_years: Sequence[str] = ()
) -> series.Question:
    """What an address asks of the series. Raises what the command would."""
    years = asked.many("year") or list(default_years)
    scope, peers = asked.chosen("scope", list(ScopeOf)), asked.chosen("peers", list(PeersOf))
    kinds = [Kind(one) for one in asked.many("kind") if one in list(Kind)]
    choice = choice_of(
        asked.connection,
        years,
        counties,
        asked.many("in"),
        kinds,
        ScopeOf(scope) if scope else None,
        partial(place_of_name, asked),
        partial(county_of_name, asked),
    )
    shown = As(asked.chosen("as", list(As)) or "value")
    base = asked.number("base") if shown is As.INDEX else None
    return question_of(
        wanted,
        choice,
        asked.one("applicant") or "total",
        shown,
        base,
        PeersOf(peers) if peers else None,
        JoinOn(asked.chosen("join", list(JoinOn)) or "near"),
        asked.one("across") is not None,
        asked.one("certain") is not None,
    )


def form_values(asked: Asked) -> dict[str, Any]:
    """What the form of a question offers, and what was chosen in it."""
    fields = (
        "county",
        "in",
        "year",
        "as",
        "peers",
        "base",
        "applicant",
        "join",
        "scope",
        "kind",
        "across",
        "certain",
    )
    chosen = {name: ", ".join(asked.many(name)) for name in fields}
    offered = asked.kept.get(("offered", asked.language), partial(_offered, asked))
    return {"chosen": chosen, "chosen_metrics": asked.many("metric"), **offered}


def _offered(asked: Asked) -> dict[str, Any]:
    return {
        "catalogue": catalogue(asked.connection, asked),
        "applicants": [
            (name, zh if asked.language == "zh" else en)
            for name, zh, en in asked.connection.execute(_APPLICANTS).fetchall()
        ],
        "years": [year for (year,) in asked.connection.execute(_YEARS).fetchall()],
        "ways": [(one.value, asked.said(f"as_{one.value}")) for one in As],
        "peer_groups": [(one.value, asked.said(f"peers_{one.value}")) for one in PeersOf],
        "joins": [(one.value, asked.said(f"join_{one.value}")) for one in JoinOn],
        "scopes": [(one.value, sentence(f"scope_{one.value}")) for one in ScopeOf],
        "kinds": [(one.value, asked.said(f"kind_{one.value}")) for one in Kind],
    }


def catalogue(connection: duckdb.DuckDBPyConnection, asked: Asked) -> list[tuple[str, list[tuple[str, str]]]]:
    """The metrics by table, in printed order, the measures first: ids and labels. Each stands once."""
    found: dict[str, dict[str, str]] = {table: {} for table in _TABLES}
    printed = {entry.metric: number for number, entry in enumerate(metrics())}
    entries = series.search_metrics(connection, None, asked.language)
    entries.sort(
        key=lambda entry: (
            _TABLES.index(entry["table"]) if entry["table"] in found else -1,
            printed.get(entry["metric"], -1),
        )
    )
    taken: set[str] = set()
    for entry in entries:
        if entry["table"] in found and entry["metric"] not in taken:
            taken.add(entry["metric"])
            found[entry["table"]][entry["metric"]] = entry[f"label_{asked.language}"]
    return [
        (asked.said(f"table_{table}"), list(entries.items())) for table, entries in found.items() if entries
    ]
