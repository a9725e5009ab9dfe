"""`onstreet serve`: data sets and snapshots over HTTP."""

import gc
import multiprocessing
import os
import socket
from collections.abc import Mapping
from tempfile import TemporaryDirectory

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from onstreet.access.addresses import is_loopback
from onstreet.access.key_file import KeyFileError
from onstreet.access.keys import DEMO, Key, Keyring, Proof, hash_token, new_proof, new_signing_key, secret_hash
from onstreet.access.plans import OPEN, STANDARD
from onstreet.access.scopes import Scope
from onstreet.api import Keys, Stores, open_keys, open_stores
from onstreet.api.metrics import SHARED_FOLDER
from onstreet.cli.renewal import Flag, Renewal
from onstreet.datasets.source import SourceError
from onstreet.settings import Settings, SettingsError, read_settings
from onstreet.stores.database import Database, DatabaseError, is_address
from onstreet.version import VERSION


@click.command(epilog="Example: onstreet serve --port 8080 data")
@click.argument("data", nargs=-1)
@click.option("--host", help="Address to listen on (ONSTREET_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on (ONSTREET_PORT, 8000).")
@click.option("--workers", type=click.IntRange(1, 256), help="Worker processes (ONSTREET_WORKERS, 1).")
def serve(data: tuple[str, ...], host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the data sets in the DATA folders over HTTP, or one folder of snapshots, whose newest is always served.

    DATA can also be one database, postgresql://user@host/name; what is loaded into it is served within a second.
    """
    if len(data) > 1 and any(map(is_address, data)):
        raise click.UsageError("a database is served alone")
    given = {"ONSTREET_HOST": host, "ONSTREET_PORT": port, "ONSTREET_WORKERS": workers}
    given |= {"ONSTREET_DATA": os.pathsep.join(data) or None}
    stated = {name: str(value) for name, value in given.items() if value is not None}
    settings = stated_settings(os.environ | stated)
    address = _address(settings)
    url = f"http://{f'[{address}]' if ':' in address else settings.host}:{settings.port}"
    keys = _keys(settings, address)
    stores = _stores(settings)
    click.echo(f"onstreet {VERSION} on {url}/ (stop with Ctrl+C)", err=True)
    if keys is None:
        proof = new_proof(DEMO)
        keys = _one_key(proof)
        _show_demo(proof, url)
    # Workers are forked from this process, so that they share what it has opened; what lives as long as they do is
    # none of the garbage collector's business, which would copy it and halt them for it.
    multiprocessing.set_start_method("fork", force=True)
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
    with TemporaryDirectory(prefix="onstreet-counts-") as counts:
        os.environ[SHARED_FOLDER] = counts
        _serve(settings, address, stores, keys)


def _serve(settings: Settings, address: str, stores: Stores, keys: Keys) -> None:
    """Answer from worker processes until told to stop."""
    renewal = Renewal(settings, stores, keys)
    server = Granian(
        "onstreet.api:create_app",
        interface=Interfaces.WSGI,
        address=address,
        port=settings.port,
        workers=settings.workers,
        # Views only compute, and threads of one process would just take turns, unless they wait for a database.
        blocking_threads=4 if isinstance(settings.data, Database) else 1,
        log_level=LogLevels.warning,
        # What kills one worker, as the kernel does when memory is short, is no reason to stop the others.
        respawn_failed_workers=True,
        # How long an old worker answers beside the new one, and how long the last answers of one may take.
        respawn_interval=2.0,
        workers_kill_timeout=8,
    )
    server.on_reload(renewal.renew)
    server.main_loop_interrupt = Flag()  # type: ignore[assignment]
    server.serve(target_loader=renewal.application, wrap_loader=False)


def _keys(settings: Settings, address: str) -> Keys | None:
    """The keys in the file to serve with; None without a file, where only this machine can ask."""
    if settings.keys is None and not is_loopback(address):
        raise click.ClickException(
            f"without keys only this machine is answered, and {settings.host or address} is for others: set "
            "ONSTREET_KEYS to a file and make a key with `onstreet keys create NAME`, or listen on 127.0.0.1"
        )
    if settings.keys is None:
        return None
    try:
        keys = open_keys(settings.keys)
    except KeyFileError as error:
        raise click.ClickException(str(error)) from None
    unknown = {key.plan for key in keys().keys.values()} - {plan.name for plan in settings.plans}
    if unknown:
        plans = ", ".join(sorted(unknown))
        click.echo(f"ONSTREET_PLANS has no {plans}; keys with it count as {STANDARD}", err=True)
    return keys


def _one_key(proof: Proof) -> Keys:
    scopes = frozenset({Scope.READ})
    key = Key(id=proof.id, name="demo", scopes=scopes, plan=OPEN, created_s=0, secret_hash=secret_hash(proof))
    ring = Keyring({key.id: key}, (new_signing_key(),))
    return lambda: ring


def _show_demo(proof: Proof, url: str) -> None:
    click.echo("without ONSTREET_KEYS this machine is answered, and no other; a demo key for this run:", err=True)
    click.echo(f"    id      {proof.id}\n    secret  {proof.secret}", err=True)
    click.echo(f"    curl '{url}/appToken?appId={proof.id}&hashToken={hash_token(*proof)}'", err=True)


def _stores(settings: Settings) -> Stores:
    try:
        return open_stores(settings.data)
    except (DatabaseError, SourceError) as error:
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


def stated_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an environment; raises ClickException for one that cannot be used."""
    try:
        return read_settings(environment)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
