#!/usr/bin/env python
"""Measure what the project promises of its speed, all of it in one run, and print it as tables."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import bench_http
import click
from bench_cards import measure_cards
from bench_engine import Row, asked, published, stages

from onstreet.datasets.publish import open_store

PARTS = ("cards", "engine", "http")
SIZES = (10_000, 100_000, 1_000_000)


@click.command(epilog="Example: scripts/bench.py --quick --part cards")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of tables.")
@click.option("--quick", is_flag=True, help="A tenth of the work on the smallest city, for a first look.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this part; may be given again.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to keep the cities in, and find them again.",
)
def main(as_json: bool, quick: bool, parts: tuple[str, ...], keep: Path | None) -> None:
    """Measure cards, the engine on cities of 10,000 to 1,000,000 blocks, and the second of them over HTTP.

    Over HTTP stand beside it the same from PostGIS, a view that does nothing and PostGIS with stored JSON; that needs
    wrk, postgresql-15-postgis-3 and `pip install -e .[bench]`. All of it takes a quarter of an hour.
    """
    rows: list[Row] = []
    answered: list[bench_http.Row] = []
    with TemporaryDirectory(prefix="onstreet-bench-") as scratch:
        for part in parts or PARTS:
            folder = keep or Path(scratch)
            if part == "http":
                answered = list(_over_http(folder, quick, as_json))
                continue
            for row in measure_cards(2_000 if quick else 20_000) if part == "cards" else _engine(folder, quick):
                rows.append(row)
                # A table grows as it is measured, and says how far that is.
                click.echo(_line(row), err=as_json)
    if as_json:
        values = {name: {"value": round(value, 1), "unit": unit} for name, value, unit in rows}
        click.echo(json.dumps(values | {row.name: row.as_json() for row in answered}))


def _engine(folder: Path, quick: bool) -> Iterator[Row]:
    for blocks in SIZES[:1] if quick else SIZES:
        yield from published(blocks, folder)
        snapshots = folder / f"snapshots-{blocks}"
        store = open_store(snapshots)
        # First, while nobody else has mapped the pages that these servers share.
        yield from bench_http.started(blocks, snapshots, store)
        yield from asked(blocks, store)
        if blocks == SIZES[0 if quick else 1]:
            yield from stages(store)


def _over_http(folder: Path, quick: bool, as_json: bool) -> Iterator[bench_http.Row]:
    blocks, seconds = (SIZES[0], 1) if quick else (SIZES[1], 5)
    missing = bench_http.missing()
    if missing:
        click.echo(f"nothing is measured over HTTP: install {missing}", err=True)
        return
    for row in published(blocks, folder):
        click.echo(_line(row), err=True)
    click.echo(bench_http.HEADING, err=as_json)
    for answered in bench_http.measure_http(folder / f"snapshots-{blocks}", folder / f"city-{blocks}", folder, seconds):
        click.echo(answered.as_line(), err=as_json)
        yield answered


def _line(row: Row) -> str:
    name, value, unit = row
    return f"{name:58}{value:12,.{0 if value >= 1000 else 1}f} {unit}"


if __name__ == "__main__":
    sys.exit(main())
