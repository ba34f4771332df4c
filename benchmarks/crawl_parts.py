"""What the parts of a crawl cost, each alone, on the report pages that the crawls of ``crawling.py`` see.

``make benchmark`` runs this. It prints a Markdown table of CPU time, medians.
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

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

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


def parts() -> dict[str, float]:
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
            "nianbao: the links of a page": lambda url, body: page_of(body, "utf-8", url).links,
            "nianbao: a record in the archive": store,
            "nianbao: what the answer is": lambda url, body: judge(
                Request(url), 200, Payload.of(HEADERS, body)
            ),
            "nianbao: whose report, of which year": lambda url, body: recognise(page_of(body, "utf-8", url)),
            "Scrapy: the links of a page": lambda url, body: links.extract_links(
                HtmlResponse(url, body=body, headers={"Content-Type": HEADERS[0][1]})
            ),
            "Scrapy: a record by warcio": write,
        }
        return {name: _milliseconds(work, bodies) for name, work in works.items()}


def _milliseconds(work: Callable[[str, bytes], object], bodies: dict[str, bytes]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for url, body in bodies.items():
            work(url, body)
        times.append((time.process_time() - began) / len(bodies))
    return statistics.median(times) * 1000


def main() -> None:
    """Measures and prints the table."""
    print("| part, measured alone | CPU ms a page |\n|---|---:|")
    for name, milliseconds in parts().items():
        print(f"| {name} | {milliseconds:.2f} |")


if __name__ == "__main__":
    main()
