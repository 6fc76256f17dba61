"""Settings and site profiles together: what every command of one project works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from scraper.errors import UsageError
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile, load_profiles

SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Project:
    """The settings and the profiles by name; `origin` of the settings is worked into the site's."""

    settings: Settings
    profiles: Mapping[str, SiteProfile]

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Load the profiles that the settings name."""
        profiles = load_profiles(settings.sites_dir)
        if settings.origin and settings.site in profiles:
            profiles[settings.site] = _moved(profiles[settings.site], settings.origin)
        else:
            origin = f"http://127.0.0.1:{settings.sample_port}"
            profiles[SAMPLE] = _moved(profiles[SAMPLE], origin)
        return cls(settings, profiles)

    def profile(self, site: str | None = None) -> SiteProfile:
        """Return the profile of a site, by default that of the settings."""
        name = site or self.settings.site
        if name not in self.profiles:
            known = ", ".join(self.profiles)
            raise UsageError(f"no site is called {name!r}; choose one of {known}")
        return self.profiles[name]


def _moved(profile: SiteProfile, origin: str) -> SiteProfile:
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError as error:
        raise UsageError(f"origin {origin!r}: {error}; give scheme://host:port") from error
    hosts = dict.fromkeys((*profile.hosts, host))
    return profile.model_copy(update={"origin": origin, "hosts": tuple(hosts)})
