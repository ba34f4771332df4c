"""What an entry of a registry may hold: every key, its kind, and what is wrong with an entry."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from scraper.messages import Message, message
from scraper.places import County, counties_named, county_by_code

Entry = Mapping[str, Any]

NEEDED = ("county_code", "county", "home")
TLS = ("verify", "legacy", "unverified")

_TEXT = {"en": "text in quotes", "zh": "加引号的文字"}
_TEXTS = {"en": 'a list of texts, as ["…", "…"]', "zh": '文字列表，如 ["…", "…"]'}
_TRUTH = {"en": "true or false", "zh": "true 或 false"}
_NUMBER = {"en": "a number of seconds, 0 or more", "zh": "秒数（0 或以上）"}
_COUNT = {"en": "a whole number above 0", "zh": "大于 0 的整数"}

_TIME = r"(?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?|24:00)"
_HOURS = re.compile(rf"(?P<begin>{_TIME})-(?P<end>{_TIME})")
_FAMILY = re.compile(r"[a-z0-9_]*")
_SEEN = re.compile(r"(?P<year>20\d\d)(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)+")
_SAMPLE_CODE = re.compile(r"9901\d\d")
_NO_HOST = re.compile(r"[\s/\\@?#]")


def problems(entry: Entry) -> Iterator[Message]:
    """What is wrong with ``entry``, one sentence for each fault, with its cure."""
    for key in NEEDED:
        if not entry.get(key):
            yield message("entry_missing", key=key)
    sound = True
    for key, value in entry.items():
        said = _fault(key, value)
        if said is not None:
            sound = False
            yield said
    if sound and all(entry.get(key) for key in NEEDED):
        yield from _place_problems(entry)


def _fault(key: str, value: Any) -> Message | None:
    if key not in KEYS:
        return message("entry_unknown_key", key=key, known=", ".join(KEYS))
    kind, is_kind, check = KEYS[key]
    if not is_kind(value):
        return message("entry_kind", key=key, kind=kind, value=repr(value))
    return check(key, value) if check and value != "" else None


def _code(key: str, value: str) -> Message | None:
    return None if re.fullmatch(r"\d{6}", value) else message("entry_code", value=value)


def _home(key: str, value: str) -> Message | None:
    return None if is_address(value) else message("entry_address", key=key, value=value)


def _lists(key: str, value: list[str]) -> Message | None:
    wrong = next((url for url in value if not is_address(url)), None)
    return None if wrong is None else message("entry_address", key=key, value=wrong)


def _hosts(key: str, value: list[str]) -> Message | None:
    wrong = next((host for host in value if not _is_host(host)), None)
    return None if wrong is None else message("entry_host", value=wrong)


def _family(key: str, value: str) -> Message | None:
    return None if _FAMILY.fullmatch(value) else message("entry_family", value=value)


def _hours(key: str, value: str) -> Message | None:
    match = _HOURS.fullmatch(value)
    return None if match and match["begin"] != match["end"] else message("entry_hours", value=value)


def _tls(key: str, value: str) -> Message | None:
    return None if value in TLS else message("entry_tls", value=value, known=", ".join(TLS))


def _seen(key: str, value: str) -> Message | None:
    match = _SEEN.fullmatch(str(value))
    try:
        if match:
            date(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1))
            return None
    except ValueError:
        pass
    return message("entry_seen", value=value)


def is_address(url: str) -> bool:
    """Whether ``url`` is a web address that can be asked for as it stands."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.fragment:
        return False
    return bool(parts.hostname) and _is_host(parts.netloc) and not re.search(r"\s", url)


def _is_host(written: str) -> bool:
    """Whether this is a host as it stands in an address, with or without a port."""
    if _NO_HOST.search(written):
        return False
    try:
        parts = urlsplit(f"//{written}")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return True


def _place_problems(entry: Entry) -> Iterator[Message]:
    """Whether the code and the names of an entry mean the same county of the register."""
    county = county_by_code(entry["county_code"])
    if county is None:
        sample = _SAMPLE_CODE.fullmatch(entry["county_code"]) and entry.get("sample")
        if not sample and not entry.get("province"):
            yield message("entry_code_unknown", code=entry["county_code"], likely=_likely(entry["county"]))
        return
    if entry["county"] not in (*county.names, county.short_name):
        yield message(
            "entry_county_differs",
            code=county.code,
            registered=f"{county.province}{county.prefecture}{county.name}",
            county=entry["county"],
            likely=_likely(entry["county"]),
        )
    for key, registered in (("prefecture", county.prefecture), ("province", county.province)):
        if entry.get(key) and entry[key] != registered:
            values = {"key": key, "value": entry[key], "registered": registered or "–"}
            yield message("entry_area_differs", code=county.code, county=county.name, **values)


def _likely(name: str) -> str:
    return "; ".join(map(_place, counties_named(name))) or "–"


def _place(county: County) -> str:
    return f"{county.code} {county.province}{county.prefecture}{county.name}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_date(value: Any) -> bool:
    return isinstance(value, str) or type(value) is date


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(one, str) and one for one in value)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0


_Key = tuple[dict[str, str], Callable[[Any], bool], Callable[[str, Any], Message | None] | None]
# In the order in which entries are written.
KEYS: dict[str, _Key] = {
    "county_code": (_TEXT, _is_text, _code),
    "county": (_TEXT, _is_text, None),
    "prefecture": (_TEXT, _is_text, None),
    "province": (_TEXT, _is_text, None),
    "home": (_TEXT, _is_text, _home),
    "lists": (_TEXTS, _are_texts, _lists),
    "hosts": (_TEXTS, _are_texts, _hosts),
    "family": (_TEXT, _is_text, _family),
    "delay": (_NUMBER, _is_number, None),
    "hours": (_TEXT, _is_text, _hours),
    "tls": (_TEXT, _is_text, _tls),
    "loopback": (_TRUTH, _is_truth, None),
    "most_pages": (_COUNT, _is_count, None),
    "most_bytes": (_COUNT, _is_count, None),
    "sample": (_TRUTH, _is_truth, None),
    "disabled": (_TRUTH, _is_truth, None),
    "source": (_TEXT, _is_text, None),
    "seen": (_TEXT, _is_date, _seen),
}
