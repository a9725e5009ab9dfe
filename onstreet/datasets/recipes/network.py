"""The lines that a city's rules lie along: its centrelines, or where it has none, lines made of the rules' places."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas
import shapely
from numpy.typing import NDArray

from onstreet.datasets.findings import Finding
from onstreet.datasets.fitting.chains import chained
from onstreet.datasets.fitting.faces import Faces as PointFaces
from onstreet.datasets.fitting.faces import by_key
from onstreet.datasets.fitting.places import Ints
from onstreet.datasets.recipes.recipe import Faces, Layer, LineTable
from onstreet.datasets.recipes.tables import ROW, need, read_table, told_apart
from onstreet.datasets.recipes.values import columns_of, named
from onstreet.datasets.source import SourceError
from onstreet.datasets.streets import Course, Street, course, street_of
from onstreet.geometry import Floats, Lines, LonLat
from onstreet.kerbs import FlatLines

_NUMBER = re.compile(r"([0-9]+) +")
# East and north of the way that has the north, the east, ... on its right.
_AHEAD = {"N": (-1.0, 0.0), "E": (0.0, 1.0), "S": (1.0, 0.0), "W": (0.0, -1.0)}
_HALVES = {"N": 0, "E": 0, "S": 1, "W": 1}
_METRES = {"m": 1.0, "ft": 0.3048}


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Lines with their ids, names and addresses, and the first and last house number of each side where known."""

    lines: Lines
    ids: Sequence[str]
    names: Sequence[str]
    addresses: Sequence[str]
    left: Floats | None = None
    right: Floats | None = None

    @property
    def lengths_m(self) -> Floats:
        """How long each line is."""
        return FlatLines.of(self.lines).lengths_m


def read_lines(table: LineTable, on: date, findings: list[Finding]) -> Network:
    """The lines of a table of centrelines; those that are none are findings."""
    frame = read_table(table.table, on, findings)
    templates = (table.id, table.name, table.address)
    need(frame, table.table, [*columns_of(*templates), *(table.left or ()), *(table.right or ())])
    parts = shapely.line_merge(frame.geometry.to_numpy())
    is_line = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & (shapely.length(parts) > 0)
    for row in frame.loc[~is_line, ROW]:
        findings.append(Finding(table.table.label, int(row), "geometry", "", "not one line: nothing can lie along it"))
    if not is_line.any():
        raise SourceError(f"{table.table.path}: none of its rows is a line")
    rows = frame[is_line].to_dict("records")

    def column(template: str) -> list[str]:
        return [named(template, row) for row in rows]

    def numbers(names: tuple[str, str] | None) -> Floats | None:
        if names is None:
            return None
        return np.column_stack([pandas.to_numeric(frame[is_line][name], errors="coerce") for name in names])

    ids, names, addresses = map(column, templates)
    for row, name, own in zip(frame.loc[is_line, ROW], ids, told_apart(ids), strict=True):
        if name != own:
            reason = f"another line has this id: here it is {own!r}"
            findings.append(Finding(table.table.label, int(row), table.id, name, reason))
    ids = told_apart(ids)
    return Network(parts[is_line], ids, names, addresses, numbers(table.left), numbers(table.right))


def faces_of(faces: Faces, frame: pandas.DataFrame, points: Floats) -> tuple[Network, PointFaces]:
    """Lines made of points: those of a street, or without a street those that follow each other."""
    if not faces.street:
        made = chained(points)
        middles = shapely.line_interpolate_point(made.lines, 0.5, normalized=True)
        ids = told_apart([f"{lat:.5f},{lon:.5f}" for lon, lat in shapely.get_coordinates(middles).tolist()])
        return Network(made.lines, ids, [""] * len(ids), [""] * len(ids)), made
    rows = frame.to_dict("records")
    stated = [named(faces.street, row) for row in rows]
    streets = [_NUMBER.sub("", name, count=1) if faces.number else name for name in stated]
    numbers = np.array([_number(named(faces.number, row)) for row in rows])
    halves = np.where(np.isfinite(numbers), numbers % 2, -1).astype(np.int64)
    if faces.compass:
        compass = np.array([named(faces.compass, row).upper() for row in rows], dtype=str)
        halves = np.array([_HALVES.get(name, -1) for name in compass.tolist()])
    labels = [_label(street, number) for street, number in zip(streets, numbers.tolist(), strict=True)]
    keys, _ = pandas.factorize(np.array(labels), sort=True)
    if faces.compass and not faces.number:
        numbers = _rising_with_kerb_right(points, keys, compass)
    is_nowhere = (np.array(streets) == "") | _stands_for_no_place(points, streets)
    made = by_key(points, np.where(is_nowhere, -1, keys), halves, numbers)
    # A label whose sides lie too far apart has two lines.
    first = {face: at for at, face in reversed(list(enumerate(made.face_of.tolist())))}
    owners = [labels[first[face]] for face in range(len(made.lines))]
    ids = told_apart(owners)
    names = [named(faces.name, rows[first[face]]) or streets[first[face]] for face in range(len(ids))]
    return Network(made.lines, ids, names, [""] * len(ids)), made


def _rising_with_kerb_right(points: Floats, keys: Ints, compass: NDArray[np.str_]) -> Floats:
    """Numbers that rise the way a line runs which has its only kerb on the right: the line is in the street then.

    With kerbs on both sides, or none known, there are none.
    """
    ways = np.array([_AHEAD.get(name, (np.nan, np.nan)) for name in compass.tolist()])
    sides = pandas.Series(compass).groupby(keys).transform("nunique").to_numpy()
    return np.where(sides == 1, (points * ways).sum(axis=1), np.nan)


def _stands_for_no_place(points: Floats, streets: Sequence[str]) -> NDArray[np.bool_]:
    """Which points are on the very spot of points of two other streets: what is put where nobody knows the place."""
    spots = pandas.DataFrame(points, columns=["lon", "lat"])
    counts = spots.assign(street=streets).groupby(["lon", "lat"])["street"].transform("nunique")
    return np.asarray(counts > 2)


def _label(street: str, number: float) -> str:
    """A street's hundred block: BROADWAY 1300; the street where no number is known."""
    return f"{street} {int(number) // 100 * 100}" if np.isfinite(number) else street


def _number(text: str) -> float:
    found = _NUMBER.match(text.strip())
    return float(found[1]) if found else np.nan


def offsets_m(layer: Layer, frame: pandas.DataFrame) -> tuple[Floats, Floats]:
    """Where rows that state their offsets start and end, in metres; NaN for what is no number."""
    starts, ends = (
        pandas.to_numeric(frame[layer.offsets[name]], errors="coerce").to_numpy(dtype=np.float64)
        * _METRES[layer.offsets["unit"]]
        for name in ("start", "end")
    )
    return starts, ends


def streets(layer: Layer, frame: pandas.DataFrame, findings: list[Finding]) -> tuple[Network, Floats, Floats, Ints]:
    """Lines put together from the geometries of rows that state their offsets, and the rows' places on them.

    Rows are at metres from and to of line `i`, -1 where nothing can be made of them.
    """
    starts, ends = offsets_m(layer, frame)
    keys = np.array([named(layer.line, row) for row in frame.to_dict("records")])
    line_of = np.full(len(frame), -1)
    lines: list[shapely.LineString] = []
    ids: list[str] = []
    for key in dict.fromkeys(keys.tolist()):
        rows = np.flatnonzero(keys == key)
        made = _street(layer, frame, rows, starts, ends, findings)
        if made is None:
            continue
        street, used = made
        line_of[used] = len(lines)
        starts[used] = [street.place(each) for each in starts[used]]
        ends[used] = [street.place(each) for each in ends[used]]
        lines.append(street.line)
        ids.append(key)
    blank = [""] * len(ids)
    return Network(np.array(lines, dtype=object), ids, blank, blank), starts, ends, line_of


def _street(
    layer: Layer, frame: pandas.DataFrame, rows: Ints, starts: Floats, ends: Floats, findings: list[Finding]
) -> tuple[Street, list[int]] | None:
    """The street of some rows, and those of them that lie on it."""
    courses: list[Course] = []
    used: list[int] = []
    for at in rows.tolist():
        number, value = int(frame[ROW].iloc[at]), f"{starts[at]:g}-{ends[at]:g} m"
        try:
            if not starts[at] < ends[at]:
                raise ValueError("the start must lie before the end")
            shape = shapely.line_merge(frame.geometry.iloc[at])
            if shape is None or shape.geom_type != "LineString":
                raise ValueError("the geometry is not one line")
            points = [LonLat(*point) for point in shapely.get_coordinates(shape).tolist()]
            courses.append(course(starts[at], ends[at], points))
            used.append(at)
        except ValueError as error:
            findings.append(Finding(layer.table.label, number, "place", value, str(error)))
    if not courses:
        return None
    street, misfits = street_of(courses)
    for each in misfits:
        number = int(frame[ROW].iloc[used[each]])
        findings.append(
            Finding(layer.table.label, number, "geometry", "", "leads away from its street: its offsets count")
        )
    return street, used
