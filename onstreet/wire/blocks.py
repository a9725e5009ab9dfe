"""Answer -> published JSON bytes (S6.4). What never changes is encoded once, when a data set is published."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import orjson

from onstreet.answer import BlockAnswer, Verdict
from onstreet.geometry import points_of
from onstreet.model import Amenity, BlockRow, Encoded, Segment, SegmentRow
from onstreet.query import Fields
from onstreet.wire.stays import OWN_FIELDS, number, segment_values
from ratecards import Card, format_card
from ratecards.money import symbol
from ratecards.structured import Rate

BLOCK_FIELDS = (
    "blockID", "name", "address", "operator", "currency", "pmtTypes", "photoThumbs", "reservations", "polyline",
    "geojson", "amenities", "note", "i_flag", "offset", "distance", "probability", "bucket", "segments",
)  # fmt: skip
SEGMENT_FIELDS = (
    "segmentID", "side", "start", "end", "spacesTotal", "polyline", "polyline6", "rateCards", "structuredRates",
    "amenities", "paymentID", "paymentIDs", "isOpen", "calculatedRates",
)  # fmt: skip
ALL_FIELDS = Fields(BLOCK_FIELDS, SEGMENT_FIELDS)
# What a segment answers when it is asked for by name (S5.5).
NAMED_FIELDS = (*SEGMENT_FIELDS, *OWN_FIELDS)


def encode_block(row: BlockRow, polyline: str, amenities: Iterable[Amenity]) -> Encoded:
    """The unchanging fields of a block by name, each as `"name":value`."""
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


def encode_segment(row: SegmentRow, lines: tuple[str, str], rates: list[Rate], amenities: Iterable[Amenity]) -> Encoded:
    """The unchanging fields of a segment by name; `lines` are its polylines with 5 and 6 decimals."""
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


def render(answers: Iterable[BlockAnswer], fields: Fields, locale: str | None = None) -> bytes:
    """The body of a `/blocks` answer, its cards printed in a locale or else as they are stored."""
    return b'{"result":[%b]}' % b",".join(_block(answer, fields, locale) for answer in answers)


def _block(answer: BlockAnswer, fields: Fields, locale: str | None) -> bytes:
    changing: dict[str, Callable[[], bytes]] = {
        "offset": lambda: orjson.dumps(answer.offset_s),
        "distance": lambda: orjson.dumps(answer.distance_m),
        "probability": lambda: orjson.dumps(answer.probability),
        "bucket": lambda: orjson.dumps(answer.bucket),
        "segments": lambda: b"[%b]" % b",".join(_segment(*each, fields.segment, locale) for each in answer.segments),
    }
    return _joined(fields.block, answer.block.fields, changing)


def _segment(segment: Segment, verdict: Verdict, names: Sequence[str], locale: str | None) -> bytes:
    made = segment_values(verdict, segment.card, locale)
    changing = {name: _dumped(made[name]) for name in names if name in made}
    if locale:
        changing["rateCards"] = lambda: _printed(segment.card, locale)
    return _joined(names, segment.fields, changing)


def _dumped(make: Callable[[], object]) -> Callable[[], bytes]:
    return lambda: orjson.dumps(make())


@lru_cache(maxsize=16_384)
def _printed(card: Card, locale: str) -> bytes:
    return orjson.dumps(format_card(card, locale))


def _joined(names: Sequence[str], static: Encoded, changing: dict[str, Callable[[], bytes]]) -> bytes:
    """An object of these fields; one that changes replaces its unchanging namesake."""
    parts = [b'"%b":%b' % (name.encode(), changing[name]()) if name in changing else static[name] for name in names]
    return b"{%b}" % b",".join(parts)


def _encoded(fields: dict[str, object]) -> Encoded:
    return {name: b'"%b":%b' % (name.encode(), orjson.dumps(value)) for name, value in fields.items()}


def _amenities(amenities: Iterable[Amenity]) -> list[dict[str, object]]:
    return [{"id": int(each), "name": each.label} for each in amenities]
