"""raw/ledger.sqlite: what the site's meter granted and what of it is used, for all runs together.

A view is reserved before its request and committed or refunded after it. What a crash leaves
reserved counts as used, so no run asks for more than the site granted. It also holds when a site
was last asked, so that the pace is kept from one run to the next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from scraper import clock
from scraper.disk import make_folder, storage_errors
from scraper.errors import MeterEmptyError, StorageError
from scraper.fetch.meter import MeterKey, MeterState, Reservation

FILE_NAME = "ledger.sqlite"
_WAIT_SECONDS = 30
_VERSION = 1
# `remaining` is NULL before the site has said a number: then one view is tried at a time.
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meter (
    site TEXT, tier TEXT, opened_at TEXT NOT NULL, said_at TEXT, remaining INTEGER,
    used INTEGER NOT NULL, granted INTEGER, PRIMARY KEY (site, tier)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved (
    id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT, tier TEXT, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS asked (site TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {_VERSION};
"""


class Ledger:
    """An open ledger; `Ledger.open` makes one. Several processes may hold it open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    @contextmanager
    def open(cls, raw_dir: Path) -> Iterator[Self]:
        """Open the ledger of raw/; raises StorageError where it cannot be used."""
        path = raw_dir / FILE_NAME
        with _ledger_errors(path):
            make_folder(raw_dir)
            connection = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
            with closing(connection):
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(_SCHEMA)
                yield cls(connection)

    def settle(self, key: MeterKey) -> None:
        """Count as used what a run that is gone left reserved; the lock of raw/ must be held."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM reserved WHERE site = ? AND tier = ?", (key.site, key.tier)
            )
            self._set_back(key, clock.utc_now())

    def reserve(self, key: MeterKey) -> Reservation:
        """Take one view; raises MeterEmptyError, which says when there may be one again."""
        now = clock.utc_now()
        with self._transaction():
            resumes_at = self._open_window(key, now).resumes_at
            number = None if resumes_at else self._take(key, now)
        if resumes_at or number is None:
            raise MeterEmptyError(key.site, resumes_at or now)
        return Reservation(key, number)

    def commit(self, reservation: Reservation, said: int | None = None) -> None:
        """Count a view as used; `said` is how many the page says remain.

        Within one window the least number holds: a page that was seen before may show an old one.
        """
        key, now = reservation.key, clock.utc_now().isoformat()
        with self._transaction():
            self._release(reservation)
            if said is None:
                return
            (pending,) = self._db.execute(
                "SELECT count(*) FROM reserved WHERE site = ? AND tier = ?", (key.site, key.tier)
            ).fetchone()
            self._db.execute(
                "UPDATE meter SET said_at = ?, granted = coalesce(granted, used - ? + ?), "
                "remaining = max(0, min(coalesce(remaining, ? - ?), ? - ?)) "
                "WHERE site = ? AND tier = ?",
                (now, pending, said, said, pending, said, pending, key.site, key.tier),
            )

    def refund(self, reservation: Reservation) -> None:
        """Give a view back that the site never counted."""
        with self._transaction():
            if self._release(reservation):
                self._count(reservation.key, -1)

    def state(self, key: MeterKey) -> MeterState:
        """Return what is known of a meter now; changes nothing."""
        now = clock.utc_now()
        row = self._db.execute(
            "SELECT opened_at, said_at, remaining, used, granted FROM meter "
            "WHERE site = ? AND tier = ?",
            (key.site, key.tier),
        ).fetchone()
        if row is None or _has_passed(row[0], key, now):
            return MeterState()
        opened_at, said_at, remaining, used, granted = row
        opened = min(_time_of(opened_at), now)
        is_empty = remaining == 0 or (remaining is None and used > 0 and self._is_pending(key))
        return MeterState(
            remaining=remaining,
            granted=granted,
            used=used,
            said_at=_time_of(said_at) if said_at else None,
            resumes_at=opened + key.window if is_empty else None,
        )

    def note_asked(self, site: str) -> None:
        """Keep that a site is asked now."""
        now = clock.utc_now().isoformat()
        self._db.execute("INSERT OR REPLACE INTO asked VALUES (?, ?)", (site, now))

    def seconds_since_asked(self, site: str) -> float | None:
        """Return how long ago a site was last asked, to the second below; None if it never was.

        A clock that was set back makes it no longer than that.
        """
        row = self._db.execute("SELECT at FROM asked WHERE site = ?", (site,)).fetchone()
        if row is None:
            return None
        passed = clock.utc_now() - _time_of(row[0])
        return max(0.0, passed.total_seconds() - 1)  # both times are cut to whole seconds

    def _open_window(self, key: MeterKey, now: datetime) -> MeterState:
        """Begin to count anew where the window has passed, or where nothing was counted yet."""
        row = self._db.execute(
            "SELECT opened_at FROM meter WHERE site = ? AND tier = ?", (key.site, key.tier)
        ).fetchone()
        whose = (key.site, key.tier)
        if row is None or _has_passed(row[0], key, now):
            self._db.execute("DELETE FROM reserved WHERE site = ? AND tier = ?", whose)
            self._db.execute(
                "INSERT OR REPLACE INTO meter VALUES (?, ?, ?, NULL, NULL, 0, NULL)",
                (*whose, now.isoformat()),
            )
        self._set_back(key, now)
        return self.state(key)

    def _set_back(self, key: MeterKey, now: datetime) -> None:
        """Let a window that a clock ahead of its time opened end a window from now."""
        time = now.isoformat()
        self._db.execute(
            "UPDATE meter SET opened_at = ? WHERE site = ? AND tier = ? AND opened_at > ?",
            (time, key.site, key.tier, time),
        )

    def _take(self, key: MeterKey, now: datetime) -> int | None:
        self._count(key, 1)
        return self._db.execute(
            "INSERT INTO reserved (site, tier, at) VALUES (?, ?, ?)",
            (key.site, key.tier, now.isoformat()),
        ).lastrowid

    def _count(self, key: MeterKey, views: int) -> None:
        self._db.execute(
            "UPDATE meter SET used = max(0, used + ?), remaining = remaining - ? "
            "WHERE site = ? AND tier = ?",
            (views, views, key.site, key.tier),
        )

    def _release(self, reservation: Reservation) -> bool:
        """Drop a reservation; tell whether it stood, and its window with it."""
        return (
            self._db.execute("DELETE FROM reserved WHERE id = ?", (reservation.number,)).rowcount
            > 0
        )

    def _is_pending(self, key: MeterKey) -> bool:
        row = self._db.execute(
            "SELECT 1 FROM reserved WHERE site = ? AND tier = ? LIMIT 1", (key.site, key.tier)
        )
        return row.fetchone() is not None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def read_meter(raw_dir: Path, key: MeterKey) -> MeterState:
    """Return what is known of a meter; makes no ledger where there is none."""
    if not (raw_dir / FILE_NAME).exists():
        return MeterState()
    path = raw_dir / FILE_NAME
    with (
        _ledger_errors(path),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        return Ledger(connection).state(key)


def _time_of(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise sqlite3.DatabaseError(f"{text!r} is no time") from error


def _has_passed(opened_at: str, key: MeterKey, now: datetime) -> bool:
    return _time_of(opened_at) + key.window <= now


@contextmanager
def _ledger_errors(path: Path) -> Iterator[None]:
    try:
        with storage_errors(path):
            yield
    except sqlite3.Error as error:
        raise StorageError(
            f"{path}: the ledger cannot be used: {error}; if it is damaged, delete it: the next run"
            " then asks for one page and learns from it what remains"
        ) from error
