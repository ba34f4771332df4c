"""TLS: strict first, and as a registry entry allows; what went wrong, in words."""

from __future__ import annotations

import ssl
import tomllib
import warnings
from functools import cache
from importlib.resources import files
from typing import Any

import httpx

# ssl.OP_LEGACY_SERVER_CONNECT has a name from Python 3.12 on.
_LEGACY_SERVER_CONNECT = 0x4

# OpenSSL 3 speaks TLS 1.0 and 1.1 at security level 0 alone; short keys are there from level 1 down.
_OLD_CIPHERS = "DEFAULT:@SECLEVEL=0"
_COMMON_CURVE = "prime256v1"


def context_for(trust: str) -> ssl.SSLContext:
    """The settings of connections to hosts that are trusted as ``verify``, ``legacy`` or ``unverified``."""
    context = httpx.create_ssl_context()
    if trust == "verify":
        return context
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_ciphers(_OLD_CIPHERS)
    context.set_ecdh_curve(_COMMON_CURVE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    if trust == "unverified":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def fault_of(error: BaseException, trust: str) -> str:
    """What ``error`` says is wrong with a host's TLS, and the registry setting that would allow it."""
    said = str(error)
    fault = next(fault for fault in _faults() if _fits(fault, said.lower()))
    detail = f"{fault['says']} ({said})" if said else str(fault["says"])
    if fault["cure"] and _rank(fault["cure"]) > _rank(trust):
        detail += f'; tls = "{fault["cure"]}" in the registry entry would allow it'
    return detail


@cache
def _faults() -> list[dict[str, Any]]:
    faults: list[dict[str, Any]] = tomllib.loads(
        (files(__package__) / "tls.toml").read_text(encoding="utf-8")
    )["fault"]
    return faults


def _fits(fault: dict[str, Any], said: str) -> bool:
    return not fault["signs"] or any(sign in said for sign in fault["signs"])


def _rank(trust: str) -> int:
    return ("verify", "legacy", "unverified").index(trust)
