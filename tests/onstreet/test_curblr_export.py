"""Cards and data sets -> CurbLR: what comes back, and what is named as lost."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import DATA
from test_curblr_rules import CARDS

from onstreet.cli import main
from onstreet.datasets.curblr import load
from onstreet.datasets.curblr_cards import HIERARCHY, regulations_of
from onstreet.datasets.curblr_rules import Feed, plain, rules_of
from onstreet.datasets.export import FORMS, export
from onstreet.datasets.findings import Finding
from onstreet.datasets.regulation_cards import card_of
from onstreet.datasets.source import read_source

CORNER = Path(__file__).parent / "data" / "corner.curblr.json"
ON = date(2026, 6, 11)


def back(lines: list[str], currency: str = "USD") -> list[str] | None:
    """The card that is read from what CurbLR says of one."""
    carried = regulations_of(tuple(lines), currency)
    if carried.regulations is None:
        return None
    told = [rules_of(plain(each), Feed(HIERARCHY, None, currency)) for each in carried.regulations]
    return list(card_of(tuple(dict.fromkeys(rule for each in told for rule in each.rules))))


@pytest.mark.parametrize("lines", [lines for _, lines in CARDS])
def test_a_card_that_was_read_from_curblr_comes_back(lines):
    assert back(lines) == lines
    assert regulations_of(tuple(lines), "USD").losses == ()


# Cards that say the same in other words when they come back.
SAME = [
    (["Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $1", "Mon-Sat (6pm-9am): Free", "Sun: Free"],
     ["Each Hour (Mon-Sat; 09:00-18:00; 2 Hour Max): $1", "Mon-Sat (18:00-09:00): Free", "Sun: Free"]),
    (["Wed (10am-12pm): No Parking", "Each Hour (Mon-Fri; 9am-6pm): $1", "Free"],
     ["Wed (10:00-12:00): No Parking", "Each Hour (Mon-Fri; 09:00-18:00): $1", "Mon-Fri (18:00-09:00): Free",
      "Sat-Sun: Free"]),
    (["2 Hour Parking (Mon-Fri; 8am-6pm)", "Free"],
     ["Mon-Fri (08:00-18:00; 2 Hour Max): Free", "Mon-Fri (18:00-08:00): Free", "Sat-Sun: Free"]),
    (["1st Hour: $2", "2nd Hour: $3"], ["1 Hour: $2", "Each Add'l Hour: $3"]),
    # A window of an hour never gets to the second one; a ladder that begins again does so as often as it can.
    (["1 Hour (Wed; 9am-10am): $1"], ["Each Hour (Wed; 09:00-10:00): $1"]),
    (["1 Hour (9am-1pm): $3", "2 Hours (9am-1pm): $9"],
     ["1 Hour (09:00-13:00): $3", "2 Hours (09:00-13:00): $9", "3 Hours (09:00-13:00): $12",
      "Each Add'l Hour (09:00-13:00): $6"]),
    (["15 Min: Free", "Each Hour: $3"], ["15 Min: Free", "1 Hour: $3", "Each Add'l Hour: $3"]),
    (["Mon-Fri (6pm-11pm): $5"], ["Each 24 Hours (Mon-Fri; 18:00-23:00): $5"]),
    (["Zone A Permit Only: Free"], ["Zone A Permit Only: Free"]),
    (["Mon-Fri (8am-6pm; Zone A Permit): Free", "Each Hour (Mon-Fri; 8am-6pm): $2"],
     ["Mon-Fri (08:00-18:00; Zone A Permit): Free", "Each Hour (Mon-Fri; 08:00-18:00): $2"]),
]  # fmt: skip


@pytest.mark.parametrize("lines, said", SAME)
def test_cards_that_curblr_can_say(lines, said):
    assert back(lines) == said
    assert regulations_of(tuple(lines), "USD").losses == ()


LEFT_OUT, DEARER, DISC = "no words for this: left out", "come out dearer", "counts from arrival"
PRICE, PRICES, ABSENT = "it is unknown", "all prices of the card are unknown", "the segment is left out"
LOST = [
    (["Free", "Note: ask at the kiosk"], [("Note: ask at the kiosk", LEFT_OUT)], ["Free"]),
    (["Free", "Monthly: $160"], [("Monthly: $160", LEFT_OUT)], ["Free"]),
    (["Each Hour: $2", "Daily Max: $8"], [("Daily Max: $8", DEARER)], ["Each Hour: $2"]),
    (["Each Hour: $2", "Evening (In After 5pm): $3"], [("Evening (In After 5pm): $3", DEARER)], ["Each Hour: $2"]),
    (["Each Hour: $2", "First 15 Min: Free"], [("First 15 Min: Free", DEARER)], ["Each Hour: $2"]),
    (["1 Hour Disc"], [("1 Hour Disc", DISC)], ["Free (1 Hour Max)"]),
    # a price no periods say is unknown, and others are not
    (["Each Day (Sat): $9", "Each Hour (Mon-Fri): $2"], [("Each Day (Sat): $9", PRICE)],
     ["Each Hour (Mon-Fri): $2", "Sat: See Meter"]),
    (["Mon-Sun: $5"], [("Mon-Sun: $5", PRICE)], ["See Meter"]),
    # what changes all prices leaves all of them unknown, but not what is free or forbidden
    (["Each Hour (9am-6pm): $2", "6pm-9am: Free", "Plus: $0.35"], [("Plus: $0.35", PRICES)],
     ["09:00-18:00: See Meter", "18:00-09:00: Free"]),
    (["Each Hour: $2", "Min: $1"], [("Min: $1", PRICES)], ["See Meter"]),
    (["Each Hour: $2", "Billed By Minute"], [("Billed By Minute", PRICES)], ["See Meter"]),
    (["Each Hour: $2", "Rates Reset At 4am"], [("Rates Reset At 4am", PRICES)], ["See Meter"]),
    (["Each Hour (9am-6pm): €2", "Free"], [("Each Hour (9am-6pm): €2; Free", PRICES)],
     ["09:00-18:00: See Meter", "18:00-09:00: See Meter"]),
    # what is allowed cannot be said, so nothing is
    (["Customers Only: Free"], [("Customers Only: Free", ABSENT)], None),
    (["Mon-Fri (8am-6pm; ECO Label): Free", "See Meter"], [("Mon-Fri (8am-6pm; ECO Label): Free; See Meter", ABSENT)],
     None),
    (["Free", "Pakring"], [("Free; Pakring", ABSENT)], None),
    (["Free (2 Hour Max)", "Rates Reset At 4am"], [("Free (2 Hour Max); Rates Reset At 4am", ABSENT)], None),
    ([], [("", ABSENT)], None),
]  # fmt: skip


@pytest.mark.parametrize("lines, losses, said", LOST)
def test_what_is_lost_of_a_card_is_named_and_nothing_gets_cheaper(lines, losses, said):
    found = regulations_of(tuple(lines), "USD").losses
    assert [text for text, _ in found] == [text for text, _ in losses]
    assert all(part in reason for (_, reason), (_, part) in zip(found, losses, strict=True))
    assert back(lines) == said


SOURCE = {
    "name": "Corner", "zone": "America/Los_Angeles", "currency": "USD", "country": "US", "subdivision": "OR",
    "files": [{"path": "feed.json", "source": "test", "format": "curblr", "date": "2026-01-05"}],
}  # fmt: skip


def read(folder: Path) -> dict:
    """The segments of a data set that is a feed, by block."""
    source = read_source(folder)
    rows = [row for _, row in load(source.files[0], source.place)]
    assert folder.name == "corner" or not any(isinstance(row, Finding) for row in rows)
    return {row.block_id: row for row in rows if not isinstance(row, Finding)}


def test_a_feed_goes_out_and_comes_back(tmp_path):
    corner = tmp_path / "corner"
    corner.mkdir()
    (corner / "feed.json").write_text(CORNER.read_text())
    (corner / "source.json").write_text(json.dumps(SOURCE))
    losses: list[Finding] = []
    export([corner], tmp_path / "one", "curblr", [], ON, losses.append)
    export([tmp_path / "one"], tmp_path / "two", "curblr", [], ON)
    before, after = read(corner), read(tmp_path / "one")
    assert (tmp_path / "one" / "blocks.curblr.json").read_bytes() == (
        tmp_path / "two" / "blocks.curblr.json"
    ).read_bytes()
    lost = {(loss.field, loss.value.split(":")[0]) for loss in losses if "left out" in loss.reason}
    assert lost == {("rateCards", "segment oak-right-600")}
    for block_id, block in before.items():
        kept = [each for each in block.segments if ("rateCards", f"segment {each.segment_id}") not in lost]
        assert [each.segment_id for each in after[block_id].segments] == [each.segment_id for each in kept]
        for ours, theirs in zip(after[block_id].segments, kept, strict=True):
            assert (ours.side, ours.rate_cards, ours.spaces_total) == (
                theirs.side,
                theirs.rate_cards,
                theirs.spaces_total,
            )
            assert (ours.start_m, ours.end_m) == pytest.approx((theirs.start_m, theirs.end_m), abs=0.1)
            assert ours.payment_ids == theirs.payment_ids
        assert (after[block_id].operator, after[block_id].name) == (block.operator, block.name)
    assert after["elm"].payment_types == before["elm"].payment_types


def run(*arguments: object):
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def segment(number: int, start: float, end: float, side: str = "LEFT") -> dict:
    return {"segmentID": str(number), "side": side, "start": start, "end": end, "rateCards": ["Free"]}


def city(folder: Path, *segments: dict) -> Path:
    folder.mkdir()
    row = {
        "blockID": "b1",
        "geojson": {"type": "LineString", "coordinates": [[4.89, 52.37], [4.892, 52.37]]},
        "segments": segments,
    }
    source = {"name": "City", "zone": "Europe/Amsterdam", "currency": "EUR"}
    (folder / "source.json").write_text(json.dumps({**source, "files": [{"path": "b.jsonl", "source": "x"}]}))
    (folder / "b.jsonl").write_text(json.dumps(row))
    return folder


PLACES = [
    ([segment(1, 0, 50), segment(2, 50, 136)], [], 2),
    ([segment(1, 0, 50), segment(2, 40, 136)], ["segment 2: 40-136"], 1),
    ([segment(1, 0, 50), segment(2, 40, 136, "RIGHT")], [], 2),
    ([segment(1, 0, 0.4), segment(2, 1, 136)], ["segment 1: 0-0.4"], 1),
]


@pytest.mark.parametrize("segments, lost, count", PLACES)
def test_segments_that_cannot_lie_in_a_feed_are_named(tmp_path, segments, lost, count):
    losses: list[Finding] = []
    [written] = export([city(tmp_path / "city", *segments)], tmp_path / "out", "curblr", [], ON, losses.append)
    assert [loss.value.split(".")[0] for loss in losses if loss.field == "start_m"] == [
        each.split(".")[0] for each in lost
    ]
    assert (written.blocks, written.segments) == (1, count)
    assert len(read(tmp_path / "out")["b1"].segments) == count


def test_a_block_without_segments_is_named(tmp_path):
    outcome = run(city(tmp_path / "city"), "--to", tmp_path / "out", "--as", "curblr")
    assert outcome.stdout == f"{tmp_path}/out: 0 blocks, 0 segments\n"
    assert "1 losses: what curblr cannot carry" in outcome.stderr
    assert "left out  (row 1: block b1: 0 segments)" in outcome.stderr


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_losses_are_counted_and_listed(tmp_path, suffix):
    listed = tmp_path / f"losses.{suffix}"
    outcome = run(DATA, "--to", tmp_path / "out", "--as", "curblr", "--on", "2026-06-11", "--losses", listed)
    count = int(outcome.stderr.split()[0].replace(",", ""))
    lines = listed.read_text().splitlines()
    rows = list(csv.DictReader(lines)) if suffix == "csv" else list(map(json.loads, lines))
    assert len(rows) == count > 100
    assert set(rows[0]) == {"file", "row", "field", "value", "reason", "hint"}
    assert sum(int(line.split()[0]) for line in outcome.stderr.splitlines()[1:]) == count
    assert json.loads((tmp_path / "out" / "blocks.curblr.json").read_bytes())["manifest"]["createdDate"] == "2026-06-11"
    assert CliRunner().invoke(main, ["check", str(tmp_path / "out")]).stderr == "69 blocks, 0 findings\n"


@pytest.mark.parametrize("form", [form for form in FORMS if form != "curblr"])
def test_our_own_tables_lose_nothing(tmp_path, form):
    outcome = run(DATA, "--to", tmp_path / "out", "--as", form, "--losses", tmp_path / "losses.jsonl")
    assert outcome.stderr == ""
    assert (tmp_path / "losses.jsonl").read_text() == ""
