"""What the archive of a workspace holds at a place, be it in a folder or in shared storage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from nianbao.workspace import Workspace
from scraper.archive import Archive, Payload


def archived(
    workspace: Workspace, report: Mapping[str, Any], connection: duckdb.DuckDBPyConnection
) -> Payload | None:
    """The file of a report, whose ``url``, ``warc_file`` and ``warc_offset`` are given; None where it is not.

    ``connection`` is a database of the workspace. Raises :class:`ScraperError` where the archive is damaged.
    """
    place = (report["warc_file"], report["warc_offset"])
    if workspace.storage is not None:
        from scraper.shared.archived import SharedArchive

        return SharedArchive(workspace.storage, connection).payload_at(*place)
    with Archive(workspace.archive) as archive:
        for capture in archive.history(report["url"]):
            if (capture.warc_file, capture.offset) == place:
                return archive.read(capture)
    return None
