"""The same crawl by Scrapy: every response into a WARC file, the links of every page followed.

Run by ``crawling.py`` in a process of its own: ``scrapy_peer.py WARC CONCURRENCY HOME…``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.linkextractors import LinkExtractor
from scrapy.resolver import dnscache
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

_REASONS = {200: "OK"}


class Portals(scrapy.Spider):  # type: ignore[misc] # Scrapy is not installed where mypy runs
    """Crawls the disclosure pages of portals."""

    name = "portals"

    def __init__(self, writer: WARCWriter, homes: list[str]) -> None:
        super().__init__()
        self.start_urls = homes
        self._writer = writer
        hosts = [urlsplit(home).netloc for home in homes]
        self._links = LinkExtractor(allow=r"/zfxxgk/", allow_domains=hosts)

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        """Keeps a response, and follows its links."""
        self._keep(response)
        for link in self._links.extract_links(response):
            yield scrapy.Request(link.url)

    def _keep(self, response: Response) -> None:
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        status = f"{response.status} {_REASONS.get(response.status, '')}"
        record = self._writer.create_warc_record(
            response.url,
            "response",
            payload=BytesIO(response.body),
            http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
        )
        self._writer.write_record(record)


def main() -> None:
    """Crawls as the arguments say."""
    path, concurrency, *homes = sys.argv[1:]
    # What --resolve is to nianbao.
    for home in homes:
        dnscache[urlsplit(home).hostname] = "127.0.0.1"
    process = CrawlerProcess(
        settings={
            "CONCURRENT_REQUESTS": int(concurrency),
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": True,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_ENABLED": False,
        }
    )
    with Path(path).open("wb") as warc:
        process.crawl(Portals, writer=WARCWriter(warc, gzip=True), homes=homes)
        process.start()


if __name__ == "__main__":
    main()
