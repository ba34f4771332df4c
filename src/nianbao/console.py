"""Sentences to standard error: progress, notes, warnings. Standard output is for records alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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


def _unseen(done: int, total: int) -> None:
    pass


@contextmanager
def documents_read(seen: Callable[[int, int], None] = _unseen) -> Iterator[Callable[[int, int], None]]:
    """Shows on a terminal how many documents of how many were read, how fast, and how long the rest takes.

    ``seen`` is told the same.
    """
    if not sys.stderr.isatty():
        yield seen
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def show(done: int, total: int) -> None:
            seen(done, total)
            speed = progress.tasks[task].speed or 0
            said = sentence("documents_read", speed=f"{speed:,.0f}")
            progress.update(task, completed=done, total=total, description=said)

        yield show


def column(key: str, *, brief: bool = True) -> Column:
    """The column ``key`` with its label."""
    return Column(key, sentence(f"column_{key}"), brief)
