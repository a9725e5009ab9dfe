"""What an answer tells caches and browsers: its name, how long it holds, how it is packed, and which pages may ask."""

import gzip
import re
from datetime import timedelta

import brotli
import pytest
import zstandard
from conftest import DATA, NOW
from flask_compress import flask_compress
from test_live import city, put

from onstreet.api import blocks as api_blocks
from onstreet.api import create_app
from onstreet.api.caching import HELD_S, VARY
from onstreet.datasets.publish import open_data, open_store
from onstreet.settings import Settings, SettingsError, read_settings

MANY = "/blocks?box=34.03|-118.5,34.01|-118.47&entry_time=2026-06-11T10:00"
ONE = "/blocks?id=46502752&entry_time=2026-06-11T10:00&outputfields=name"


def at(store, second: float, **minutes: float):
    """Requests some time after the full minute."""
    return create_app(stores=lambda: store, clock=lambda: NOW + timedelta(seconds=second, **minutes)).test_client()


# The second of the minute, the question; for how long the answer holds.
HELD = [
    (0, ONE, HELD_S), (59, ONE, HELD_S), (0, "/blocks?id=46502752", 60), (20, "/blocks?id=46502752", 40),
    (59.9, "/blocks?id=46502752", 1),
]  # fmt: skip


@pytest.mark.parametrize("second, path, held_s", HELD)
def test_an_answer_says_how_long_it_holds(store, second, path, held_s):
    headers = at(store, second).get(path).headers
    assert headers["Cache-Control"] == f"public, max-age={held_s}"
    assert headers["Vary"] == VARY
    assert headers["X-Snapshot-ID"] == store.about.id
    assert re.fullmatch(r'W/"[0-9a-f-]+"', headers["ETag"])


@pytest.mark.parametrize("path", [ONE, "/blocks?id=46502752", "/openapi.json"])
def test_a_named_answer_is_not_sent_again(client, path, monkeypatch):
    first = client.get(path)
    tag = first.headers["ETag"]
    monkeypatch.setattr(api_blocks, "run", lambda *asked: pytest.fail("asked the store"))
    for stated in (tag, tag.removeprefix("W/"), f'"x", {tag}'):
        again = client.get(path, headers={"If-None-Match": stated})
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers[name] == first.headers[name]


@pytest.mark.parametrize("stated", ['"x"', "*", "", "nonsense", 'W/""'])
def test_other_names_are_answered_in_full(client, stated):
    assert client.get(ONE, headers={"If-None-Match": stated}).status_code == 200
    assert client.get("/blocks?id=1", headers={"If-None-Match": stated}).status_code == 404


def tags(*answers) -> set[str]:
    return {answer.headers["ETag"] for answer in answers}


def test_a_name_follows_from_data_question_and_moment(store, tmp_path):
    now = "/blocks?id=46502752"
    assert (
        len(tags(at(store, 0).get(now), at(store, 59).get(now), at(store, 0).get(now, headers={"Accept": "*/*"}))) == 1
    )
    assert len(tags(at(store, 0).get(now), at(store, 60).get(now))) == 2
    assert len(tags(at(store, 0).get(ONE), at(store, 0, days=3).get(ONE))) == 1
    assert len(tags(at(store, 0).get(ONE), at(store, 0).get(f"{ONE},address"))) == 2
    same, _ = open_data([DATA])
    assert len(tags(at(store, 0).get(ONE), at(same, 0).get(ONE))) == 1
    other = [put(tmp_path, version) for version in (1, 2)]
    assert len(tags(*(at(open_store(each), 0).get("/blocks?id=1") for each in other))) == 2


def test_errors_are_not_kept(client):
    for path in ("/blocks", "/blocks?id=1", "/nowhere"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


PACKED = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstandard.decompress}
# What a client takes; how it gets a long answer.
TAKEN = [
    ("gzip", "gzip"), ("br", "br"), ("zstd", "zstd"), ("gzip, deflate, br, zstd", "zstd"), ("gzip, br", "br"),
    ("gzip;q=1, br;q=0.5", "gzip"), ("*", "zstd"), ("identity", None), ("deflate", None), ("", None),
    ("nonsense;q=x", None), ("gzip;q=0", None),
]  # fmt: skip


@pytest.mark.parametrize("taken, way", TAKEN)
@pytest.mark.parametrize("path", [MANY, "/openapi.json"])
def test_long_answers_are_packed_as_they_are_taken(client, path, taken, way):
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": taken})
    assert packed.headers.get("Content-Encoding") == way
    body = PACKED[way](packed.data) if way else packed.data
    assert body == plain.data
    assert way is None or len(packed.data) < len(plain.data) / 4
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert "Content-Encoding" not in plain.headers


def test_short_answers_are_not_packed(client):
    assert "Content-Encoding" not in client.get(ONE, headers={"Accept-Encoding": "gzip"}).headers
    assert "Content-Encoding" not in client.get("/blocks", headers={"Accept-Encoding": "gzip"}).headers


def test_what_has_a_name_is_packed_once(client, monkeypatch):
    packed = []
    real = flask_compress._compress_data
    monkeypatch.setattr(flask_compress, "_compress_data", lambda *asked: packed.append(asked[-1]) or real(*asked))
    for way in ("gzip", "br", "gzip", "br", "gzip"):
        client.get(MANY, headers={"Accept-Encoding": way})
    assert packed == ["gzip", "br"]
    client.get(f"{MANY}&limit=50", headers={"Accept-Encoding": "gzip"})
    assert packed == ["gzip", "br", "gzip"]


def test_what_has_no_name_is_packed_each_time(client):
    bodies = set()
    for hour in (10, 11):
        asked = {"rateCards": ["Each Hour: $2"] * 20, "entry_time": f"2026-06-11T{hour}:00", "duration": [60, 120]}
        answer = client.post("/quote", json=asked, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        bodies.add(gzip.decompress(answer.data))
    assert len(bodies) == 2


@pytest.mark.parametrize("path", ["/", "/blocks?id=46502752", "/openapi.json", "/docs/"])
def test_head_says_the_same_without_a_body(client, path):
    head, full = client.head(path), client.get(path)
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(full.data)
    differing = {"X-Request-ID", "Date"}
    assert {(k, v) for k, v in head.headers if k not in differing} == {
        (k, v) for k, v in full.headers if k not in differing
    }


# A resource, and the methods that it answers.
METHODS = [
    ("/", "GET, HEAD, OPTIONS"), ("/blocks", "GET, HEAD, OPTIONS"), ("/quote", "OPTIONS, POST"),
    ("/openapi.json", "GET, HEAD, OPTIONS"), ("/docs/", "GET, HEAD, OPTIONS"),
]  # fmt: skip


@pytest.mark.parametrize("path, methods", METHODS)
def test_a_browser_may_ask_first(client, path, methods):
    asked = {"Origin": "https://map.example", "Access-Control-Request-Method": "GET"}
    answer = client.options(path, headers=asked)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Allow"] == answer.headers["Access-Control-Allow-Methods"] == methods
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for name in ("Authorization", "X-API-Key", "X-API-Secret", "Content-Type"):
        assert name in answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert "Content-Type" not in answer.headers


def test_pages_may_read_every_answer(client):
    for path in ("/blocks?id=46502752", "/blocks", "/nowhere", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["Access-Control-Allow-Origin"] == "*"
        assert {"X-Snapshot-ID", "X-Total-Count", "Link", "ETag"} <= set(
            headers["Access-Control-Expose-Headers"].split(", ")
        )
    assert client.options("/nowhere").status_code == 404


# The origin of a page; whether it may ask where two others may.
ORIGINS = [
    ("https://map.example", True), ("http://localhost:5173", True), ("https://evil.example", False),
    ("https://map.example.evil", False), ("null", False), (None, False),
]  # fmt: skip


@pytest.mark.parametrize("origin, may", ORIGINS)
def test_only_some_pages_may_ask(store, origin, may):
    settings = Settings(origins=frozenset({"https://map.example", "http://localhost:5173"}))
    client = create_app(settings, stores=lambda: store).test_client()
    for method in ("GET", "OPTIONS"):
        headers = client.open(ONE, method=method, headers={"Origin": origin} if origin else {}).headers
        assert headers.get("Access-Control-Allow-Origin") == (origin if may else None)
        assert "Origin" in ", ".join(headers.get_all("Vary"))


@pytest.mark.parametrize("text, origins", [
    ("", {"*"}),
    ("*", {"*"}),
    ("https://a.example, http://b:80", {"https://a.example", "http://b:80"}),
    ("a.example", None),
    ("https://a.example/", None),
    ("*,https://a.example", None),
    ("https://*.example", None),
])  # fmt: skip
def test_origins_are_a_setting(text, origins):
    environment = {"ONSTREET_ORIGINS": text}
    if origins:
        assert read_settings(environment).origins == origins
        return
    with pytest.raises(SettingsError, match=r"ONSTREET_ORIGINS must be \* or origins such as https://map\.example"):
        read_settings(environment)


def test_a_new_snapshot_renames_what_is_served(tmp_path):
    put(tmp_path, 1)
    held = open_store(tmp_path / "out")
    client = create_app(stores=lambda: held, clock=lambda: NOW).test_client()
    path = "/blocks?box=53|4,52|5&entry_time=2026-06-11T10:00"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    city(tmp_path / "city", 2)
    put(tmp_path, 2)
    held = open_store(tmp_path / "out")
    after = client.get(path, headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.json["result"][0]["name"] == "version 2"
