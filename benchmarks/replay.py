"""Replays an archive on loopback, as a proxy: whoever asks for an address is given what was archived.

``replay.py FOLDER`` prints where it listens, and ends when its input ends.
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from scraper.archive import Archive

kept: dict[str, tuple[str, bytes]] = {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        found = kept.get(self.path)
        kind, body = found or ("text/plain", b"")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def main() -> None:
    """Replays until its input ends."""
    with Archive(Path(sys.argv[1])) as archive:
        for capture in archive.captures():
            kept[capture.url] = capture.mime, archive.read(capture).body
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
