"""A portal simulator for tests: answers on loopback with what a test tells it to, and logs who asked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Answer:
    """A response; ``wait`` are seconds before it is sent."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0


Answers = Mapping[str, Answer | list[Answer]]
"""What is answered by path; of a list one after the other, the last for ever."""


@dataclass(frozen=True)
class Asked:
    """A request as it came: path, headers, and the moment in seconds."""

    path: str
    headers: dict[str, str]
    at: float


class PortalServer:
    """Answers by path; ``asked`` are the requests so far."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.asked: list[Asked] = []
        self._counts: dict[str, int] = {}
        self.port = 0

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.path for request in self.asked]

    def answer(self, path: str) -> Answer:
        """The next answer for ``path``."""
        given = self.answers.get(path, Answer(b"<html>not here</html>", 404))
        if isinstance(given, Answer):
            return given
        count = self._counts.get(path, 0)
        self._counts[path] = count + 1
        return given[min(count, len(given) - 1)]


@contextmanager
def serving(answers: Answers) -> Iterator[PortalServer]:
    """A portal on a free port of this machine while the block runs."""
    portal = PortalServer(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are written apart: waiting to send them together costs 40 ms a request.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            portal.asked.append(Asked(self.path, dict(self.headers), time.monotonic()))
            answer = portal.answer(self.path)
            time.sleep(answer.wait)
            self.send_response(answer.status)
            headers = {"Content-Type": "text/html; charset=utf-8", **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    portal.port = server.server_address[1]
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
