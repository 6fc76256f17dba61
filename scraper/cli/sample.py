"""The command that serves the sample site to people."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.cli.group import cli, open_project


@cli.group()
def sample() -> None:
    """Run the embedded sample site, a fictional code book."""


@sample.command(
    epilog="Example: `scraper sample serve --port 8642`, then open http://127.0.0.1:8642/"
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port; else sample_port, 0 takes any.")
@click.option(
    "--views", type=click.IntRange(0), default=200, show_default=True, help="Page views a day."
)
@click.pass_obj
def serve(config: Path | None, port: int | None, views: int) -> None:
    """Serve the sample site on 127.0.0.1 until Ctrl-C."""
    from scraper.sample.server import SampleServer

    settings = open_project(config).settings
    server = SampleServer(settings.sample_port if port is None else port, views_per_day=views)
    click.echo(f"serving {len(server.codes)} fictional codes on {server.url}  (Ctrl-C ends)")
    server.serve_forever()
