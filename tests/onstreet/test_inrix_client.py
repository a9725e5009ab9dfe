"""A client of the published service needs another base URL, id and key, and nothing else."""

from urllib.error import HTTPError

import pytest
from click.testing import CliRunner
from conftest import DATA, serving
from inrix_client import InrixParking

from onstreet.cli import main

PLACE = {"point": "34.01903|-118.48715", "radius": 50}


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A server's address, and the id and key that somebody was given for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONSTREET_KEYS", str(tmp_path_factory.mktemp("keys") / "keys.sqlite"))
        printed = CliRunner().invoke(main, ["keys", "create", "someone"]).stdout
        app_id, app_key = (line.split()[1] for line in printed.splitlines())
        with serving(DATA) as address:
            yield address, app_id, app_key


def test_blocks_with_a_token(key):
    client = InrixParking(*key)
    [block] = client.blocks(id=46502752, entry_time="2026-06-11T10:00", duration="60|120")
    assert (block["blockID"], block["name"]) == ("46502752", "10th Street")
    assert [rate["rate_cost"] for rate in block["segments"][0]["calculatedRates"]] == [1, 2]


def test_a_token_in_the_header_is_as_good(key):
    client = InrixParking(*key)
    entry = {"entry_time": "2026-06-11T10:00"}
    assert client.blocks(**PLACE, **entry) == client.blocks_by_header(**PLACE, **entry) != []


def test_a_token_is_fetched_once(key):
    client = InrixParking(*key)
    tokens = set()
    for _ in range(3):
        client.blocks(**PLACE)
        tokens.add(client.token)
    assert len(tokens) == 1


def test_a_wrong_key_is_refused(key):
    address, app_id, _ = key
    with pytest.raises(HTTPError) as caught:
        InrixParking(address, app_id, "someone else's").blocks(**PLACE)
    assert caught.value.code == 401
    caught.value.close()
