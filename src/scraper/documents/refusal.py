"""Why a file is not read; what readers raise, so that only their chooser speaks of the file by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Refused(Exception):  # noqa: N818 - the name says all
    """A file is not read; ``code`` and ``values`` are those of the message that says why."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@contextmanager
def needing(extra: str, kind: str) -> Iterator[None]:
    """Around imports of packages that only ``extra`` installs and files of ``kind`` need.

    Raises :class:`Refused` where they are not installed.
    """
    try:
        yield
    except ImportError as error:
        raise Refused("extra_missing", kind=kind, extra=extra) from error
