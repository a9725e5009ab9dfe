"""Prices of whole cities: each is the price of one stay, and what they come to can be reckoned by hand."""

import json
import random
import re
import shlex
import textwrap
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from onstreet.cli import main
from onstreet.datasets.price_summary import summaries
from onstreet.datasets.publish import publish
from onstreet.datasets.source import find_data_sets
from ratecards import Place, price, read

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data" / "santa-monica"
PLACE = Place("America/Los_Angeles", "USD", "US", "CA")
WEEK = "2026-06-01/2026-06-08/60"  # from a Monday on
PAID = ["Each Hour (Mon-Sat; 9am-6pm): $2", "Mon-Sat (6pm-9am): Free", "Sun: Free"]
DEARER = ["Each Hour (Mon-Sat; 9am-6pm): $3", "Mon-Sat (6pm-9am): Free", "Sun: Free"]


def run(*arguments: object):
    return CliRunner().invoke(main, [*map(str, arguments)])


def rows(path: Path, suffix: str = ".parquet") -> list[dict]:
    return pq.read_table(path.with_suffix(suffix)).to_pylist()


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shipped")
    publish(find_data_sets([SHIPPED]), folder, [])
    return folder


@pytest.fixture
def street(tmp_path) -> Path:
    """A block of three paid spaces, and a ban on spaces that nobody counted."""
    segments = [
        {"segmentID": f"s{number}", "side": "LEFT", "start": 40 * number, "end": 40 * number + 30, "rateCards": card}
        for number, card in enumerate((PAID, ["No Parking"]))
    ]
    segments[0]["spacesTotal"] = 3
    line = {"type": "LineString", "coordinates": [[-118.48, 34.01], [-118.481, 34.01]]}
    folder = tmp_path / "street"
    folder.mkdir()
    (folder / "b.jsonl").write_text(json.dumps({"blockID": "b", "geojson": line, "segments": segments}))
    stated = {"name": "x", "zone": PLACE.zone, "currency": "USD", "files": [{"path": "b.jsonl", "source": "x"}]}
    (folder / "source.json").write_text(json.dumps(stated))
    publish(find_data_sets([folder]), tmp_path / "snapshots", [])
    return tmp_path / "snapshots"


def test_each_price_is_that_of_one_stay(shipped, tmp_path):
    """200 cells at random, from the row of a segment to its card and price."""
    outcome = run("matrix", shipped, "--entries", "2026-06-01T00:20/2026-07-01/45", "--durations", "30|60|600", "--to",
                  tmp_path / "m.parquet")  # fmt: skip
    assert outcome.exit_code == 0, outcome.output
    cells = {(row["rate"], row["entry"], row["duration_min"]): row for row in rows(tmp_path / "m.parquet")}
    entries = sorted({entry for _, entry, _ in cells})
    assert (len(entries), entries[1] - entries[0]) == (960, timedelta(minutes=45))
    rate_of = {row["segmentID"]: row["rate"] for row in rows(tmp_path / "m.parquet", ".segments.parquet")}
    dice = random.Random(8)
    segments = [json.loads(line) for line in (SHIPPED / "neighbourhood.jsonl").read_text().splitlines()]
    cards = {segment["segmentID"]: segment["rateCards"] for block in segments for segment in block["segments"]}
    for segment_id in dice.sample(sorted(cards), 200):
        entry, stay_min = dice.choice(entries), dice.choice((30, 60, 600))
        quote = price(read(cards[segment_id]).card, entry, stay_min, PLACE)
        cell = cells[rate_of[segment_id], entry, stay_min]
        assert (cell["legal"], cell["cost"]) == (quote.legal, None if quote.cost is None else float(quote.cost))


def test_workers_write_the_same_bytes(workers, shipped, tmp_path, monkeypatch):
    monkeypatch.setattr("onstreet.datasets.matrix._ROWS_IN_A_TASK", 2000)
    asked = ("matrix", shipped, "--entries", WEEK, "--replace", "No Parking=Mon-Sun: Free", "--to")
    assert run(*asked, tmp_path / "one.parquet").exit_code == 0
    outcome = run(*asked, tmp_path / "many.parquet", "--cluster", workers.scheduler.address)
    assert outcome.exit_code == 0
    for suffix in (".parquet", ".rates.parquet", ".segments.parquet"):
        assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"many{suffix}").read_bytes()
    assert pq.ParquetFile(tmp_path / "one.parquet").num_row_groups > 2


def test_rates_say_what_they_are_and_whose(street, tmp_path):
    run("matrix", street, "--entries", WEEK, "--to", tmp_path / "m.parquet")
    paid, banned = rows(tmp_path / "m.parquet", ".rates.parquet")
    assert (paid["rateCards"], paid["currency"], paid["zone"]) == (PAID, "USD", "America/Los_Angeles")
    assert [[rate[name] for name in ("rate", "segments", "spaces", "weight")] for rate in (paid, banned)] == [
        [0, 1, 3, 3],
        [1, 1, 0, 1],
    ]
    assert rows(tmp_path / "m.parquet", ".segments.parquet") == [
        {"segmentID": "s0", "blockID": "b", "spacesTotal": 3, "rate": 0},
        {"segmentID": "s1", "blockID": "b", "spacesTotal": None, "rate": 1},
    ]


def test_a_summary_worked_by_hand(street, tmp_path):
    """Of 4 x 168 stays 3 x 54 pay $2, 168 meet the ban, and the rest is free."""
    run("matrix", street, "--entries", WEEK, "--to", tmp_path / "m.parquet", "--replace",
        f"{json.dumps(PAID)}={json.dumps(DEARER)}")  # fmt: skip
    [found] = summaries(tmp_path / "m.parquet")
    assert (found.currency, found.duration_min, found.stays) == ("USD", 60, 4 * 168)
    assert {hour for hour, mean in enumerate(found.means) if mean} == {
        24 * day + hour for day in range(6) for hour in range(9, 18)
    }
    assert (found.means[8], found.means[9], found.means[24 * 6 + 12]) == (0, 2, 0)
    assert found.shares == {
        "free": 3 * (168 - 54) / (4 * 168), "paid": 3 * 54 / (4 * 168), "not allowed": 1 / 4, "unknown": 0
    }  # fmt: skip
    assert (found.before, found.after, found.left_out) == (3 * 54 * 2, 3 * 54 * 3, 0)
    printed = run("summary", tmp_path / "m.parquet").stdout.splitlines()
    assert printed[0] == "60 min, USD: mean price by hour of entry"
    assert printed[12] == "10:00     2.00    2.00    2.00    2.00    2.00    2.00    0.00"
    assert printed[-4:] == [
        "share of stays: free 50.9%, paid 24.1%, not allowed 25.0%, unknown 0.0%",
        "replaced cards: now 324.00, proposed 486.00 (+50.0%)",
        "all cards: now 324.00, proposed 486.00 (+50.0%)",
        "proposed prices x 0.6667 bring in what the replaced ones do",
    ]


def test_what_has_no_price_under_both_cards_is_said(street, tmp_path):
    run("matrix", street, "--entries", WEEK, "--replace", "No Parking=Each Hour: $1", "--to", tmp_path / "m.parquet")
    [found] = summaries(tmp_path / "m.parquet")
    assert (found.paid.sum(), found.before, found.after, found.left_out) == (324, 0, 0, 168)


ASKED = {"--entries": WEEK, "--to": "m.parquet"}
ERRORS = [
    ({"--entries": "June"}, "--entries: FROM/TO/STEP such as 2026-06-01"),
    ({"--entries": "2026-06-01/2026-05-01/60"}, "--entries: FROM/TO/STEP"),
    ({"--entries": "2026-06-01/2026-07-01/0"}, "--entries: FROM/TO/STEP"),
    ({"--entries": "2026-06-01T00:00Z/2026-07-01/60"}, "--entries: FROM/TO/STEP"),
    ({"--durations": "60|0"}, "--durations: different minutes from 1 to 44640"),
    ({"--durations": "60|60"}, "--durations: different minutes"),
    ({"--to": "m.csv"}, "--to: a file that ends in .parquet is expected"),
    ({"--replace": "No Parking"}, "--replace: CARD=CARD is expected"),
    ({"--replace": "No Parkin=Sun: Free"}, "--replace: column 1: cannot read 'No Parkin'"),
    ({"--replace": "Sun: Free=No Parking"}, "no segment has the card ['Sun: Free']"),
    ({"--replace": "No Parking=Each Hour: €2"}, "prices in USD are expected of the proposed card"),
    ({"--cluster": "9"}, "--cluster: local:N or tcp://host:port is expected"),
]


@pytest.mark.parametrize("changed, message", ERRORS)
def test_errors_are_one_line(street, tmp_path, changed, message, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = run("matrix", street, *(part for pair in (ASKED | changed).items() for part in pair))
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (1, 1)
    assert outcome.stderr.startswith(f"Error: {message}")
    assert not list(tmp_path.glob("*m.parquet*"))


def test_without_a_snapshot_or_a_matrix_the_reason_is_said(tmp_path):
    asked = ("matrix", tmp_path, "--entries", WEEK, "--to", tmp_path / "m.parquet")
    assert "no readable manifest.json" in run(*asked).stderr
    publish(find_data_sets([SHIPPED]), tmp_path, [], with_tables=False)
    assert "the snapshot has no tables: publish it anew" in run(*asked).stderr
    (tmp_path / "m.parquet").write_text("x")
    outcome = run("summary", tmp_path / "m.parquet")
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (1, 1)


def test_the_commands_of_the_readme(tmp_path):
    def here(text: str) -> str:
        return text.replace("/tmp", str(tmp_path))

    publish(find_data_sets([SHIPPED]), tmp_path / "snapshots", [])
    readme = (ROOT / "README.rst").read_text()
    for name in ("matrix", "summary"):
        [command] = re.findall(rf"^    \$ \.venv/bin/onstreet ({name} .*)$", readme, re.M)
        outcome = run(*shlex.split(here(command)))
        assert outcome.exit_code == 0, outcome.output
    [shown] = re.findall(r"^    share of stays.*\n(?:    .*\n)+", readme, re.M)
    assert textwrap.dedent(shown) in outcome.stdout
    [code] = re.findall(r"^    import pandas\n(?:    .*\n)+", readme, re.M)
    named: dict = {}
    exec(here(textwrap.dedent(code)), named)
    assert len(named["by_block"]) == 69  # two have no segments
