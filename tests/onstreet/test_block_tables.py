"""Our own tables: what hand-made files may look like, and what becomes of rows that cannot be used."""

import csv
import json
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onstreet.datasets.block_tables import load
from onstreet.datasets.findings import Finding
from onstreet.datasets.source import SourceFile
from onstreet.datasets.table_columns import BLOCK_COLUMNS, SEGMENT_COLUMNS
from ratecards import Place

HERE = Place("Europe/Amsterdam", "EUR", "NL")
WKT = "LINESTRING (4.89 52.37, 4.892 52.37)"
LINE = shapely.from_wkt(WKT)
BLOCK = {"blockID": "1", "name": "Damrak", "profile": "40", "WKT": WKT}
SEGMENT = {
    "segmentID": "a", "blockID": "1", "side": "LEFT", "start_m": "0", "end_m": "99.5", "spacesTotal": "9",
    "rateCards": '["Mon-Sun: Free"]',
}  # fmt: skip


def write_csv(path: Path, *rows: dict) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def read(path: Path):
    rows = [row for _, row in load(SourceFile(path, "own", None, "onstreet"), HERE)]
    blocks = [row for row in rows if not isinstance(row, Finding)]
    return blocks, [row for row in rows if isinstance(row, Finding)]


def read_csv(folder: Path, block: dict | None = None, segment: dict | None = None):
    """Two blocks of two segments each, the first of each changed."""
    second = [{**SEGMENT, "segmentID": name, "blockID": block} for name, block in (("b", "1"), ("c", "2"), ("d", "2"))]
    write_csv(folder / "blocks.csv", {**BLOCK, "zone": "", **(block or {})}, {**BLOCK, "blockID": "2", "zone": ""})
    write_csv(folder / "segments.csv", {**SEGMENT, **(segment or {})}, *second)
    return read(folder / "blocks.csv")


def test_a_hand_made_file(tmp_path):
    [block, _], findings = read_csv(tmp_path)
    assert findings == []
    assert (block.block_id, block.alias, block.name, block.profile) == ("1", ("own", "1"), "Damrak", (40,))
    assert (block.line, block.place) == (LINE, HERE)
    first, _ = block.segments
    assert (first.start_m, first.end_m, first.spaces_total) == (0, 99.5, 9)
    assert (first.rate_cards, first.polyline) == (("Mon-Sun: Free",), None)


# A change of the first block, the field of its finding, its reason, and whether its block is still there.
BLOCKS = [
    ({"blockID": ""}, "blockID", "without '|'"),
    ({"blockID": "1|2"}, "blockID", "without '|'"),
    ({"WKT": ""}, "geometry", "not a line of two or more lon, lat"),
    ({"WKT": "LINESTRING (4.89 52.37"}, "geometry", "not a line of two or more lon, lat: ParseException"),
    ({"WKT": "POINT (4.89 52.37)"}, "geometry", "no LineString"),
    ({"WKT": "LINESTRING EMPTY"}, "geometry", "two points at least"),
    ({"WKT": "LINESTRING (4.89 52.37, 4.89 52.37)"}, "geometry", "no length"),
    ({"WKT": "LINESTRING (52.37 4.89, 52.37 104.89)"}, "geometry", "is no lon, lat"),
    ({"WKT": "LINESTRING (121000 487000, 121100 487000)"}, "geometry", "is no lon, lat"),
    ({"WKT": "LINESTRING (nan 52, 4 52)"}, "geometry", "is no lon, lat"),
    ({"profile": "101"}, "profile", "0 to 100"),
    ({"profile": "[1, 2]"}, "profile", "168 of them"),
    ({"profile": "many"}, "profile", "0 to 100"),
    ({"zone": "Europe/Paris"}, "zone", "source.json says Europe/Amsterdam"),
]


@pytest.mark.parametrize("change, field, reason", BLOCKS)
def test_a_bad_block_is_a_finding_and_spoils_no_other(tmp_path, change, field, reason):
    blocks, findings = read_csv(tmp_path, block=change)
    assert [block.block_id for block in blocks] == ["2"]
    assert [len(block.segments) for block in blocks] == [2]
    finding = findings[0]
    assert (finding.file, finding.row, finding.field) == (f"{tmp_path.name}/blocks.csv", 1, field)
    assert reason in finding.reason
    # Segments of a block that has lost its name are findings, too.
    assert {each.field for each in findings[1:]} == ({"blockID"} if field == "blockID" else set())


# A change of the first segment, the field of its finding, its reason.
SEGMENTS = [
    ({"segmentID": ""}, "segmentID", "must be a text"),
    ({"segmentID": "b"}, "segmentID", "there already"),
    ({"side": "NORTH"}, "side", "LEFT or RIGHT"),
    ({"start_m": ""}, "start_m", "a number of metres"),
    ({"start_m": "zero"}, "start_m", "a number of metres"),
    ({"start_m": "99.5"}, "start_m", "must lie on the block's 136.2 m"),
    ({"end_m": "500"}, "start_m", "must lie on the block's 136.2 m"),
    ({"end_m": "NaN"}, "end_m", "a number of metres"),
    ({"spacesTotal": "-1"}, "spacesTotal", "whole number"),
    ({"spacesTotal": "1.5"}, "spacesTotal", "whole number"),
    ({"spacesTotal": "NaN"}, "spacesTotal", "whole number"),
    ({"rateCards": "Sun: Free"}, "rateCards", "list of texts"),
    ({"rateCards": "[1]"}, "rateCards", "list of texts"),
    ({"blockID": "9"}, "blockID", "no such block in blocks.csv"),
]


@pytest.mark.parametrize("change, field, reason", SEGMENTS)
def test_a_bad_segment_is_a_finding_and_spoils_no_other(tmp_path, change, field, reason):
    blocks, [finding] = read_csv(tmp_path, segment=change)
    assert [len(block.segments) for block in blocks] == [1, 2]
    # Of two segments of one name the second is not used.
    row = 2 if "there already" in reason else 1
    assert (finding.file, finding.row, finding.field) == (f"{tmp_path.name}/segments.csv", row, field)
    assert reason in finding.reason


LENIENT = [
    ({"spacesTotal": "9.0"}, "spaces_total", 9),
    ({"spacesTotal": ""}, "spaces_total", None),
    ({"rateCards": ""}, "rate_cards", ()),
    ({"start_m": "1e1"}, "start_m", 10),
]


@pytest.mark.parametrize("change, name, value", LENIENT)
def test_what_other_programs_make_of_a_table_is_read(tmp_path, change, name, value):
    [block, _], findings = read_csv(tmp_path, segment=change)
    assert findings == []
    assert getattr(block.segments[0], name) == value


# A file's bytes, the row of its finding, its reason, and which blocks are there all the same.
CSV_FILES = [
    (b"", 0, "the first line must name the columns", []),
    (b"id,WKT\n1,x\n", 0, "the first line must name the columns", []),
    (b"blockID,name,WKT\n1,a,b,c\n2,x,@\n", 1, "4 cells, and 3 columns", ["2"]),
    (b"blockID,name,WKT\n1\n2,x,@\n", 1, "1 cells, and 3 columns", ["2"]),
    (b"blockID,name,WKT\n1,caf\xe9,@\n2,x,@\n", 1, "not in UTF-8", ["2"]),
    (b"\xef\xbb\xbfblockID,name,WKT\r\n\r\n2,x,@\r\n1,x,\r\n", 2, "not a line", ["2"]),
]


@pytest.mark.parametrize("content, row, reason, blocks", CSV_FILES)
def test_a_broken_csv_file(tmp_path, content, row, reason, blocks):
    write_csv(tmp_path / "segments.csv", {**SEGMENT, "blockID": "2"})
    (tmp_path / "blocks.csv").write_bytes(content.replace(b"@", f'"{WKT}"'.encode()))
    found, findings = read(tmp_path / "blocks.csv")
    [finding] = [each for each in findings if "no such block" not in each.reason]
    assert (finding.row, [block.block_id for block in found]) == (row, blocks)
    assert reason in finding.reason


def feature(line: object = None, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": line or json.loads(shapely.to_geojson(LINE))}


def collection(path: Path, *features: object, **more: object) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))


def read_geojson(folder: Path, *features: object, **more: object):
    collection(folder / "segments.geojson")
    collection(folder / "blocks.geojson", *features, feature(blockID=2), **more)
    return read(folder / "blocks.geojson")


FEATURES = [
    (7, "features", "not a Feature"),
    ({"type": "Feature"}, "features", "not a Feature"),
    (feature(blockID=True), "blockID", "must be a text"),
    (feature({"type": "Point", "coordinates": [4.89, 52.37]}, blockID=1), "geometry", "no LineString"),
    (
        feature({"type": "LineString", "coordinates": [[487000, 121000], [487000, 121100]]}, blockID=1),
        "geometry",
        "no lon, lat",
    ),
    (feature(blockID=1, pmtTypes="Coins"), "pmtTypes", "list of texts"),
]


@pytest.mark.parametrize("bad, field, reason", FEATURES)
def test_a_bad_feature_is_a_finding_and_spoils_no_other(tmp_path, bad, field, reason):
    blocks, [finding] = read_geojson(tmp_path, bad)
    assert [block.block_id for block in blocks] == ["2"]
    assert (finding.row, finding.field) == (1, field)
    assert reason in finding.reason


LONLAT = "urn:ogc:def:crs:OGC:1.3:CRS84"
SYSTEMS = [(LONLAT, None), ("EPSG:4326", None), ("EPSG:2227", "in NAD83 / California zone 3 (ftUS)"), ("x", "nobody")]


@pytest.mark.parametrize("name, reason", SYSTEMS)
def test_coordinates_of_another_system_are_refused(tmp_path, name, reason):
    blocks, findings = read_geojson(tmp_path, crs={"type": "name", "properties": {"name": name}})
    assert len(blocks) == (reason is None)
    assert [reason in finding.reason for finding in findings] == [True] * (reason is not None)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"features": 3}'])
def test_a_broken_collection_is_one_finding(tmp_path, text):
    collection(tmp_path / "segments.geojson")
    (tmp_path / "blocks.geojson").write_text(text)
    blocks, [finding] = read(tmp_path / "blocks.geojson")
    assert (blocks, finding.row) == ([], 0)
    assert "cannot be read" in finding.reason


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["[1]", "{}", "1e9"]),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["type", "coordinates"]), each),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    block=st.sampled_from([*BLOCK_COLUMNS, "line"]),
    segment=st.sampled_from(SEGMENT_COLUMNS),
    values=st.tuples(anything, anything),
)
def test_whatever_stands_in_a_column_stops_nothing(tmp_path, block, segment, values):
    changed, other = {"blockID": 1, block: values[0]}, {**SEGMENT, "blockID": 2}
    collection(tmp_path / "segments.geojson", feature(**{**SEGMENT, segment: values[1]}), feature(**other))
    collection(tmp_path / "blocks.geojson", feature(changed.pop("line", None), **changed), feature(blockID=2))
    blocks, _ = read(tmp_path / "blocks.geojson")
    assert [len(each.segments) for each in blocks if each.block_id == "2"][-1] >= 1


def parquet(folder: Path, crs: str | None = "EPSG:4326", cards: dict | None = None, **segment: object):
    frame = geopandas.GeoDataFrame({"blockID": ["1"]}, geometry=[LINE], crs="EPSG:4326")
    frame.to_crs(crs).to_parquet(folder / "blocks.parquet")
    stated = {"segmentID": "a", "blockID": "1", "side": "LEFT", "start_m": 0.0, "end_m": 9.0, **segment}
    pq.write_table(pa.table({name: [value] for name, value in stated.items()}), folder / "segments.parquet")
    if cards:
        pq.write_table(pa.table(cards), folder / "cards.parquet")
    return read(folder / "blocks.parquet")


def test_a_frame_with_cards_of_its_own(tmp_path):
    [block], findings = parquet(tmp_path, rateCards=["Mon-Sun: Free"])
    assert findings == []
    assert block.segments[0].rate_cards == ("Mon-Sun: Free",)


CARDS = {"card": [4], "rateCards": [["Mon-Sun: Free"]]}
# What the one segment states, the row and field of its finding, its reason, and how many segments are left.
PARQUET = [
    ({"card": 4}, [], 1),
    ({"card": 4.0, "spacesTotal": float("nan")}, [], 1),
    ({"card": 5}, [(1, "card", "no such card in cards.parquet")], 0),
    ({"card": "x"}, [(1, "card", "no such card in cards.parquet")], 0),
    ({"side": 3}, [(1, "side", "must be LEFT or RIGHT")], 0),
    ({"start_m": None}, [(1, "start_m", "must be a number of metres")], 0),
]


@pytest.mark.parametrize("changes, expected, segments", PARQUET)
def test_a_bad_row_of_parquet_is_a_finding(tmp_path, changes, expected, segments):
    [block], findings = parquet(tmp_path, cards=CARDS, **changes)
    assert len(block.segments) == segments
    assert [(each.row, each.field, each.reason) for each in findings] == expected


def test_cards_that_are_missing_are_said(tmp_path):
    [block], [finding] = parquet(tmp_path, card=4)
    assert block.segments == ()
    assert (finding.row, finding.reason) == (0, "cannot be read: there is no cards.parquet beside it")


def test_parquet_in_feet_is_refused(tmp_path):
    blocks, [finding, _] = parquet(tmp_path, crs="EPSG:28992")
    assert blocks == []
    assert "in Amersfoort / RD New" in finding.reason


def test_what_is_no_parquet_is_one_finding(tmp_path):
    parquet(tmp_path)
    (tmp_path / "blocks.parquet").write_bytes(b"PAR1?")
    blocks, [finding, _] = read(tmp_path / "blocks.parquet")
    assert (blocks, finding.row) == ([], 0)


def test_without_segments_blocks_are_read(tmp_path):
    write_csv(tmp_path / "blocks.csv", BLOCK)
    [block], [finding] = read(tmp_path / "blocks.csv")
    assert block.segments == ()
    assert (finding.file, finding.row) == (f"{tmp_path.name}/segments.csv", 0)
    assert finding.reason == "cannot be read: No such file or directory"
