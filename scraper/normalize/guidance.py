"""Whether a descriptor says that imaging guides the procedure."""

from __future__ import annotations

import re

from scraper.normalize.claims import cut_negations

_MODALITY = (
    r"(?:imag(?:e|ing)|ultraso(?:und|nic|nographic)|echo(?:graphic|cardiographic)?|fluoroscop(?:y|ic(?:ally)?)"
    r"|ct|tomograph(?:y|ic)|mri?|magnetic resonance|radiologic(?:al)?|mammographic|stereotactic"
    r"|x-ray|sonographic)"
)
_GUIDED = re.compile(
    rf"\b{_MODALITY}(?:[ /-](?!without)[a-z/-]+){{0,3}}?[ -]guidance\b|\b{_MODALITY}[- ]guided\b"
    rf"|\bguidance(?: \(| by | with ){_MODALITY}\b|\bunder {_MODALITY} (?:control|guidance)\b"
)
_UNGUIDED = re.compile(
    rf"\b(?:without|no) (?:[a-z]+ ){{0,2}}?{_MODALITY}[a-z /-]{{0,40}}? guidance\b"
)


def read_imaging_guidance(text: str) -> bool | None:
    """Tell whether imaging guidance is part of what a text claims; None where it says nothing.

    The text is in lower case and without hedges: of guidance `when performed` nothing is known.

    >>> read_imaging_guidance("draining of a puddle, including imaging guidance")
    True
    >>> read_imaging_guidance("draining of a puddle; without ultrasound guidance")
    False
    >>> read_imaging_guidance("draining of a puddle, no imaging guidance")
    False
    >>> read_imaging_guidance("draining of a puddle; with the guidance of a moth") is None
    True
    """
    if "guid" not in text and "under " not in text:
        return None
    if _GUIDED.search(_UNGUIDED.sub(",", cut_negations(text))):
        return True
    return False if _UNGUIDED.search(text) else None
