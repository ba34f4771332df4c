"""``nianbao parse`` with a stopwatch held to its steps: ``stopwatch.py FILE parse --data FOLDER``.

Writes into FILE, as JSON, the seconds of each step, and the processor seconds of the main process in it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import scraper.parse
from nianbao.cli import main as nianbao
from nianbao.commands import collect

# What each step is called in the command.
STEPS = {"parse_into": "reading", "record_reuse": "reuse", "record_findings": "findings"}

Moment = tuple[float, float]


def now() -> Moment:
    """Seconds by the clock, and of the processor."""
    return time.perf_counter(), time.process_time()


def main() -> None:
    """Runs the command, and ends with its exit code."""
    file, arguments = Path(sys.argv[1]), sys.argv[2:]
    began = now()
    spans: dict[str, tuple[Moment, Moment]] = {}
    read: list[Moment] = []

    def timed(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            started = now()
            try:
                return function(*given, **named)
            finally:
                spans[step] = started, now()

        return call

    def settling(*given: Any, **named: Any) -> Any:
        read.append(now())
        return made(*given, **named)

    made = vars(scraper.parse)["Settling"]
    vars(scraper.parse)["Settling"] = settling
    for name, step in STEPS.items():
        setattr(collect, name, timed(step, getattr(collect, name)))
    try:
        nianbao(arguments)
    finally:
        started, ended = spans["reading"]
        spans["reading"], spans["settling"] = (started, read[0]), (read[0], ended)
        spans["all"] = began, now()
        file.write_text(json.dumps({step: _told(*span) for step, span in spans.items()}), encoding="utf-8")


def _told(started: Moment, ended: Moment) -> dict[str, float]:
    return {"seconds": ended[0] - started[0], "main_processor": ended[1] - started[1]}


if __name__ == "__main__":
    main()
