"""Spans along one street, measured from its beginning -> the line they lie on, and what lies where on it.

The line is put together from the spans that bring a geometry, in the order of their starts: each adds the points that
lie beyond what is there already, so of two that overlap the one that starts first gives the line. A gap between two is
bridged by a straight piece. A geometry that leads away from the line so far is not used. Metres of the street are
turned into metres of the line between the points that are known to be at both.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from shapely import LineString

from onstreet.geometry import Floats, LonLat, along_m, line_of

# Sources round to a tenth of a metre or so: offsets this near to each other are one place.
NEAR_M = 0.5

T = TypeVar("T")


class Piece(NamedTuple, Generic[T]):
    """Metres from and to, and what all lies there."""

    start_m: float
    end_m: float
    there: tuple[T, ...]


class Course(NamedTuple):
    """Where one geometry runs: metres of the street at each of its points."""

    at_m: Floats
    points: Sequence[LonLat]


@dataclass(frozen=True, slots=True)
class Street:
    """A line, and the metres of the street and of the line at its points, both rising."""

    line: LineString
    street_m: Floats
    line_m: Floats

    def place(self, street_m: float) -> float:
        """Metres along the line of a place on the street; one beyond the line is at its end."""
        return round(float(np.interp(street_m, self.street_m, self.line_m)), 1)


def course(start_m: float, end_m: float, points: Sequence[LonLat]) -> Course:
    """A geometry from one metre of the street to another; raises ValueError where it has no length."""
    lengths = along_m(points)
    if not (len(points) > 1 and lengths[-1] > 0):
        raise ValueError("it has no length")
    return Course(start_m + lengths * ((end_m - start_m) / lengths[-1]), points)


def street_of(courses: Sequence[Course]) -> tuple[Street, list[int]]:
    """The street along some courses, and the numbers of those that do not fit; raises ValueError for no course."""
    at_m: list[float] = []
    points: list[LonLat] = []
    misfits: list[int] = []
    for number in sorted(range(len(courses)), key=lambda number: (courses[number].at_m[0], -courses[number].at_m[-1])):
        new = [
            (metre, point)
            for metre, point in zip(*courses[number], strict=True)
            if not at_m or metre > at_m[-1] + NEAR_M
        ]
        if at_m and new and not _fits(new[0][0] - at_m[-1], points[-1], new[0][1]):
            misfits.append(number)
            continue
        at_m += [float(metre) for metre, _ in new]
        points += [point for _, point in new]
    line = line_of(points)
    return Street(line, np.array(at_m), along_m(points)), misfits


def _fits(step_m: float, last: LonLat, first: LonLat) -> bool:
    """Whether points so many metres apart along the street lie no farther apart than that, give or take."""
    return float(along_m([last, first])[-1]) <= 1.5 * step_m + 10


def pieces(spans: Iterable[tuple[float, float, T]]) -> Iterator[Piece[T]]:
    """The parts of a side that spans cover, cut wherever one of them begins or ends; those below 0.5 m vanish."""
    spans = list(spans)
    places = _places(edge for start, end, _ in spans for edge in (start, end))
    for start, end in pairwise(sorted(set(places.values()))):
        there = tuple(what for first, last, what in spans if places[first] <= start and end <= places[last])
        if there:
            yield Piece(start, end, there)


def _places(edges: Iterable[float]) -> dict[float, float]:
    """For each edge the first of those that are at its place."""
    places: dict[float, float] = {}
    first = -np.inf
    for edge in sorted(set(edges)):
        first = first if edge - first <= NEAR_M else edge
        places[edge] = first
    return places
