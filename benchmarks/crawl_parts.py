"""What the parts of a crawl cost, each alone, on the report pages that the crawls of ``crawling.py`` see.

CPU time, medians.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks.results import keep, options
from scrapy.http import HtmlResponse
from scrapy.linkextractors import LinkExtractor
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.archive import Archive, Payload
from scraper.fetching import Request
from scraper.fetching.judging import judge
from scraper.portals.page import page_of
from scraper.portals.recognition import recognise
from volume.pages import LIST_PATH, Extent, Pages, host

ROUNDS = 15
HOME = f"http://{host(0)}/"
HEADERS = [("Content-Type", "text/html; charset=utf-8")]


def parts(rounds: int) -> dict[str, float]:
    """Milliseconds of CPU time for a page, by part."""
    pages = Pages(Extent(portals=1, reports=40))
    paths = [f"{LIST_PATH}content_{number}.html" for number in range(8)]
    found = {f"{HOME[:-1]}{path}": pages.answer(0, path) for path in paths}
    bodies = {url: answer[1] for url, answer in found.items() if answer}
    numbers = count()
    links = LinkExtractor(allow=r"/zfxxgk/", allow_domains=[host(0)])
    writer = WARCWriter(BytesIO(), gzip=True)

    def store(url: str, body: bytes) -> None:
        # Each body once: one that is there already would be but a revisit record.
        archive.store_response(url, "200 OK", HEADERS, body + str(next(numbers)).encode())

    def write(url: str, body: bytes) -> None:
        said = StatusAndHeaders("200 OK", HEADERS, protocol="HTTP/1.1")
        record = writer.create_warc_record(url, "response", payload=BytesIO(body), http_headers=said)
        writer.write_record(record)

    with TemporaryDirectory() as folder, Archive(Path(folder), writing=True) as archive:
        works: dict[str, Callable[[str, bytes], object]] = {
            "links": lambda url, body: page_of(body, "utf-8", url).links,
            "record": store,
            "judging": lambda url, body: judge(Request(url), 200, Payload.of(HEADERS, body)),
            "recognition": lambda url, body: recognise(page_of(body, "utf-8", url)),
            "scrapy_links": lambda url, body: links.extract_links(
                HtmlResponse(url, body=body, headers={"Content-Type": HEADERS[0][1]})
            ),
            "scrapy_record": write,
        }
        return {name: _milliseconds(work, bodies, rounds) for name, work in works.items()}


def _milliseconds(work: Callable[[str, bytes], object], bodies: dict[str, bytes], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.process_time()
        for url, body in bodies.items():
            work(url, body)
        times.append((time.process_time() - began) / len(bodies))
    return statistics.median(times) * 1000


def main() -> None:
    """Measures, and keeps the result."""
    arguments = options(__doc__)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    given = arguments.parse_args()
    keep("crawl_parts", parts(given.rounds), given.results, ("isal", "warcio", "scrapy", "lxml"))


if __name__ == "__main__":
    main()
