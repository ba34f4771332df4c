"""The file of decisions: one JSON line each, only ever added to.

The database can be made anew from the archive at any time; what people decided can't.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

Verdict = Literal["confirmed", "dismissed", "open"]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Decision:
    """What somebody decided about a finding, and what the finding said then.

    ``verdict`` is ``open`` where an earlier decision is taken back. ``decided_at`` is UTC. ``message`` is
    the finding in words, in both languages.
    """

    decided_at: datetime
    name: str
    verdict: Verdict
    note: str
    finding_id: str
    report_id: str
    url: str
    publisher: str | None
    year: int | None
    rule: str
    applicant: str | None
    metrics: tuple[str, ...]
    expected: float | None
    actual: float | None
    message: Mapping[str, str]


def read_decisions(path: Path) -> tuple[dict[int, Decision], list[int]]:
    """The decisions by their line in the file, from 1, and the lines that are none.

    A damaged line hides no other. Without a file there are no decisions. Raises :class:`OSError` where
    the file can't be read.
    """
    decisions: dict[int, Decision] = {}
    damaged: list[int] = []
    if not path.exists():
        return decisions, damaged
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            decisions[number] = _decision(json.loads(line))
        except (ValueError, KeyError, TypeError):
            damaged.append(number)
    return decisions, damaged


def record_decisions(path: Path, decisions: Sequence[Decision]) -> None:
    """Adds ``decisions`` to the file, all of them or, where that fails, none.

    Several processes may do so at once. Raises :class:`OSError` where the file can't be written.
    """
    text = "".join(f"{json.dumps(_line(decision), ensure_ascii=False)}\n" for decision in decisions)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        try:
            # A line that was cut short must not take the next one with it.
            file.write(b"\n" if _cut_short(path, end) else b"")
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), end)
            raise


def _cut_short(path: Path, size: int) -> bool:
    if not size:
        return False
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) != b"\n"


def _line(decision: Decision) -> dict[str, Any]:
    return vars(decision) | {
        "decided_at": decision.decided_at.astimezone(UTC).isoformat(timespec="seconds"),
        "metrics": list(decision.metrics),
        "message": dict(decision.message),
    }


def _decision(line: dict[str, Any]) -> Decision:
    """The decision that a line holds; what a later version adds to it is passed over."""
    moment = datetime.fromisoformat(line["decided_at"])
    if line["verdict"] not in get_args(Verdict) or moment.tzinfo is None:
        raise ValueError(line)
    texts = {name: line[name] for name in ("name", "note", "finding_id", "report_id", "url", "rule")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError(line)
    return Decision(
        decided_at=moment.astimezone(UTC),
        verdict=line["verdict"],
        publisher=_maybe(str, line["publisher"]),
        year=_maybe(int, line["year"]),
        applicant=_maybe(str, line["applicant"]),
        metrics=tuple(map(str, line["metrics"])),
        expected=_maybe(float, line["expected"]),
        actual=_maybe(float, line["actual"]),
        message={language: str(line["message"][language]) for language in ("zh", "en")},
        **texts,
    )


def _maybe(kind: Callable[[Any], Value], value: Any) -> Value | None:
    return None if value is None else kind(value)
