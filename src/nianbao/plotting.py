"""``--plot``: what a command answers, as a picture in a file beside its records."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer

from analysis import series
from analysis.present.fonts import ExtraMissing
from nianbao.console import say
from nianbao.failures import Failure
from nianbao.records import put_in_place
from nianbao.wording import language

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.plots import Picture

_SUFFIXES = (".svg", ".png", ".html")


class PictureKind(StrEnum):
    """Kinds of pictures that a comparison or a ranking may be drawn as."""

    BARS = "bars"
    PANELS = "panels"
    DISTRIBUTION = "distribution"
    MAP = "map"


Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", dir_okay=False)]
Kind = Annotated[PictureKind | None, typer.Option("--picture")]
Marked = Annotated[list[str] | None, typer.Option("--mark", metavar="COUNTY")]
Boundaries = Annotated[Path | None, typer.Option("--boundaries", metavar="FILE", dir_okay=False)]


class Plotting:
    """Where a picture goes, and how it is to be drawn.

    Raises :class:`Failure` where the file's suffix is none that is known, or where it is said how to draw and
    not into which file.
    """

    def __init__(
        self,
        file: Path | None,
        kind: PictureKind | None = None,
        marked: Sequence[str] | None = None,
        boundaries: Path | None = None,
    ) -> None:
        if file is None and (kind or marked or boundaries):
            raise Failure("picture_without_plot", usage=True)
        if file is not None and file.suffix.lower() not in _SUFFIXES:
            raise Failure("output_suffix", usage=True, file=file, known=" ".join(_SUFFIXES))
        self._file = file
        self._kind = kind
        self._marked = marked or ()
        self._boundaries = boundaries

    def answer(
        self,
        connection: duckdb.DuckDBPyConnection,
        found: series.Comparison | series.Trend | series.Ranking,
        question: series.Question,
    ) -> None:
        """Draws ``found`` if a picture is wanted. Raises :class:`Failure` and what finding counties does."""
        if self._file is None:
            return
        from analysis.plots import draw

        marked = [series.find_county(connection, county).current_code for county in self._marked]
        sources = series.sources_of(connection, found.records)
        self._write(
            lambda: draw(
                found,
                question,
                sources,
                language(),
                kind=self._kind.value if self._kind else None,
                marked=marked,
                boundaries=self._boundaries,
            ),
            self._file,
        )

    def coverage(self, connection: duckdb.DuckDBPyConnection, found: series.Coverage) -> None:
        """Draws which reports there are, if a picture is wanted. Raises :class:`Failure`."""
        if self._file is None:
            return
        from analysis.plots import draw_coverage

        sources = series.sources_of(connection, found.records)
        self._write(lambda: draw_coverage(found, sources, language()), self._file)

    def _write(self, drawn: Callable[[], Picture], file: Path) -> None:
        from analysis.plots import PictureFault

        try:
            made = _bytes(drawn(), file.suffix.lower())
        except PictureFault as fault:
            raise Failure(f"picture_{fault.code}", usage=True, **fault.values) from fault
        except ExtraMissing as missing:
            raise Failure("picture_extra", extra=missing.extra) from missing
        put_in_place(file, lambda path: path.write_bytes(made))
        say("picture_written", file=file)


def _bytes(picture: Picture, suffix: str) -> bytes:
    if suffix == ".png":
        return picture.png()
    return (picture.svg() if suffix == ".svg" else picture.html()).encode()
