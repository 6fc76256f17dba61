"""The codes that a site's sitemap lists, read from the newest copy that the archive holds."""

from __future__ import annotations

from scraper.archive.store import Archive
from scraper.errors import PageError, StorageError
from scraper.fetch.sitemap import read_sitemap
from scraper.sites.profile import SiteProfile


def codes_of_sitemap(archive: Archive, profile: SiteProfile) -> tuple[str, ...]:
    """Return the codes whose pages the sitemap lists, each once; none where no copy is held.

    Raises StorageError where the copy is damaged or is no sitemap: without it codes that are wanted
    would not be accounted for.
    """
    held = archive.newest_of_kind(profile.name, "sitemap")
    if held is None:
        return ()
    try:
        urls = read_sitemap(archive.read(held).capture.body)
    except PageError as error:
        again = f"`scraper scrape --site {profile.name}` asks for it again"
        raise StorageError(f"sitemap of {profile.name}: {error}; {again}") from error
    codes = (profile.code_of_url(url) for url in urls)
    return tuple(dict.fromkeys(code for code in codes if code))
