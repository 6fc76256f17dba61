"""Whom TLS trusts: what the system's trust store, or SSL_CERT_FILE and SSL_CERT_DIR, vouch for."""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path

from scraper.errors import UsageError

# How OpenSSL names a certificate of a folder, which it reads only when one of that name is needed.
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def open_trust(host: str) -> ssl.SSLContext:
    """Return what checks certificates, with TLS 1.2 at least.

    Raises UsageError where this machine holds no certificate to check one with: no `host` at all
    could be asked.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not context.cert_store_stats()["x509"] and not any(map(_holds_hashed, _folders())):
        raise UsageError(
            f"https://{host} cannot be trusted, for this machine has no CA certificates: install"
            " ca-certificates, or set SSL_CERT_FILE to a file with them"
        )
    return context


def _folders() -> list[str]:
    places = ssl.get_default_verify_paths()
    named = os.environ.get(places.openssl_capath_env) or places.openssl_capath
    return [folder for folder in named.split(os.pathsep) if folder]


def _holds_hashed(folder: str) -> bool:
    try:
        return any(_HASHED.fullmatch(path.name) for path in Path(folder).iterdir())
    except OSError:  # OpenSSL, too, passes over a folder that it cannot read
        return False
