"""Why a picture can't be drawn."""

from __future__ import annotations


class PictureFault(Exception):  # noqa: N818 - the fault is in what is asked
    """``code`` names what is wrong with what was asked for, ``values`` fill its sentence.

    ``nothing``: there is no figure. ``too_many``, ``too_many_lines``, ``too_many_ranked``,
    ``too_many_metrics``, ``too_many_panels`` (``count``, ``most``): more than a picture holds. ``kind``
    (``given``, ``known``): the answer can't be drawn so; ``one_year`` (the same): the kind shows one year.
    ``no_boundaries``: a map was asked for without; ``boundaries`` (``file``, ``reason``): they can't be read;
    ``boundaries_foreign`` (``file``): they hold none of the counties.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(f"{code} {values}")
        self.code = code
        self.values = values
