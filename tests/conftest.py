"""What tests share: the parts they may need of the machine, the shipped data, and a server over it."""

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import hypothesis
import pytest
from distributed import Client
from flask.testing import FlaskClient

from onstreet.api import create_app
from onstreet.datasets.bulk import cluster
from onstreet.datasets.places import place_from_json
from onstreet.datasets.publish import open_data
from onstreet.datasets.source import find_data_sets
from onstreet.query import Store
from onstreet.stores.database import Database
from onstreet.stores.memory import MemoryStore

pytest_plugins = ["pytester"]

# The suite tries the same examples every time; ONSTREET_EXAMPLES, how many of them, looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
if "ONSTREET_EXAMPLES" not in os.environ:
    hypothesis.settings.load_profile("steady")

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data" / "santa-monica"
NOW = datetime(2026, 6, 11, 17, 0, tzinfo=UTC)  # a Thursday, 10:00 in Santa Monica


def examples(steadily: int) -> int:
    """How many examples a law tries: so many, or ONSTREET_EXAMPLES."""
    return int(os.environ.get("ONSTREET_EXAMPLES", steadily))


def _has_postgis() -> bool:
    return any(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))


PARTS = {
    "postgis": ("postgresql-15-postgis-3", _has_postgis),
    "redis": ("redis-server", lambda: shutil.which("redis-server") is not None),
    "chromium": ("chromium", lambda: shutil.which("chromium") is not None),
}
skipped_for: dict[str, int] = {}


def pytest_configure() -> None:
    """Fail at once where a part that ONSTREET_REQUIRE names is missing."""
    required = filter(None, os.environ.get("ONSTREET_REQUIRE", "").split(","))
    for part in required:
        if part not in PARTS:
            raise pytest.UsageError(f"ONSTREET_REQUIRE knows {', '.join(PARTS)}, not {part!r}")
        package, is_there = PARTS[part]
        if not is_there():
            raise pytest.UsageError(f"ONSTREET_REQUIRE={part}, and it is missing: install {package}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests whose part of the machine is missing, and count them."""
    for part, (package, is_there) in PARTS.items():
        needing = [item for item in items if item.get_closest_marker(f"needs_{part}")]
        if needing and not is_there():
            skipped_for[package] = len(needing)
            for item in needing:
                item.add_marker(pytest.mark.skip(reason=f"install {package}"))


def pytest_unconfigure() -> None:
    """Say last what was left out and how to have it."""
    for package, count in skipped_for.items():
        print(f"{count} tests skipped: install {package} to run them")


@pytest.fixture(scope="session")
def store() -> MemoryStore:
    """The shipped data set."""
    store, findings = open_data([DATA])
    assert findings == []
    return store


@pytest.fixture(scope="session")
def workers() -> Iterator[Client]:
    """Two worker processes."""
    with cluster("local:2") as client:
        # A cluster that is to be quiet silences what listens to its logger, among them pytest, for all loggers.
        for handler in logging.getLogger("distributed").handlers:
            handler.setLevel(logging.NOTSET)
        yield client


@pytest.fixture
def client(store: MemoryStore) -> FlaskClient:
    """Requests to the API over the shipped data, at NOW."""
    return create_app(stores=lambda: store, clock=lambda: NOW).test_client()


@pytest.fixture(scope="session")
def published() -> dict:
    """The published example block."""
    return json.loads((DATA / "46502752.json").read_text())["result"][0]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a database on a PostgreSQL server of our own."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import postgres

    with postgres.postgres() as url:
        yield url


def created(postgres: str) -> Database:
    """A new database on that server."""
    import psycopg

    name = f"city_{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return Database(postgres.removesuffix("postgres") + name)


@pytest.fixture
def database(postgres: str) -> Database:
    """An empty database."""
    return created(postgres)


@pytest.fixture(scope="session", params=["memory", pytest.param("postgis", marks=pytest.mark.needs_postgis)])
def each_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The shipped data set, in a snapshot and in a database."""
    if request.param == "memory":
        yield request.getfixturevalue("store")
        return
    from onstreet.datasets.postgis import load_into
    from onstreet.stores.postgis import LivePostgis

    database = created(request.getfixturevalue("postgres"))
    load_into(database, find_data_sets([DATA]), [])
    live = LivePostgis(database, place_from_json)
    yield live()
    live.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of `onstreet serve` over the shipped data, in a process of its own."""
    with serving(DATA) as address:
        yield address


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(data: Path | str, *options: str) -> Iterator[str]:
    """The address of an `onstreet serve`, which is stopped at the end and has to stop cleanly."""
    port = free_port()
    command = [Path(sys.executable).with_name("onstreet"), "serve", "--port", str(port), *options, str(data)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        await_answer(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        stopped = process.wait(timeout=20)
    assert stopped == 0


def await_answer(url: str, process: subprocess.Popen) -> None:
    """Wait until a server that was just started answers."""
    for _ in range(200):
        assert process.poll() is None, "the server stopped before it answered"
        try:
            urlopen(url).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not answer within 10 s")
