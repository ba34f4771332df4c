"""Brings what people decided, which a file of the workspace keeps, into its database."""

from __future__ import annotations

import duckdb

from analysis import review as decisions
from nianbao.console import say, warn
from nianbao.failures import Failure
from nianbao.wording import sentence
from nianbao.workspace import REVIEWS, Workspace


def bring_in(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> None:
    """Brings the decisions of the workspace's file into a database of its tables."""
    file = workspace.address(REVIEWS)
    try:
        with workspace.at_hand(REVIEWS) as reviews:
            taken, damaged = decisions.read_decisions(reviews)
    except OSError as error:
        raise Failure("reviews_unreadable", file=file, reason=error) from error
    if damaged:
        warn(sentence("reviews_damaged", file=file, lines=", ".join(map(str, damaged))))
    decisions.apply_decisions(connection, taken)
    changed = sum(entry["standing"] == "figures_changed" for entry in decisions.decisions_about(connection))
    if changed:
        say("reviews_open_again", count=changed)
