"""Sentences to standard error: progress, notes, warnings. Standard output is for records alone."""

from __future__ import annotations

import sys

from nianbao.records import Column
from nianbao.wording import sentence


def say(code: str, /, **values: object) -> None:
    """A sentence of progress."""
    sys.stderr.write(f"{sentence(code, **values)}\n")


def tell(text: str) -> None:
    """Progress that is worded elsewhere."""
    sys.stderr.write(f"{text}\n")


def note(code: str, /, **values: object) -> None:
    """Something that a reader of the output must know."""
    sys.stderr.write(f"{sentence('note')}{sentence(code, **values)}\n")


def warn(text: str) -> None:
    """Something that went wrong without ending the command."""
    sys.stderr.write(f"{sentence('warning')}{text}\n")


def column(key: str, *, brief: bool = True) -> Column:
    """The column ``key`` with its label."""
    return Column(key, sentence(f"column_{key}"), brief)
