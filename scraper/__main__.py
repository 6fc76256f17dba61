"""`python -m scraper` is `scraper`."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _interrupt)  # as Ctrl-C: nothing is left behind
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # In place of the default one asyncio puts its own, which waits while a page is parsed.
        signal.signal(signal.SIGINT, _interrupt)
    try:
        # Imported here: a parse worker imports this module too, and must not load the network.
        from scraper.cli import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:  # before the command line could say so
        sys.exit(130)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
