"""The client against a real server: every way to ask, page by page, as values and as frames."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from click.testing import CliRunner
from conftest import DATA, serving

from onstreet.cli import main
from onstreet.client import ApiError, App, Client, KeyPair, Rate, Token, UnreachableError
from onstreet.client.answers import Filter, Filters
from onstreet.client.frames import blocks_frame, segments_frame
from onstreet.version import VERSION

NORTH_WEST, SOUTH_EAST = (34.1, -119.0), (33.9, -118.0)
THURSDAY = datetime(2026, 6, 11, 10)


@pytest.fixture
def asking(server):
    with Client(server, tries=1) as client:
        yield client


def test_a_block_is_read_whole(asking, published):
    [block] = asking.by_ids(["46502752"], entry=THURSDAY, durations_min=[60, 1440])
    assert (block.id, block.name, block.operator, block.currency) == (
        "46502752", "10th Street", "City of Santa Monica", "$",
    )  # fmt: skip
    assert block.line == tuple(map(tuple, published["geojson"]["coordinates"]))
    assert (block.probability, block.bucket, block.utc_offset_s, block.distance_m) == (53, 2, -25_200, None)
    metered, permit, _, closed = block.segments
    assert (metered.id, metered.side, metered.start_m, metered.end_m, metered.spaces_total) == (
        "826357f3-9897-45c4-bd40-a0783aec3950", "RIGHT", 142, 185, 16,
    )  # fmt: skip
    assert metered.rate_cards[-1] == "Sun: Free"
    assert metered.is_open is True
    assert metered.rates == (Rate(60, Decimal(1)), Rate(1440, Decimal(9)))
    assert (permit.is_open, permit.rates) == (False, ())
    assert (closed.is_open, closed.rates) == (False, ())
    assert block.raw["pmtTypes"] == published["pmtTypes"]


def test_an_unknown_price_is_none_and_never_free(asking):
    blocks = asking.in_box(NORTH_WEST, SOUTH_EAST, fields=["rateCards", "isOpen", "calculatedRates"])
    metered = [each for block in blocks for each in block.segments if each.rate_cards == ("See Meter",)]
    assert metered
    assert all(each.is_open and each.rates is None for each in metered)


@pytest.mark.parametrize("page_size, pages", [(20, 4), (71, 1), (72, 1), (1, 71)])
def test_pages_follow_each_other(asking, page_size, pages, monkeypatch):
    asked = []
    send = asking._answer
    monkeypatch.setattr(asking, "_answer", lambda *question: asked.append(question) or send(*question))
    ids = [block.id for block in asking.in_box(NORTH_WEST, SOUTH_EAST, page_size=page_size, fields=["name"])]
    assert len(ids) == len(set(ids)) == 71
    assert len(asked) == pages


def test_pages_are_fetched_when_they_are_needed(asking, monkeypatch):
    asked = []
    send = asking._answer
    monkeypatch.setattr(asking, "_answer", lambda *question: asked.append(question) or send(*question))
    blocks = asking.in_box(NORTH_WEST, SOUTH_EAST, page_size=10, fields=["name"])
    assert asked == []
    for _ in range(11):
        next(blocks)
    assert len(asked) == 2


def test_the_nearest_are_first(asking):
    blocks = list(asking.near((34.019035, -118.487155), 300, fields=["distance"]))
    assert blocks[0].id == "46502752"
    metres = [block.distance_m for block in blocks]
    assert metres == sorted(metres)
    assert {block.id for block in asking.near((34.019035, -118.487155), 300, by_distance=False)} == {
        block.id for block in blocks
    }


def test_by_alias(asking):
    assert [block.id for block in asking.by_alias("inrix", "46502752")] == ["46502752"]


def test_more_ids_than_one_question_holds(asking):
    unknown = [f"no-{number}" for number in range(600)]
    assert [block.id for block in asking.by_ids([*unknown, "46502752", "900000001"])] == ["46502752", "900000001"]
    with pytest.raises(ApiError) as caught:
        list(asking.by_ids(unknown))
    assert (caught.value.status, caught.value.code, caught.value.param) == (404, "not_found", "id")


# Options, and what a segment or block says then.
OPTIONS = [
    ({"entry": datetime(2026, 6, 14, 10), "permits": ["residential"]}, lambda block: block.segments[1].is_open, True),
    ({"entry": datetime(2026, 6, 14, 10, tzinfo=UTC)}, lambda block: block.segments[1].is_open, True),
    ({"entry": datetime(2026, 6, 14, 10)}, lambda block: block.segments[1].is_open, False),
    ({"restrictions": [1, 4]}, lambda block: len(block.segments), 1),
    ({"fields": ["name"]}, lambda block: (block.name, block.segments, block.line), ("10th Street", (), ())),
    ({"locale": "de"}, lambda block: block.segments[0].rate_cards[-1], "So: kostenlos"),
]


@pytest.mark.parametrize("options, read, value", OPTIONS)
def test_options(asking, options, read, value):
    [block] = asking.by_ids(["46502752"], **options)
    assert read(block) == value


def test_an_option_that_is_none_is_said(asking):
    with pytest.raises(TypeError, match="unknown option 'duration'; known are entry, durations_min"):
        asking.by_alias("inrix", "46502752", duration=[60])


def test_any_card_is_quoted(asking):
    quote = asking.quote(
        ["Each Hour (Mon-Sat; 9am-6pm): $2.25", "Mon-Sat (6pm-9am): Free"],
        entry=datetime(2026, 3, 5, 17), durations_min=[60, 120], zone="America/Los_Angeles",
    )  # fmt: skip
    assert quote.is_open is True
    assert quote.rates == (Rate(60, Decimal("2.25")), Rate(120, Decimal("2.25")))
    assert quote.becomes_free_at.isoformat() == "2026-03-05T18:00:00-08:00"
    assert len(quote.explanation) == 2


def test_what_is_wrong_is_said_as_the_service_says_it(asking):
    with pytest.raises(ApiError, match="422 unprocessable: line 1, column 6") as caught:
        asking.quote(["Sun: Fre"])
    assert caught.value.details[0]["hint"] == "did you mean Free?"
    assert caught.value.request_id.startswith("req_")
    with pytest.raises(ApiError) as caught:
        list(asking.near((91, 0), 10))
    assert (caught.value.status, caught.value.param) == (400, "point")


def test_frames_have_a_row_for_each(asking):
    blocks = list(asking.near((34.019035, -118.487155), 120, entry=THURSDAY, durations_min=[60, 120]))
    frame = blocks_frame(blocks)
    assert list(frame.block_id) == [block.id for block in blocks]
    assert frame.crs == "EPSG:4326"
    assert frame.geometry[0].coords[0] == blocks[0].line[0]
    segments = segments_frame(blocks)
    assert len(segments) == sum(len(block.segments) for block in blocks)
    assert list(segments[segments.block_id == "46502752"].cost_60.fillna(-1)) == [1, -1, 1, -1]
    # Four metres off the block's line, not on it.
    assert segments.geometry[0].distance(frame.geometry[0]) > 0
    assert len(blocks_frame([])) == len(segments_frame([])) == 0


def test_nobody_there():
    with serving(DATA) as address, Client(address, tries=1) as client:
        assert len(list(client.by_ids(["46502752"]))) == 1
    gone = pytest.raises(UnreachableError, match="no answer after 3 tries")
    with Client(address, tries=3, sleep=lambda _: None) as client, gone:
        list(client.by_ids(["46502752"]))


@pytest.mark.parametrize("url", ["", "parking.example", "ftp://parking.example", "http://"])
def test_a_url_that_is_none(url):
    with pytest.raises(ValueError, match="the URL must be like"):
        Client(url)


def test_what_there_is_to_filter_by(asking):
    near = asking.filters_near((34.01903, -118.48715), 5)
    assert near == Filters(
        (Filter(4, "Residential parking", 1),),
        (Filter(1, "Free", 3), Filter(2, "Metered parking", 2), Filter(3, "Overnight parking", 3)),
    )
    [permits] = asking.filters_in_box(NORTH_WEST, SOUTH_EAST).restrictions[:1]
    found = asking.in_box(NORTH_WEST, SOUTH_EAST, restrictions=[permits.id], fields=["segments.side"])
    assert sum(len(block.segments) for block in found) == permits.count > 1


def test_the_version_is_that_of_the_service(asking):
    assert asking.version() == VERSION


def test_keys_and_applications_are_let_in(tmp_path, monkeypatch):
    monkeypatch.setenv("ONSTREET_KEYS", str(tmp_path / "keys.sqlite"))
    outcome = CliRunner().invoke(main, ["keys", "create", "x"])
    key, secret = re.findall(r"os_\w+", outcome.stdout)[:2]
    with serving(DATA) as address:
        for credentials in (KeyPair(key, secret), App(key, secret)):
            with Client(address, credentials, tries=1) as client:
                assert [block.name for block in client.by_ids(["46502752"], fields=["name"])] == ["10th Street"]
        for wrong in (None, KeyPair(key, secret[:-1]), Token("x")):
            with Client(address, wrong, tries=1) as client, pytest.raises(ApiError) as caught:
                list(client.by_ids(["46502752"]))
            assert (caught.value.status, caught.value.code) == (401, "unauthorized")
