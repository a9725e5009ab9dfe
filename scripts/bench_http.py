"""What bench.py measures over HTTP, by wrk: onstreet on a snapshot and on PostGIS, no-op, PostGIS with stored JSON."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from urllib.request import urlopen

import shapely
from bench_questions import MEDIUM, at_any_minute, boxes, kinds
from postgres import postgres

from onstreet.answer import answer
from onstreet.datasets.publish import open_store
from onstreet.datasets.source import find_data_sets
from onstreet.query import ByIds, Query, run
from onstreet.stores.database import Database
from onstreet.stores.memory import MemoryStore
from onstreet.wire.blocks import ALL_FIELDS, render
from onstreet.wire.query import parse_query

HERE = Path(__file__).parent
WORKERS = 2
CONNECTIONS = 8
# wrk asks the questions of a file in turn and prints what it saw as JSON.
SCRIPT = """
local paths, at = {}, 0
function init(args) for line in io.lines(args[1]) do paths[#paths + 1] = line end end
function request() at = at % #paths + 1; return wrk.format("GET", paths[at]) end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"count":%d,"seconds":%f,"bytes":%d,"failed":%d,"p50":%f,"p99":%f}\\n', summary.requests,
    summary.duration / 1e6, summary.bytes, errors.status + errors.connect + errors.read + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


class Seen(NamedTuple):
    """What a run saw: requests a second, milliseconds, and bytes a response."""

    rate: float
    p50_ms: float
    p99_ms: float
    size: int


class Row(NamedTuple):
    """A kind of question and what answering it took, from a snapshot and from PostGIS, and how often the peers answer.

    Stored JSON is there for boxes only.
    """

    name: str
    seen: Seen
    noop_rate: float
    from_postgis: Seen
    stored_rate: float | None

    def as_line(self) -> str:
        """The row of a table, below HEADING; x is how many times the rate in front of it the snapshot's is."""
        seen, other = self.seen, self.from_postgis
        figures = f"{seen.rate:8,.0f}{seen.p50_ms:9.2f}{seen.p99_ms:9.2f}{seen.size / 1000:9.1f}"
        beside = f"{other.rate:10,.0f}{other.p50_ms:9.2f}{seen.rate / other.rate:6.1f}"
        stored = f"{self.stored_rate:10,.0f}{seen.rate / self.stored_rate:6.1f}" if self.stored_rate else ""
        return f"{self.name:34}{figures}{seen.rate / self.noop_rate:9.2f}{beside}{stored}"

    def as_json(self) -> dict[str, object]:
        """The same by name."""
        rates: dict[str, object] = {"noop_rate": self.noop_rate, "stored_rate": self.stored_rate}
        return self.seen._asdict() | rates | {"from_postgis": self.from_postgis._asdict()}


HEADING = (
    f"{'over HTTP':34}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'kB':>9}{'of no-op':>9}"
    f"{'PostGIS':>10}{'p50 ms':>9}{'x':>6}{'stored':>10}{'x':>6}"
)


def missing() -> str:
    """What has to be installed before anything can be measured over HTTP; empty if nothing."""
    there = {
        "wrk": shutil.which("wrk"),
        "postgresql-15-postgis-3": list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")),
        "psycopg": find_spec("psycopg"),
        "geoalchemy2": find_spec("geoalchemy2"),
    }
    return ", ".join(name for name, found in there.items() if not found)


def measure_http(folder: Path, city: Path, scratch: Path, seconds: int) -> Iterator[Row]:
    """Each kind of question, so many seconds of it, beside a view of as many bytes and the stored blocks of a box.

    The same is asked of a server over the city in PostGIS. Servers have answered for a while before, so that their
    cards are compiled; only the warm questions come twice.
    """
    from onstreet.datasets.postgis import load_into

    store = open_store(folder)
    with ExitStack() as stack:
        dsn = stack.enter_context(postgres())
        _fill(store, dsn)
        load_into(Database(dsn), find_data_sets([city]), [])
        peers, ours, theirs = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
        command = [sys.executable, HERE / "bench_peers.py", peers.rpartition(":")[2], WORKERS, dsn]
        stack.enter_context(_running(command, f"{peers}/noop?bytes=1"))
        for data, url in ((folder, ours), (dsn, theirs)):
            stack.enter_context(serving(data, int(url.rpartition(":")[2])))
        for kind in kinds(store):
            paths = [f"/blocks?{each}" for each in kind.questions]
            # The last ones are for settling down, the first for being measured.
            settling = paths if kind.is_warm else paths[len(paths) // 2 :]
            seen, other = (
                [_wrk(url, settling, scratch, seconds), _wrk(url, paths, scratch, seconds)][1] for url in (ours, theirs)
            )
            noop = _wrk(peers, [f"/noop?bytes={seen.size}"], scratch, seconds)
            is_box = kind.questions[0].startswith("box=")
            stored = _wrk(peers, [f"/stored?{each}" for each in kind.questions], scratch, seconds) if is_box else None
            yield Row(kind.name, seen, noop.rate, other, stored and stored.rate)


def started(blocks: int, folder: Path, store: MemoryStore) -> "Iterator[tuple[str, float, str]]":
    """How soon a server answers after its start, and what each of its workers takes once it has been asked a lot."""
    questions = list(at_any_minute(boxes(store, MEDIUM, 1_000)))
    begun = time.perf_counter()
    with serving(folder, free_port()):
        yield f"{blocks:,} blocks: first answer after start", time.perf_counter() - begun, "s"
    # Of files that lie in memory as a whole each server maps the same pages for the same questions.
    for path in folder.glob("*/*.bin"):
        subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
    one, two = (_memory_after(folder, workers, questions) for workers in (1, 2))
    yield f"{blocks:,} blocks: server of one worker", one, "MB (PSS)"
    yield f"{blocks:,} blocks: each further worker", two - one, "MB (PSS)"


def memory_mb(pid: int) -> float:
    """Megabytes of a server with all its workers, what they share counted once (PSS)."""
    workers = subprocess.check_output(["pgrep", "-P", str(pid)], text=True).split()
    return sum(_pss_mb(each) for each in [pid, *map(int, workers)])


def _memory_after(folder: Path, workers: int, questions: Sequence[str]) -> float:
    port = free_port()
    with serving(folder, port, workers) as process:
        for question in questions:
            _get(f"http://127.0.0.1:{port}/blocks?{quote(question, safe='=&,')}")
        return memory_mb(process.pid)


@contextmanager
def serving(data: Path | str, port: int, workers: int = WORKERS) -> "Iterator[subprocess.Popen[bytes]]":
    """`onstreet serve` over a folder of snapshots, or a database."""
    command = [Path(sys.executable).with_name("onstreet"), "serve", "--port", port, "--workers", workers, data]
    with _running(command, f"http://127.0.0.1:{port}/") as process:
        yield process


@contextmanager
def _running(command: Sequence[object], url: str) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=HERE
    )
    try:
        for _ in range(600):
            try:
                _get(url)
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(f"{command[0]} stopped before it answered") from None
                time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wrk(url: str, paths: Sequence[str], scratch: Path, seconds: int) -> Seen:
    """Ask for paths in turn over several connections; raises RuntimeError for an answer that is not 200."""
    script, asked = scratch / "ask.lua", scratch / "paths.txt"
    script.write_text(SCRIPT)
    asked.write_text("\n".join(quote(path, safe="/?=&,|:") for path in paths))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", script, url, "--", asked]
    printed = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    seen = json.loads(printed.splitlines()[-1])
    if seen["failed"] or not seen["count"]:
        raise RuntimeError(f"{seen['failed']} of {seen['count']} requests to {url} failed")
    return Seen(seen["count"] / seen["seconds"], seen["p50"], seen["p99"], round(seen["bytes"] / seen["count"]))


def _fill(store: MemoryStore, dsn: str) -> None:
    """All blocks as rows of a line and their JSON, as onstreet answers it."""

    import psycopg

    question = parse_query([("id", "x"), ("entry_time", "2026-06-11T10:00"), ("duration", "30|60|120|480")])
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("CREATE TABLE blocks (line geometry(LineString, 4326), block text)")
        with connection.cursor().copy("COPY blocks FROM STDIN") as rows:
            for row in range(len(store)):
                page = run(store, Query(ByIds((store.snapshot.name(row),)), ALL_FIELDS))
                body = render(answer(page, question, question.entry), ALL_FIELDS)  # type: ignore[arg-type]
                line = shapely.set_srid(store.lines(page.rows)[0], 4326)
                rows.write_row((shapely.to_wkb(line, hex=True, include_srid=True), body[11:-2].decode()))
        connection.execute("CREATE INDEX ON blocks USING gist (line)")
        connection.execute("ANALYZE blocks")


def _pss_mb(pid: int) -> float:
    """The proportional share of a process in the memory it uses with others."""
    line = next(line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def _get(url: str) -> bytes:
    with urlopen(url, timeout=60) as response:
        body: bytes = response.read()
    return body


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
