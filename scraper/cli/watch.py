"""A run that cron may start: however it ends, the log, the metrics file and the ping say so."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper import clock
from scraper.cli.ending import exit_code_of
from scraper.cli.group import read_settings
from scraper.cli.logs import RUNS
from scraper.errors import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    BusyError,
    MeterEmptyError,
    ScraperError,
    SiteStopError,
)
from scraper.exposition import check_target, write_gauges
from scraper.metrics import RunRecord, gauges_of

if TYPE_CHECKING:
    from scraper.pipeline.measuring import Holdings
    from scraper.project import Project
    from scraper.settings import Settings

METRICS = click.option(
    "--metrics",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write Prometheus metrics of the run to this file; else metrics_file.",
)
ALL_SITES = "all"
_WENT_WELL = frozenset({EXIT_OK, SiteStopError.exit_code, MeterEmptyError.exit_code})
_ENDED_BY_OTHERS = frozenset({BusyError.exit_code, EXIT_INTERRUPTED})
_log = logging.getLogger(RUNS)


class Watch:
    """A run while it goes; the command notes in `record` what its stages reported."""

    def __init__(self, command: str, config: Path | None, site: str | None) -> None:
        self.record = RunRecord(command, site or ALL_SITES, clock.utc_now())
        self.metrics: Path | None = None
        self._config = config
        self._site = site
        self._settings: Settings | None = None

    def open_project(self) -> Project:
        """Open the project.

        Raises UsageError where the metrics file cannot be written, BusyError where another run is
        at work on raw/ or output/: both before the network is as much as loaded.
        """
        settings = self._settings = read_settings(self._config, self._site)
        if self.record.command in {"scrape", "fetch"}:
            self.record.site = settings.site
        self.metrics = self.metrics or settings.metrics_file
        if self.metrics:
            check_target(self.metrics)
        _check_folders(self.record.command, settings)
        from scraper.project import Project

        return Project.open(settings)

    def end(self, exit_code: int) -> None:
        """Tell how the run ended; what cannot be told is one warning and changes nothing."""
        self._log_end(exit_code)
        # Another run holds the lock: the file is its to write.
        if self.metrics and exit_code != BusyError.exit_code:
            try:
                check_target(self.metrics)  # a run that ended early may not have
                gauges = gauges_of(self.record, clock.utc_now(), exit_code, self._holdings())
                write_gauges(self.metrics, gauges)
            except ScraperError as error:
                _log.warning("metrics were not written: %s", error)
        if self.record.command != "import" and exit_code not in _ENDED_BY_OTHERS:
            self._ping(failed=exit_code not in _WENT_WELL)

    def _log_end(self, exit_code: int) -> None:
        seconds = (clock.utc_now() - self.record.started).total_seconds()
        fields = {"command": self.record.command, "exit_code": exit_code, "seconds": seconds}
        words = "%s of %s ended with exit code %d after %.0f s"
        _log.info(words, self.record.command, self.record.site, exit_code, seconds, extra=fields)

    def _holdings(self) -> Holdings | None:
        if self._settings is None:
            return None
        from scraper.pipeline.measuring import measure_holdings

        try:
            site = None if self.record.site == ALL_SITES else self.record.site
            return measure_holdings(self._settings, site)
        except (ScraperError, OSError) as error:
            _log.warning("metrics are without what is held: %s", error)
            return None

    def _ping(self, *, failed: bool) -> None:
        if self._settings is None or self._settings.ping_url is None:
            return
        from scraper.fetch.ping import ping_target, send_ping

        url = ping_target(self._settings.ping_url.get_secret_value(), failed=failed)
        if trouble := send_ping(url, self._settings.contact):
            _log.warning("%s", trouble)


@contextmanager
def watch_run(
    command: str, config: Path | None, site: str | None, metrics: Path | None
) -> Iterator[Watch]:
    """Watch the block; what it raises is passed on once the end has been told."""
    watch = Watch(command, config, site)
    watch.metrics = metrics
    try:
        yield watch
    except BaseException as error:
        watch.end(exit_code_of(error))
        raise
    watch.end(EXIT_OK)


def _check_folders(command: str, settings: Settings) -> None:
    """Look at the folders and locks that the command will need; it takes them itself later on."""
    from scraper.archive.disk import naming_storage
    from scraper.archive.lock import hold_lock
    from scraper.disk import make_folder, storage_errors
    from scraper.publish.lock import hold_output

    if command != "build" and settings.raw_dir.is_dir():
        with naming_storage(settings.raw_dir), hold_lock(settings.raw_dir):
            pass
    if command in {"scrape", "build"}:
        with storage_errors(settings.output_dir):
            make_folder(settings.output_dir)
        with hold_output(settings.output_dir):
            pass
