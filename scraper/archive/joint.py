"""Captures that arrive at the same time into the archive together: the disk is waited for once."""

from __future__ import annotations

import asyncio

from scraper.archive.message import Headers
from scraper.archive.store import Archive
from scraper.capture import Capture, HeldPage


class JointAppender:
    """Appends captures of one site that were asked for with the same headers."""

    def __init__(self, archive: Archive, request_headers: Headers = ()) -> None:
        self._archive = archive
        self._request_headers = request_headers
        self._arrived: list[Capture] = []
        self._appending: asyncio.Task[list[HeldPage]] | None = None

    async def append(self, capture: Capture) -> HeldPage:
        """Keep a capture, with all that arrive in this turn of the event loop.

        It is safe on the disk when this returns; raises what `Archive.append_all` does.
        """
        if self._appending is None:
            self._appending = asyncio.create_task(self._append_arrived())
        appending, place = self._appending, len(self._arrived)
        self._arrived.append(capture)
        return (await asyncio.shield(appending))[place]

    async def _append_arrived(self) -> list[HeldPage]:
        captures, self._arrived, self._appending = self._arrived, [], None
        return self._archive.append_all(captures, self._request_headers)
