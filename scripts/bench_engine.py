"""What bench.py measures of the engine: publishing, opening, and one question stage by stage, without a network."""

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from onstreet.answer import answer
from onstreet.api import create_app
from onstreet.datasets.publish import open_store, publish
from onstreet.datasets.source import find_data_sets
from onstreet.query import run
from onstreet.stores.memory import MemoryStore
from onstreet.wire.blocks import render
from onstreet.wire.query import parse_query

# Degrees of a box that holds about fifty blocks of the synthetic city.
BOX = 0.0062
NOW = datetime(2026, 6, 11, 17, tzinfo=UTC)
Row = tuple[str, float, str]


def measure(blocks: int) -> Iterator[Row]:
    """A synthetic city of some size, published, opened and asked about fifty of its blocks."""
    with TemporaryDirectory(prefix="onstreet-bench-") as scratch:
        city, folder = Path(scratch) / "city", Path(scratch) / "snapshots"
        synth = str(Path(__file__).with_name("synth_city.py"))
        subprocess.run(
            [sys.executable, synth, str(city), "--blocks", str(blocks)], check=True, stderr=subprocess.DEVNULL
        )
        seconds = timed(lambda: publish(find_data_sets([city]), folder, []))
        size = sum(path.stat().st_size for path in folder.glob("*/*"))
        yield f"published, {blocks:,} blocks", blocks / seconds, "blocks/s"
        yield "size of the snapshot", size / blocks, "bytes a block"
        yield "opened and checked", timed(lambda: open_store(folder)) * 1000, "ms"
        yield from _questions(open_store(folder))


def _questions(store: MemoryStore) -> Iterator[Row]:
    client = create_app(stores=lambda: store, clock=lambda: NOW)
    questions = list(_boxes(store, 300))
    for question in questions[:50]:
        _call(client, question)
    stages: dict[str, list[float]] = {name: [] for name in ("parsed", "found", "priced", "written")}
    cards: list[int] = []
    for question in questions[50:150]:
        begun = time.perf_counter()
        query = parse_query([tuple(pair.split("=")) for pair in question.split("&")])  # type: ignore[misc]
        stages["parsed"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        page = run(store, query)
        stages["found"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        answered = answer(page, query, NOW)
        stages["priced"].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        render(answered, query.fields)
        stages["written"].append(time.perf_counter() - begun)
        cards.append(len(page.blocks.cards))
    for name, seconds in stages.items():
        yield f"50 blocks, 4 durations: {name}", median(seconds) * 1e6, "us, median"
    yield "distinct cards among them", median(cards), "cards"
    cold = [timed(lambda asked=asked: _call(client, asked)) for asked in questions[150:]]  # type: ignore[misc]
    warm = [timed(lambda asked=asked: _call(client, asked)) for asked in questions[150:]]  # type: ignore[misc]
    yield "whole WSGI call, never asked before", median(cold) * 1e6, "us, median"
    yield "whole WSGI call, asked before", median(warm) * 1e6, "us, median"


def _boxes(store: MemoryStore, count: int) -> Iterator[str]:
    """Boxes about blocks anywhere, at any minute of a day."""
    draw = Random(3)
    bounds = store.snapshot.arrays["bounds"]
    for _ in range(count):
        west, south = bounds[draw.randrange(len(bounds))][:2]
        box = f"{south + BOX:.5f}|{west:.5f},{south:.5f}|{west + BOX:.5f}"
        entry = f"2026-06-11T{draw.randrange(24):02}:{draw.randrange(60):02}"
        yield f"box={box}&entry_time={entry}&duration=30|60|120|480"


def _call(app: Callable[..., Any], question: str) -> bytes:
    """One request to a WSGI application; raises AssertionError for any other answer than 200."""
    environment = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/blocks", "QUERY_STRING": question, "SERVER_NAME": "bench",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
    }  # fmt: skip
    statuses: list[str] = []
    body = b"".join(app(environment, lambda status, headers, error=None: statuses.append(status)))
    if not statuses[0].startswith("200"):
        raise AssertionError(f"{statuses[0]}: {body[:200]!r}")
    return body


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
