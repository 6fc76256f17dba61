"""Labelled digests as WARC headers hold them: `sha256:` and hex, or `sha1:` and base32."""

from __future__ import annotations

import base64
import hashlib

_ALGORITHMS = {"md5", "sha1", "sha256", "sha512"}


def digest_label(content: bytes) -> str:
    """Return the labelled SHA-256 of `content`.

    >>> digest_label(b"")[:15]
    'sha256:e3b0c442'
    """
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def matches_digest(label: str, content: bytes) -> bool | None:
    """Tell whether `content` has this digest; None where the label is none that we can compute."""
    name, _, value = label.strip().partition(":")
    name = name.lower().replace("-", "")
    if name not in _ALGORITHMS:
        return None
    digest = hashlib.new(name, content, usedforsecurity=False)
    return value.lower() in {
        digest.hexdigest(),
        base64.b32encode(digest.digest()).decode("ascii").lower(),
    }
