"""`onstreet serve` and `onstreet check`: data sets over HTTP, and what is wrong with them."""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from onstreet.datasets.publish import open_data
from onstreet.datasets.source import SourceError, find_data_sets
from onstreet.settings import Settings, SettingsError, read_settings
from onstreet.version import VERSION

Folders = tuple[Path, ...]


@click.command(epilog="Example: onstreet serve --port 8080 data")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option("--host", help="Address to listen on (ONSTREET_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on (ONSTREET_PORT, 8000).")
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes (ONSTREET_WORKERS, 1).")
def serve(data: Folders, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the data sets in the DATA folders over HTTP."""
    given = {"ONSTREET_HOST": host, "ONSTREET_PORT": port, "ONSTREET_WORKERS": workers}
    given |= {"ONSTREET_DATA": os.pathsep.join(map(str, data)) or None}
    stated = {name: str(value) for name, value in given.items() if value is not None}
    settings = _settings(os.environ | stated)
    address = _startable(settings)
    shown = f"[{address}]" if ":" in address else settings.host
    click.echo(f"onstreet {VERSION} on http://{shown}:{settings.port}/ (stop with Ctrl+C)", err=True)
    # Workers are processes of their own and read the environment, as under any other WSGI server.
    os.environ.update(stated)
    Granian(
        "onstreet.api:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=address,
        port=settings.port,
        workers=settings.workers,
        # Views only compute: threads of one process would just take turns.
        blocking_threads=1,
        log_level=LogLevels.warning,
    ).serve()


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


def _startable(settings: Settings) -> str:
    """The address to listen on; what would stop a worker is said here, in one line."""
    try:
        find_data_sets(settings.data)
        # The server's own sockets would share a port that is in use without a word.
        [(family, _, _, _, (address, *_)), *_] = socket.getaddrinfo(
            settings.host or None, settings.port, type=socket.SOCK_STREAM
        )
        with socket.create_server((str(address), settings.port), family=family):
            return str(address)
    except (OSError, SourceError) as error:
        raise click.ClickException(str(error)) from None


def _settings(environment: Mapping[str, str]) -> Settings:
    try:
        return read_settings(environment)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
