"""Serves the simulator for people and other programs: ``PYTHONPATH=tests python -m portals FOLDER``.

Writes into FOLDER what a crawl needs (``portals.toml``), what is true (``truth.json``), and, at the end, who
asked for what (``requests.jsonl``). Prints the command that crawls the portals, and stops by itself.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from portals import volume
from portals.catalogue import PORTALS
from portals.web import Network, Portal, serving
from scraper.portals import Portal as Entry
from scraper.portals import write_registry


def main() -> None:
    """Serves the portals of the catalogue, or so many small ones, for so many seconds at most."""
    asked = argparse.ArgumentParser(prog="portals", description=__doc__)
    asked.add_argument("folder", type=Path, help="where portals.toml and truth.json are written")
    asked.add_argument("--seconds", type=float, default=600.0, help="how long to serve (600)")
    asked.add_argument("--volume", type=int, default=0, help="serve so many small portals instead")
    given = asked.parse_args()
    portals = volume.portals(given.volume) if given.volume else [entry.build() for entry in PORTALS]
    given.folder.mkdir(parents=True, exist_ok=True)
    with serving([site for portal in portals for site in portal.sites()]) as network:
        _write(given.folder, portals)
        print(_command(given.folder, network), flush=True)
        _wait(given.seconds)
        _log(given.folder, network)


def _write(folder: Path, portals: Sequence[Portal]) -> None:
    entries = [
        Entry(
            portal.county_code, portal.county, portal.home,
            prefecture="示例市", province="示例省", delay=0.0, sample=True, loopback=True,
        )
        for portal in portals
    ]  # fmt: skip
    write_registry(folder / "portals.toml", entries)
    truth = {portal.county_code: [asdict(report) for report in portal.truth()] for portal in portals}
    (folder / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), encoding="utf-8")


def _command(folder: Path, network: Network) -> str:
    reached = " ".join(f"--resolve {host}={address}" for host, address in network.resolve.items())
    return f"nianbao crawl --data {folder} {reached}"


def _wait(seconds: float) -> None:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        return


def _log(folder: Path, network: Network) -> None:
    with (folder / "requests.jsonl").open("w", encoding="utf-8") as log:
        for request in network.log:
            line = {
                "at": request.at, "method": request.method, "host": request.host, "target": request.target,
                "user_agent": request.headers.get("user-agent"), "referer": request.headers.get("referer"),
            }  # fmt: skip
            log.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
