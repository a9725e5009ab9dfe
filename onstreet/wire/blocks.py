"""Answer -> published JSON bytes (S6.4). What never changes is encoded once, when a data set is published."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mod
from typing import NamedTuple

import orjson

from onstreet.answer import Answer
from onstreet.geometry import points_of
from onstreet.model import Amenity, BlockRow, Blocks, Encoded, SegmentRow
from onstreet.occupancy.profile import bucket
from onstreet.query import Fields
from onstreet.records import BLOCK_CLOSE, BLOCK_OPEN, SEGMENT_CLOSE, SEGMENT_OPEN, SEGMENTS
from onstreet.verdicts import Verdict
from onstreet.wire.fields import BLOCK, OWN, SEGMENT
from onstreet.wire.stays import calculated_rates, number, segment_values
from ratecards import Card, format_card
from ratecards.money import symbol
from ratecards.structured import Rate

BLOCK_FIELDS, SEGMENT_FIELDS = tuple(BLOCK), tuple(SEGMENT)
ALL_FIELDS = Fields(BLOCK_FIELDS, SEGMENT_FIELDS)
# What no question changes: encoded once, when a data set is published.
STATIC_BLOCK = BLOCK_FIELDS[:13]
STATIC_SEGMENT = SEGMENT_FIELDS[:12]
_STATIC = len(STATIC_BLOCK + STATIC_SEGMENT)
_QUOTED = SEGMENT_FIELDS[12:]
# What a segment answers when it is asked for by name (S5.5).
NAMED_FIELDS = (*SEGMENT_FIELDS, *OWN)


def encode_block(row: BlockRow, polyline: str, amenities: Iterable[Amenity]) -> list[bytes]:
    """The unchanging fields of a block, STATIC_BLOCK, each as `"name":value` with %% for %."""
    return _encoded(
        {
            "blockID": row.block_id,
            "name": row.name,
            "address": row.address,
            "operator": row.operator,
            "currency": symbol(row.place.currency),
            "pmtTypes": row.payment_types,
            "photoThumbs": row.photo_thumbs,
            "reservations": (),
            "polyline": polyline,
            "geojson": {"type": "LineString", "coordinates": [list(point) for point in points_of(row.line)]},
            "amenities": _amenities(amenities),
            "note": "",
            "i_flag": 0,
        }
    )


def encode_segment(
    row: SegmentRow, lines: tuple[str, str], rates: list[Rate], amenities: Iterable[Amenity]
) -> list[bytes]:
    """The unchanging fields of a segment, STATIC_SEGMENT, likewise; `lines` are its polylines with 5 and 6 decimals."""
    return _encoded(
        {
            "segmentID": row.segment_id,
            "side": row.side.value,
            "start": number(row.start_m),
            "end": number(row.end_m),
            "spacesTotal": row.spaces_total,
            "polyline": lines[0],
            "polyline6": lines[1],
            "rateCards": row.rate_cards,
            "structuredRates": rates,
            "amenities": _amenities(amenities),
            # The published service says it twice (S6.4).
            "paymentID": row.payment_ids,
            "paymentIDs": row.payment_ids,
        }
    )


class _Layout(NamedTuple):
    """Which of the fields asked for are encoded already, and which of segments and of blocks are to be made."""

    block: tuple[str, ...]
    segment: tuple[str, ...]
    made: tuple[str, ...]
    changing: tuple[str, ...]
    has_segments: bool
    is_whole: bool


@lru_cache(maxsize=1024)
def _layout(fields: Fields, locale: str | None) -> _Layout:
    made = tuple(name for name in fields.segment if name not in STATIC_SEGMENT or (locale and name == "rateCards"))
    block = tuple(name for name in fields.block if name in STATIC_BLOCK)
    segment = tuple(name for name in fields.segment if name not in made)
    changing = tuple(name for name in fields.block if name not in (*STATIC_BLOCK, "segments"))
    has_segments = "segments" in fields.block
    return _Layout(block, segment, made, changing, has_segments, has_segments and len(block + segment) == _STATIC)


def render(answered: Answer, fields: Fields, locale: str | None = None) -> bytes:
    """The body of a `/blocks` answer, its cards printed in a locale or else as they are stored.

    In each object what changes with the question stands last.
    """
    layout = _layout(fields, locale)
    templates = list(_templates(answered, layout))
    # No comma stands before the first one.
    templates[:1] = [each[1:] for each in templates[:1]]
    values = _values(answered, layout, locale)
    return b"".join([b'{"result":[', *templates, b"]}"]) % tuple(values)


def _templates(answered: Answer, layout: _Layout) -> Iterable[Encoded]:
    """The unchanging fields of each block and its segments, with a place for what changes behind those of each."""
    blocks = answered.blocks
    if blocks.templates is not None and layout.is_whole:
        return blocks.templates
    static = blocks.fields.joined(layout.block)
    if not layout.has_segments:
        return (b"".join((BLOCK_OPEN, each, b"%b}")) for each in static)
    segments = [b"".join((SEGMENT_OPEN, each, SEGMENT_CLOSE)) for each in blocks.segment_fields.joined(layout.segment)]
    return (
        b"".join((BLOCK_OPEN, each, SEGMENTS, b",".join(shown), BLOCK_CLOSE))
        for each, shown in zip(static, _by_block(segments, blocks), strict=True)
    )


def _values(answered: Answer, layout: _Layout, locale: str | None) -> list[bytes]:
    """What changes of each block, and then of each of its segments."""
    changing = _changing(answered, layout.changing)
    if not layout.has_segments:
        return list(changing)
    tails, ends = _tails(answered, layout.made, locale), answered.blocks.segment_from
    values: list[bytes] = []
    for changed, first, last in zip(changing, ends[:-1], ends[1:], strict=True):
        values.append(changed)
        values += tails[first:last]
    return values


def _tails(answered: Answer, names: tuple[str, ...], locale: str | None) -> list[bytes]:
    """The fields of each segment that depend on the question, each with a comma before it."""
    if names == _QUOTED:
        return answered.verdicts.each(_quoted)
    pairs = list(zip(answered.verdicts, answered.blocks.card_of.tolist(), strict=True))
    card = answered.blocks.card
    tails = {pair: _tail(pair[0], card(pair[1]), names, locale) for pair in dict.fromkeys(pairs)}
    return [tails[pair] for pair in pairs]


def _by_block(of_segments: list[bytes], blocks: Blocks) -> Iterator[list[bytes]]:
    """What belongs to the segments of each block."""
    return (of_segments[first:last] for first, last in pairwise(blocks.segment_from))


def _changing(answered: Answer, names: Sequence[str]) -> Iterable[bytes]:
    """The fields of each block that depend on the question, each field with a comma before it."""
    metres = answered.distances_m
    distance = f',"distance":{"null" if metres is None else "%d"}' * ("distance" in names)
    patterns = {
        place: (f',"offset":{offset_s}' * ("offset" in names) + distance + "%b").encode()
        for place, offset_s in answered.offsets_s.items()
    }
    chances = _chances_said("probability" in names, "bucket" in names)
    said = map(chances.__getitem__, answered.chances)
    values: Iterable[object] = zip(metres, said, strict=True) if metres is not None and distance else said
    return map(mod, map(patterns.__getitem__, answered.blocks.place_of), values)


@lru_cache
def _chances_said(has_probability: bool, has_bucket: bool) -> dict[int | None, bytes]:
    """How each chance of a space is said in these fields."""
    said = {}
    for chance in (*range(101), None):
        probability = f',"probability":{"null" if chance is None else chance}' * has_probability
        said[chance] = (probability + f',"bucket":{"null" if chance is None else bucket(chance)}' * has_bucket).encode()
    return said


def _tail(verdict: Verdict, card: Card, names: tuple[str, ...], locale: str | None) -> bytes:
    values = segment_values(verdict, card, locale)
    return b"".join(
        b',"%b":%b'
        % (name.encode(), _printed(card, locale or "") if name == "rateCards" else orjson.dumps(values[name]()))
        for name in names
    )


@lru_cache(maxsize=65_536)
def _quoted(verdict: Verdict) -> bytes:
    """What most answers say of a verdict, which is itself kept for further questions."""
    return b',"isOpen":%b,"calculatedRates":%b' % (
        orjson.dumps(verdict.is_open),
        orjson.dumps(calculated_rates(verdict)),
    )


@lru_cache(maxsize=16_384)
def _printed(card: Card, locale: str) -> bytes:
    return orjson.dumps(format_card(card, locale))


def _encoded(fields: dict[str, object]) -> list[bytes]:
    return [b'"%b":%b' % (name.encode(), orjson.dumps(value).replace(b"%", b"%%")) for name, value in fields.items()]


def _amenities(amenities: Iterable[Amenity]) -> list[dict[str, object]]:
    return [{"id": int(each), "name": each.label} for each in amenities]
