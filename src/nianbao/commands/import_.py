"""``import``: what others archived or saved, into the archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from nianbao.commands.collect import pass_on, warn_of_samples
from nianbao.console import column, say, warn
from nianbao.failures import WORK_FAILED, Failure
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat
from nianbao.records import Column, Record, put
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.archive import Archive
from scraper.importing import Intake, import_files

# Of one kind; the record on standard output has them all.
_MOST_TOLD = 10


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH")],
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> int:
    """Takes files, folders, WARC and WACZ files into the archive; ``parse`` reads them."""
    for path in paths:
        if not path.exists():
            raise Failure("file_missing", usage=True, file=path)
    workspace = Workspace(data)
    with Archive(workspace.archive, writing=True) as archive:
        pass_on(archive)
        intakes = import_files(paths, archive)
    warn_of_samples(workspace)
    put([_record(intake) for intake in intakes], _columns(), print_format, output)
    return report_refused(intakes)


def _record(intake: Intake) -> Record:
    return {
        "source": intake.source,
        "kind": intake.kind,
        "new": intake.new,
        "known": intake.known,
        "left_out": intake.left_out,
        "refused": [refused.text(language()) for refused in intake.refused],
        "doubtful": [doubtful.text(language()) for doubtful in intake.doubtful],
    }


def _columns() -> list[Column]:
    def counted(key: str) -> Column:
        return Column(key, sentence(f"column_{key}"), shown=lambda record: str(len(record[key])))

    whole = [column(key) for key in ("source", "kind", "new", "known", "left_out")]
    return [*whole, counted("refused"), counted("doubtful")]


def report_refused(intakes: Sequence[Intake]) -> int:
    """Says what came of an import, and what was not taken and why; the exit code."""
    say("imported", new=sum(intake.new for intake in intakes), known=sum(intake.known for intake in intakes))
    refused = [said for intake in intakes for said in intake.refused]
    told = Counter[str]()
    for said in [*(said for intake in intakes for said in intake.doubtful), *refused]:
        told[said.code] += 1
        if told[said.code] <= _MOST_TOLD:
            warn(said.text(language()))
    more = sum(count - _MOST_TOLD for count in told.values() if count > _MOST_TOLD)
    if more:
        warn(sentence("import_more", count=more))
    if refused:
        warn(sentence("import_failed_in_part", failed=len(refused)))
    return WORK_FAILED if refused else 0
