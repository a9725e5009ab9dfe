"""`onstreet serve`, `publish` and `check`: data sets over HTTP, as snapshots, and what is wrong with them."""

import gc
import multiprocessing
import os
import socket
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from onstreet.api import Stores, create_app, open_stores
from onstreet.datasets.findings import Finding
from onstreet.datasets.publish import open_data
from onstreet.datasets.publish import publish as publish_data
from onstreet.datasets.source import SourceError, find_data_sets
from onstreet.settings import Settings, SettingsError, read_settings
from onstreet.snapshot import prune
from onstreet.version import VERSION

Folders = tuple[Path, ...]


@click.command(epilog="Example: onstreet serve --port 8080 data")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option("--host", help="Address to listen on (ONSTREET_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on (ONSTREET_PORT, 8000).")
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes (ONSTREET_WORKERS, 1).")
def serve(data: Folders, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the data sets in the DATA folders over HTTP, or one folder of snapshots, whose newest is always served."""
    given = {"ONSTREET_HOST": host, "ONSTREET_PORT": port, "ONSTREET_WORKERS": workers}
    given |= {"ONSTREET_DATA": os.pathsep.join(map(str, data)) or None}
    stated = {name: str(value) for name, value in given.items() if value is not None}
    settings = _settings(os.environ | stated)
    address = _address(settings)
    stores = _stores(settings)
    shown = f"[{address}]" if ":" in address else settings.host
    click.echo(f"onstreet {VERSION} on http://{shown}:{settings.port}/ (stop with Ctrl+C)", err=True)
    # Workers are forked from this process, so that they share what it has opened; what lives as long as they do is
    # none of the garbage collector's business, which would copy it and halt them for it.
    multiprocessing.set_start_method("fork", force=True)
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
    Granian(
        "onstreet.api:create_app",
        interface=Interfaces.WSGI,
        address=address,
        port=settings.port,
        workers=settings.workers,
        # Views only compute: threads of one process would just take turns.
        blocking_threads=1,
        log_level=LogLevels.warning,
    ).serve(target_loader=partial(create_app, stores=stores), wrap_loader=False)


@click.command(epilog="Example: onstreet publish data/santa-monica --to /var/lib/onstreet")
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Their folder.")
@click.option("--keep", default=2, show_default=True, type=click.IntRange(1), help="Snapshots to leave in it.")
def publish(data: Folders, folder: Path, keep: int) -> None:
    """Publish the data sets in the DATA folders as a snapshot that `onstreet serve` takes over while it runs.

    What cannot be used is left out and counted; `onstreet check` lists it.
    """
    findings: list[Finding] = []
    try:
        place = publish_data(find_data_sets(data), folder, findings, _Counted())
    except (OSError, SourceError) as error:
        raise click.ClickException(str(error)) from None
    prune(folder, keep)
    click.echo(place)
    if findings:
        click.echo(f"{len(findings)} findings; `onstreet check` lists them", err=True)


@click.command(epilog="Example: onstreet check data/santa-monica")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
def check(data: Folders) -> None:
    """Read the data sets in the DATA folders and list all that cannot be used; exits with 1 if there is any."""
    try:
        store, findings = open_data(data or _settings(os.environ).data)
    except SourceError as error:
        raise click.ClickException(str(error)) from None
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{len(store)} blocks, {len(findings)} findings", err=True)
    sys.exit(bool(findings))


class _Counted:
    """Says on a terminal how far publishing is; how many blocks there will be nobody knows before the end."""

    def __init__(self) -> None:
        self._blocks = 0

    def __call__(self, blocks: int) -> None:
        self._blocks += blocks
        if sys.stderr.isatty():
            click.echo(f"\rpublishing  {self._blocks:,} blocks ", nl=False, err=True)


def _stores(settings: Settings) -> Stores:
    try:
        return open_stores(settings.data)
    except SourceError as error:
        raise click.ClickException(str(error)) from None


def _address(settings: Settings) -> str:
    """The address to listen on, one that is free."""
    try:
        # The server's own sockets would share a port that is in use without a word.
        [(family, _, _, _, (address, *_)), *_] = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM
        )
        with socket.create_server((str(address), settings.port), family=family):
            return str(address)
    except OSError as error:
        raise click.ClickException(str(error)) from None


def _settings(environment: Mapping[str, str]) -> Settings:
    try:
        return read_settings(environment)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
