"""Where blocks come from goes with them: from a source.json or a recipe through snapshots and databases."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import DATA, ROOT
from test_live import city

from onstreet.cli import main
from onstreet.datasets.publish import open_data, open_store
from onstreet.datasets.source import read_source
from onstreet.model import Source

PUBLISHED = Source(
    "Santa Monica, around 10th Street",
    "inrix",
    "The example answer of the INRIX On-Street Parking API documentation, /blocks, printed without change",
    "Example from public API documentation; no licence stated",
    "undated",
)


def run(*arguments: object) -> None:
    outcome = CliRunner().invoke(main, [str(each) for each in arguments])
    assert outcome.exit_code == 0, outcome.output


def test_a_store_knows_its_sources(each_store):
    assert each_store.about.sources[0] == PUBLISHED
    assert [each.source for each in each_store.about.sources] == ["inrix", "synthetic"]
    assert each_store.about.sources[1].licence == "CC0-1.0"
    assert 0 <= (datetime.now(UTC) - each_store.about.published).total_seconds() < 3600
    assert each_store.about.id


def test_a_recipe_is_a_source(tmp_path):
    recipe = ROOT / "data" / "recipes" / "corner" / "recipe.toml"
    run("load", recipe, "--to", tmp_path, "--on", "2026-06-01")
    [source] = open_store(tmp_path).about.sources
    assert source == Source("A corner to try recipes on", "corner", "made by hand", "CC0-1.0", "2026-06-01")


@pytest.mark.parametrize("stated, expected", [
    ({}, Source("x", "own")),
    ({"licence": None, "date": 2026}, Source("x", "own", date="2026")),
    ({"origin": "o", "licence": "l", "date": "d", "attribution": "a"}, Source("x", "own", "o", "l", "d", "a")),
    ({"from": [{"source": "a", "licence": "l"}, {"date": "d"}]}, None),
])  # fmt: skip
def test_what_a_source_may_state(tmp_path, stated, expected):
    (tmp_path / "b.json").write_text("{}")
    file = {"path": "b.json", "source": "own", **stated}
    (tmp_path / "source.json").write_text(json.dumps({"name": "x", "zone": "UTC", "currency": "EUR", "files": [file]}))
    sources = list(read_source(tmp_path).sources)
    assert sources == ([expected] if expected else [Source("x", "a", licence="l"), Source("x", "own", date="d")])


def test_exported_tables_keep_where_they_came_from(tmp_path):
    run("export", DATA, "--to", tmp_path, "--as", "csv")
    assert open_data([tmp_path])[0].about.sources == open_data([DATA])[0].about.sources


def test_a_snapshot_of_before_has_none(tmp_path):
    run("publish", city(tmp_path / "city", 1), "--to", tmp_path / "out")
    [manifest] = tmp_path.glob("out/*/manifest.json")
    stated = json.loads(manifest.read_text())
    assert stated["about"].pop("sources") == [["x", "x", "", "", "", ""]]
    manifest.write_text(json.dumps(stated))
    os.utime(manifest, (1_800_000_000, 1_800_000_000))
    about = open_store(tmp_path / "out").about
    assert (about.id, about.sources) == (manifest.parent.name, ())
    assert about.published == datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.mark.needs_postgis
def test_a_database_keeps_them(database, tmp_path):
    run("publish", DATA, city(tmp_path / "city", 1), "--to", database.url)
    run("publish", database.url, "--to", tmp_path / "from")
    run("publish", DATA, tmp_path / "city", "--to", tmp_path / "files")
    one, other = (open_store(Path(tmp_path / name)).about for name in ("from", "files"))
    assert (one.id, one.sources) == (other.id, other.sources)
    assert [each.source for each in one.sources] == ["inrix", "synthetic", "x"]
