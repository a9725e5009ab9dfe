"""What a data set states is written in each form, and read back it is the same; the shipped one serves the same."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from conftest import DATA, examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from onstreet.datasets import block_tables, geoparquet, line_features, wkt_csv
from onstreet.datasets.export import FORMS, export
from onstreet.datasets.publish import kerbs_of, publish
from onstreet.datasets.source import SourceFile, find_data_sets
from onstreet.geometry import LonLat, encode_all, length_m, line_of
from onstreet.model import BlockRow, SegmentRow, Side
from ratecards import Place

GEOD = Geod(ellps="WGS84")
HERE = Place("Pacific/Fiji", "FJD", "FJ")
WRITERS = [(geoparquet.write, "parquet"), (line_features.write, "geojson"), (wkt_csv.write, "csv")]

texts = st.text(max_size=8) | st.sampled_from(
    ['a "b", c', "one\ntwo", "one\r\ntwo", "\r", " 7 ", "[1]", "null", "Ö;é", "\0"]
)
filled = texts.filter(bool)
names = filled.filter(lambda text: "|" not in text)
lists = st.lists(texts, max_size=3).map(tuple)
profiles = st.none() | st.integers(0, 100).map(lambda chance: (chance,)) | st.just(tuple(range(84)) * 2)


@st.composite
def lines(draw: st.DrawFn) -> shapely.LineString:
    """A line of up to five legs, some across the antimeridian."""
    lon, lat = draw(st.sampled_from([179.9999, -180.0]) | st.floats(-180, 180)), draw(st.floats(-80, 80))
    points = [LonLat(lon, lat)]
    for _ in range(draw(st.integers(1, 5))):
        lon, lat, _ = GEOD.fwd(lon, lat, draw(st.floats(0, 360)), draw(st.floats(5, 150)))
        points.append(LonLat(lon, lat))
    line = line_of(points)
    return line if length_m(line) > 1 else line_of([points[0], LonLat(points[0].lon, points[0].lat + 1e-3)])


@st.composite
def segments(draw: st.DrawFn, length: float, number: int) -> SegmentRow:
    start = draw(st.floats(0, length - 0.5) | st.integers(0, int(length - 0.5)))
    own = st.sampled_from([None, "oos~Hoaz\\?oK"])
    return SegmentRow(
        draw(filled) + str(number),
        draw(st.sampled_from(Side)),
        start,
        draw(st.floats(start + 0.1, length + 1)),
        draw(lists),
        draw(st.none() | st.integers(0, 100_000)),
        draw(lists),
        draw(own),
        draw(own),
    )


@st.composite
def blocks(draw: st.DrawFn, number: int) -> BlockRow:
    line = draw(lines())
    length = length_m(line)
    own = tuple(draw(segments(length, each)) for each in range(draw(st.integers(0, 3))))
    polyline = draw(st.sampled_from([None, encode_all(np.array([line], dtype=object))[0]]))
    alias, named = (draw(names), draw(filled)), [draw(texts) for _ in range(3)]
    return BlockRow(
        f"{draw(names)}{number}", alias, line, own, HERE, *named, draw(lists), draw(lists), polyline, draw(profiles)
    )


cities = st.integers(0, 4).flatmap(lambda count: st.tuples(*map(blocks, range(count))))


@pytest.mark.parametrize("write, suffix", WRITERS)
@settings(max_examples=examples(60), deadline=None)
@given(city=cities)
def test_what_is_written_is_read(tmp_path_factory, write, suffix, city):
    folder, again = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("two")
    # In two batches and in one, the bytes are the same.
    write(folder, [(part, kerbs_of(part)) for part in (city[:2], city[2:]) if part])
    write(again, [(city, kerbs_of(city))] if city else [])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in again.iterdir()
    }
    read = [row for _, row in block_tables.load(SourceFile(folder / f"blocks.{suffix}", "x", None, "onstreet"), HERE)]
    assert [replace(row, line=None) for row in read] == [replace(row, line=None) for row in city]
    for ours, theirs in zip(read, city, strict=True):
        assert shapely.equals_exact(ours.line, theirs.line, 1e-6)


# What a feed cannot carry is another matter.
@pytest.mark.parametrize("form", [form for form in FORMS if form != "curblr"])
def test_the_shipped_data_set_is_served_the_same(tmp_path: Path, form):
    [written] = export([DATA], tmp_path / "tables", form, findings := [], date(2026, 6, 11))
    [again] = export([written.folder], tmp_path / "again", form, findings, date(2026, 6, 11))
    published = [
        publish(find_data_sets([folder]), tmp_path / "snapshots", findings, with_tables=False).name
        for folder in (DATA, written.folder, again.folder)
    ]
    assert findings == []
    assert (written.blocks, written.segments) == (71, 276)
    # A snapshot is named by its contents.
    assert len(set(published)) == 1
    files = [sorted(folder.iterdir()) for folder in (written.folder, again.folder)]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
