"""The scripts that measure: that they run and what they print; what they measure is for people to judge."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import DATA

from onstreet.datasets.publish import publish
from onstreet.datasets.source import find_data_sets

SCRIPTS = Path(__file__).parents[1] / "scripts"


CARDS = ["lines/s"] * 2 + ["cards/s", "bytes"] + ["us, median"] * 5 + ["ms"]
ENGINE = ["s", "MB", "MB"] + ["s", "MB (PSS)", "MB (PSS)"] + ["us, median"] * 7 + ["cards", "us, median"]


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


def test_bench_tiles_prints_a_line_for_each_zoom(tmp_path):
    publish(find_data_sets([DATA]), tmp_path, [], with_tables=False)
    command = [sys.executable, SCRIPTS / "bench_tiles.py", tmp_path, "--tiles", "2"]
    _, *lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        [str(zoom), "2"] for zoom in (0, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18)
    ]


def test_bench_access_prints_a_row_for_each_way():
    command = [sys.executable, SCRIPTS / "bench_access.py", "--rounds", "1"]
    _, *rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [row[:12] for row in rows] == [
        "nobody is as",
        "without keys",
        "a token in a",
        "a token in t",
        "key and secr",
    ]


def test_a_short_soak_drops_and_mixes_nothing():
    command = [sys.executable, SCRIPTS / "soak.py", "--minutes", "0.15", "--every", "2.5", "--blocks", "200"]
    seen = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (seen["errors"], seen["mixed"]) == (0, 0)
    assert seen["versions"] >= 3
    assert seen["answers"] > 100


def test_publishing_by_workers_is_compared():
    command = [sys.executable, SCRIPTS / "bench_bulk.py", "--blocks", "300"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split("  ")[0] for line in printed] == [
        "300 blocks", "one process", "client of 2 workers, with them", "worker 1", "worker 2", "the same snapshot",
    ]  # fmt: skip
    assert all(float(figure) > 0 for figure in printed[1].removeprefix("one process").split())


STRINGS = Path(__file__).parents[2] / "shared" / "data" / "strings"
SAN_DIEGO = """count\tstring
7\tSunday Mode
2\t2 Hour Max $1.25 HR 8am-6pm Mon-Sat (NFC)
1\tMSPM 2 Hour Max $1.25 HR 10 -NFC
"""


def corpus(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPTS / "corpus.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_corpus_counts_what_is_understood(tmp_path):
    (tmp_path / "san_diego_config_name.tsv").write_text(SAN_DIEGO)
    (tmp_path / "atlantis.tsv").write_text("count\tstring\n")
    done = corpus(tmp_path)
    assert done.stderr == "atlantis.tsv: no dialect reads it, skipped\n"
    assert done.stdout.splitlines() == [
        "san_diego_config_name",
        "  understood   1 of 2 (50.0%) texts, 2 of 3 (66.7%) uses",
        "  no rule      1 texts, 7 uses",
        "         7  Sunday Mode: how meters behave on Sundays, without hours or price",
        "  failures     1 texts, 1 uses",
        "         1  MSPM 2 Hour Max $1.25 HR 10 -NFC",
        "            column 26: cannot read '10', expected '24/7' or time",
    ]


def test_corpus_prints_json(tmp_path):
    (tmp_path / "san_diego_config_name.tsv").write_text(SAN_DIEGO)
    assert json.loads(corpus(tmp_path, "--json").stdout) == {
        "san_diego_config_name": {
            "dialect": "san_diego",
            "distinct": {"understood": 1, "stated": 2, "share": 0.5},
            "weighted": {"understood": 2, "stated": 3, "share": 0.6667},
            "no_rule": [
                {"count": 7, "text": "Sunday Mode", "is": "how meters behave on Sundays, without hours or price"}
            ],
            "failures": [
                {
                    "count": 1,
                    "text": "MSPM 2 Hour Max $1.25 HR 10 -NFC",
                    "part": "10",
                    "message": "column 26: cannot read '10', expected '24/7' or time",
                }
            ],
        }
    }


def test_corpus_names_a_line_that_is_none(tmp_path):
    (tmp_path / "boston_pay_policy.tsv").write_text("count\tstring\nmany\t08:00AM\n")
    done = corpus(tmp_path)
    assert done.returncode == 1
    assert "boston_pay_policy.tsv, line 2: expected a count, a tab and a text, not 'many\\t08:00AM'" in done.stderr


def test_corpus_explains_itself():
    assert "Example: scripts/corpus.py ../shared/data/strings" in corpus("--help").stdout


@pytest.mark.skipif(not STRINGS.is_dir(), reason="shared/data is not there")
def test_dialects_understand_nearly_all_of_what_cities_write():
    report = json.loads(corpus(STRINGS, "--json").stdout)
    assert len(report) >= 4
    assert [name for name, each in report.items() if each["distinct"]["share"] < 0.85] == []
    # New York writes sentences.
    least = {"nyc_sign_description": 0.90}
    assert [name for name, each in report.items() if each["weighted"]["share"] < least.get(name, 0.97)] == []
