"""Options that several commands take. Their help is in ``help.toml``, under the option's name."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nianbao.failures import Failure
from scraper.shared.storage import is_url


class Format(StrEnum):
    """How records are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"


class LanguageChoice(StrEnum):
    """The languages that nianbao speaks."""

    ZH = "zh"
    EN = "en"


def _place(given: str) -> str:
    """A folder or a URL. Raises :class:`Failure` for a file."""
    if not is_url(given) and Path(given).is_file():
        raise Failure("data_is_file", usage=True, file=given)
    return given


Data = Annotated[str, typer.Option("--data", envvar="NIANBAO_DATA", metavar="DIR|URL", callback=_place)]
Lang = Annotated[LanguageChoice | None, typer.Option("--lang", expose_value=True)]
PrintFormat = Annotated[Format | None, typer.Option("--format")]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", dir_okay=False)]
Year = Annotated[int | None, typer.Option("--year")]
Counties = Annotated[list[str] | None, typer.Option("--county", metavar="COUNTY")]
Applicant = Annotated[str, typer.Option("--applicant")]
MetricsPort = Annotated[str | None, typer.Option("--metrics-port", metavar="[HOST:]PORT")]
MetricsFile = Annotated[Path | None, typer.Option("--metrics-file", metavar="FILE", dir_okay=False)]

DEFAULT_DATA = "data"
