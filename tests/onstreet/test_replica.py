"""A read replica that lags answers from the load before, whole, and takes the new one over when it has caught up."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from conftest import NOW, ROOT
from test_postgis import EVERYWHERE, city, load, versions

from onstreet.api import create_app
from onstreet.datasets.places import place_from_json
from onstreet.stores.database import Database
from onstreet.stores.postgis import LivePostgis

pytestmark = pytest.mark.needs_postgis

sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def replica(postgres: str, tmp_path_factory) -> Iterator[Database]:
    """A server that streams what the other one does; a database on it goes by the name it has there."""
    import postgres as server

    folder = tmp_path_factory.mktemp("replica")
    # The server runs as another user where this one is root.
    for each in (folder, *folder.parents[:2]):
        each.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    binaries = server._binaries()
    subprocess.run(
        server._as_postgres(binaries / "pg_basebackup", "-d", postgres, "-D", folder / "data", "-R", "-c", "fast"),
        check=True,
        cwd="/",
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F")
    process = subprocess.Popen(
        server._as_postgres(binaries / "postgres", "-D", folder / "data", *options),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    try:
        server._await(binaries, port, process)
        yield Database(f"postgresql://postgres@127.0.0.1:{port}/")
    finally:
        stop = server._as_postgres(binaries / "pg_ctl", "stop", "--mode=fast", "--silent", "-D", folder / "data")
        subprocess.run(stop, check=True, cwd="/")
        process.wait(timeout=30)


def until(happened: Callable[[], bool]) -> None:
    """Wait until the replica has caught up."""
    for _ in range(100):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError("the replica did not catch up within 10 s")


def replay(at: Database, is_on: bool) -> None:
    """Let the replica lag, or catch up."""
    with psycopg.connect(at.url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_wal_replay_{'resume' if is_on else 'pause'}()")


def test_a_replica_that_lags_serves_the_load_before(replica: Database, database: Database, tmp_path: Path):
    load(database, city(tmp_path / "a", "a", 1))
    here = Database(replica.url + database.url.rpartition("/")[2])
    until(lambda: _blocks(here) == 20)
    live = LivePostgis(here, place_from_json, every_s=0)
    client = create_app(stores=live, clock=lambda: NOW).test_client()
    try:
        assert versions(client) == {("a", 1): 20}
        before = client.get("/ready").headers["X-Snapshot-ID"]
        replay(here, False)
        load(database, city(tmp_path / "a", "a", 2, blocks=30))
        assert versions(client) == {("a", 1): 20}
        assert client.get(f"{EVERYWHERE}&limit=7").headers["X-Snapshot-ID"] == before
        replay(here, True)
        until(lambda: versions(client) == {("a", 2): 30})
        assert client.get("/ready").headers["X-Snapshot-ID"] != before
    finally:
        live.close()


def _blocks(database: Database) -> int:
    """How many blocks are there; none while there is no database yet."""
    try:
        with psycopg.connect(database.url) as connection:
            found = connection.execute("SELECT sum(blocks) FROM onstreet.data_set").fetchone()
            return int((found and found[0]) or 0)
    except psycopg.Error:
        return 0
