"""One archived response and its line in a CDXJ index."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

import surt

_TIMESTAMP = "%Y%m%d%H%M%S"


def key_of(url: str, method: str = "GET", posted: bytes = b"") -> str:
    """The address under which the answer to a request is indexed, by the convention of pywb.

    A GET request has its own address; a POST request that followed by its body.
    """
    if method == "GET":
        return url
    try:
        body = posted.decode()
    except UnicodeDecodeError:
        body = f"__wb_post_data={b64encode(posted).decode()}"
    return f"{url}{'&' if '?' in url else '?'}__wb_method={method}" + (f"&{body}" if body else "")


@dataclass(frozen=True, slots=True)
class Capture:
    """Where one response lies in the archive, and what it was.

    ``offset`` and ``length`` are bytes of the gzip member in ``warc_file``; ``digest`` is the payload
    digest of the record, ``sha256`` that of the decoded body. A ``revisit`` has no body of its own: it
    says that an earlier one came again (or, with the status 304, still holds).
    """

    url: str
    captured_at: datetime
    status: int
    mime: str
    digest: str
    sha256: str
    warc_file: str
    offset: int
    length: int
    revisit: bool = False

    def cdxj(self) -> str:
        """The capture's line, which sorts by address and time."""
        fields = {
            "url": self.url,
            "mime": self.mime,
            "status": str(self.status),
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": self.warc_file,
            "sha256": self.sha256,
        }
        moment = self.captured_at.strftime(_TIMESTAMP)
        return f"{surt.surt(self.url)} {moment} {json.dumps(fields, ensure_ascii=False)}\n"


def read_cdxj(line: str) -> Capture:
    """The capture that a line describes. Raises :class:`ValueError` for a line cut short."""
    _, moment, fields = line.split(" ", 2)
    entry = json.loads(fields)
    return Capture(
        url=entry["url"],
        captured_at=datetime.strptime(moment, _TIMESTAMP).replace(tzinfo=UTC),
        status=int(entry["status"]),
        mime=entry["mime"],
        digest=entry["digest"],
        sha256=entry["sha256"],
        warc_file=entry["filename"],
        offset=int(entry["offset"]),
        length=int(entry["length"]),
    )
