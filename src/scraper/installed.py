"""What decides how a document is read besides the document: this program, and what it is installed with."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

# What reads formats, and what writes the files of shared storage.
_LIBRARIES = (
    "distributed", "duckdb", "numpy", "olefile", "onnxruntime", "opencc", "opencv-python-headless", "pyarrow",
    "pypdfium2", "python-calamine", "rapidocr", "selectolax", "warcio",
)  # fmt: skip

_CODE = frozenset({".py", ".toml", ".csv", ".sql"})

MISSING = "-"
"""Stands for the version of what is not installed, as what an extra would have brought."""


@cache
def installed() -> dict[str, str]:
    """Names and versions; processes in which they are the same read every document alike.

    The version of ``nianbao`` ends with a digest of its code, which tells one checkout from another.
    """
    found = {name: _version(name) for name in _LIBRARIES}
    return {"nianbao": f"{_version('nianbao')}+{_digest()}", "Python": _python(), **found}


def differences(here: dict[str, str], there: dict[str, str]) -> list[tuple[str, str, str]]:
    """Name, version here, version there, of each that differs."""
    return [
        (name, here.get(name, MISSING), there.get(name, MISSING))
        for name in {**here, **there}
        if here.get(name, MISSING) != there.get(name, MISSING)
    ]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return MISSING


def _python() -> str:
    """Without the last number: releases that mend faults read alike."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _digest() -> str:
    folder = Path(str(files("scraper")))
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _CODE):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]
