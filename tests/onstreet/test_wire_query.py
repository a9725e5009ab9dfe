"""Query <-> query string: the published spellings, a round trip, and what is refused with which words (S7)."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onstreet.geometry import Circle, GeoBox, LonLat
from onstreet.model import Amenity
from onstreet.query import ByAlias, ByIds, Fields, Query
from onstreet.wire.blocks import ALL_FIELDS, BLOCK_FIELDS, SEGMENT_FIELDS
from onstreet.wire.query import ParameterError, format_query, parse_query


def parse(text: str) -> Query:
    return parse_query(parse_qsl(text, keep_blank_values=True))


PLACES = [
    ("id=46502752", ByIds(("46502752",))),
    ("id=1|2%7C3", ByIds(("1", "2", "3"))),
    ("alias=inrix|46502752", ByAlias("inrix", "46502752")),
    ("box=47.617867|-122.352635,47.6085|-122.327074", GeoBox(-122.352635, 47.6085, -122.327074, 47.617867)),
    ("box=1|179,-1|-179", GeoBox(179, -1, -179, 1)),
    ("point=34.0194|-118.4879&radius=250.5", Circle(LonLat(-118.4879, 34.0194), 250.5)),
]


@pytest.mark.parametrize("text, where", PLACES)
def test_places(text, where):
    assert parse(text).where == where


OPTIONS = [
    ("entry_time=2026-06-14T03:00", "entry", datetime(2026, 6, 14, 3)),
    ("entry_time=2026-06-14T03:00:59", "entry", datetime(2026, 6, 14, 3)),
    ("entry_time=2026-06-14T03:00Z", "entry", datetime(2026, 6, 14, 3, tzinfo=UTC)),
    ("duration=60|120|720|1400", "durations_min", (60, 120, 720, 1400)),
    ("", "durations_min", (60,)),
    ("limit=20&offset=40", "offset", 40),
    ("", "limit", 1000),
    ("restrictions=1,3", "restrictions", frozenset({Amenity.FREE, Amenity.OVERNIGHT})),
    ("permits=residential,Zone A", "permits", frozenset({"residential", "zone a"})),
    (
        "permits=Residential Permit,commercial vehicle,ECO Label",
        "permits",
        frozenset({"residential", "commercial", "eco"}),
    ),
    ("outputfields=name, isOpen", "fields", Fields(("blockID", "name", "segments"), ("segmentID", "isOpen"))),
    ("locale=de_DE", "locale", "de"),
    ("locale=en-au", "locale", "en-GB"),
    ("units=METRIC&accesstoken=x", "locale", None),
    ("", "fields", ALL_FIELDS),
    ("outputfields=all", "fields", ALL_FIELDS),
    ("outputfields=name", "fields", Fields(("blockID", "name"), ("segmentID",))),
    ("outputfields=isOpen,name", "fields", Fields(("blockID", "name", "segments"), ("segmentID", "isOpen"))),
    ("outputfields=polyline", "fields", Fields(("blockID", "polyline"), ("segmentID",))),
    ("outputfields=segments.polyline", "fields", Fields(("blockID", "segments"), ("segmentID", "polyline"))),
    ("outputfields=segments", "fields", Fields(("blockID", "segments"), SEGMENT_FIELDS)),
]


@pytest.mark.parametrize("text, name, value", OPTIONS)
def test_options(text, name, value):
    assert getattr(parse(f"id=1&{text}"), name) == value


REFUSED = [
    ("", "id", "no place is given; use one of 'id', 'alias', 'box', or 'point' with 'radius'"),
    ("id=1&box=1|2,0|3", "box", "'id' and 'box' exclude each other"),
    ("id=1&radius=5", "radius", "'radius' goes with 'point', not with 'id'"),
    ("point=1|2", "radius", "'point' needs a 'radius' in metres"),
    ("point=1|2&radius=0", "radius", "above 0, at most 50000, not '0'"),
    ("point=1|2&radius=50001", "radius", "at most 50000"),
    ("point=1|2&radius=nan", "radius", "not 'nan'"),
    ("point=1|2&radius=1e3", "radius", "not '1e3'"),
    ("point=91|2&radius=5", "point", "lat from -90 to 90"),
    ("point=2&radius=5", "point", "degrees as lat|lon"),
    ("point=%D9%A1|2&radius=5", "point", "degrees as lat|lon"),
    ("box=1|2", "box", "two corners, north-west then south-east"),
    ("box=0|2,1|3", "box", "the north-west corner first"),
    ("id=", "id", "1 to 250 block ids"),
    ("id=" + "x" * 101, "id", "at most 100 characters"),
    ("radius=5", "point", "'radius' needs a 'point'"),
    ("id=1&entry_time=2026-06-14T10:00:60", "entry_time", "yyyy-mm-ddTHH:MM"),
    ("id=1&outputfields=name,bogus,isOpen", "outputfields", "'bogus' is none"),
    ("id=1||2", "id", "separated by '|'"),
    ("alias=inrix", "alias", "source|id"),
    ("id=1&id=2", "id", "given twice"),
    ("id=%FF", "id", "'id' must be UTF-8"),
    ("id=1&permits=" + "x" * 101, "permits", "names of permits"),
    ("id=1&entry_time=yesterday", "entry_time", "yyyy-mm-ddTHH:MM"),
    ("id=1&entry_time=2026-02-30T10:00", "entry_time", "yyyy-mm-ddTHH:MM"),
    ("id=1&entry_time=1999-12-31T10:00", "entry_time", "in the years 2000 to 2100"),
    ("id=1&duration=0", "duration", "whole minutes from 1 to 44640"),
    ("id=1&duration=60|44641", "duration", "whole minutes from 1 to 44640"),
    ("id=1&duration=" + "|".join(["1"] * 25), "duration", "at most 24 durations"),
    ("id=1&limit=5001", "limit", "from 1 to 5000"),
    ("id=1&offset=-1", "offset", "a whole number from 0"),
    ("id=1&restrictions=6", "restrictions", "1 Free, 2 Metered parking"),
    ("id=1&permits=,", "permits", "names of permits"),
    ("id=1&sort=price", "sort", "must be 'distance', not 'price'"),
    ("id=1&sort=distance", "sort", "needs 'box', or 'point' with 'radius'"),
    ("id=1&locale=english!", "locale", "such as en-US"),
    ("id=1&locale=pl", "locale", "one of en-US, en-GB, de, fr, es, it, nl"),
    ("id=1&outputfields=calculatedrates", "outputfields", "did you mean 'calculatedRates'?"),
    ("id=1&outputfields=segments.name", "outputfields", "names of fields"),
    ("id=1&outputfields=", "outputfields", "names of fields"),
    ("id=1&durations=60", "durations", "unknown parameter 'durations' (did you mean 'duration'?)"),
    ("id=1&zzz=60", "zzz", "known are id, alias, box"),
    ("id=1&limit=" + "9" * 5000, "limit", "not '999"),
]


@pytest.mark.parametrize("text, param, message", REFUSED, ids=[text[:60] for text, _, _ in REFUSED])
def test_refused(text, param, message):
    with pytest.raises(ParameterError) as caught:
        parse(text)
    assert caught.value.param == param
    assert message in caught.value.message
    assert len(caught.value.message) < 500


words = st.text(st.characters(exclude_characters="|\ufffd", exclude_categories=["Cs"]), min_size=1, max_size=12)
points = st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90))
places = (
    st.builds(ByIds, st.lists(words, min_size=1, max_size=5).map(tuple))
    | st.builds(ByAlias, words, words)
    | st.builds(lambda a, b: GeoBox(a.lon, min(a.lat, b.lat), b.lon, max(a.lat, b.lat)), points, points)
    | st.builds(Circle, points, st.floats(0, 50_000, exclude_min=True))
)
minutes = st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31)).map(lambda t: t.replace(second=0, microsecond=0))


@st.composite
def fields(draw) -> Fields:
    block = draw(st.sets(st.sampled_from(BLOCK_FIELDS))) | {"blockID"}
    segment = (draw(st.sets(st.sampled_from(SEGMENT_FIELDS))) if "segments" in block else set()) | {"segmentID"}
    return Fields(
        tuple(name for name in BLOCK_FIELDS if name in block), tuple(name for name in SEGMENT_FIELDS if name in segment)
    )


@st.composite
def queries(draw) -> Query:
    where = draw(places)
    return Query(
        where=where,
        fields=draw(fields()),
        entry=draw(st.none() | minutes | minutes.map(lambda moment: moment.replace(tzinfo=UTC))),
        durations_min=tuple(draw(st.lists(st.integers(1, 44_640), min_size=1, max_size=24))),
        permits=draw(st.frozensets(st.sampled_from(["residential", "zone a", "eco", "ev charging"]))),
        restrictions=draw(st.frozensets(st.sampled_from(Amenity))),
        by_distance=draw(st.booleans()) and isinstance(where, GeoBox | Circle),
        limit=draw(st.integers(1, 5000)),
        offset=draw(st.integers(0, 10**9)),
        locale=draw(st.sampled_from([None, "en-US", "de", "nl"])),
    )


@given(queries())
def test_round_trip(query):
    text = format_query(query)
    assert parse(text) == query
    assert text.isascii()
    assert " " not in text
    assert "|" not in text


def test_receipts_are_asked_for_of_no_more_than_can_be_written():
    asked = [("id", "1"), ("outputfields", "explanation"), ("duration", "60|120|180")]
    assert parse_query([*asked, ("limit", "833")]).limit == 833
    with pytest.raises(ParameterError, match="'limit' must be at most 833") as caught:
        parse_query([*asked, ("limit", "834")])
    assert caught.value.param == "limit"
    assert parse_query(asked).limit == 833
    assert parse_query([("id", "1"), ("outputfields", "explanation"), ("duration", "60|120")]).limit == 1000
