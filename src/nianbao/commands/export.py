"""``export``: the whole dataset for others."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from analysis.export import NotAnExport, NothingToExport
from analysis.export import export as write_export
from nianbao.console import column, note, say
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Data, Lang, PrintFormat
from nianbao.records import put
from nianbao.workspace import Workspace


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", file_okay=False)],
    older: Annotated[Path | None, typer.Option("--since", metavar="EXPORT", file_okay=False)] = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    lang: Lang = None,
) -> None:
    """Writes all tables with their dictionary, and what changed since an older export."""
    try:
        done = write_export(
            Workspace(data).database,
            folder.absolute(),
            version=version("nianbao"),
            since=older.absolute() if older else None,
            tell=lambda table: say("export_table", table=table),
        )
    except NotAnExport as error:
        raise Failure("export_not_replaced", usage=True, folder=error.folder) from error
    except NothingToExport as error:
        raise Failure("no_reports") from error
    except OSError as error:
        raise Failure("output_not_written", file=folder, reason=error) from error
    lines = [
        {"table": name, "rows": rows, "xlsx": name not in done.left_out} for name, rows in done.rows.items()
    ]
    put(lines, [column("table"), column("rows"), column("xlsx", brief=False)], print_format, None)
    if done.left_out:
        note("export_left_out", tables=", ".join(done.left_out))
    if done.shortened:
        note("export_shortened", count=done.shortened)
    if done.older is not None:
        say("export_compared", older=done.older)
    say("export_written", folder=folder)
