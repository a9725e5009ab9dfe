"""`onstreet export`: data sets and snapshots become data sets of tables, with all that they say."""

import json
from pathlib import Path

import geopandas
import pytest
from click.testing import CliRunner
from conftest import DATA

from onstreet.cli import main
from onstreet.datasets.places import place_to_json
from onstreet.datasets.source import read_source

SOURCE = {
    "name": "Amsterdam: Zuid",
    "zone": "Europe/Amsterdam",
    "currency": "EUR",
    "country": "NL",
    "schoolDays": {"2026-10-05": [], "2026-10-06": [["08:30", "12:00"], ["13:00", "24:00"]]},
    "eventDays": {"dates": [], "from": "2026-01-01", "to": "2026-06-30"},
    "files": [{"path": "b.jsonl", "source": "zuid", "licence": "CC0-1.0", "date": "2026-05-01", "profile": 40}],
}
ROW = {
    "blockID": "1",
    "geojson": {"type": "LineString", "coordinates": [[4.89, 52.37], [4.892, 52.37]]},
    "segments": [{"segmentID": "a", "side": "LEFT", "start": 0, "end": 100, "rateCards": ["Mon-Sun: Free"]}],
}


def city(folder: Path, *rows: object, **source: object) -> Path:
    folder.mkdir()
    (folder / "source.json").write_text(json.dumps(SOURCE | source))
    (folder / "b.jsonl").write_text("\n".join(map(json.dumps, rows or [ROW])))
    return folder


def run(*arguments: object):
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def test_help_has_an_example():
    assert "Example: onstreet export" in run("--help").output


def test_the_place_and_the_origin_are_kept(tmp_path):
    folder = city(tmp_path / "city")
    outcome = run(folder, "--to", tmp_path / "out", "--as", "csv")
    assert (outcome.exit_code, outcome.stdout) == (0, f"{tmp_path}/out: 1 blocks, 1 segments\n")
    read, original = read_source(tmp_path / "out"), read_source(folder)
    assert (read.name, place_to_json(read.place)) == (original.name, place_to_json(original.place))
    origin = {"source": "zuid", "licence": "CC0-1.0", "date": "2026-05-01"}
    for source in (tmp_path / "out", tmp_path / "again"):
        [file] = json.loads((source / "source.json").read_text())["files"]
        assert file == {"path": "blocks.csv", "format": "onstreet", "source": "zuid", "from": [origin]}
        run(tmp_path / "out", "--to", tmp_path / "again", "--as", "csv")


def test_what_cannot_be_used_stays_behind_and_is_counted(tmp_path):
    folder = city(tmp_path / "city", {}, ROW, ROW)
    outcome = run(folder, "--to", tmp_path / "out", "--as", "geojson")
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{tmp_path}/out: 1 blocks, 1 segments\n"
    assert outcome.stderr == "2 findings; `onstreet check` lists them\n"


def test_several_data_sets_get_a_folder_each(tmp_path):
    first, second = city(tmp_path / "one"), city(tmp_path / "two", name="Amsterdam, Zuid", currency="USD")
    outcome = run(first, second, "--to", tmp_path / "out", "--as", "csv")
    assert [line.split(":")[0] for line in outcome.stdout.splitlines()] == [
        f"{tmp_path}/out/amsterdam-zuid",
        f"{tmp_path}/out/amsterdam-zuid-2",
    ]
    assert read_source(tmp_path / "out" / "amsterdam-zuid-2").place.currency == "USD"


@pytest.mark.parametrize("form, suffix", [("csv", "csv"), ("geojson", "geojson"), ("geoparquet", "parquet")])
def test_a_snapshot_says_what_its_data_sets_say(tmp_path, form, suffix):
    cities = [
        city(tmp_path / "one"),
        city(tmp_path / "two", {**ROW, "blockID": 2}, zone="Europe/Berlin", schoolDays=["2026-10-05"]),
    ]
    CliRunner().invoke(main, ["publish", *map(str, cities), "--to", str(tmp_path / "snapshots")])
    outcome = run(tmp_path / "snapshots", "--to", tmp_path / "out", "--as", form)
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    for folder, name in zip(cities, ("europe-amsterdam", "europe-berlin"), strict=True):
        run(folder, "--to", tmp_path / form / name, "--as", form)
        assert place_to_json(read_source(tmp_path / "out" / name).place) == place_to_json(read_source(folder).place)
        for table in ("blocks", "segments"):
            file = f"{name}/{table}.{suffix}"
            assert (tmp_path / "out" / file).read_bytes() == (tmp_path / form / file).read_bytes()


@pytest.mark.parametrize("form, read", [("csv", geopandas.read_file), ("geojson", geopandas.read_file)])
def test_frames_open_the_tables_with_their_lines(tmp_path, form, read):
    run(DATA, "--to", tmp_path / "out", "--as", form)
    blocks, segments = (read(tmp_path / "out" / f"{name}.{form}") for name in ("blocks", "segments"))
    assert (len(blocks), len(segments)) == (71, 276)
    assert set(blocks.geom_type) == set(segments.geom_type) == {"LineString"}
    assert {"blockID", "name", "profile"} < set(blocks.columns)
    assert set(segments.blockID) <= set(blocks.blockID)


def test_a_frame_that_was_changed_is_read_again(tmp_path):
    run(DATA, "--to", tmp_path / "out", "--as", "geoparquet")
    segments = geopandas.read_parquet(tmp_path / "out" / "segments.parquet")
    segments.loc[:, "spacesTotal"] = segments.spacesTotal + 1
    segments.to_parquet(tmp_path / "out" / "segments.parquet")
    outcome = CliRunner().invoke(main, ["check", str(tmp_path / "out")])
    assert (outcome.exit_code, outcome.stderr) == (0, "71 blocks, 0 findings\n")


def test_errors_are_one_line(tmp_path):
    folder = city(tmp_path / "city")
    (tmp_path / "file").write_text("")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "source.json").write_text("{")
    errors = {
        (tmp_path / "none", tmp_path / "out"): "no source.json here or one folder below",
        (folder, folder): f"{folder}: another data set is there already",
        (folder, tmp_path / "broken"): "another data set is there already",
        (folder, tmp_path / "file" / "below"): "Not a directory",
    }
    for (data, to), message in errors.items():
        outcome = run(data, "--to", to, "--as", "csv")
        assert outcome.exit_code == 1
        assert message in outcome.stderr
        assert outcome.stderr.count("\n") == 1
    assert run(folder, "--to", tmp_path / "out", "--as", "shp").exit_code == 2


def test_a_snapshot_that_is_damaged_is_said(tmp_path):
    CliRunner().invoke(main, ["publish", str(DATA), "--to", str(tmp_path)])
    [table] = tmp_path.glob("*/segments.parquet")
    table.unlink()
    outcome = run(tmp_path, "--to", tmp_path / "out", "--as", "csv")
    assert outcome.exit_code == 1
    assert "segments.parquet: the file is missing" in outcome.stderr


def test_another_form_may_take_the_place_of_the_first(tmp_path):
    folder = city(tmp_path / "city")
    for form in ("csv", "geojson", "csv"):
        assert run(folder, "--to", tmp_path / "out", "--as", form).exit_code == 0
        folder = tmp_path / "out"
    assert CliRunner().invoke(main, ["check", str(folder)]).stderr == "1 blocks, 0 findings\n"
    assert not list(folder.glob(".part-*"))
