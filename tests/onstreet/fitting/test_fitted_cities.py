"""Points of whole cities: nothing is lost, and what is odd about them is told."""

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely

from onstreet.datasets.fitting.chains import chained
from onstreet.datasets.fitting.faces import by_key
from onstreet.datasets.fitting.places import fit
from onstreet.datasets.fitting.runs import runs
from onstreet.geometry import FlatLines

SHARED = Path(__file__).parents[4] / "shared" / "data"


def table(name: str) -> list[dict[str, str]]:
    if not (SHARED / name).exists():
        pytest.skip("shared/data is not there")
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_san_francisco_s_meters_stand_on_the_streets_their_key_names():
    pytest.importorskip("pyarrow")
    from pyarrow.parquet import read_table

    meters = table("san-francisco-us/parking_meters.csv")
    streets = read_table(SHARED / "san-francisco-us" / "sf_streets_joined.parquet", columns=["CNN", "geometry"])
    lines = shapely.from_wkb(streets["geometry"].to_numpy(zero_copy_only=False))
    number = {cnn: row for row, cnn in enumerate(streets["CNN"].to_pylist())}
    points = np.array([meter["LOCATION"].strip("()").split(",") for meter in meters], dtype=float)[:, ::-1]
    wanted = np.array([number.get(int(meter["STREET_SEG"]), -1) for meter in meters])
    found = fit(lines, points, wanted, 60)
    assert (found.line >= 0).mean() > 0.995
    # Of most meters the street of their key is the nearest one, too.
    nearest = fit(lines, points, None, 60)
    assert (nearest.line == wanted).mean() > 0.96
    colours, colour = np.unique([meter["CAP_COLOR"] for meter in meters], return_inverse=True)
    kerbs = runs(FlatLines.of(lines).lengths_m, found.line, found.is_left, found.offset_m, colour)
    assert kerbs.spaces.sum() == (found.line >= 0).sum()
    assert np.median((kerbs.end_m - kerbs.start_m) / kerbs.spaces) == pytest.approx(6.2, abs=0.5)
    assert len(colours) > 5


def test_santa_monica_s_hundred_blocks_are_faces():
    words = [(meter["subarea"].partition(" "), meter["X"], meter["Y"]) for meter in
             table("santa-monica-us/parking_meters.csv")]  # fmt: skip
    meters = [(int(area[0]), area[2], x, y) for area, x, y in words if area[0].isdigit() and x]
    names = [f"{number // 100} {street}" for number, street, *_ in meters]
    points = np.array([meter[2:] for meter in meters], dtype=float)
    keys, key = np.unique(names, return_inverse=True)
    found = by_key(points, key, np.array([number % 100 for number, *_ in meters]))
    # What is astray stands where a geocoder puts what it does not find.
    astray = np.unique(points[found.face_of < 0].round(6), axis=0)
    assert (found.face_of < 0).sum() < 30 > 3 * len(astray)
    assert len(found.lines) == len(keys) > 450
    is_used = found.face_of >= 0
    there = fit(found.lines, points[is_used], found.face_of[is_used], 30)
    assert (there.line == found.face_of[is_used]).all()
    assert (there.side == found.side[is_used]).mean() > 0.995


def test_melbourne_s_bays_are_rows():
    bays = table("melbourne-au/bays.csv")
    points = np.array([[bay["lon"] or "nan", bay["lat"] or "nan"] for bay in bays], dtype=float)
    found = chained(points)
    assert ((found.face_of >= 0) == np.isfinite(points).all(axis=1)).all()
    there = fit(found.lines, points, found.face_of, 10)
    assert (there.line == found.face_of).all()
    assert np.nanquantile(there.distance_m, [0.05, 0.95]) == pytest.approx([4, 4], abs=0.3)
    # Nearly all bays stand in rows.
    assert (np.bincount(found.face_of[found.face_of >= 0]) == 1).sum() < 0.05 * (found.face_of >= 0).sum()
