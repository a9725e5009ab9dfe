"""Snapshots made by worker processes: the same bytes as by one process, whatever happens to workers and rows."""

import json
import os
import shutil
import signal
import sys
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner
from distributed import LocalCluster

from onstreet.cli import main
from onstreet.datasets import bulk
from onstreet.datasets.bulk import file_parts, in_order
from onstreet.datasets.parts import assemble
from onstreet.datasets.publish import publish, sources_of
from onstreet.datasets.recorded import stretches
from onstreet.datasets.source import SourceError, find_data_sets
from onstreet.snapshot import current

ROOT = Path(__file__).parents[2]
CORNER = ROOT / "data" / "recipes" / "corner"
sys.path.insert(0, str(ROOT / "scripts"))
import synth_city  # noqa: E402

SOURCE = {
    "name": "x", "zone": "America/Los_Angeles", "currency": "USD", "country": "US", "subdivision": "CA",
    "schoolDays": ["2026-09-01", "2026-09-02"],
    "files": [{"path": "blocks.jsonl", "source": "x", "profile": [50] * 168}],
}  # fmt: skip
BROKEN = [b"{", b"\xff\xfe", b"[" * 100_000, b"", b"null", b'{"blockID": 7, "geojson": 8}', b'{"blockID": "x|y"}']


@pytest.fixture(scope="module")
def rows() -> list[bytes]:
    """The lines of a city of 3000 blocks."""
    return [json.dumps(block).encode() for block in synth_city.city(8, 3000)]


@pytest.fixture(autouse=True)
def small_stretches(monkeypatch):
    """Cities of some hundred kB are cut into some twenty pieces."""
    monkeypatch.setattr(bulk, "_STRETCH_BYTES", 200_000)


def city(folder: Path, lines: list[bytes]) -> list:
    folder.mkdir()
    (folder / "source.json").write_text(json.dumps(SOURCE))
    (folder / "blocks.jsonl").write_bytes(b"\n".join(lines))
    return find_data_sets([folder])


def pids(workers) -> set[int]:
    return set(workers.run(os.getpid).values())


def contents(snapshot: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in snapshot.iterdir()}


def both(workers, data_sets, tmp_path) -> tuple[list, list]:
    """Snapshots by one process and by workers, which are the same, and the findings of each."""
    alone, together = [], []
    one = publish(data_sets, tmp_path / "one", alone)
    many = assemble(file_parts(workers, data_sets, list), tmp_path / "many", together, sources=sources_of(data_sets))
    assert contents(many) == contents(one)
    assert one.name == many.name
    return alone, together


CUTS = [
    (b"", 4, []),
    (b"a", 4, [(0, 1, 1)]),
    (b"a\nb\n", 1, [(0, 2, 1), (2, 2, 2)]),
    (b"a\nb\n", 2, [(0, 4, 1)]),
    (b"a\n\nccccc\nd", 3, [(0, 9, 1), (9, 1, 4)]),
    (b"a\n\nccccc\nd", 99, [(0, 10, 1)]),
]


@pytest.mark.parametrize("content, size, expected", CUTS)
def test_files_are_cut_between_lines(tmp_path, content, size, expected):
    (tmp_path / "x.jsonl").write_bytes(content)
    assert list(stretches(tmp_path / "x.jsonl", size)) == expected


def test_workers_make_the_same_bytes(workers, rows, tmp_path):
    data_sets = city(tmp_path / "city", rows)
    assert len(list(stretches(data_sets[0].files[0].path, bulk._STRETCH_BYTES))) > 10
    assert both(workers, data_sets, tmp_path) == ([], [])


def test_a_poisoned_partition_spoils_no_other(workers, rows, tmp_path):
    """Broken rows in the middle, ids and aliases that came before at the end."""
    again = [
        json.dumps(json.loads(row) | {"blockID": f"again-{number}"}).encode() for number, row in enumerate(rows[:3])
    ]
    lines = [*rows[:1500], *BROKEN, *BROKEN, *rows[1500:], *rows[:3], *again, rows[0]]
    alone, together = both(workers, city(tmp_path / "city", lines), tmp_path)
    assert together == alone
    assert len(alone) == 2 * (len(BROKEN) - 1) + 3 + 3 + 1
    assert [finding.row for finding in alone[:2]] == [1501, 1502]
    assert [finding.field for finding in alone[-7:]] == ["blockID"] * 3 + ["alias"] * 3 + ["blockID"]


def test_a_killed_worker_is_made_up_for(workers, rows, tmp_path):
    data_sets, findings = city(tmp_path / "city", rows), []
    before = pids(workers)
    parts = file_parts(workers, data_sets, list)
    first = next(parts)
    os.kill(min(before), signal.SIGKILL)
    many = assemble(chain([first], parts), tmp_path / "many", findings, sources=sources_of(data_sets))
    assert (findings, contents(many)) == ([], contents(publish(data_sets, tmp_path / "one", [])))
    workers.wait_for_workers(2, timeout=30)
    assert len(before - pids(workers)) == 1


def test_a_task_that_always_fails_is_one_error_and_the_old_snapshot_stays(workers, rows, tmp_path):
    data_sets = city(tmp_path / "city", rows[:500])
    live = publish(data_sets, tmp_path / "out", [])
    (tmp_path / "city" / "gone.json").write_text("{}")
    stated = SOURCE | {"files": [*SOURCE["files"], {"path": "gone.json", "source": "y"}]}
    (tmp_path / "city" / "source.json").write_text(json.dumps(stated))
    broken = find_data_sets([tmp_path / "city"])
    (tmp_path / "city" / "gone.json").unlink()
    with pytest.raises(SourceError, match=r"^city/gone\.json: failed on the cluster, 3 times: FileNotFoundError: .*$"):
        assemble(file_parts(workers, broken, list), tmp_path / "out", [])
    assert current(tmp_path / "out") == live
    assert not list((tmp_path / "out").glob(".part-*"))


def test_answers_come_in_order_and_errors_of_sources_as_they_are(workers):
    steps: list[str] = []
    assert list(in_order(workers, _doubled, range(20), steps.append)) == list(range(0, 40, 2))
    assert steps == [str(task) for task in range(20)]


def _doubled(task: int) -> int:
    return 2 * task


def _refused(task: int) -> int:
    raise SourceError(f"city: {task} is too many")


def test_an_error_of_a_source_is_told_as_it_is(workers):
    with pytest.raises(SourceError, match=r"^city: 2 is too many$"):
        list(in_order(workers, _refused, [2], list))


def _deadly(task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_task_that_kills_its_workers_is_given_up(workers, monkeypatch):
    monkeypatch.setattr(workers.cluster.scheduler, "allowed_failures", 0)
    with pytest.raises(SourceError, match=r"^7: every worker that took it died, as they do where memory is short$"):
        list(in_order(workers, _deadly, [7], list))
    workers.wait_for_workers(2, timeout=30)


def second_recipe(folder: Path) -> Path:
    """The corner again, as another city whose rows are all good."""
    shutil.copytree(CORNER, folder)
    recipe = (folder / "recipe.toml").read_text().replace('source = "corner"', 'source = "other"')
    (folder / "recipe.toml").write_text(recipe.replace("may_lose = 0.5", "may_lose = 0"))
    meters = (folder / "meters.csv").read_text().splitlines()
    (folder / "meters.csv").write_text("\n".join(meters[:6]))
    return folder / "recipe.toml"


def load(folder: Path, *arguments: object):
    return CliRunner().invoke(main, ["load", *map(str, arguments), "--to", str(folder), "--on", "2026-06-11"])


def test_recipes_are_loaded_by_workers_as_by_one_process(workers, tmp_path):
    recipes = (CORNER / "recipe.toml", second_recipe(tmp_path / "other"))
    one = load(tmp_path / "one", *recipes)
    many = load(tmp_path / "many", *recipes, "--cluster", workers.scheduler.address)
    assert (one.exit_code, one.stderr) == (0, many.stderr)
    assert one.stderr.startswith("3 blocks, 7 segments, 11 spaces, 3 cards, 2 findings\n")
    assert contents(current(tmp_path / "many")) == contents(current(tmp_path / "one"))


def test_a_recipe_that_loses_too_much_publishes_nothing(workers, tmp_path):
    recipe = second_recipe(tmp_path / "other")
    (recipe.parent / "meters.csv").write_text((CORNER / "meters.csv").read_text())
    outcome = load(tmp_path / "out", CORNER / "recipe.toml", recipe, "--cluster", workers.scheduler.address)
    lost = "28.57% of 7 rows have findings, the recipe allows 0.00%: not published"
    assert (outcome.exit_code, outcome.stderr.splitlines()[-1]) == (1, f"Error: {recipe}: {lost}")
    assert current(tmp_path / "out") is None


def test_a_scheduler_without_workers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "_PATIENCE_S", 0.5)
    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as nobody:
        address = nobody.scheduler_address
        outcome = load(tmp_path, CORNER / "recipe.toml", "--cluster", address)
    assert (outcome.exit_code, outcome.stderr) == (1, f"Error: --cluster: the scheduler at {address} has no workers\n")


NOWHERE = [
    ("two", "Error: --cluster: local:N or tcp://host:port is expected, not 'two'\n"),
    ("local:0", "Error: --cluster: local:N or tcp://host:port is expected, not 'local:0'\n"),
    ("smoke://x", "Error: --cluster: no scheduler answers at smoke://x: unknown address scheme 'smoke'"),
]


@pytest.mark.parametrize("address, message", NOWHERE)
def test_a_cluster_that_is_none_is_said(tmp_path, address, message):
    outcome = load(tmp_path, CORNER / "recipe.toml", "--cluster", address)
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith(message)
    assert outcome.stderr.count("\n") == 1
