"""Commands that read databases say what they say of the files, and workers load into one what one process loads."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from conftest import DATA
from test_bulk import CORNER, second_recipe

from onstreet.cli import main
from onstreet.datasets import bulk
from onstreet.datasets.bulk import read_files
from onstreet.datasets.postgis import load_into, stored
from onstreet.datasets.publish import publish
from onstreet.datasets.source import SourceError, find_data_sets
from onstreet.stores.database import Database

pytestmark = pytest.mark.needs_postgis


def run(*arguments: object):
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture
def city(database):
    """The shipped data set in a database."""
    load_into(database, find_data_sets([DATA]), [])
    return database


def test_check_reads_a_database(city, tmp_path):
    outcome = run("check", city.url)
    assert (outcome.exit_code, outcome.output) == (0, "71 blocks, 0 findings\n")
    (tmp_path / "source.json").write_text(
        '{"name": "x", "zone": "UTC", "currency": "EUR", "files": [{"path": "b.jsonl", "source": "x"}]}'
    )
    segment = {"segmentID": "1", "side": "LEFT", "start": 0, "end": 50, "rateCards": ["School Days: Free"]}
    line = {"coordinates": [[4.9, 52.37], [4.901, 52.37]]}
    (tmp_path / "b.jsonl").write_text(json.dumps({"blockID": "1", "geojson": line, "segments": [segment]}))
    load_into(city, find_data_sets([tmp_path]), [])
    outcome = run("check", city.url)
    assert outcome.exit_code == 1
    assert outcome.stdout.startswith("x:1: rateCards: no calendar of School Days is known here")


@pytest.mark.parametrize("form", ["geoparquet", "geojson", "csv", "curblr"])
def test_what_is_exported_of_a_database_is_what_is_of_files(city, tmp_path, form):
    for where, folder in ((city.url, "database"), (DATA, "files")):
        outcome = run("export", where, "--to", tmp_path / folder, "--as", form, "--on", "2026-06-11")
        assert outcome.exit_code == 0
    for path in (tmp_path / "files").iterdir():
        if path.name != "source.json":
            assert (tmp_path / "database" / path.name).read_bytes() == path.read_bytes()
    if form == "curblr":
        return
    snapshots = [publish(find_data_sets([tmp_path / each]), tmp_path, []).name for each in ("files", "database")]
    assert snapshots[0] == snapshots[1]


def test_a_data_set_without_blocks_is_said(database, tmp_path):
    (tmp_path / "source.json").write_text('{"name": "x", "zone": "UTC", "currency": "EUR", "files": []}')
    load_into(database, find_data_sets([tmp_path]), [])
    outcome = run("export", database.url, "--to", tmp_path / "out", "--as", "csv")
    assert (outcome.exit_code, outcome.output) == (0, "1 findings; `onstreet check` lists them\n")


def test_prices_of_a_database_are_those_of_its_snapshot(city, tmp_path):
    publish(find_data_sets([DATA]), tmp_path / "snapshots", [])
    for where, name in ((city.url, "database"), (tmp_path / "snapshots", "files")):
        outcome = run("matrix", where, "--entries", "2026-06-01/2026-06-02/60", "--to", tmp_path / f"{name}.parquet")
        assert outcome.exit_code == 0
    for suffix in (".parquet", ".rates.parquet", ".segments.parquet"):
        tables = [pq.read_table((tmp_path / name).with_suffix(suffix)) for name in ("database", "files")]
        assert tables[0].equals(tables[1])


def blocks(database: Database, folder: Path) -> str:
    """The name of the snapshot that a database makes, which says what is in it."""
    with stored(database) as found:
        return publish(found, folder, []).name


def test_workers_load_what_one_process_loads(city, workers, tmp_path):
    before = blocks(city, tmp_path / "one")
    outcome = run("publish", DATA, "--to", city.url, "--cluster", workers.scheduler.address)
    assert (outcome.exit_code, outcome.output) == (0, f"{city}\n")
    assert blocks(city, tmp_path / "many") == before == publish(find_data_sets([DATA]), tmp_path / "files", []).name


def test_workers_load_recipes_as_one_process_does(database, workers, tmp_path):
    recipes = (CORNER / "recipe.toml", second_recipe(tmp_path / "other"))
    text = recipes[1].read_text()
    recipes[1].write_text(text.replace('name = "', 'name = "Other ', 1))
    names = []
    for more in ((), ("--cluster", workers.scheduler.address)):
        outcome = run("load", *recipes, "--to", database.url, "--on", "2026-06-11", *more)
        assert outcome.exit_code == 0
        assert outcome.stderr.startswith("3 blocks, 7 segments, 11 spaces, 3 cards, 2 findings\n")
        names.append(blocks(database, tmp_path / f"{len(names)}"))
    assert names[0] == names[1]


def test_a_load_whose_workers_fail_changes_nothing(city, workers, tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "_STRETCH_BYTES", 20_000)
    before = blocks(city, tmp_path / "one")
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "b.jsonl").write_bytes((DATA / "neighbourhood.jsonl").read_bytes())
    stated = json.loads((DATA / "source.json").read_text())
    files = [{"path": "b.jsonl", "source": "x"}, {"path": "gone.json", "source": "x"}]
    (folder / "source.json").write_text(json.dumps(stated | {"files": files}))
    (folder / "gone.json").write_text("{}")
    data_sets = find_data_sets([folder])
    (folder / "gone.json").unlink()
    with pytest.raises(SourceError, match=r"^city/gone\.json: failed on the cluster, 3 times"):
        load_into(city, read_files(workers, data_sets, list), [])
    assert blocks(city, tmp_path / "two") == before
