"""A new snapshot is served without a dropped or mixed answer, and a damaged one is not."""

import gc
import json
import os
import time
import weakref
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from conftest import serving

from onstreet.cli import main
from onstreet.datasets.publish import open_store, publish
from onstreet.datasets.source import find_data_sets
from onstreet.snapshot import current
from onstreet.stores.live import LiveStore


def city(folder: Path, version: int) -> Path:
    """A data set of twenty blocks that all say their version, and so do their cards."""
    folder.mkdir(exist_ok=True)
    block = {
        "name": f"version {version}", "geojson": {"coordinates": [[4.9, 52.37], [4.901, 52.37]]},
        "segments": [
            {"segmentID": "1", "side": "LEFT", "start": 0, "end": 50, "rateCards": [f"Each Hour: €{version}"]},
        ],
    }  # fmt: skip
    lines = [json.dumps(block | {"blockID": str(number)}) for number in range(20)]
    (folder / "blocks.jsonl").write_text("\n".join(lines))
    source = {"name": "x", "zone": "UTC", "currency": "EUR", "files": [{"path": "blocks.jsonl", "source": "x"}]}
    (folder / "source.json").write_text(json.dumps(source))
    return folder


def put(tmp_path: Path, version: int) -> Path:
    return publish(find_data_sets([city(tmp_path / "city", version)]), tmp_path / "out", [])


def versions(answer: dict) -> set[tuple[str, float]]:
    return {(b["name"], b["segments"][0]["calculatedRates"][0]["rate_cost"]) for b in answer["result"]}


@pytest.fixture
def live(tmp_path):
    put(tmp_path, 1)
    folder = tmp_path / "out"
    live = LiveStore(folder, open_store(folder), open_store, every_s=60)
    yield live
    live.stopped.set()


def test_a_new_snapshot_takes_over(live, tmp_path):
    before = live()
    live.look()
    assert live() is before
    put(tmp_path, 2)
    live.look()
    assert live() is not before
    assert live().snapshot.path == current(tmp_path / "out")


def test_an_old_snapshot_is_let_go_at_once(live, tmp_path):
    before = live()
    before.blocks(before.by_ids(["1"]))
    gone = weakref.ref(before)
    put(tmp_path, 2)
    gc.disable()
    live.look()
    del before
    gc.enable()
    assert gone() is None


def test_a_damaged_one_does_not(live, tmp_path, caplog):
    before = live()
    (put(tmp_path, 2) / "card.bin").unlink()
    live.look()
    assert live() is before
    assert "card.bin: the file is missing" in caplog.text
    put(tmp_path, 3)
    live.look()
    assert live() is not before


def test_publishing_while_workers_serve_drops_and_mixes_nothing(tmp_path):
    """Two worker processes, asked all the time while four snapshots follow each other."""
    put(tmp_path, 1)
    seen = set()
    with serving(tmp_path / "out", "--workers", "2") as address:
        for version in range(1, 5):
            if version > 1:
                put(tmp_path, version)
            until = time.monotonic() + 15
            while (f"version {version}", version) not in seen and time.monotonic() < until:
                found = versions(json.load(urlopen(f"{address}/blocks?box=53|4,52|5")))
                assert len(found) == 1
                seen |= found
    assert seen == {(f"version {version}", version) for version in range(1, 5)}


def test_the_command_publishes_and_tidies_up(tmp_path):
    folder = tmp_path / "out"
    for version in range(1, 5):
        outcome = CliRunner().invoke(main, ["publish", str(city(tmp_path / "city", version)), "--to", str(folder)])
        assert outcome.exit_code == 0
        place = Path(outcome.stdout.strip())
        assert place == current(folder)
        os.utime(place, (version, version))
    assert len(list(folder.glob("*/manifest.json"))) == 2


def test_the_command_says_what_is_wrong(tmp_path):
    outcome = CliRunner().invoke(main, ["publish", "/nowhere", "--to", str(tmp_path)])
    assert (outcome.exit_code, outcome.stderr) == (1, "Error: /nowhere: no source.json here or one folder below\n")
    assert "Example: onstreet publish" in CliRunner().invoke(main, ["publish", "--help"]).output
