"""What a service says of itself: that it lives, can answer, from which data, and what it has been asked."""

import re
from datetime import timedelta
from urllib.request import Request, urlopen

import psycopg
import pytest
from conftest import DATA, NOW, serving
from test_live import put

from onstreet.api import create_app
from onstreet.datasets.places import place_from_json
from onstreet.datasets.postgis import load_into
from onstreet.datasets.source import find_data_sets
from onstreet.stores.database import DatabaseError
from onstreet.stores.postgis import LivePostgis
from onstreet.version import VERSION


def counts(text: str) -> dict[str, float]:
    """The counts by name and labels as they stand in the text."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def requests(found: dict[str, float]) -> dict[tuple[str, str, str], float]:
    """Requests by resource, method and status."""
    pattern = re.compile(r'onstreet_requests_total\{method="(.*)",resource="(.*)",status="(.*)"\}')
    return {(m[2], m[1], m[3]): value for name, value in found.items() if (m := pattern.fullmatch(name))}


def gone():
    raise DatabaseError("postgresql://db/kerbs: no connection")


def test_a_process_lives_whatever_its_data():
    answer = create_app(stores=gone).test_client().get("/health")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_ready_when_it_can_answer(each_store):
    answer = create_app(stores=lambda: each_store).test_client().get("/ready")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})
    assert answer.headers["X-Snapshot-ID"] == each_store.about.id
    answer = create_app(stores=gone).test_client().get("/ready")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.needs_postgis
def test_it_is_not_ready_while_its_tables_are_gone(database):
    load_into(database, find_data_sets([DATA]), [])
    live = LivePostgis(database, place_from_json)
    client = create_app(stores=live).test_client()
    assert client.get("/ready").status_code == 200
    with psycopg.connect(database.url) as connection:
        connection.execute("ALTER SCHEMA onstreet RENAME TO elsewhere")
    assert client.get("/ready").status_code == 503
    assert "onstreet_ready 0.0" in client.get("/metrics").text
    with psycopg.connect(database.url) as connection:
        connection.execute("ALTER SCHEMA elsewhere RENAME TO onstreet")
    assert client.get("/ready").status_code == 200
    live.close()


def test_the_version_names_code_data_and_sources(each_store):
    client = create_app(stores=lambda: each_store).test_client()
    answer = client.get("/version")
    told = answer.json
    assert (told["service"], told["version"]) == ("onstreet", VERSION)
    assert told["snapshot"]["id"] == each_store.about.id == answer.headers["X-Snapshot-ID"]
    assert told["snapshot"]["blocks"] == 71
    assert re.fullmatch(r"20..-..-..T..:..:..Z", told["snapshot"]["published"])
    assert [(each["name"], each["source"], each["licence"]) for each in told["sources"]] == [
        ("Santa Monica, around 10th Street", "inrix", "Example from public API documentation; no licence stated"),
        ("Santa Monica, around 10th Street", "synthetic", "CC0-1.0"),
    ]
    assert told["examples"]
    assert all(client.get(example).status_code == 200 for example in told["examples"])
    assert client.get("/version", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_every_answer_from_data_says_which(client, store):
    for path in ("/blocks?id=46502752", "/filters?point=34.019|-118.487&radius=50", "/version", "/ready"):
        assert client.get(path).headers["X-Snapshot-ID"] == store.about.id
    for path in ("/blocks", "/health", "/openapi.json"):
        assert "X-Snapshot-ID" not in client.get(path).headers


# What is asked; restrictions and amenities by id, and blocks.
FILTERS = [
    ("point=34.01903|-118.48715&radius=5", {4: 1}, {1: 3, 2: 2, 3: 3}, 1),
    ("box=2|1,0|2", {}, {}, 0),
]


@pytest.mark.parametrize("query, restrictions, amenities, blocks", FILTERS)
def test_filters_are_counted(each_store, query, restrictions, amenities, blocks):
    answer = create_app(stores=lambda: each_store).test_client().get(f"/filters?{query}")
    assert answer.status_code == 200
    told = answer.json["result"]
    assert {each["id"]: each["count"] for each in told["restrictions"]} == restrictions
    assert {each["id"]: each["count"] for each in told["amenities"]} == amenities
    assert answer.headers["X-Total-Count"] == str(blocks)


def test_a_filter_finds_as_many_segments_as_it_says(each_store):
    client = create_app(stores=lambda: each_store).test_client()
    where = "box=34.0215|-118.49,34.0165|-118.484"
    told = client.get(f"/filters?{where}").json["result"]
    filters = [*told["restrictions"], *told["amenities"]]
    assert len(filters) >= 4
    for each in filters:
        found = client.get(f"/blocks?{where}&restrictions={each['id']}&outputfields=amenities,segmentID").json
        segments = [segment for block in found["result"] for segment in block["segments"]]
        assert len(segments) == each["count"]
        amenities = [amenity for block in found["result"] for amenity in block["amenities"]]
        assert {"id": each["id"], "name": each["name"]} in amenities


# A question that names no area; the parameter and words about it.
AREALESS = [
    ("", "box", "no place is given; use 'box', or 'point' with 'radius'"),
    ("box=1|1,0|2&point=1|1&radius=5", "point", "'box' and 'point' exclude each other"),
    ("point=1|1", "radius", "'point' needs a 'radius'"),
    ("id=46502752", "id", "unknown parameter 'id'"),
    ("box=1|1,0|2&boxx=1", "boxx", "did you mean 'box'?"),
    ("box=34.1|-119", "box", "two corners"),
]


@pytest.mark.parametrize("query, param, said", AREALESS)
def test_filters_need_an_area(client, query, param, said):
    answer = client.get(f"/filters?{query}")
    assert (answer.status_code, answer.json["error"]["param"]) == (400, param)
    assert said in answer.json["error"]["message"]
    assert client.get("/filters?box=1|1,0|2&accesstoken=&units=m").status_code == 200


def test_requests_are_counted(store):
    clock = iter(NOW + timedelta(seconds=1) for _ in range(99))
    client = create_app(stores=lambda: store, clock=lambda: next(clock)).test_client()
    asked = [
        ("GET", "/blocks?id=46502752", 3), ("GET", "/blocks", 1), ("GET", "/nowhere", 2), ("BREW", "/quote", 1),
        ("HEAD", "/version", 1), ("OPTIONS", "/blocks", 1),
    ]  # fmt: skip
    for method, path, times in asked:
        for _ in range(times):
            client.open(path, method=method)
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    found = counts(answer.text)
    assert requests(found) == {
        ("/blocks", "GET", "200"): 3, ("/blocks", "GET", "400"): 1, ("none", "GET", "404"): 2,
        ("none", "other", "405"): 1, ("/version", "HEAD", "200"): 1, ("/blocks", "OPTIONS", "200"): 1,
    }  # fmt: skip
    assert found['onstreet_request_duration_seconds_count{resource="/blocks"}'] == 5
    assert found['onstreet_request_duration_seconds_bucket{le="+Inf",resource="none"}'] == 3
    assert 0 < found['onstreet_request_duration_seconds_sum{resource="/blocks"}'] < 5
    assert found['onstreet_answer_cache_lookups_total{result="hit"}'] == 2
    assert found['onstreet_answer_cache_lookups_total{result="miss"}'] == 1


def test_the_data_are_counted(store):
    later = store.about.published + timedelta(hours=1)
    found = counts(create_app(stores=lambda: store, clock=lambda: later).test_client().get("/metrics").text)
    assert found[f'onstreet_snapshot_info{{id="{store.about.id}"}}'] == 1
    assert found["onstreet_snapshot_age_seconds"] == 3600
    assert found["onstreet_blocks"] == 71
    assert found["onstreet_ready"] == 1


def test_one_worker_counts_for_all(tmp_path, monkeypatch):
    """Three worker processes, each asked by some of these connections: whoever is asked knows of all."""
    put(tmp_path, 1)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with serving(tmp_path / "out", "--workers", "3") as address:
        for number in range(60):
            with urlopen(f"{address}/blocks?id={number % 20}&entry_time=2026-06-11T10:00") as answer:
                assert answer.status == 200
        for _ in range(5):
            with urlopen(Request(f"{address}/metrics", headers={"Accept": "text/plain;version=0.0.4"})) as answer:
                found = counts(answer.read().decode())
            assert requests(found)["/blocks", "GET", "200"] == 60
            looked_up = [found[f'onstreet_answer_cache_lookups_total{{result="{each}"}}'] for each in ("hit", "miss")]
            assert sum(looked_up) == 60
            assert 20 <= looked_up[1] <= 60
            assert found["onstreet_blocks"] == 20
        [folder] = tmp_path.glob("onstreet-counts-*")
        workers = {path.name for path in folder.glob("counter_*.db")}
        assert len(workers) == 3
    assert not folder.exists()
