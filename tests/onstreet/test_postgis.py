"""Loading into PostGIS: whole or not at all, several writers, readers that see one load, failures in words."""

import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import pytest
from click.testing import CliRunner
from conftest import DATA, NOW, serving

from onstreet.api import create_app
from onstreet.cli import main
from onstreet.datasets.places import place_from_json
from onstreet.datasets.postgis import load_into, stored
from onstreet.datasets.source import SourceError, find_data_sets
from onstreet.geometry import GeoBox
from onstreet.query import ByIds, Query, run
from onstreet.stores.database import Database, DatabaseError, ReplacedError
from onstreet.stores.postgis import LivePostgis
from onstreet.wire.blocks import ALL_FIELDS

pytestmark = pytest.mark.needs_postgis

EVERYWHERE = "/blocks?box=90|-180,-90|180&outputfields=name,calculatedRates"


def city(folder: Path, key: str, version: int = 1, blocks: int = 20, **of_block) -> Path:
    """A data set whose blocks and cards all say one version."""
    folder.mkdir(exist_ok=True)
    segment = {"segmentID": "1", "side": "LEFT", "start": 0, "end": 50, "rateCards": [f"Each Hour: €{version}"]}
    line = {"coordinates": [[4.9, 52.37], [4.901, 52.37]]}
    rows = [
        {"blockID": f"{key}-{number}", "name": f"version {version}", "geojson": line, "segments": [segment]} | of_block
        for number in range(blocks)
    ]
    (folder / "blocks.jsonl").write_text("\n".join(map(json.dumps, rows)))
    files = [{"path": "blocks.jsonl", "source": key}]
    source = {"name": key, "zone": "UTC", "currency": "EUR", "files": files}
    (folder / "source.json").write_text(json.dumps(source))
    return folder


def load(database, *folders, **rest) -> list[str]:
    findings = []
    load_into(database, find_data_sets(folders), findings, **rest)
    return [str(each) for each in findings]


@pytest.fixture
def client(database, tmp_path):
    """Requests over a database with the first version of a city, which is looked at anew every time."""
    load(database, city(tmp_path / "a", "a"))
    live = LivePostgis(database, place_from_json, every_s=0)
    yield create_app(stores=live, clock=lambda: NOW).test_client()
    live.close()


def versions(client, limit: int = 1000) -> dict[tuple[str, int], int]:
    """How many blocks of each data set say which version."""
    found: dict[tuple[str, int], int] = {}
    for block in client.get(f"{EVERYWHERE}&limit={limit}").json["result"]:
        [segment] = block["segments"]
        assert block["name"] == f"version {segment['calculatedRates'][0]['rate_cost']}"
        key = block["blockID"].split("-")[0], segment["calculatedRates"][0]["rate_cost"]
        found[key] = found.get(key, 0) + 1
    return found


def test_a_load_replaces_its_own_data_set_only(client, database, tmp_path):
    load(database, city(tmp_path / "b", "b", 5, blocks=3))
    load(database, city(tmp_path / "a", "a", 2, blocks=7))
    assert versions(client) == {("a", 2): 7, ("b", 5): 3}
    load(database, city(tmp_path / "a", "a", 3, blocks=0))
    assert versions(client) == {("b", 5): 3}


def test_data_sets_keep_their_order(client, database, tmp_path):
    load(database, city(tmp_path / "b", "b", 5))
    load(database, city(tmp_path / "a", "a", 2))
    answered = client.get(EVERYWHERE).json["result"]
    assert [block["blockID"][0] for block in answered] == ["a"] * 20 + ["b"] * 20


def test_a_data_set_that_is_deleted_is_gone(client, database):
    with psycopg.connect(database.url) as connection:
        connection.execute("DELETE FROM onstreet.data_set WHERE name = 'a'")
        counts = [connection.execute(f"SELECT count(*) FROM onstreet.{table}").fetchone() for table in TABLES]
    assert counts == [(0,)] * len(TABLES)
    assert versions(client) == {}


TABLES = ["data_set", "place", "profile", "card", "block", "segment"]


def test_what_is_refused_at_the_end_changes_nothing(client, database, tmp_path):
    def refuse():
        raise SourceError("too much is lost")

    with pytest.raises(SourceError, match="too much is lost"):
        load(database, city(tmp_path / "a", "a", 2), approve=refuse)
    assert versions(client) == {("a", 1): 20}


def test_a_block_of_another_data_set_stays_there(client, database, tmp_path):
    other = city(tmp_path / "b", "b", 9, blocks=1, blockID="a-3")
    assert load(database, other) == ["b/blocks.jsonl:1: blockID: this block is there already, in the data set 'a': a-3"]
    assert versions(client) == {("a", 1): 20}


def test_an_alias_of_another_data_set_is_told(client, database, tmp_path):
    folder = city(tmp_path / "b", "b", 9, blocks=1, alias="a-3")
    (folder / "source.json").write_text((folder / "source.json").read_text().replace('"source": "b"', '"source": "a"'))
    [finding] = load(database, folder)
    assert "a block of another data set has this alias too" in finding
    assert [block["blockID"] for block in client.get("/blocks?alias=a|a-3").json["result"]] == ["a-3"]


STRANGE = [("name", "a\0b"), ("blockID", "x" * 1001), ("alias", "\0")]


@pytest.mark.parametrize("field, value", STRANGE)
def test_what_postgres_cannot_hold_is_a_finding(database, tmp_path, field, value):
    findings = load(database, city(tmp_path / "a", "a", blocks=1, **{field: value}))
    assert [finding.startswith("a/blocks.jsonl:1: blockID: it") for finding in findings] == [True]


def test_two_data_sets_of_one_name_are_refused(database, tmp_path):
    with pytest.raises(SourceError, match="'a': each data set of a database has a name of its own"):
        load(database, city(tmp_path / "a", "a"), city(tmp_path / "b", "a"))


def test_a_killed_writer_leaves_the_old_data(client, database, tmp_path):
    city(tmp_path / "a", "a", 2, blocks=500)
    code = (
        "import sys, time; from pathlib import Path; from onstreet.stores.database import Database;"
        "from onstreet.datasets.postgis import load_into; from onstreet.datasets.source import find_data_sets;"
        "load_into(Database(sys.argv[1]), find_data_sets([Path(sys.argv[2])]), [],"
        " lambda blocks: (print('writing', flush=True), time.sleep(60)))"
    )
    command = [sys.executable, "-c", code, database.url, str(tmp_path / "a")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "writing\n"
        assert versions(client) == {("a", 1): 20}
        writer.send_signal(signal.SIGKILL)
    assert versions(client) == {("a", 1): 20}
    # Nobody waits for the dead.
    load(database, tmp_path / "a")
    assert versions(client) == {("a", 2): 500}


def test_writers_of_different_data_sets_do_not_wait(client, database, tmp_path):
    """Each begins to write before the other has ended, and both arrive."""
    begun = {"b": Event(), "c": Event()}

    def write(own: str, other: str) -> bool:
        met = []

        def progress(blocks):
            begun[own].set()
            met.append(begun[other].wait(10))

        load(database, city(tmp_path / own, own), progress=progress)
        return all(met)

    with ThreadPoolExecutor() as pool:
        outcomes = [pool.submit(write, *names) for names in (("b", "c"), ("c", "b"))]
        assert [each.result(30) for each in outcomes] == [True, True]
    assert versions(client) == {("a", 1): 20, ("b", 1): 20, ("c", 1): 20}


def test_of_two_writers_of_one_block_the_later_fails(client, database, tmp_path):
    folders = [city(tmp_path / name, name, blocks=1, blockID="x") for name in "bc"]
    with ThreadPoolExecutor() as pool:
        later = []

        def progress(blocks):
            later.append(pool.submit(load, database, folders[1]))
            time.sleep(0.5)

        load(database, folders[0], progress=progress)
        with pytest.raises(DatabaseError, match="already exists"):
            later[0].result(30)
    assert versions(client) == {("a", 1): 20, ("x", 1): 1}


def test_writers_of_one_data_set_take_turns(client, database, tmp_path):
    folders = [city(tmp_path / f"a{version}", "a", version) for version in range(2, 8)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: load(database, folder), folders))
    [(_, count)] = versions(client).items()
    assert count == 20


def test_writers_of_an_empty_database_create_its_tables_once(database, tmp_path):
    folders = [city(tmp_path / name, name) for name in "abcd"]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: load(database, folder), folders))
    with stored(database) as found:
        assert sorted(each.name for each in found) == ["a", "b", "c", "d"]


def test_a_reader_sees_one_load_and_no_mix(client, database, tmp_path):
    folders = [city(tmp_path / f"a{version}", "a", version, blocks=20 * version) for version in (1, 2)]
    writer = Thread(target=lambda: [load(database, folder) for folder in folders * 10])
    writer.start()
    seen, limit = set(), 1000
    while writer.is_alive():
        # A question nobody asked before is not answered from what is known.
        limit = 1000 + (limit + 1) % 4000
        seen |= {tuple(versions(client, limit).items())}
    assert seen == {((("a", 1), 20),), ((("a", 2), 40),)}


def test_rows_of_an_old_load_are_gone_and_never_new_ones(database, tmp_path):
    load(database, city(tmp_path / "a", "a", 1))
    live = LivePostgis(database, place_from_json)
    store = live()
    rows, _ = store.in_region(GeoBox(4, 52, 5, 53))
    load(database, city(tmp_path / "a", "a", 2))
    for gone in (store.blocks, store.ids, store.lines, lambda rows: store.have_amenities(rows, 2)):
        with pytest.raises(ReplacedError):
            gone(rows)
    assert run(store, Query(ByIds(("a-1",)), ALL_FIELDS)).total == 1
    live.close()


def test_a_question_is_asked_again_when_its_blocks_are_replaced(database, tmp_path, monkeypatch):
    load(database, city(tmp_path / "a", "a", 1))
    live = LivePostgis(database, place_from_json)
    store, asked = live(), []

    def blocks(rows, having, found=store.blocks):
        if not asked:
            load(database, city(tmp_path / "a", "a", 2, blocks=30))
        asked.append(len(rows))
        return found(rows, having)

    monkeypatch.setattr(store, "blocks", blocks)
    assert run(store, Query(GeoBox(4, 52, 5, 53), ALL_FIELDS)).total == 30
    assert asked == [20, 30]
    live.close()


def test_the_index_answers_regions(database, tmp_path):
    """The plan of a small box in a city of a few thousand blocks."""
    from sqlalchemy.dialects import postgresql

    from onstreet.stores.postgis_statements import candidates

    folder = city(tmp_path / "a", "a")
    row = json.loads((folder / "blocks.jsonl").read_text().splitlines()[0])
    lines = [[[4 + number / 1000, 52.37], [4.0005 + number / 1000, 52.37]] for number in range(3000)]
    rows = [row | {"blockID": str(number), "geojson": {"coordinates": line}} for number, line in enumerate(lines)]
    (folder / "blocks.jsonl").write_text("\n".join(map(json.dumps, rows)))
    load(database, folder)
    statement = str(candidates(2).compile(dialect=postgresql.psycopg.dialect()))
    values = {"w0": 4.1, "s0": 52.3, "e0": 4.11, "n0": 52.4, "w1": 364.1, "s1": 52.3, "e1": 364.11, "n1": 52.4}
    values |= dict.fromkeys(("ST_MakeEnvelope_1", "ST_MakeEnvelope_2"), 4326)
    with psycopg.connect(database.url) as connection:
        plan = "\n".join(line for (line,) in connection.execute("EXPLAIN " + statement, values))
    assert "Bitmap Index Scan on idx_block_line" in plan
    assert "Seq Scan" not in plan


def test_a_card_and_its_kerb_are_found_by_sql(database):
    load(database, DATA)
    query = """SELECT name, address, side, start_m, end_m, spaces_total, rate_cards[1], ST_NPoints(line)
               FROM onstreet.kerb WHERE block_id = '46502752' ORDER BY side, start_m LIMIT 1"""
    with psycopg.connect(database.url) as connection:
        found = connection.execute(query).fetchone()
    assert found == ("10th Street", "", "LEFT", 165, 179, 2, "No Parking", 2)


def switch(postgres: str, database: Database, is_open: bool) -> None:
    """Let a database in or keep it out, and cut who is connected."""
    name = database.url.rpartition("/")[2]
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {is_open}")
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def test_a_database_that_is_gone_is_a_503_until_it_is_back(client, database, postgres, caplog):
    assert client.get(EVERYWHERE).status_code == 200
    switch(postgres, database, is_open=False)
    for _ in range(2):
        answer = client.get(EVERYWHERE)
        assert answer.status_code == 503
        error = answer.json["error"]
        assert (error["code"], error["param"]) == ("unavailable", None)
        assert error["message"] == "the database does not answer now; try again in a moment"
    assert "not currently accepting connections" in caplog.text
    assert "Traceback" not in caplog.text
    switch(postgres, database, is_open=True)
    assert client.get(EVERYWHERE).status_code == 200


def test_cut_connections_are_opened_again_without_a_word(client, database, postgres, caplog):
    assert client.get(EVERYWHERE).status_code == 200
    switch(postgres, database, is_open=True)
    assert client.get(EVERYWHERE + "&limit=5").status_code == 200
    assert caplog.text == ""


def test_the_command_line(database, tmp_path):
    def onstreet(*arguments: str):
        return CliRunner().invoke(main, list(arguments))

    outcome = onstreet("publish", str(DATA), "--to", database.url)
    assert (outcome.exit_code, outcome.stdout) == (0, f"{database}\n")
    places = [
        onstreet("publish", where, "--to", str(tmp_path / str(number))).stdout.strip()
        for number, where in enumerate([database.url, str(DATA)])
    ]
    assert Path(places[0]).name == Path(places[1]).name
    corner = DATA.parent / "recipes" / "corner" / "recipe.toml"
    outcome = onstreet("load", str(corner), "--to", database.url)
    assert (outcome.exit_code, outcome.stdout) == (0, f"{database}\n")
    with stored(database) as found:
        assert [each.rows for each in found] == [71, 2]
    with serving(database.url, "--workers", "2") as address:
        assert len(json.load(urlopen(f"{address}/blocks?id=46502752"))["result"]) == 1
        load(database, city(tmp_path / "a", "a"))
        time.sleep(1.2)
        for _ in range(6):
            assert len(json.load(urlopen(f"{address}/blocks?id=a-1|a-2"))["result"]) == 2
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{address}/blocks?id=nobody")


def test_a_city_that_loses_too_much_is_not_loaded(client, database, tmp_path):
    recipe = DATA.parent / "recipes" / "corner" / "recipe.toml"
    strict = tmp_path / "recipe.toml"
    strict.write_text(recipe.read_text().replace("may_lose = ", "may_lose = 0  # "))
    outcome = CliRunner().invoke(main, ["load", str(strict), "--data", str(recipe.parent), "--to", database.url])
    assert outcome.exit_code == 1
    assert "2 findings" in outcome.stderr
    assert "the recipe allows 0.00%: not published" in outcome.stderr
    assert versions(client) == {("a", 1): 20}


def test_a_database_without_blocks_is_said(database):
    outcome = CliRunner().invoke(main, ["serve", database.url])
    expected = f"Error: {database}: there are no blocks here; onstreet publish DATA --to URL brings some\n"
    assert (outcome.exit_code, outcome.stderr) == (1, expected)


def test_tables_of_another_version_are_refused(client, database, tmp_path):
    with psycopg.connect(database.url) as connection:
        connection.execute("UPDATE onstreet.form SET version = 0")
    with pytest.raises(DatabaseError, match="schema onstreet is of another version"):
        load(database, tmp_path / "a")
    with pytest.raises(DatabaseError, match="the tables have form 0, and 2 is expected"):
        LivePostgis(database, place_from_json)


def test_a_worker_has_connections_of_its_own(database, tmp_path):
    load(database, city(tmp_path / "a", "a"))
    LivePostgis(database, place_from_json)
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(database.url) as connection:
        # What a process would hand on when it forks.
        assert connection.execute(query).fetchone() == (0,)
