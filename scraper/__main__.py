"""`python -m scraper` is `scraper`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    # Imported here: a parse worker imports this module too, and must not load the network.
    from scraper.cli import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
