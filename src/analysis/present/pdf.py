"""PDF files, set by Typst from a template and plain data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

from analysis.present.fonts import SANS, SERIF, ExtraMissing, font_files

# Smaller than this nobody reads it; what needs two pages more than it should is not made to fit.
_SCALES = ("1", "0.94", "0.88", "0.82")
_COUNT = re.compile(rb"/Count (\d+)")


class Press:
    """Sets pages of one template, one after the other; the fonts are read once.

    Raises :class:`ExtraMissing` where the extra ``pdf`` is not installed.
    """

    def __init__(self, template: str) -> None:
        try:
            import typst
        except ImportError as error:
            raise ExtraMissing("pdf") from error
        folders = sorted({str(path.parent) for path in font_files().values()})
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=folders,
        )
        self._source = (files(__package__) / template).read_bytes()
        self._compiler = typst.Compiler(font_paths=fonts)

    def pdf(self, page: Mapping[str, Any], at: datetime, fitting: Sequence[int] = (1,)) -> bytes:
        """The PDF of ``page``, which says that it was made ``at`` that time.

        What would need one page more than a number of ``fitting`` is set smaller if it fits so: by as little
        as can be, and for any but the last of these numbers by one step at most. The template takes ``page``
        as data, so that nothing in it can be taken for markup.
        """
        full = self._set(page, at, _SCALES[0])
        wanted = _pages(full) - 1
        if wanted not in fitting:
            return full
        scales = _SCALES[1:] if wanted == fitting[-1] else _SCALES[1:2]
        smaller = (self._set(page, at, scale) for scale in scales)
        return next((made for made in smaller if _pages(made) == wanted), full)

    def _set(self, page: Mapping[str, Any], at: datetime, scale: str) -> bytes:
        words = json.dumps(page, ensure_ascii=False)
        given = {"page": words, "sans": SANS, "serif": SERIF, "scale": scale}
        made = self._compiler.compile(
            self._source, format="pdf", sys_inputs=given, timestamp=int(at.timestamp())
        )
        assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file
        return made


def _pages(pdf: bytes) -> int:
    """How many pages a PDF of Typst's has, as its page tree says."""
    counts = [int(count) for count in _COUNT.findall(pdf)]
    return max(counts, default=0)
