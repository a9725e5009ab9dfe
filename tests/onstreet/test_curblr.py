"""CurbLR feeds -> blocks: a hand-made corner with every kind of dirt, and the feed of Portland where it is at hand."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import examples
from curblr_reading import PORTLAND, by_the_card, by_the_feed, half_hours
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onstreet.api import create_app
from onstreet.datasets.curblr import load
from onstreet.datasets.findings import Finding
from onstreet.datasets.publish import open_data
from onstreet.datasets.source import SourceError, SourceFile, read_source
from onstreet.model import Side

CORNER = Path(__file__).parent / "data" / "corner.curblr.json"
FEED_OF_PORTLAND = (
    Path(__file__).parents[3] / "shared" / "data" / "portland-curblr" / "downtown_portland_2020-07-30.curblr.json"
)
SOURCE = {"name": "Corner", "zone": "America/Los_Angeles", "currency": "USD", "country": "US", "subdivision": "OR"}


def loaded(path: Path, place=PORTLAND):
    rows = list(load(SourceFile(path, "test", None, "curblr"), place))
    blocks = {row.block_id: row for _, row in rows if not isinstance(row, Finding)}
    return blocks, [row for _, row in rows if isinstance(row, Finding)]


@pytest.fixture(scope="module")
def corner():
    return loaded(CORNER)


PAID = "Each 15 Min (Mon-Sat Except Holidays; 08:00-19:00; 2 Hour Max): $0.50"
FREE = ("Mon-Sat (19:00-08:00): Free", "Sun: Free")
SWEPT = "Tue Every 2nd & 4th (10:00-12:00; Street Cleaning): No Parking"
# Block, side, metres of the line, card.
SEGMENTS = [
    ("elm", Side.LEFT, 10, 40, ("No Parking",)),
    ("elm", Side.LEFT, 40, 60, ("Loading Only (30 Min Max): Free",)),
    ("elm", Side.RIGHT, 0, 30, (PAID, *FREE)),
    ("elm", Side.RIGHT, 30, 50, (SWEPT, PAID, *FREE)),
    ("elm", Side.RIGHT, 50, 80, (SWEPT,)),
    ("oak", Side.LEFT, 0, 30, ("Fri (22:00-00:00): No Parking", "Sat (00:00-06:00): No Parking", "Free")),
    ("oak", Side.LEFT, 50, 80, ("Hotel Guest Permit Only: See Meter",)),
    ("oak", Side.RIGHT, 0, 60, ("See Meter",)),
    ("oak", Side.RIGHT, 60, 80, ("See Meter", "Unclear: no parking, no calendar says when that is")),
]


def test_sides_are_cut_wherever_a_regulation_begins_or_ends(corner):
    blocks, _ = corner
    found = [(ref, s.side, s.start_m, s.end_m, s.rate_cards) for ref, block in blocks.items() for s in block.segments]
    assert len(found) == len(SEGMENTS)
    for ours, expected in zip(found, SEGMENTS, strict=True):
        assert ours[:2] == expected[:2]
        assert ours[2:4] == pytest.approx(expected[2:4], abs=0.3)
        assert ours[4] == expected[4]


FINDINGS = [
    (4, "geometry", "not a line"),
    (5, "shstLocationStart", "the start lies behind the end (read the other way round)"),
    (6, "shstLocationStart", "a stretch is longer than 0.5 m (left out)"),
    (8, "userClasses", "not a user that cards know (price unknown for Hotel Guest Permit)"),
    (9, "geometry", "not a line"),
    (9, "activity", "a known activity is"),
    (10, "designatedPeriods", "no calendar says when that is"),
    (11, "geometry", "not a line"),
    (12, "sideOfStreet", "must be left or right"),
    (13, "shstRefId", "must be a text"),
    (14, "shstLocationStart", "must be metres"),
    (15, "location", "a feature has properties with a location"),
    (10, "geometry", "leads away from the other lines of its street"),
    (10, "shstLocationStart", "beyond the line of the street (left out)"),
    (11, "geometry", "no feature of this street has a line (left out)"),
]


def test_all_that_cannot_be_used_is_reported(corner):
    _, findings = corner
    assert [(each.row, each.field) for each in findings] == [(row, field) for row, field, _ in FINDINGS]
    for finding, (*_, reason) in zip(findings, FINDINGS, strict=True):
        assert reason in str(finding)


def test_ids_names_and_payment(corner):
    elm = corner[0]["elm"]
    assert (elm.alias, elm.address, elm.operator) == (("test", "elm"), "Elm Street", "Kerb Office")
    assert elm.payment_types == ("coins", "Visa")
    assert [s.segment_id for s in elm.segments] == [
        "elm-left-200", "elm-left-500", "elm-right-100", "elm-right-400", "elm-right-600",
    ]  # fmt: skip
    assert elm.segments[2].payment_ids == ("zone 7",)


def test_bays_are_the_spaces_of_a_stretch_that_is_not_cut(tmp_path):
    feed = json.loads(CORNER.read_text())
    feed["features"] = feed["features"][:2]
    (tmp_path / "feed.json").write_text(json.dumps(feed))
    [segment] = loaded(tmp_path / "feed.json")[0]["elm"].segments
    assert segment.spaces_total == 8
    assert [s.spaces_total for s in loaded(CORNER)[0]["elm"].segments] == [None] * 5


def test_a_gap_is_bridged_and_the_line_bends_where_its_features_do(corner):
    assert [tuple(point) for point in corner[0]["oak"].line.coords] == [
        (0, 0), (0.00027, 0), (0.00045, 0), (0.00072, 0),
    ]  # fmt: skip


BROKEN = [
    ("{", "not a CurbLR feed"),
    ("[]", "not a CurbLR feed"),
    ('{"features": 3}', "not a CurbLR feed"),
    ('{"features": [], "manifest": {"timeZone": "Europe/Paris"}}', "the data set is in America/Los_Angeles"),
    ('{"features": [], "manifest": {"currency": "dollars"}}', "no ISO 4217 code: read as USD"),
    ('{"features": [3]}', "a feature has properties with a location"),
]


@pytest.mark.parametrize("text, reason", BROKEN)
def test_a_broken_feed_is_one_finding(tmp_path, text, reason):
    (tmp_path / "feed.json").write_text(text)
    blocks, [finding] = loaded(tmp_path / "feed.json")
    assert not blocks
    assert reason in finding.reason


def test_prices_stay_in_the_currency_of_the_feed():
    blocks, _ = loaded(CORNER, replace(PORTLAND, currency="EUR"))
    assert "$0.50" in blocks["elm"].segments[2].rate_cards[0]


def folder(path: Path, feed: Path, **stated: object) -> Path:
    (path / "feed.json").write_text(feed.read_text())
    files = [{"path": "feed.json", "source": "test", "format": "curblr", **stated}]
    (path / "source.json").write_text(json.dumps({**SOURCE, "files": files}))
    return path


def test_a_feed_is_published_and_answered(tmp_path):
    store, findings = open_data([folder(tmp_path, CORNER)])
    assert len(findings) == len(FINDINGS)
    client = create_app(stores=lambda: store).test_client()
    [elm] = client.get("/blocks?alias=test|elm&entry_time=2026-08-10T12:00&duration=60").json["result"]
    assert [s["isOpen"] for s in elm["segments"]] == [False, False, True, True, True]
    assert [s["calculatedRates"][0]["rate_cost"] for s in elm["segments"][2:4]] == [2, 2]
    [oak] = client.get("/blocks?id=oak&entry_time=2026-08-10T12:00&duration=60").json["result"]
    assert [s["isOpen"] for s in oak["segments"]] == [True, False, True, None]
    assert [s["calculatedRates"] for s in oak["segments"]][2:] == [None, None]


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(SourceError, match=r"unknown format 'wzdx' of feed\.json; known are recorded, curblr, cds"):
        read_source(folder(tmp_path, CORNER, format="wzdx"))


@pytest.fixture(scope="module")
def portland():
    if not FEED_OF_PORTLAND.exists():
        pytest.skip("shared/data is not there")
    return loaded(FEED_OF_PORTLAND)


def test_portland_is_read_whole(portland):
    blocks, findings = portland
    assert len(blocks) == 64
    assert sum(len(block.segments) for block in blocks.values()) == 325
    assert Counter(finding.field for finding in findings) == {"userClasses": 28, "effectiveDates": 7}


def test_ten_pieces_of_portland_say_what_the_feed_says(portland):
    feed = json.loads(FEED_OF_PORTLAND.read_text())
    streets = defaultdict(list)
    for each in feed["features"]:
        location = each["properties"]["location"]
        span = location["shstLocationStart"], location["shstLocationEnd"]
        streets[location["shstRefId"]].append((*span, location["sideOfStreet"], each["properties"]["regulations"]))
    pieces = [(ref, segment) for ref, block in portland[0].items() for segment in block.segments]
    nows = half_hours([date(2020, 8, 31) + timedelta(days=n) for n in range(8)])  # Labor Day is the last of them
    for ref, segment in random.Random(6).sample([each for each in pieces if len(each[1].rate_cards) > 1], 10):
        middle = min(start for start, *_ in streets[ref]) + (segment.start_m + segment.end_m) / 2
        there = [
            regulation
            for start, end, side, regulations in streets[ref]
            if start <= middle <= end and side == segment.side.value.lower()
            for regulation in regulations
        ]
        for driver in ("", "taxi", "handicap", "motorcycle", "loading"):
            for now in nows:
                expected = by_the_feed(there, feed["manifest"]["priorityHierarchy"], now, driver)
                assert by_the_card(segment.rate_cards, now, driver) == expected, (segment.segment_id, now, driver)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda each: st.lists(each, max_size=2) | st.dictionaries(st.sampled_from(["days", "from", "name"]), each),
    max_leaves=4,
)


def paths(stated: object, path: tuple = ()):
    """The ways to all values of some JSON."""
    yield path
    for key in stated if isinstance(stated, dict) else range(len(stated)) if isinstance(stated, list) else ():
        yield from paths(stated[key], (*path, key))


FEED = json.loads(CORNER.read_text())


@settings(deadline=None, max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([path for path in paths(FEED) if path and path != ("features",)]), anything)
def test_whatever_stands_in_a_field_stops_nothing(tmp_path, path, value):
    feed = json.loads(CORNER.read_text())
    inner = feed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    feed["features"].append(json.loads(CORNER.read_text().replace('"oak"', '"other"'))["features"][6])
    (tmp_path / "feed.json").write_text(json.dumps(feed))
    blocks, _ = loaded(tmp_path / "feed.json")
    assert "other" in blocks
