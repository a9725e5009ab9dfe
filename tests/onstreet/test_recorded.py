"""Recorded answers -> block rows: what is read, and what becomes of rows that cannot be."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import served

from onstreet.api import create_app
from onstreet.datasets.publish import open_data
from onstreet.datasets.source import SourceError, find_data_sets

GOOD = {
    "blockID": "1",
    "name": "Damrak",
    "geojson": {"type": "LineString", "coordinates": [[4.89, 52.37], [4.892, 52.37]]},
    "segments": [
        {"segmentID": "a", "side": "LEFT", "start": 0, "end": 100, "spacesTotal": 9, "rateCards": ["Mon-Sun: Free"]}
    ],
}
SOURCE = {
    "name": "Amsterdam",
    "zone": "Europe/Amsterdam",
    "currency": "EUR",
    "files": [{"path": "blocks.jsonl", "source": "test"}],
}


def city(folder: Path, *blocks: object, **source: object) -> Path:
    (folder / "source.json").write_text(json.dumps(SOURCE | source))
    (folder / "blocks.jsonl").write_text("\n".join(b if isinstance(b, str) else json.dumps(b) for b in blocks))
    return folder


def block(**changes: object) -> dict:
    return {**GOOD, **changes}


def segment(**changes: object) -> dict:
    return block(segments=[{**GOOD["segments"][0], **changes}, {**GOOD["segments"][0], "segmentID": "b"}])


def only(folder: Path, *blocks: object):
    store, findings = open_data([city(folder, *blocks)])
    return served(store, store.by_ids(["1"])), findings


# A row, the field of its finding, its reason, and how many blocks and segments of the row are served all the same.
BAD = [
    ("{", "", "not a JSON object", 0, 0),
    ("[]", "", "not a JSON object", 0, 0),
    (block(blockID=None), "blockID", "without '|'", 0, 0),
    (block(blockID="1|2"), "blockID", "without '|'", 0, 0),
    (block(name=["x"]), "name", "must be a text", 0, 0),
    (block(geojson={"coordinates": [[4.89, 52.37]]}), "geojson", "two points at least", 0, 0),
    (block(geojson={"coordinates": [[52.37, 4.89], [4.89, 152.37]]}), "geojson", "is no lon, lat", 0, 0),
    (block(geojson={"coordinates": [[[4.89, 52.37]]]}), "geojson", "must be a list of points", 0, 0),
    (block(geojson=None), "polyline", "not an encoded polyline", 0, 0),
    (block(probability=101), "probability", "0 to 100", 0, 0),
    (block(probability=[1] * 167), "probability", "168 of them", 0, 0),
    (block(segments={}), "segments", "must be a list", 0, 0),
    (block(pmtTypes="Coins"), "pmtTypes", "list of texts", 0, 0),
    (block(segments=["x"]), "segments", "must be objects", 1, 0),
    (segment(side="NORTH"), "side", "LEFT or RIGHT", 1, 1),
    (segment(start=90, end=80), "start", "must lie on the block's 136.2 m", 1, 1),
    (segment(end=500), "start", "must lie on the block's 136.2 m", 1, 1),
    (segment(start="0"), "start", "a number of metres", 1, 1),
    (block(geojson={"coordinates": [[4.89, 52.37], [4.89, 52.37]]}), "geojson", "no length", 0, 0),
    (block(geojson={"type": "Polygon", "coordinates": [[4, 52], [5, 52]]}), "geojson", "no LineString", 0, 0),
    (block(geojson={"coordinates": [[True, 52], [5, 52]]}), "geojson", "is no lon, lat", 0, 0),
    (block(polyline="_p~iF"), "polyline", "not an encoded polyline", 1, 1),
    (segment(polyline6="~~~"), "polyline6", "not an encoded polyline", 1, 2),
    (segment(segmentID=""), "segmentID", "must be a text", 1, 1),
    (segment(segmentID="b"), "segmentID", "there already", 1, 1),
    (segment(start=136.3, end=138), "start", "must lie on the block's 136.2 m", 1, 1),
    (segment(rateCards=["Mon-Sun: $5"]), "rateCards", "not in EUR", 1, 2),
    (segment(spacesTotal=-1), "spacesTotal", "whole number", 1, 1),
    (segment(rateCards="Sun: Free"), "rateCards", "list of texts", 1, 1),
    (segment(rateCards=["Sun: Fre"]), "rateCards", "did you mean Free?", 1, 2),
    (segment(rateCards=[]), "rateCards", "no card: its price is unknown", 1, 2),
]


@pytest.mark.parametrize("row, field, reason, blocks, segments", BAD)
def test_a_bad_row_is_a_finding_and_spoils_nothing_else(tmp_path, row, field, reason, blocks, segments):
    other = block(blockID="2")
    store, [finding] = open_data([city(tmp_path, row, other)])
    assert finding.file == f"{tmp_path.name}/blocks.jsonl"
    assert (finding.row, finding.field) == (1, field)
    assert reason in str(finding)
    found = served(store, store.by_ids(["1"]))
    assert len(found) == blocks
    assert sum(len(each.segments) for each in found) == segments
    assert len(store.by_ids(["2"])) == 1


def test_a_block_that_comes_twice_is_served_once(tmp_path):
    [kept], [finding] = only(tmp_path, block(), block(name="Rokin"))
    assert kept.fields["name"] == "Damrak"
    assert (finding.row, finding.reason) == (2, "this block is there already")


def test_an_alias_of_another_block_is_a_finding_and_the_block_is_served(tmp_path):
    store, [finding] = open_data([city(tmp_path, block(blockID="2"), block(alias="2"))])
    assert finding.reason == "another block has this alias, and answers to it"
    assert store.by_alias("test", "2").tolist() == [0]
    assert len(store) == 2


def test_altitudes_are_left_out(tmp_path):
    [served], findings = only(tmp_path, block(geojson={"coordinates": [[4.89, 52.37, -2], [4.892, 52.37, -2]]}))
    assert findings == []
    assert list(served.line.coords) == [(4.89, 52.37), (4.892, 52.37)]


def test_a_segment_may_end_just_beyond_the_line(tmp_path):
    [served], findings = only(tmp_path, segment(start=136, end=138))
    assert findings == []
    assert len(served.segments) == 2


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(["coordinates", "type", "x"]), each),
    max_leaves=6,
)
paths = st.sampled_from(
    [(name,) for name in [*GOOD, "polyline", "alias", "probability", "pmtTypes"]]
    + [("segments", 0, name) for name in [*GOOD["segments"][0], "polyline", "polyline6", "paymentIDs"]]
    + [("geojson", "coordinates"), ("geojson", "coordinates", 0), ("geojson", "coordinates", 0, 1)]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=paths, value=anything)
def test_whatever_stands_in_a_field_stops_nothing(tmp_path, path, value):
    row = json.loads(json.dumps(GOOD))
    inner = row
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    store, _ = open_data([city(tmp_path, json.dumps(row), block(blockID="other"))])
    assert len(store.by_ids(["other"])) == 1


def test_lines_are_derived_where_the_data_set_has_none(tmp_path, published):
    [derived], findings = only(tmp_path, block())
    assert findings == []
    assert derived.segments[0]["polyline"]
    assert derived.segments[0]["polyline6"]
    assert derived.fields["polyline"] == "oos~Hoaz\\?oK"


def test_lines_of_its_own_are_kept(store, published):
    [kept] = served(store, store.by_ids(["46502752"]))
    for ours, theirs in zip(kept.segments, published["segments"], strict=True):
        assert [ours[name] for name in ("polyline", "polyline6")] == [theirs["polyline"], theirs["polyline6"]]


def test_a_block_may_bring_an_encoded_line_alone(tmp_path):
    alone = {name: value for name, value in block(polyline="oos~Hoaz\\?oK").items() if name != "geojson"}
    [found], findings = only(tmp_path, alone)
    assert findings == []
    assert list(found.line.coords) == [(4.89, 52.37), (4.892, 52.37)]


def test_the_profile_of_a_block_comes_before_that_of_its_file(tmp_path):
    files = [{**SOURCE["files"][0], "profile": 40}]
    store, _ = open_data([city(tmp_path, block(probability=70), block(blockID="2"), files=files)])
    assert [each.profile for each in served(store, store.by_ids(["1", "2"]))] == [(70,), (40,)]


def test_without_a_profile_nothing_is_made_up(tmp_path):
    [found], _ = only(tmp_path, block())
    assert found.profile is None


def test_an_alias_is_the_source_and_its_own_id(tmp_path):
    store, _ = open_data([city(tmp_path, block(alias="dam-1"), block(blockID="2"))])
    assert store.by_alias("test", "dam-1").tolist() == [0]
    assert store.by_alias("test", "2").tolist() == [1]


BROKEN_SOURCES = [
    ({"zone": "Mars/Base"}, "'zone' must be an IANA time zone"),
    ({"currency": "euro"}, "'currency' must be an ISO 4217 code"),
    ({"files": [{"path": "none.jsonl", "source": "x"}]}, "no file none.jsonl"),
    ({"files": [{"path": "blocks.jsonl", "source": "a|b"}]}, "a name without '|'"),
    ({"files": [{"path": "blocks.jsonl"}]}, "'source' is missing"),
    ({"files": [{"path": "blocks.jsonl", "source": "x", "profile": 300}]}, "0 to 100"),
    ({"files": 3}, "source.json"),
]


@pytest.mark.parametrize("source, message", BROKEN_SOURCES)
def test_a_data_set_that_cannot_be_opened_says_why(tmp_path, source, message):
    with pytest.raises(SourceError, match=r"source\.json") as caught:
        open_data([city(tmp_path, block(), **source)])
    assert message in str(caught.value)


def test_a_folder_without_data_sets(tmp_path):
    with pytest.raises(SourceError, match="one folder below"):
        find_data_sets([tmp_path])


def test_a_broken_answer_is_one_finding(tmp_path):
    files = [{"path": "answer.json", "source": "x"}]
    (tmp_path / "answer.json").write_text('{"error": 1}')
    store, [finding] = open_data([city(tmp_path, files=files)])
    assert len(store) == 0
    assert "not a recorded answer" in finding.reason


def test_the_published_block_is_shipped_as_published():
    seed = Path(__file__).parents[3] / "shared" / "seeds" / "004_6377bc874f594102.txt"
    if not seed.exists():
        pytest.skip("the published document is not here")
    shipped = Path(__file__).parents[2] / "data" / "santa-monica" / "46502752.json"
    assert shipped.read_text().strip() in seed.read_text()


def test_a_block_without_segments_says_so(tmp_path):
    store, _ = open_data([city(tmp_path, block(segments=[]))])
    answer = create_app(stores=lambda: store).test_client().get("/blocks?id=1&outputfields=name,segments")
    assert answer.json["result"] == [{"blockID": "1", "name": "Damrak", "segments": []}]
