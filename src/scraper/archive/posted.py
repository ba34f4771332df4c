"""Requests that send a body, and the addresses by which their answers are found: the convention of pywb.

https://github.com/webrecorder/pywb/blob/main/pywb/warcserver/inputrequest.py
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote, unquote_plus, urlencode

# What no address may hold (RFC 3986) and replay software does not expect in a record.
_UNSAFE = re.compile(r"[^!-~]|[<>]")
_KEY = re.compile(r"(.*?)[?&]__wb_method=([A-Z]+)(?:&(.*))?", re.DOTALL)
_LONGEST_QUERY = 4096


def key_of(url: str, method: str = "GET", posted: bytes = b"") -> str:
    """The address under which the answer to a request is indexed.

    That of a GET request is its own; that of a POST request is followed by the body, in base 64 where it
    is no text. What an address can't hold, such as Chinese letters and blanks, is percent-encoded.
    """
    address = _safe(url)
    if method == "GET":
        return address
    try:
        text = posted.decode()
    except UnicodeDecodeError:
        text = f"__wb_post_data={b64encode(posted).decode()}"
    return _with_method(address, method, text)


def as_key(url: str) -> str:
    """``url``, which may be a key already, as it is indexed."""
    found = _KEY.fullmatch(url)
    return _with_method(_safe(found[1]), found[2], found[3] or "") if found else _safe(url)


def address_of(key: str) -> str:
    """The address that was asked, without method and body."""
    found = _KEY.fullmatch(key)
    return found[1] if found else key


def is_posted(key: str) -> bool:
    """Whether ``key`` is that of a request other than GET."""
    return _KEY.fullmatch(key) is not None


def method_and_query(key: str) -> tuple[str, str]:
    """The method of a request, and its body as the query that pywb makes of it."""
    found = _KEY.fullmatch(key)
    if not found:
        return "GET", ""
    body = found[3] or ""
    query = _json_query(body) if body.startswith(("{", "[")) else unquote_plus(body)
    return found[2], query[:_LONGEST_QUERY]


def replayed_as(key: str) -> str:
    """The address by which pywb looks for the answer to a request."""
    method, query = method_and_query(key)
    return key if method == "GET" else _with_method(address_of(key), method, query)


def content_type_of(posted: bytes) -> str:
    """What a posted body is: JSON where it begins as JSON does, else the fields of a form."""
    return "application/json" if posted.startswith((b"{", b"[")) else "application/x-www-form-urlencoded"


def _with_method(address: str, method: str, body: str) -> str:
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}__wb_method={method}" + (f"&{body}" if body else "")


def _safe(url: str) -> str:
    scheme, colon, rest = url.strip().partition(":")
    return _UNSAFE.sub(lambda found: quote(found[0], errors="surrogatepass"), scheme.lower() + colon + rest)


def _json_query(body: str) -> str:
    """The values of a JSON document as fields of a form; a name that comes again is numbered."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    fields: dict[str, str] = {}
    counts: dict[str, int] = {}
    for name, value in _leaves(document, ""):
        if name not in fields:
            fields[name] = value
        else:
            counts[name] = counts.get(name, 1) + 1
            fields[f"{name}.{counts[name]}_"] = value
    return urlencode(fields)


def _leaves(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _leaves(below, key)
    elif isinstance(value, list):
        for below in value:
            yield from _leaves(below, name)
    elif name:
        yield name, _as_in_a_query(value)


def _as_in_a_query(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
