"""`onstreet report`: the page says what the data do, needs nothing else, and stays small."""

import json
import re
import sys
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from onstreet.cli import main
from onstreet.datasets.publish import publish
from onstreet.datasets.recipes.load import load
from onstreet.datasets.recipes.recipe import read_recipe
from onstreet.datasets.report.classes import price_classes
from onstreet.datasets.report.drawing import draw
from onstreet.datasets.report.facts import gather
from onstreet.datasets.report.kerbs import Stay
from onstreet.datasets.report.origins import of_snapshot
from onstreet.datasets.report.page import html, length, share
from onstreet.datasets.source import find_data_sets

ROOT = Path(__file__).parents[2]
CORNER = ROOT / "data" / "recipes" / "corner" / "recipe.toml"
WEDNESDAY = Stay(datetime(2026, 6, 10, 11), 60)
MADE = datetime(2026, 6, 1, tzinfo=UTC)


def facts_of(data_sets, folder, stay=WEDNESDAY, title="A city"):
    findings = []
    publish(data_sets, folder, findings)
    return gather(folder, title, stay, findings, [], MADE)


@pytest.fixture(scope="module")
def corner(tmp_path_factory):
    """Four segments of 25, 8, 6 and 6 m with 3, 1, 1 and 1 spaces, whose cards are 0, 1, 0 and one nobody can read.

    Card 0 is $1.25 an hour from 9am to 6pm but on Sundays, card 1 $2.50 every day from 8am to 2am.
    """
    return facts_of([load(read_recipe(CORNER, None, date(2026, 6, 1)))], tmp_path_factory.mktemp("corner"))


def amounts(rows):
    return {row.name: (row.metres, row.segments, row.spaces) for row in rows if row.segments}


def test_it_counts_what_there_is(corner):
    assert (corner.blocks, corner.segments, corner.spaces, corner.cards, corner.findings) == (2, 4, 6, 3, 2)
    assert amounts(corner.coverage) == {
        "all kerbs": (45, 4, 6),
        "with rules": (45, 4, 6),
        "with a line nobody can read": (6, 1, 1),
        "known at every hour of the week": (39, 3, 5),
        "unknown at every hour": (6, 1, 1),
        "with counted spaces": (45, 4, 6),
    }


def test_kerbs_are_told_apart_by_what_the_stay_costs(corner):
    [drawn] = corner.maps
    assert drawn.classes == ((Decimal("1.25"), Decimal("1.25")), (Decimal("2.50"), Decimal("2.50")))
    assert amounts(drawn.amounts.values()) == {"paid-0": (31, 2, 4), "paid-1": (8, 1, 1), "unknown": (6, 1, 1)}
    assert [path.name for path in drawn.drawing.paths] == ["unknown", "paid-0", "paid-1"]


# Four spaces of card 0 and one of card 1 have a price.
MEANS = [
    (2, 11, (4 * 1.25 + 2.50) / 5),
    (2, 3, 0),
    (2, 8, 2.50 / 5),
    (2, 1, 2.50 / 5),
    (6, 11, 2.50 / 5),
]


@pytest.mark.parametrize("day, hour, mean", MEANS)
def test_mean_prices_by_hour_of_the_week(corner, day, hour, mean):
    [summary] = corner.prices
    assert summary.means[24 * day + hour] == pytest.approx(mean)


def test_hours_of_the_week_count_with_their_metres(corner):
    # Card 0 asks for money in 6 x 9 hours of 168, card 1 in 7 x 18.
    assert corner.week["paid"] == pytest.approx((31 * 54 + 8 * 126) / (45 * 168))
    assert corner.week["unknown"] == pytest.approx(6 / 45)
    assert sum(corner.week.values()) == pytest.approx(1)


def test_cards_come_with_what_is_doubtful_about_them(corner):
    first, second, third = corner.card_rows
    assert first.lines == ("Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $1.25", "Mon-Sat (6pm-9am): Free", "Sun: Free")
    assert (first.amount.segments, first.faults, first.findings) == (2, (), ())
    assert second.lines == ("Each Hour (Mon-Sun; 8am-2am; 3 Hour Max): $2.50", "2am-8am: Free")
    assert third.faults[0].startswith("column 1: cannot read 'Unclear'")


def test_findings_come_by_kind_with_examples(corner):
    assert [(kind.reason, kind.rows, kind.examples[0].row) for kind in corner.finding_kinds] == [
        ("no line that it could stand on", 1, 7), ("cannot read 'two'", 1, 6),
    ]  # fmt: skip


def test_spaces_by_block(corner):
    assert [(row.name, row.spaces, row.segments) for row in corner.fullest] == [
        ("Elm Street", 5, 3), ("Oak Street", 1, 1),
    ]  # fmt: skip
    assert {each.name: each.blocks for each in corner.crowds if each.blocks} == {"1–4": 1, "5–9": 1}


def test_it_says_of_each_kerb_what_the_api_does(client, tmp_path):
    facts = facts_of(find_data_sets([ROOT / "data"]), tmp_path)
    query = "point=34.0194|-118.4879&radius=5000&entry_time=2026-06-10T11:00&limit=5000&outputfields=calculatedRates"
    blocks = client.get(f"/blocks?{query}").json["result"]
    found = Counter(_state(segment) for block in blocks for segment in block["segments"])
    merged = Counter()
    for row in facts.states:
        merged[row.name if row.name in ("free", "paid", "unknown") else "refused"] += row.segments
    assert +merged == found
    assert sum(found.values()) == facts.segments == 276


def _state(segment) -> str:
    rates = segment["calculatedRates"]
    if rates == []:
        return "refused"
    if rates is None:
        return "unknown"
    return "paid" if rates[0]["rate_cost"] else "free"


class Tags(HTMLParser):
    """What is opened, what it loads, and what is left open at the end."""

    VOID = ("meta", "input", "br")

    def __init__(self):
        super().__init__()
        self.names, self.addresses, self.opened, self.text = Counter(), [], [], []

    def handle_starttag(self, tag, attributes):
        self.names[tag] += 1
        self.addresses += [value for name, value in attributes if name in ("href", "src", "srcset", "style")]
        if tag not in self.VOID:
            self.opened.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.names[tag] += 1

    def handle_endtag(self, tag):
        assert self.opened.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def tags_of(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    return tags


def test_the_page_needs_no_network_and_no_script(corner):
    page = html(corner)
    tags = tags_of(page)
    assert tags.opened == []
    assert not tags.names.keys() & {"script", "link", "img", "iframe", "object"}
    assert all(address.startswith("#") for address in tags.addresses)
    assert not re.search(r"url\(|@import|https?:", page)
    assert "default-src 'none'" in page


def test_what_data_say_is_text_and_no_markup(tmp_path):
    (tmp_path / "source.json").write_text(json.dumps({
        "name": "<b>x</b>", "zone": "UTC", "currency": "USD", "files": [{"path": "b.jsonl", "source": "x"}],
    }))  # fmt: skip
    block = {
        "blockID": "1", "name": "<script>alert(1)</script>", "geojson": {"coordinates": [[0, 0], [0.001, 0]]},
        "segments": [{
            "segmentID": "s", "side": "LEFT", "start": 0, "end": 50, "spacesTotal": 2,
            "rateCards": ["<img src=x>", "Note: <i>"],
        }],
    }  # fmt: skip
    (tmp_path / "b.jsonl").write_text(json.dumps(block) + "\n")
    facts = facts_of(find_data_sets([tmp_path]), tmp_path / "out", title="<b>x</b>")
    tags = tags_of(html(facts))
    assert not tags.names.keys() & {"b", "i", "script", "img"}
    text = "".join(tags.text)
    assert "<b>x</b>" in text
    assert "<script>alert(1)</script>" in text
    assert "<img src=x>" in text


def test_a_city_of_many_kerbs_stays_small(tmp_path):
    sys.path.insert(0, str(ROOT / "scripts"))
    import synth_city

    CliRunner().invoke(synth_city.main, [str(tmp_path / "city"), "--blocks", "1500"])
    facts = facts_of(find_data_sets([tmp_path / "city"]), tmp_path / "out")
    assert facts.segments > 4000
    assert len(html(facts)) < 3_000_000 / 11_000 * facts.segments


def test_lines_are_drawn_where_they_are():
    # 0.001 degrees are 111 m: one street to the north, one to the east.
    lines = shapely.linestrings([[[0, 0], [0, 0.001]], [[0, 0], [0.001, 0]]])
    drawing = draw(lines, np.array([1, 0]), ["east", "north"])
    numbers = [list(map(int, re.findall(r"-?[0-9]+", path.data))) for path in drawing.paths]
    # Units are half a metre and y grows downwards: both begin at one corner, with room of 7 to the edge.
    assert numbers == [[7, 228, 222, 0], [7, 228, 0, -221]]
    assert drawing.scale_m == 20
    assert drawing.scale_units == 40


def test_a_kerb_too_short_for_a_unit_is_a_dot():
    lines = shapely.linestrings([[[0, 0], [0.000001, 0]], [[1, 1], [1.01, 1]]])
    drawing = draw(lines, np.array([0, 0]), ["free"])
    assert re.search(r"M\d+ \d+h0", drawing.paths[0].data)


def test_one_kerb_across_the_antimeridian_makes_no_map_of_the_world():
    lines = shapely.linestrings([[[179.999, 0], [180.001, 0]], [[-179.999, 0], [-179.998, 0]]])
    assert draw(lines, np.array([0, 0]), ["free"]).scale_m <= 100


CLASSES = [
    ([], []),
    ([("1", 5), ("2", 1), ("1", 1)], [("1", "1"), ("2", "2")]),
    ([(str(n), 1) for n in range(1, 11)], [("1", "2"), ("3", "4"), ("5", "6"), ("7", "8"), ("9", "10")]),
    ([("1", 100), *((str(n), 1) for n in range(2, 8))], [("1", "1"), ("2", "7")]),
]


@pytest.mark.parametrize("costs, expected", CLASSES)
def test_prices_fall_into_classes_of_like_weight(costs, expected):
    found = price_classes((Decimal(cost), weight) for cost, weight in costs)
    assert [(str(low), str(high)) for low, high in found] == expected


@pytest.mark.parametrize("metres, said", [
    (0, "0 m"), (999, "999 m"), (2000, "2 km"), (12_410, "12.4 km"), (1_240_300, "1,240 km"),
])  # fmt: skip
def test_lengths_in_words(metres, said):
    assert length(metres) == said


@pytest.mark.parametrize("part, said", [(0, "0.0%"), (0.0001, "<0.1%"), (0.125, "12.5%"), (1, "100.0%")])
def test_shares_in_words(part, said):
    assert share(part) == said


def run(*arguments: str):
    return CliRunner().invoke(main, ["report", *arguments])


@pytest.mark.parametrize("data, said", [
    (str(CORNER), ["A corner to try recipes on", "CC0-1.0", "made by hand", "meters.csv", "no line that it could"]),
    (str(ROOT / "data"), ["Santa Monica, around 10th Street", "neighbourhood.jsonl", "Nothing is wrong with these"]),
])  # fmt: skip
def test_the_command_writes_the_page(tmp_path, data, said):
    path = tmp_path / "page.html"
    outcome = run(data, "--to", str(path), "--entry", "2026-06-10T11:00")
    assert (outcome.exit_code, outcome.stdout) == (0, f"{path}: {path.stat().st_size / 1000:.0f} kB\n")
    text = path.read_text()
    assert all(each in text for each in ["Wednesday 10 June 2026, 11:00", *said])


def test_a_snapshot_knows_where_it_came_from(tmp_path):
    publish(find_data_sets([ROOT / "data"]), tmp_path / "snapshots", [])
    outcome = run(str(tmp_path / "snapshots"), "--to", str(tmp_path / "page.html"))
    assert outcome.exit_code == 0
    text = (tmp_path / "page.html").read_text()
    assert "Where the data came from is not known here" not in text
    assert "Santa Monica" in text
    assert "what could not be was said when it was published" in text


def test_a_snapshot_that_says_where_it_came_from_is_believed():
    said = ["Boston", "boston", "City of Boston", "PDDL", "2026-06-01", "(c) Boston"]
    assert of_snapshot({"sources": [said]}) == [("Boston", "boston", "City of Boston", "PDDL", "2026-06-01")]
    assert of_snapshot({}) == []


@pytest.mark.parametrize("arguments, said", [
    (["/nowhere"], "Error: /nowhere: no source.json here or one folder below\n"),
    (["data", "--entry", "noon"], "Error: --entry must be yyyy-mm-ddTHH:MM, with Z for UTC"),
    (["data", "--entry", "2026-06-10T11:00Z"], "Error: --entry must be a time on the local clock, without Z, not"),
])  # fmt: skip
def test_what_cannot_be_used_is_said(tmp_path, arguments, said, monkeypatch):
    monkeypatch.chdir(ROOT)
    outcome = run(*arguments, "--to", str(tmp_path / "page.html"))
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith(said)
    assert not (tmp_path / "page.html").exists()
