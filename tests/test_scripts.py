"""The scripts that measure: that they run and what they print; what they measure is for people to judge."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "scripts"


CARDS = ["lines/s"] * 2 + ["cards/s", "bytes"] + ["us, median"] * 5 + ["ms"]
ENGINE = (
    ["s", "MB", "MB"]
    + ["us, median"] * 2
    + ["s", "MB (PSS)", "MB (PSS)"]
    + ["us, median"] * 5
    + ["cards", "us, median"]
)


def test_bench_prints_what_it_measured():
    command = [sys.executable, SCRIPTS / "bench.py", "--quick", "--json", "--part", "cards", "--part", "engine"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    measured = json.loads(printed)
    assert [row["unit"] for row in measured.values()] == [*CARDS, *ENGINE]
    assert all(row["value"] > 0 for row in measured.values())


def test_bench_explains_itself():
    printed = subprocess.run(
        [sys.executable, SCRIPTS / "bench.py", "--help"], capture_output=True, text=True, check=True
    )
    assert "Example: scripts/bench.py --quick --part cards" in printed.stdout


def test_a_short_soak_drops_and_mixes_nothing():
    command = [sys.executable, SCRIPTS / "soak.py", "--minutes", "0.15", "--every", "2.5", "--blocks", "200"]
    seen = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (seen["errors"], seen["mixed"]) == (0, 0)
    assert seen["versions"] >= 3
    assert seen["answers"] > 100
