"""PDF files, set by Typst from a template and plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from analysis.present.fonts import SANS, SERIF, ExtraMissing, font_files


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

    def pdf(self, page: Mapping[str, Any], at: datetime) -> bytes:
        """The PDF of ``page``, which says that it was made ``at`` that time.

        The template takes ``page`` as data, so that nothing in it can be taken for markup.
        """
        given = {"page": json.dumps(page, ensure_ascii=False), "sans": SANS, "serif": SERIF}
        made = self._compiler.compile(
            self._source, format="pdf", sys_inputs=given, timestamp=int(at.timestamp())
        )
        assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file
        return made
