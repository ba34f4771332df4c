"""TLS as broken hosts speak it; the keys and certificates are made when they are first needed."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# Diffie-Hellman over the 1024-bit group of RFC 2409 §6.2, which OpenSSL refuses from security level 2 on.
_WEAK_GROUP = """-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""


@cache
def authority() -> trustme.CA:
    """The authority that issues the certificates of hosts whose fault is another; no client knows it."""
    return trustme.CA(organization_name="simulator")


def trusted_bundle() -> bytes:
    """The authority's certificate as PEM, for clients that are to trust it."""
    return authority().cert_pem.bytes()


@cache
def self_signed(host: str) -> ssl.SSLContext:
    """A certificate that its own key signed, as old servers come with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=400))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return _loaded(private + certificate.public_bytes(Encoding.PEM))


@cache
def expired(host: str) -> ssl.SSLContext:
    """A certificate of the `authority` that ran out a month ago."""
    now = datetime.now(UTC)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(
        host, not_before=now - timedelta(days=400), not_after=now - timedelta(days=30)
    ).configure_cert(context)
    return context


@cache
def weak(host: str) -> ssl.SSLContext:
    """A valid certificate of the `authority` on a server that speaks TLS 1.2 with keys of 1024 bits.

    A client at OpenSSL's security level 2, which is the default, refuses it; at level 1 it is served.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority().issue_cert(host, key_type=trustme.KeyType.RSA).configure_cert(context)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256:@SECLEVEL=0")
    with TemporaryDirectory() as folder:
        group = Path(folder) / "group.pem"
        group.write_text(_WEAK_GROUP, encoding="ascii")
        context.load_dh_params(str(group))
    return context


def _loaded(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        chain.write_bytes(pem)
        context.load_cert_chain(chain)
    return context
