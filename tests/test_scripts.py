"""The scripts that measure: that they run and what they print; what they measure is for people to judge."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "scripts"


CARDS = ["lines/s"] * 2 + ["cards/s", "bytes"] + ["us, median"] * 5 + ["ms"]
ENGINE = ["blocks/s", "bytes a block", "ms"] + ["us, median"] * 4 + ["cards"] + ["us, median"] * 2


def test_bench_prints_what_it_measured():
    command = [sys.executable, SCRIPTS / "bench.py", "--quick", "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    measured = json.loads(printed)
    assert [row["unit"] for row in measured.values()] == [*CARDS, *ENGINE]
    assert all(row["value"] > 0 for row in measured.values())


def test_bench_explains_itself():
    printed = subprocess.run(
        [sys.executable, SCRIPTS / "bench.py", "--help"], capture_output=True, text=True, check=True
    )
    assert "Example: scripts/bench.py --quick" in printed.stdout
