"""The Chinese typefaces of everything that is drawn or printed: the same on every machine.

They come in a package of the extras ``pdf`` and ``plot`` (Noto Sans SC and Noto Serif SC, SIL Open Font
License 1.1). Those of the system are never used: what one machine has another lacks, and no file would come
out the same twice.
"""

from __future__ import annotations

from pathlib import Path

SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"


class ExtraMissing(Exception):  # noqa: N818 - it is a state of the installation
    """What an extra of the package brings is not installed."""

    def __init__(self, extra: str) -> None:
        super().__init__(extra)
        self.extra = extra


def font_files(extra: str = "pdf") -> dict[str, Path]:
    """The file of each typeface. Raises :class:`ExtraMissing`, which names ``extra``, without them."""
    try:
        from pylopdf_fonts_zh_cn import sans_path, serif_path
    except ImportError as error:
        raise ExtraMissing(extra) from error
    return {SANS: sans_path(), SERIF: serif_path()}
