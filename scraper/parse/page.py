"""One page in, one ParsedPage out: reads the blocks, then asks each part of parse/ its question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scraper.codes import parse_code
from scraper.errors import UsageError
from scraper.parse.access import classify_page, copyright_year, count_gates, views_remaining
from scraper.parse.blocks import check_selector, read_document
from scraper.parse.document import Document
from scraper.parse.facts import PageMatter, read_matter
from scraper.parse.identity import Identity, code_in_heading, identify_code
from scraper.parse.lexicon import Lexicon, Mark, Role
from scraper.parse.mentions import find_codes
from scraper.parse.sections import Description, Descriptions, find_descriptions
from scraper.parse.unknown import unknown_page
from scraper.parsed import IDENTITY_DISPUTED, Layout, PageKind, ParsedPage
from scraper.sites.profile import SiteProfile

# Counts with the rules of this folder and of normalize/: a change of what pages give is a new one.
PARSER_VERSION = "2"

_OPEN = frozenset({"code", "guide"})


class PageParser:
    """Parses pages of the given sites; holds nothing but their profiles, made quick."""

    def __init__(self, profiles: Mapping[str, SiteProfile]) -> None:
        check_selectors(profiles.values())
        self.profiles = profiles
        self._lexicons = {name: Lexicon(profile) for name, profile in profiles.items()}

    def parse(
        self,
        body: bytes | str,
        *,
        url: str | None = None,
        site: str | None = None,
        status: int | None = None,
        content_type: str | None = None,
        file: str | None = None,
    ) -> ParsedPage:
        """Return the strings of a page.

        Without `site` the host of `url` tells it, else the canonical link, else the known lines.
        Raises PageError where the bytes are no text, UsageError for an unknown site.
        """
        if site is not None and site not in self._lexicons:
            raise UsageError(f"no site is called {site!r}; `scraper sites` lists them")
        site = site or self._site_of_url(url)
        lexicon = self._lexicons.get(site) if site else None
        document = read_document(body, content_type, lexicon.select if lexicon else None)
        if lexicon is None:
            lexicon = self._recognize(document)
            if lexicon is None:
                return unknown_page(url, file)
            if lexicon.select:
                document = read_document(body, content_type, lexicon.select)
        source = _Source(file, url or _home_url(document, lexicon), status)
        return _parse_document(document, lexicon, source)

    def _site_of_url(self, url: str | None) -> str | None:
        """Return the site of a URL's host; of several on one host, the one whose origin it is."""
        if not url:
            return None
        profiles = [lexicon.profile for lexicon in self._lexicons.values()]
        homes = [profile for profile in profiles if profile.is_home_of(url)]
        exact = [profile for profile in homes if url.startswith(f"{profile.origin}/")]
        found = exact or homes
        return found[0].name if len(found) == 1 else None

    def _recognize(self, document: Document) -> Lexicon | None:
        """Return the site of the canonical link, else the one that knows the most lines."""
        if site := self._site_of_url(document.canonical_url):
            return self._lexicons[site]
        known = {
            name: len(lexicon.marks(document.lines)) or bool(lexicon.wall_kind(document.lines))
            for name, lexicon in self._lexicons.items()
        }
        best = max(known, key=known.__getitem__, default=None)
        return self._lexicons[best] if best and known[best] else None


class _Source(NamedTuple):
    file: str | None
    url: str | None
    status: int | None


def check_selectors(profiles: Iterable[SiteProfile]) -> None:
    """Raise UsageError that names the site and the key if one of them is no CSS selector."""
    for profile in profiles:
        for key, selector in profile.select.all_selectors():
            try:
                check_selector(selector)
            except ValueError as error:
                at = f"site {profile.name}: {key}"
                raise UsageError(f"{at}: {error}; see docs/add-a-site.md") from error


def _home_url(document: Document, lexicon: Lexicon) -> str | None:
    url = document.canonical_url
    return url if url and lexicon.profile.is_home_of(url) else None


def _judge(
    document: Document, marks: Sequence[Mark], lexicon: Lexicon, source: _Source
) -> tuple[PageKind, Identity, Descriptions]:
    """Return what a page is, of which code, and its descriptions if it is a page of a code."""
    found = find_descriptions(document, marks, lexicon)
    identity = _identify(document, marks, lexicon.profile, source.url, found.common)
    kind = classify_page(
        lexicon,
        document.lines,
        marks,
        has_description=bool(found.official.paragraphs or found.common.paragraphs),
        has_code=identity.code is not None,
        status=source.status,
    )
    if kind != "code":
        found = Descriptions(Description(), Description(), _guide_layout(marks, kind))
    return kind, identity, found


def _parse_document(document: Document, lexicon: Lexicon, source: _Source) -> ParsedPage:
    marks = lexicon.marks(document.lines)
    kind, identity, found = _judge(document, marks, lexicon, source)
    notice = _status_notice(document, marks, found)
    matter = _read_matter(document, marks, lexicon, found) if kind in _OPEN else PageMatter()
    texts = (notice, found.official.text, found.common.text)
    body = _unknown_lines(document, marks) if kind == "guide" else filter(None, texts)
    return ParsedPage(
        file=source.file,
        site=lexicon.profile.name,
        url=source.url,
        page_kind=kind,
        layout=found.layout,
        code=identity.code,
        code_evidence=identity.evidence,
        official_description=found.official.text,
        common_language_description=found.common.text,
        status_notice=notice,
        gated_sections=count_gates(marks),
        views_remaining=views_remaining(marks),
        ama_copyright_year=copyright_year(marks, Role.AMA_COPYRIGHT, found.official.end),
        publisher_copyright_year=copyright_year(marks, Role.PUBLISHER_COPYRIGHT, found.common.end),
        mentioned_codes=tuple(c for c in find_codes(body) if c != identity.code),
        sections=matter.frozen_sections(),
        facts=tuple(matter.facts),
        history=tuple(matter.history),
        warnings=tuple(
            _warnings(found, identity, kind, is_cut=document.is_cut(lexicon.profile.complete_marks))
        ),
    )


def _guide_layout(marks: Sequence[Mark], kind: PageKind) -> Layout | None:
    if kind != "guide":
        return None
    has_chrome = any(mark.role in {Role.MENU, Role.METER} for mark in marks)
    return "guide_A" if has_chrome else "guide_B"


def _identify(  # noqa: PLR0917 - each is one kind of evidence
    document: Document,
    marks: Sequence[Mark],
    profile: SiteProfile,
    url: str | None,
    common: Description,
) -> Identity:
    by_url = profile.code_of_url(url) if url else None
    canonical = profile.code_of_url(document.canonical_url) if document.canonical_url else None
    asked = [parse_code(mark.groups["code"]) for mark in marks if mark.role is Role.ASK_LINE]
    # The page of another address is not a code's page, whatever its prose defines.
    prose = common.paragraphs[0] if common.paragraphs and (by_url or not url) else None
    identity = identify_code(
        url=by_url,
        heading=code_in_heading(document.selected.code) if document.selected else None,
        ask_line=by_url if by_url in asked else next(iter(asked), None),
        prose=prose,
    )
    if identity.code and canonical not in {None, identity.code}:
        return identity._replace(disputed_by="canonical")
    if identity.evidence == "ask_line" and len(set(asked)) > 1:
        return identity._replace(disputed_by="ask_line")
    return identity


def _status_notice(document: Document, marks: Sequence[Mark], found: Descriptions) -> str | None:
    """Return the notice; below the descriptions it would be that of another code."""
    if document.selected and document.selected.status_notice:
        return document.selected.status_notice
    end = max(found.official.end, found.common.end) or len(document.lines)
    notices = (
        document.lines[m.line] for m in marks if m.role is Role.STATUS_NOTICE and m.line < end
    )
    return next(notices, None)


def _read_matter(
    document: Document, marks: Sequence[Mark], lexicon: Lexicon, found: Descriptions
) -> PageMatter:
    start = max(found.official.end, found.common.end)
    matter = read_matter(document, marks, start, lexicon.fact_labels)
    if selected := document.selected:
        matter.add_selected(selected)
    return matter


def _unknown_lines(document: Document, marks: Sequence[Mark]) -> Iterable[str]:
    known = {mark.line for mark in marks if mark.role is not Role.SECTION}
    return (line for index, line in enumerate(document.lines) if index not in known)


def _warnings(
    found: Descriptions, identity: Identity, kind: PageKind, *, is_cut: bool
) -> Iterator[str]:
    yield from filter(None, (found.official.warning, found.common.warning))
    if is_cut:
        yield "page_cut"
    if identity.disputed_by:
        yield f"{IDENTITY_DISPUTED}_{identity.disputed_by}"
    if kind == "other":
        yield "unknown_page"
    elif kind == "code" and identity.code is None:
        yield "no_evidence_of_code"
