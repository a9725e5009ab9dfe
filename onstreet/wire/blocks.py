"""Answer -> published JSON bytes (S6.4). What never changes is encoded once, when a data set is published."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import repeat

import orjson

from onstreet.answer import Answer
from onstreet.geometry import points_of
from onstreet.model import Amenity, BlockRow, Encoded, SegmentRow
from onstreet.occupancy.profile import bucket
from onstreet.query import Fields
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
_QUOTED = SEGMENT_FIELDS[12:]
# What a segment answers when it is asked for by name (S5.5).
NAMED_FIELDS = (*SEGMENT_FIELDS, *OWN)


def encode_block(row: BlockRow, polyline: str, amenities: Iterable[Amenity]) -> list[bytes]:
    """The unchanging fields of a block, STATIC_BLOCK, each as `"name":value`."""
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
    """The unchanging fields of a segment, STATIC_SEGMENT; `lines` are its polylines with 5 and 6 decimals."""
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


def render(answered: Answer, fields: Fields, locale: str | None = None) -> bytes:
    """The body of a `/blocks` answer, its cards printed in a locale or else as they are stored.

    In each object what changes with the question stands last.
    """
    static = answered.blocks.fields.joined([name for name in fields.block if name in STATIC_BLOCK])
    changing = _changing(answered, fields.block)
    parts: list[Encoded] = []
    if "segments" in fields.block:
        for own, changed, segments in zip(static, changing, _segments(answered, fields.segment, locale), strict=True):
            parts += (b",{", own, changed, b',"segments":[', *segments, b"]}")
    else:
        for own, changed in zip(static, changing, strict=True):
            parts += (b",{", own, changed, b"}")
    # No comma stands before the first one.
    parts[:1] = [b'{"result":[{' if parts else b'{"result":[']
    parts.append(b"]}")
    return b"".join(parts)


def _changing(answered: Answer, names: Sequence[str]) -> Iterator[bytes]:
    """The fields of each block that depend on the question, each field with a comma before it."""
    chances = answered.chances
    columns: dict[str, Sequence[int | None]] = {
        "offset": answered.offsets_s,
        "distance": answered.distances_m,
        "probability": chances,
        "bucket": [None if chance is None else bucket(chance) for chance in chances],
    }
    wanted = [name for name in names if name in columns]
    pattern = "".join(f',"{name}":%s' for name in wanted)
    shown = [["null" if value is None else value for value in columns[name]] for name in wanted]
    return ((pattern % values).encode() for values in zip(*shown, strict=True)) if wanted else repeat(b"", len(chances))


def _segments(answered: Answer, names: Sequence[str], locale: str | None) -> Iterator[list[Encoded]]:
    """The segments of each block that are kept, as pieces of JSON."""
    made = tuple(name for name in names if name not in STATIC_SEGMENT or (locale and name == "rateCards"))
    blocks = answered.blocks
    static = blocks.segment_fields.joined([name for name in names if name not in made])
    pairs = zip(answered.verdicts, blocks.cards, strict=True)
    tails = [_tail(verdict, card, made, locale) for verdict, (card, _) in pairs]
    pieces: list[Encoded] = [b",{"] * (3 * len(static))
    pieces[1::3] = static
    pieces[2::3] = [tails[card] for card in blocks.card_of]
    first = 0
    for count in blocks.segment_counts:
        last = first + count
        own = pieces[3 * first : 3 * last]
        if answered.kept is not None:
            own = [piece for piece, shown in zip(own, _thrice(answered.kept[first:last]), strict=True) if shown]
        own[:1] = [b"{"] if own else []
        yield own
        first = last


def _thrice(values: Iterable[bool]) -> Iterator[bool]:
    return (value for value in values for _ in range(3))


def _tail(verdict: Verdict, card: Card, names: tuple[str, ...], locale: str | None) -> bytes:
    """The fields of a segment that depend on the question, each with a comma before it, and the end of the object."""
    if names == _QUOTED:
        return _quoted(verdict)
    values = segment_values(verdict, card, locale)
    fields = (
        b',"%b":%b'
        % (name.encode(), _printed(card, locale or "") if name == "rateCards" else orjson.dumps(values[name]()))
        for name in names
    )
    return b"".join((*fields, b"}"))


@lru_cache(maxsize=65_536)
def _quoted(verdict: Verdict) -> bytes:
    """What most answers say of a verdict, which is itself kept for further questions."""
    return b',"isOpen":%b,"calculatedRates":%b}' % (
        orjson.dumps(verdict.is_open),
        orjson.dumps(calculated_rates(verdict)),
    )


@lru_cache(maxsize=16_384)
def _printed(card: Card, locale: str) -> bytes:
    return orjson.dumps(format_card(card, locale))


def _encoded(fields: dict[str, object]) -> list[bytes]:
    return [b'"%b":%b' % (name.encode(), orjson.dumps(value)) for name, value in fields.items()]


def _amenities(amenities: Iterable[Amenity]) -> list[dict[str, object]]:
    return [{"id": int(each), "name": each.label} for each in amenities]
