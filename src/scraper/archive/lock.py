"""Who may write to an archive."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class Lock:
    """Held by one process at a time; the system releases it when the process ends, however it does."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".lock"
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """Whether nobody else has it. Raises :class:`OSError` where the folder can't be written."""
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Lets others write."""
        if self._file is not None:
            self._file.close()
            self._file = None
