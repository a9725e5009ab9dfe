"""The questions that bench.py asks about a synthetic city."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from onstreet.stores.memory import MemoryStore

# Degrees of boxes that hold about 5, 50 and 1,000 blocks of the synthetic city.
SMALL, MEDIUM, LARGE = 0.0015, 0.0062, 0.029
# More of a kind than a run gets through, so that none comes twice.
MANY = 30_000
FOUR, ONE = "duration=30|60|120|480", "duration=60"


class Kind(NamedTuple):
    """Questions of one kind as query strings, each asked once, or with `is_warm` asked before."""

    name: str
    questions: list[str]
    is_warm: bool = False


def kinds(store: MemoryStore) -> list[Kind]:
    """Boxes of three sizes, circles and ids."""
    medium, circles = list(boxes(store, MEDIUM, MANY)), list(_circles(store, 350, MANY))
    return [
        Kind("box of 50 blocks", _asked(medium, FOUR)),
        Kind("box of 50 blocks, asked before", _asked(medium[:50], FOUR), is_warm=True),
        Kind("box of 50 blocks, 1 duration", _asked(medium, ONE)),
        Kind("box of 5 blocks", _asked(boxes(store, SMALL, MANY), FOUR)),
        Kind("box of 1,000 blocks", _asked(boxes(store, LARGE, MANY // 20), FOUR)),
        Kind("radius of 350 m", _asked(circles, FOUR)),
        Kind("radius of 350 m, sort=distance", _asked(circles, f"{FOUR}&sort=distance")),
        Kind("one id", _asked(_ids(store, MANY), FOUR)),
    ]


def boxes(store: MemoryStore, degrees: float, count: int) -> Iterator[str]:
    """Boxes about blocks anywhere in the city."""
    for lon, lat in _corners(store, count):
        yield f"box={lat + degrees:.5f}|{lon:.5f},{lat:.5f}|{lon + degrees:.5f}"


def at_any_minute(questions: Iterator[str] | list[str]) -> Iterator[str]:
    """Each question with an entry of its own, at any minute of a day."""
    draw = Random(5)
    for question in questions:
        yield f"{question}&entry_time=2026-06-11T{draw.randrange(24):02}:{draw.randrange(60):02}"


def _asked(places: Iterator[str] | list[str], durations: str) -> list[str]:
    return [f"{question}&{durations}" for question in at_any_minute(places)]


def _circles(store: MemoryStore, radius_m: int, count: int) -> Iterator[str]:
    return (f"point={lat:.5f}|{lon:.5f}&radius={radius_m}" for lon, lat in _corners(store, count))


def _ids(store: MemoryStore, count: int) -> Iterator[str]:
    draw = Random(3)
    return (f"id={store.snapshot.name(draw.randrange(len(store)))}" for _ in range(count))


def _corners(store: MemoryStore, count: int) -> Iterator[tuple[float, float]]:
    draw, bounds = Random(3), store.snapshot.arrays["bounds"]
    for _ in range(count):
        lon, lat = bounds[draw.randrange(len(bounds))][:2].tolist()
        yield lon, lat
