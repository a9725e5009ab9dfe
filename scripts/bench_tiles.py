#!/usr/bin/env python
"""Measure the tiles of the map over HTTP: how long they take when nobody and when somebody asked before, how large."""

import math
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import NamedTuple

import click
import numpy as np
from bench_http import free_port, serving

from onstreet.datasets.publish import open_store
from onstreet.overview import Tile

ZOOMS = (0, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18)


class Taken(NamedTuple):
    """Milliseconds and bytes of an answer."""

    ms: float
    size: int


@click.command(epilog="Example: scripts/bench_tiles.py /tmp/snapshots")
@click.argument("snapshots", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--tiles", default=60, help="How many tiles of each zoom, around blocks picked at random.")
@click.option("--seed", default=1, help="Which ones.")
def main(snapshots: Path, tiles: int, seed: int) -> None:
    """Serve a folder of SNAPSHOTS with one worker and ask for tiles at each zoom.

    Each is asked for at an entry of its own, for which no price is known yet, and then once more.
    """
    _, middles = open_store(snapshots).middles()
    random = Random(seed)
    click.echo(
        f"{'zoom':>4}{'tiles':>7}{'cold p50':>10}{'p95':>7}{'cached p50':>12}{'p95':>7} ms{'p50':>9}{'max':>8} kB"
    )
    port = free_port()
    with serving(snapshots, port, workers=1):
        connection = HTTPConnection("127.0.0.1", port)
        for zoom in ZOOMS:
            asked = [_path(middles, zoom, random) for _ in range(tiles)]
            cold, cached = zip(*((_taken(connection, path), _taken(connection, path)) for path in asked), strict=True)
            click.echo(_line(zoom, cold, cached))


def _path(middles: np.ndarray, zoom: int, random: Random) -> str:
    lon, lat = middles[random.randrange(len(middles))]
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    tile = Tile(zoom, int((lon + 180) / 360 * 2**zoom), int((1 - north) / 2 * 2**zoom))
    day, minute = random.randrange(1, 29), 5 * random.randrange(288)
    entry = f"2026-06-{day:02}T{minute // 60:02}:{minute % 60:02}"
    return f"/tiles/{tile.z}/{tile.x}/{tile.y}.mvt?entry_time={entry}&duration={random.choice((30, 60, 120, 240))}"


def _taken(connection: HTTPConnection, path: str) -> Taken:
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise click.ClickException(f"{path}: {answer.status} {body[:200].decode()}")
    return Taken(1000 * (time.perf_counter() - start), len(body))


def _line(zoom: int, cold: tuple[Taken, ...], cached: tuple[Taken, ...]) -> str:
    (c50, c95), (w50, w95) = (np.percentile([each.ms for each in seen], (50, 95)) for seen in (cold, cached))
    sizes = [each.size / 1000 for each in cold]
    return f"{zoom:4}{len(cold):7}{c50:10.1f}{c95:7.1f}{w50:12.1f}{w95:7.1f}{np.median(sizes):12.1f}{max(sizes):8.1f}"


if __name__ == "__main__":
    sys.exit(main())
