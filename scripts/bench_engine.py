"""What bench.py measures of the engine: publishing and opening cities of several sizes, and one question by stages."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qsl

from bench_questions import FOUR, MEDIUM, at_any_minute, boxes

from onstreet import verdicts
from onstreet.answer import answer
from onstreet.api import create_app
from onstreet.query import run
from onstreet.stores.memory import MemoryStore
from onstreet.wire.blocks import render
from onstreet.wire.query import parse_query

NOW = datetime(2026, 6, 11, 17, tzinfo=UTC)
# Questions that a server has answered before it is measured: enough that every card was asked about.
SETTLED = 3_000
Row = tuple[str, float, str]


def published(blocks: int, scratch: Path) -> Iterator[Row]:
    """A synthetic city of some size, made and published in a folder of its own unless it is there already."""
    city, folder = scratch / f"city-{blocks}", scratch / f"snapshots-{blocks}"
    if not (folder / "current").is_file():
        _child(sys.executable, Path(__file__).with_name("synth_city.py"), city, "--blocks", blocks)
        seconds, peak_mb = _child(Path(sys.executable).with_name("onstreet"), "publish", city, "--to", folder)
        yield f"{blocks:,} blocks: published in", seconds, "s"
        yield f"{blocks:,} blocks: memory for it", peak_mb, "MB"
    size = sum(path.stat().st_size for path in folder.glob("*/*"))
    yield f"{blocks:,} blocks: on disk", size / 1e6, "MB"


def asked(blocks: int, store: MemoryStore) -> Iterator[Row]:
    """What a call takes that asks for about fifty blocks, once the server has settled."""
    app = create_app(stores=lambda: store, clock=lambda: NOW)
    questions = _questions(store, SETTLED + 1_000)
    for question in questions[:SETTLED]:
        call(app, question)
    cold = [timed(lambda question=question: call(app, question)) for question in questions[SETTLED:]]  # type: ignore[misc]
    warm = [timed(lambda: call(app, questions[-1])) for _ in range(1_000)]
    yield f"{blocks:,} blocks: call for 50, never asked before", median(cold) * 1e6, "us, median"
    yield f"{blocks:,} blocks: call for 50, asked before", median(warm) * 1e6, "us, median"


def stages(store: MemoryStore) -> Iterator[Row]:
    """Where the time of such a call goes, with the verdicts on its cards known, and with all of them forgotten."""
    spent: dict[str, list[float]] = {}
    cards: list[int] = []
    questions = _questions(store, SETTLED + 600)
    for number, question in enumerate(questions):
        is_forgotten = number >= SETTLED + 300
        if is_forgotten:
            verdicts.forget()
        query, parsed_s = _timed(lambda question=question: parse_query(parse_qsl(question)))  # type: ignore[misc]
        page, found_s = _timed(lambda query=query: run(store, query))  # type: ignore[misc]
        answered, priced_s = _timed(lambda page=page, query=query: answer(page, query, NOW))  # type: ignore[misc]
        _, written_s = _timed(lambda answered=answered, query=query: render(answered, query.fields))  # type: ignore[misc]
        if is_forgotten:
            spent.setdefault("priced, nothing known", []).append(priced_s)
        elif number >= SETTLED:
            taken = {"parsed": parsed_s, "found": found_s, "priced": priced_s, "written": written_s}
            for name, seconds in taken.items():
                spent.setdefault(name, []).append(seconds)
            cards.append(len(set(page.blocks.card_of.tolist())))
    for name, all_s in spent.items():
        yield f"50 blocks, 4 durations: {name}", median(all_s) * 1e6, "us, median"
    yield "distinct cards among them", median(cards), "cards"
    noop = create_app(stores=lambda: store)
    noop.add_url_rule("/noop", view_func=lambda: b"")
    yield (
        "a view that does nothing",
        median(timed(lambda: call(noop, "", "/noop")) for _ in range(1_000)) * 1e6,
        "us, median",
    )


def call(app: Callable[..., Any], question: str, path: str = "/blocks") -> bytes:
    """One request to a WSGI application; raises AssertionError for any other answer than 200."""
    environment = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": question, "SERVER_NAME": "bench",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "REMOTE_ADDR": "127.0.0.1",
    }  # fmt: skip
    statuses: list[str] = []
    body = b"".join(app(environment, lambda status, headers, error=None: statuses.append(status)))
    if not statuses[0].startswith("200"):
        raise AssertionError(f"{statuses[0]}: {body[:200]!r}")
    return body


def timed(work: Callable[[], object]) -> float:
    """Seconds that a piece of work takes."""
    return _timed(work)[1]


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    made = work()
    return made, time.perf_counter() - start


def _questions(store: MemoryStore, count: int) -> Sequence[str]:
    return [f"{question}&{FOUR}" for question in at_any_minute(boxes(store, MEDIUM, count))]


def _child(*command: object) -> tuple[float, float]:
    """Seconds and peak megabytes of a command; raises CalledProcessError."""
    words = [str(word) for word in command]
    start = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, words)
    return time.perf_counter() - start, usage.ru_maxrss / 1024
