#!/usr/bin/env python
"""Ask a server all the time while new snapshots are published under it: nothing may fail, mix or grow."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from urllib.parse import quote

import click
import orjson
from bench_http import free_port, memory_mb, serving

from onstreet.datasets.publish import publish
from onstreet.datasets.source import find_data_sets
from onstreet.snapshot import prune

CLIENTS = 4
HERE = Path(__file__).parent


class Load:
    """What clients asked and saw: answers by version, and everything that was wrong."""

    def __init__(self, port: int, corners: list[tuple[float, float]], ids: list[str]) -> None:
        self.port, self._corners, self._ids = port, corners, ids
        self.stopped = Event()
        self.asked = 0
        self.seen: set[str] = set()
        self.faults: list[str] = []

    def ask(self, seed: int) -> None:
        """Ask over one connection until stopped."""
        draw, connection = Random(seed), HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.stopped.is_set():
            question = self._question(draw)
            try:
                connection.request("GET", quote(question, safe="/?=&,"))
                response = connection.getresponse()
                self._check(question, response.status, response.read())
            except (OSError, HTTPException) as error:
                self.faults.append(f"{question}: {error!r}")
                connection.close()

    def _question(self, draw: Random) -> str:
        lon, lat = draw.choice(self._corners)
        entry = f"entry_time=2026-06-11T{draw.randrange(24):02}:{draw.randrange(60):02}"
        size = draw.choice([0.001, 0.004, 0.012])
        return "/blocks?" + draw.choice(
            [
                f"box={lat + size:.5f}|{lon:.5f},{lat:.5f}|{lon + size:.5f}&{entry}&duration=30|120|480",
                f"point={lat:.5f}|{lon:.5f}&radius={draw.randrange(50, 900)}&sort=distance&{entry}",
                f"id={'|'.join(draw.sample(self._ids, 5))}&{entry}&duration=60|1440",
                f"box={lat + size:.5f}|{lon:.5f},{lat:.5f}|{lon + size:.5f}&outputfields=operator,rateCards",
            ]
        )

    def _check(self, question: str, status: int, body: bytes) -> None:
        if status != 200:
            self.faults.append(f"{question}: {status} {body[:200]!r}")
            return
        blocks = orjson.loads(body)["result"]
        versions = {block["operator"] for block in blocks}
        versions |= {
            segment["rateCards"][-1].removeprefix("Note: ") for block in blocks for segment in block["segments"]
        }
        if len(versions) > 1:
            self.faults.append(f"{question}: mixed {sorted(versions)}")
        self.asked += 1
        self.seen |= versions


@click.command(epilog="Example: scripts/soak.py --minutes 10")
@click.option("--minutes", default=10.0, show_default=True, help="How long.")
@click.option("--every", "every_s", default=20.0, show_default=True, help="Seconds between snapshots.")
@click.option("--blocks", default=10_000, show_default=True, help="Blocks of the city.")
def main(minutes: float, every_s: float, blocks: int) -> None:
    """Ask two workers over four connections while snapshots follow each other; exits with 1 if anything is wrong."""
    with TemporaryDirectory(prefix="onstreet-soak-") as scratch:
        city, folder = Path(scratch) / "city", Path(scratch) / "snapshots"
        synth = [sys.executable, HERE / "synth_city.py", city, "--blocks", str(blocks)]
        subprocess.run(synth, check=True, stderr=subprocess.DEVNULL)
        rows = [orjson.loads(line) for line in (city / "blocks.jsonl").read_bytes().splitlines()]
        _put(city, folder, rows, 0)
        port = free_port()
        load = Load(port, [row["geojson"]["coordinates"][0] for row in rows], [row["blockID"] for row in rows])
        with serving(folder, port) as process:
            clients = [Thread(target=load.ask, args=(seed,)) for seed in range(CLIENTS)]
            for client in clients:
                client.start()
            sizes = list(_publishing(city, folder, rows, minutes, every_s, load, process.pid))
            load.stopped.set()
            for client in clients:
                client.join()
    _report(load, sizes)


def _publishing(
    city: Path, folder: Path, rows: list[dict[str, object]], minutes: float, every_s: float, load: Load, pid: int
) -> Iterator[float]:
    """Publish one snapshot after the other; the server's megabytes just before each."""
    begun = time.monotonic()
    version = 0
    while time.monotonic() < begun + minutes * 60:
        version += 1
        time.sleep(max(0.0, begun + version * every_s - time.monotonic()))
        size = memory_mb(pid)
        click.echo(f"{time.monotonic() - begun:5.0f} s  {load.asked:9,} answers  {size:6.0f} MB", err=True)
        yield size
        _put(city, folder, rows, version)


def _put(city: Path, folder: Path, rows: list[dict[str, object]], version: int) -> None:
    """The city with its version in every block and every card."""
    with (city / "blocks.jsonl").open("wb") as out:
        for row in rows:
            segments = [
                part | {"rateCards": [*part["rateCards"], f"Note: version {version}"]}
                for part in row["segments"]  # type: ignore[attr-defined]
            ]
            out.write(orjson.dumps(row | {"operator": f"version {version}", "segments": segments}) + b"\n")
    publish(find_data_sets([city]), folder, [])
    prune(folder, 2)


def _report(load: Load, sizes: list[float]) -> None:
    third = max(1, len(sizes) // 3)
    before, after = median(sizes[third : 2 * third] or sizes), median(sizes[-third:])
    mixed = sum("mixed" in fault for fault in load.faults)
    click.echo(json.dumps({
        "answers": load.asked, "versions": len(load.seen), "errors": len(load.faults) - mixed, "mixed": mixed,
        "memory_mb": {"second third": round(before), "last third": round(after)},
    }))  # fmt: skip
    for fault in load.faults[:10]:
        click.echo(fault, err=True)
    # A short run ends before its caches are full.
    sys.exit(bool(load.faults) or (len(sizes) >= 15 and after > 1.2 * before))


if __name__ == "__main__":
    main()
