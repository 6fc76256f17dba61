"""`python -m scraper` is `scraper`."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: nothing is left behind
    try:
        # Imported here: a parse worker imports this module too, and must not load the network.
        from scraper.cli import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:  # before the command line could say so
        sys.exit(130)


if __name__ == "__main__":
    main()
