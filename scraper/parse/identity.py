"""Which code a page is about, by evidence only: its URL, its own question, its defining phrase.

A code is never guessed: the first code of the prose, the example of the footer and comparisons
with other codes prove nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scraper.codes import CODE_PATTERN, parse_code
from scraper.parse.mentions import find_codes
from scraper.parsed import CodeEvidence

_CODE_WORDS = r"(?:CPT|HCPCS)\s*(?:®|\(R\)|™)?,?\s*(?:Level II\s+)?(?:[Cc]ode\s+)?"
_DEFINING = re.compile(
    rf"(?:The\s+)?{_CODE_WORDS}(?P<code>{CODE_PATTERN})(?![\w-]),?\s+"
    r"(?:(?:specifically|generally|typically|officially)\s+)?"
    r"(?:refers\s+to|describes|represents|denotes|pertains\s+to|encompasses|covers|involves"
    r"|identifies|designates|is\b(?!\s+(?:not|never|no\s+longer|only|also|often|usually|commonly|sometimes"
    r"|reported|listed|billed|added|assigned|appended|bundled|included|excluded|considered|similar|different"
    r"|deleted|replaced|preceded|followed|used\s+(?:for|when|as|in|with))\b))"
)
# What says after a definition that it was of another code: "..., while this code adds the second".
_OF_ANOTHER = re.compile(r"\b(?:this|that|present)\s+(?:code|one)\b", re.IGNORECASE)
_DESCRIBED_BY = re.compile(
    rf"\b(?:described|represented|identified|denoted|designated|defined|classified)\s+(?:by|as|under)\s+"
    rf"(?:the\s+)?{_CODE_WORDS}(?P<code>{CODE_PATTERN})(?![\w-])"
)
_COMPARING = re.compile(
    r"\b(?:unlike|whereas|while|rather\s+than|instead|compared|in\s+contrast|contrary|similar\s+to"
    r"|other\s+than|not|different|differs|except|in\s+addition\s+to|beyond|follow(?:s|ing)|after"
    r"|before|previous(?:ly)?|also)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s+[A-Z])|$)", re.DOTALL)
_ANY_CODE = re.compile(rf"(?<![0-9A-Za-z]){CODE_PATTERN}(?![0-9A-Za-z])", re.IGNORECASE)


class Identity(NamedTuple):
    """A page's code and what proves it; `disputed_by` names other evidence that disagrees."""

    code: str | None
    evidence: CodeEvidence | None
    disputed_by: str | None = None


def identify_code(
    *, url: str | None, heading: str | None, ask_line: str | None, prose: str | None
) -> Identity:
    """Return the code by the strongest evidence; URL and page must not contradict each other."""
    claims: list[tuple[str, CodeEvidence]] = []
    for code, evidence in ((url, "url"), (heading, "heading"), (ask_line, "ask_line")):
        if code:
            claims.append((code, evidence))  # type: ignore[arg-type]
    if claims:
        code, evidence = claims[0]
        dispute = next((e for c, e in claims if c != code), None)
        return Identity(code, evidence, dispute)
    defined = defined_code(prose) if prose else None
    return Identity(defined, "prose" if defined else None)


def defined_code(prose: str) -> str | None:
    """Return the code that the first sentence of a description defines, or None.

    A sentence that names a second code may define either, so it proves nothing.

    >>> defined_code("The CPT® Code 99042 refers to a tea service for two moons.")
    '99042'
    >>> defined_code("Code 99042 is reported for the first moon.")
    """
    match = _SENTENCE.match(prose.strip())
    sentence = match[0] if match else ""
    found = _DEFINING.match(sentence)
    if found is None:
        found = _DESCRIBED_BY.search(sentence)
        if found is None or _COMPARING.search(sentence, 0, found.end()):
            return None
    others = set(find_codes([sentence])) - {found["code"]}
    is_of_another = others or _OF_ANOTHER.search(sentence, found.end())
    return None if is_of_another else found["code"]


def code_in_heading(text: str) -> str | None:
    """Return the one code that a heading holds; None if it holds none or several.

    >>> code_in_heading("Code 0042t: tea for two"), code_in_heading("99042 and 99043")
    ('0042T', None)
    """
    codes = {parse_code(code) for code in _ANY_CODE.findall(text)}
    return codes.pop() if len(codes) == 1 else None
