"""`/search`: streets by words of their names and addresses, near ones first, and blocks by their ids."""

import pytest
from conftest import NOW

from onstreet.api import create_app
from onstreet.gazetteer import words_of


@pytest.fixture(scope="module")
def client(each_store):
    return create_app(stores=lambda: each_store, clock=lambda: NOW).test_client()


def found(client, query: str) -> list[dict]:
    return client.get(f"/search?{query}").json["result"]


# A question, and the streets or corners that come first: name, and the address where it is what was meant.
FOUND = [
    ("q=10th street", ["10th Street"]),
    ("q=10TH", ["10th Street"]),
    ("q=Áldér", ["Alder Avenue"]),
    ("q=ald", ["Alder Avenue"]),
    ("q=str 9", ["9th Street"]),
    ("q=aven elm", ["Elm Avenue"]),
    ("q=dogwood 10th", ["Dogwood Avenue", "10th Street", "Dogwood Avenue"]),
    ("q=46502752", ["10th Street"]),
    ("q=lder", []),
    ("q=nobody", []),
    ("q=%2B%2B", []),
]


@pytest.mark.parametrize("query, names", FOUND)
def test_streets_are_found_by_the_beginnings_of_words(client, query, names):
    result = found(client, query)
    assert [each["name"] for each in result[: len(names)]] == names
    assert bool(result) == bool(names)
    assert len(result) <= 10


def test_a_street_comes_once_with_the_number_of_its_blocks(client):
    [tenth, *corners] = found(client, "q=10th")
    stated = client.get("/blocks?box=34.1|-119,33.9|-118&outputfields=name").json["result"]
    assert tenth["blocks"] == sum(each["name"] == "10th Street" for each in stated)
    assert all("10th" in each["address"] for each in corners)


def test_of_a_street_the_nearest_block_is_shown(client):
    near = "34.0166|-118.4843"
    [first, *_] = found(client, f"q=10th street&near={near}")
    blocks = client.get(f"/blocks?point={near}&radius=2000&sort=distance&outputfields=name,distance").json["result"]
    nearest = next(each for each in blocks if each["name"] == "10th Street")
    assert first["blockID"] == nearest["blockID"]
    assert nearest["distance"] <= first["distance"] <= nearest["distance"] + 100
    assert first["point"] == pytest.approx([34.0166, -118.4843], abs=0.002)
    assert found(client, "q=10th street")[0]["distance"] is None


REFUSED = [
    ("", "q", "'q' is missing"),
    ("q=%20", "q", "'q' is missing"),
    (f"q={'a' * 101}", "q", "at most 100 characters"),
    ("q=elm&near=here", "near", "degrees as lat|lon"),
    ("q=elm&limit=5", "limit", "unknown parameter"),
]


@pytest.mark.parametrize("query, param, message", REFUSED)
def test_a_bad_search_is_refused_with_what_is_wrong(client, query, param, message):
    answer = client.get(f"/search?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]["param"] == param
    assert message in answer.json["error"]["message"]


@pytest.mark.parametrize("text, words", [
    ("Rue de l'Élysée", ["rue", "de", "l", "elysee"]),
    ("STRASSE", ["strasse"]),
    ("Straße", ["strasse"]),
    ("东大街", ["东大街"]),
])  # fmt: skip
def test_words_have_neither_case_nor_accents(text, words):
    assert words_of(text) == words
