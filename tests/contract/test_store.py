"""What a query needs of a store, method by method (S7)."""

import numpy as np
import pytest
from served import served

from onstreet.geometry import Circle, GeoBox, LonLat
from onstreet.index import TooManyBlocksError
from onstreet.model import Amenity, bits_of
from onstreet.wire.blocks import STATIC_BLOCK, STATIC_SEGMENT

NOTHING = np.array([], dtype=np.int64)
ALL = GeoBox(-180, -90, 180, 90)


@pytest.fixture(scope="session")
def store(each_store):
    return each_store


def test_there_are_as_many_rows_as_blocks(store):
    assert len(store) == 71
    assert [len(store.first(count)) for count in (0, 1, 71, 500)] == [0, 1, 71, 71]


def test_rows_rise_in_the_order_of_the_data(store):
    everything = store.first(71)
    assert store.ids(everything) == ["46502752", *(str(900000001 + number) for number in range(70))]
    assert (np.diff(everything) > 0).all()
    assert store.in_region(ALL)[0].tolist() == everything.tolist()


BY_IDS = [
    (["900000003", "46502752"], ["900000003", "46502752"]),
    (["900000003", "nobody", "900000003"], ["900000003"]),
    (["nobody", "", "a'b", 'a"b', "%", "a\0b", "1; DROP TABLE onstreet.block"], []),
    ([], []),
]


@pytest.mark.parametrize("asked, known", BY_IDS)
def test_ids_come_in_the_order_asked(store, asked, known):
    assert store.ids(store.by_ids(asked)) == known


BY_ALIAS = [
    ("inrix", "46502752", ["46502752"]),
    ("synthetic", "7th-street-900", ["900000001"]),
    ("inrix", "7th-street-900", []),
    ("inrix\0", "46502752", []),
    ("inrix", "465%", []),
]


@pytest.mark.parametrize("source, source_id, known", BY_ALIAS)
def test_aliases_are_of_a_source(store, source, source_id, known):
    assert store.ids(store.by_alias(source, source_id)) == known


def test_metres_are_those_of_the_rows(store):
    rows, metres = store.in_region(Circle(LonLat(-118.487155, 34.019035), 120))
    found = dict(zip(store.ids(rows), metres.round().astype(int).tolist(), strict=True))
    assert (found["46502752"], found["900000031"], len(found)) == (0, 101, 9)


def test_rows_are_answered_in_the_order_they_are_given(store):
    rows = store.first(9)[[7, 0, 3, 3]]
    expected = [store.ids(store.first(9))[number] for number in (7, 0, 3, 3)]
    assert store.ids(rows) == expected
    assert [each.fields["blockID"] for each in served(store, rows)] == expected
    assert [len(each.segments) for each in served(store, rows)] == np.diff(store.blocks(rows).segment_from).tolist()
    assert store.have_amenities(rows, 1 << 2).shape == (4,)


@pytest.mark.parametrize("wanted", [{Amenity.METERED}, {Amenity.FREE, Amenity.OVERNIGHT}, set(Amenity)])
def test_segments_without_what_is_asked_for_are_left_out(store, wanted):
    rows = store.first(9)[[7, 0, 3, 3]]
    expected = [
        [each for each in block.segments if {amenity["id"] for amenity in each["amenities"]} >= wanted]
        for block in served(store, rows)
    ]
    assert [block.segments for block in served(store, rows, bits_of(wanted))] == expected
    assert len(store.blocks(rows, bits_of(wanted)).card_of) == sum(map(len, expected))


def test_no_rows_have_nothing(store):
    blocks = store.blocks(NOTHING)
    assert (store.ids(NOTHING), len(store.lines(NOTHING)), store.have_amenities(NOTHING, 2).tolist()) == ([], 0, [])
    assert (blocks.place_of, blocks.profile_of, blocks.card_of.tolist(), blocks.segment_from) == ([], [], [], [0])
    assert (blocks.fields.joined(STATIC_BLOCK), blocks.segment_fields.joined(STATIC_SEGMENT)) == ([], [])


def test_fields_come_one_by_one_too(store):
    blocks = store.blocks(store.by_ids(["46502752"]))
    assert [bytes(each) for each in blocks.fields.joined(["name", "blockID"])] == [
        b'"name":"10th Street","blockID":"46502752"'
    ]
    assert bytes(blocks.segment_fields.joined(["side"])[0]) == b'"side":"RIGHT"'


def test_more_than_one_question_may_look_through_is_refused(store, monkeypatch):
    monkeypatch.setattr("onstreet.index.MOST_CANDIDATES", 70)
    with pytest.raises(TooManyBlocksError, match="there are 71 blocks; ask about 70"):
        store.in_region(ALL)
