"""`/tiles`: what the map says of a kerb is what `/blocks` says; how much it says, and what it refuses."""

import json
import math

import mapbox_vector_tile
import pytest
from conftest import NOW

from onstreet import tiles as tiles_module
from onstreet.api import create_app
from onstreet.datasets.publish import open_data
from onstreet.tiles import price_class

STREET = (-118.487155, 34.019035)  # 10th Street
ALL = "box=34.1|-119,33.9|-118&limit=5000"


@pytest.fixture(scope="module")
def client(each_store):
    return create_app(stores=lambda: each_store, clock=lambda: NOW).test_client()


def numbers_of(point: tuple[float, float], z: int) -> str:
    lon, lat = point
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return f"{z}/{int((lon + 180) / 360 * 2**z)}/{int((1 - north) / 2 * 2**z)}"


def features(client, z: int, query: str = "", point: tuple[float, float] = STREET) -> list[dict]:
    answer = client.get(f"/tiles/{numbers_of(point, z)}.mvt?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"
    layers = mapbox_vector_tile.decode(answer.data) if answer.data else {}
    layers.pop("streets", None)
    return [feature["properties"] for layer in layers.values() for feature in layer["features"]]


def of_blocks(client, query: str) -> dict[str, dict]:
    """Every segment of `/blocks`, by its id."""
    answer = client.get(f"/blocks?{ALL}&outputfields=name,currency,isOpen,calculatedRates,side&{query}").json["result"]
    return {
        segment["segmentID"]: {**segment, "blockID": block["blockID"], "name": block["name"]}
        for block in answer
        for segment in block["segments"]
    }


QUESTIONS = [
    "entry_time=2026-06-11T10:00",
    "entry_time=2026-06-10T10:30&duration=120",
    "entry_time=2026-06-14T03:00&duration=1440",
    "entry_time=2026-06-14T17:00Z&duration=30&permits=residential",
    "",
]


@pytest.mark.parametrize("query", QUESTIONS)
def test_a_segment_costs_what_blocks_says(client, query):
    stated = of_blocks(client, query)
    shown = features(client, 14, query)
    assert len(shown) > 200
    for each in shown:
        own = stated[each["segment_id"]]
        rates = own["calculatedRates"]
        assert (each["block_id"], each["name"], each["side"]) == (own["blockID"], own["name"], own["side"])
        assert (each["state"] in ("closed", "permit")) == (own["isOpen"] is False) == (rates == [])
        assert each.get("cost") == (rates[0]["rate_cost"] if rates else None)
        assert (each["state"] == "unknown") == (rates is None)
        assert (each["state"] == "free") == (each.get("cost") == 0)


@pytest.mark.parametrize("query", QUESTIONS)
def test_a_block_costs_what_the_cheapest_of_its_segments_does(client, query):
    stated = list(of_blocks(client, query).values())
    for each in features(client, 13, query):
        rates = [own["calculatedRates"] for own in stated if own["blockID"] == each["block_id"]]
        costs = sorted(rate[0]["rate_cost"] for rate in rates if rate)
        assert each.get("cost") == (costs[0] if costs else None)
        assert each.get("typical") == (costs[(len(costs) - 1) // 2] if costs else None)
        assert each["segments"] == len(rates)


def test_cells_count_blocks_and_average_prices(client):
    query = "entry_time=2026-06-11T10:00"
    [cell] = features(client, 3, query)
    stated = [own["calculatedRates"] for own in of_blocks(client, query).values()]
    costs = [rate[0]["rate_cost"] for rate in stated if rate]
    assert (cell["blocks"], cell["sampled"]) == (71, 71)
    assert cell["mean_cost"] == pytest.approx(sum(costs) / len(costs), abs=0.006)
    assert cell["closed_share"] + cell["permit_share"] == pytest.approx(stated.count([]) / len(stated), abs=0.001)


def test_an_entry_is_rounded_down_to_five_minutes(client):
    first, same, other = (
        client.get(f"/tiles/{numbers_of(STREET, 15)}.mvt?entry_time=2026-06-11T{time}").data
        for time in ("08:55", "08:59", "09:00")
    )
    assert first == same
    assert first != other


def test_too_many_features_are_thinned_and_stay_the_same(client, monkeypatch):
    everything = {each["segment_id"] for each in features(client, 14)}
    monkeypatch.setattr(tiles_module, "MOST_FEATURES", 100)
    few, again = (
        {each["segment_id"] for each in features(client, 14, f"entry_time=2026-06-11T1{n}:15")} for n in (1, 2)
    )
    assert len(few) > 20
    assert few == again
    assert few < everything
    streets = mapbox_vector_tile.decode(client.get(f"/tiles/{numbers_of(STREET, 14)}.mvt?duration=61").data)["streets"]
    assert len(few) + len(streets["features"]) <= 100
    assert len(features(client, 13, "entry_time=2026-06-11T11:15")) <= 100


def test_an_empty_tile_is_empty(client):
    assert client.get("/tiles/14/0/0.mvt").data == b""
    assert client.get("/tiles/3/0/0.mvt").data == b""


REFUSED = [
    ("21/0/0", "", "z", "must be a zoom from 0 to 20, not 21"),
    ("-1/0/0", "", "z", "must be a zoom"),
    ("14/16384/0", "", "x", "must be from 0 to 16383 at zoom 14, not 16384"),
    ("14/0/-1", "", "y", "must be from 0 to 16383"),
    ("14/0/0", "entry=2026-06-11T10:00", "entry", "did you mean 'entry_time'?"),
    ("14/0/0", "entry_time=tomorrow", "entry_time", "yyyy-mm-ddTHH:MM"),
    ("14/0/0", "duration=60|120", "duration", "a whole number from 1 to 44640"),
    ("14/0/0", "permits=%7C", "permits", "names of permits"),
    ("14/0/0", "duration=60&duration=60", "duration", "given twice"),
]


@pytest.mark.parametrize("numbers, query, param, message", REFUSED)
def test_a_bad_tile_is_refused_with_what_is_wrong(client, numbers, query, param, message):
    answer = client.get(f"/tiles/{numbers}.mvt?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]["param"] == param
    assert message in answer.json["error"]["message"]


def test_tile_json_says_where_the_blocks_are(client):
    said = client.get("/tiles.json").json
    west, south, east, north = said["bounds"]
    assert west < STREET[0] < east
    assert south < STREET[1] < north
    assert said["tiles"] == ["http://localhost/tiles/{z}/{x}/{y}.mvt"]
    fields = {name: set(layer["fields"]) for layer in said["vector_layers"] for name in [layer["id"]]}
    for z, name in ((14, "segments"), (12, "blocks"), (5, "cells")):
        assert {key for each in features(client, z) for key in each} <= fields[name]


# Cost, currency, class.
CLASSES = [
    (0, "USD", 0), (0.25, "USD", 1), (1, "USD", 1), (1.05, "EUR", 2), (4, "USD", 3), (8.5, "USD", 5),
    (100, "JPY", 1), (500, "JPY", 4), (0.25, "KWD", 1),
]  # fmt: skip


@pytest.mark.parametrize("cost, currency, number", CLASSES)
def test_prices_have_classes(cost, currency, number):
    assert price_class(cost, currency) == number


def test_tiles_are_kept_until_they_change(client):
    address = f"/tiles/{numbers_of(STREET, 14)}.mvt"
    stated = client.get(f"{address}?entry_time=2026-06-11T09:03")
    assert stated.headers["Cache-Control"] == "public, max-age=300"
    rounded = f"{address}?entry_time=2026-06-11T09:00"
    assert client.get(rounded, headers={"If-None-Match": stated.headers["ETag"]}).status_code == 304
    assert client.get(rounded, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    now = client.get(address)
    assert now.headers["Cache-Control"] == "public, max-age=300"
    assert client.get(address, headers={"If-None-Match": stated.headers["ETag"]}).status_code == 200


def test_names_are_as_they_are_stated(tmp_path):
    """What a name has in common with a format is no format, in answers, in tiles and in the search."""
    name = "100 %d %% Street"
    block = {
        "blockID": "1", "name": name, "geojson": {"coordinates": [[4.9, 52.37], [4.901, 52.37]]},
        "segments": [{"segmentID": "%s", "side": "LEFT", "start": 0, "end": 50, "rateCards": ["Sun: Free"]}],
    }  # fmt: skip
    (tmp_path / "blocks.jsonl").write_text(json.dumps(block))
    source = {"name": "x", "zone": "UTC", "currency": "EUR", "files": [{"path": "blocks.jsonl", "source": "x"}]}
    (tmp_path / "source.json").write_text(json.dumps(source))
    store, _ = open_data([tmp_path])
    client = create_app(stores=lambda: store, clock=lambda: NOW).test_client()
    for fields in ("all", "name,segments.segmentID"):
        [answer] = client.get(f"/blocks?id=1&outputfields={fields}").json["result"]
        assert (answer["name"], answer["segments"][0]["segmentID"]) == (name, "%s")
    [found] = client.get("/search?q=100").json["result"]
    assert found["name"] == name
    [segment] = features(client, 16, point=(4.9003, 52.37))
    assert (segment["name"], segment["segment_id"]) == (name, "%s")
