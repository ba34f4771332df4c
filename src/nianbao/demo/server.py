"""Serves the sample portals on this machine, each at a port of its own."""

from __future__ import annotations

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from nianbao.demo.pages import Page, Site, sample_sites

_LOOPBACK = "127.0.0.1"

# Seconds between looks at whether the block has ended.
_POLL = 0.05

_NO_SUCH_HOST = Page(b"No such host is served here.\n", "text/plain", status=404)


class SamplePortals:
    """The sample portals while the ``with`` block runs.

    Their host names exist nowhere: give ``resolve`` to the crawler, which then reaches them. ``requests``
    are the addresses asked for, in the order of asking, without ``http://``.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._servers = [_Server(site, self.requests) for site in sample_sites()]
        self.resolve = {
            server.site.host: f"{_LOOPBACK}:{server.server_address[1]}" for server in self._servers
        }

    def __enter__(self) -> Self:
        for server in self._servers:
            Thread(target=server.serve_forever, args=(_POLL,), name=server.site.host, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    def __init__(self, site: Site, requests: list[str]) -> None:
        self.site = site
        self.requests = requests
        super().__init__((_LOOPBACK, 0), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would look its own name up, which takes seconds where no name server answers.
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients may leave in the middle of an answer.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written apart: waiting to send them together costs 40 ms a request.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        page = self._page()
        if page.status == HTTPStatus.OK and self.headers.get("If-None-Match") == page.tag:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", page.tag)
            self.end_headers()
            return
        self._send_head(page)
        self.wfile.write(page.body)

    def do_HEAD(self) -> None:
        self._send_head(self._page())

    def _page(self) -> Page:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        self.server.requests.append(host + self.path)
        return self.server.site.answer(self.path) if host == self.server.site.host else _NO_SUCH_HOST

    def _send_head(self, page: Page) -> None:
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("ETag", page.tag)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: ``requests`` is the log."""
