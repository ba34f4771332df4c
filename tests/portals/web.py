"""The simulator's web server: hosts on loopback that answer as portals do, and a log of who asked."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from portals.truth import Report


@dataclass(frozen=True)
class Request:
    """A request as it came. ``headers`` have lower-case names; ``at`` is in seconds, as `time.monotonic`."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    at: float = 0.0

    @property
    def path(self) -> str:
        """The address without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The fields of the query, then of a form that was posted."""
        posted = self.body.decode("latin-1") if self.method == "POST" else ""
        return dict(
            parse_qsl(urlsplit(self.target).query, keep_blank_values=True)
            + parse_qsl(posted, keep_blank_values=True)
        )

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the client sent back."""
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


@dataclass(frozen=True)
class Answer:
    """A response.

    ``headers`` may repeat a name. ``wait`` are seconds before anything is sent, ``drip`` seconds between
    pieces of the body, ``reset`` breaks the connection instead of answering.
    """

    body: bytes = b""
    status: int = 200
    content_type: str | None = "text/html; charset=utf-8"
    headers: Sequence[tuple[str, str]] = ()
    wait: float = 0.0
    drip: float = 0.0
    reset: bool = False


NOT_FOUND = Answer("<html><head><title>404</title></head><body>页面不存在</body></html>".encode(), 404)


class Site:
    """One web site; subclasses set ``hosts`` and give ``answer``.

    Sites that share a ``platform`` are reached at one address and port, as counties on their
    prefecture's platform are. With ``tls`` the site speaks HTTPS through that context.
    """

    hosts: tuple[str, ...] = ()
    platform: str = ""
    tls: ssl.SSLContext | None = None

    def answer(self, request: Request) -> Answer:
        """What the site says to ``request``."""
        raise NotImplementedError


class Portal:
    """A portal: its sites, where a crawler begins, and the truth about it."""

    name: str
    county_code: str
    county: str
    home: str

    def sites(self) -> list[Site]:
        """All sites of the portal, other hosts that its links lead to included."""
        raise NotImplementedError

    def truth(self) -> list[Report]:
        """Every report of the portal, those included that can't be had."""
        raise NotImplementedError

    def decoys(self) -> frozenset[str]:
        """Addresses that are no reports though they look like some."""
        return frozenset()


@dataclass
class Network:
    """The simulated hosts while they are served.

    ``resolve`` gives ``127.0.0.1:port`` for each host; HTTPS sites stand under ``host:443``. ``log`` has
    every request in the order of arrival, ``most_at_once`` the most requests that one listener worked on
    at one time.
    """

    resolve: dict[str, str] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    most_at_once: dict[str, int] = field(default_factory=dict)


@contextmanager
def serving(sites: Sequence[Site]) -> Iterator[Network]:
    """Serves ``sites`` on free ports of this machine while the block runs."""
    network = Network()
    listeners: dict[str, dict[str, Site]] = {}
    for number, site in enumerate(sites):
        key = site.platform or f"site {number}"
        listeners.setdefault(f"{key} tls" if site.tls else key, {}).update(dict.fromkeys(site.hosts, site))
    with ExitStack() as stack:
        for key, by_host in listeners.items():
            server = stack.enter_context(_listening(key, by_host, network))
            secure = next(iter(by_host.values())).tls is not None
            for host in by_host:
                network.resolve[f"{host}:443" if secure else host] = f"127.0.0.1:{server.server_address[1]}"
        yield network


@contextmanager
def _listening(key: str, by_host: dict[str, Site], network: Network) -> Iterator[ThreadingHTTPServer]:
    server = _Server(key, by_host, network)
    context = next(iter(by_host.values())).tls
    if context is not None:
        # The handshake is left to the thread of the connection, so that a broken one blocks nobody.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, key: str, by_host: dict[str, Site], network: Network) -> None:
        self.key = key
        self.by_host = by_host
        self.network = network
        self.lock = Lock()
        self.closing = Event()
        self.working = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # HTTPServer would look its own name up, which takes seconds where no name server answers.
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: clients leave in the middle of answers, and refuse certificates."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written apart: waiting to send them together costs 40 ms a request.
    disable_nagle_algorithm = True
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.working += 1
            most = self.server.network.most_at_once
            most[self.server.key] = max(most.get(self.server.key, 0), self.server.working)
        self._is_working = True
        try:
            self._serve()
        finally:
            self._rest()

    def _rest(self) -> None:
        """Ends the work on a request: before its last bytes go out, for then the client may ask again."""
        if self._is_working:
            self._is_working = False
            with self.server.lock:
                self.server.working -= 1

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for
    do_HEAD = do_GET  # noqa: N815

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        host = self.headers.get("Host", "").partition(":")[0].lower()
        request = Request(
            self.command,
            host,
            self.path,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
            time.monotonic(),
        )
        self.server.network.log.append(request)
        site = self.server.by_host.get(host)
        self._send(site.answer(request) if site else Answer(b"no such host here", 421, "text/plain"))

    def _send(self, answer: Answer) -> None:
        self.server.closing.wait(answer.wait)
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if self.command == "HEAD" or not answer.body:
            self._rest()
        self.send_response(answer.status)
        if answer.content_type is not None:
            self.send_header("Content-Type", answer.content_type)
        names = {name.lower() for name, _ in answer.headers}
        for name, value in answer.headers:
            self.send_header(name, value)
        if "content-length" not in names and "transfer-encoding" not in names and answer.status != 304:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        if not answer.drip:
            self._rest()
            self.wfile.write(answer.body)
            return
        for start in range(0, len(answer.body), 1024):
            self.wfile.write(answer.body[start : start + 1024])
            self.wfile.flush()
            if self.server.closing.wait(answer.drip):
                self.close_connection = True
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the network's log is the log."""
