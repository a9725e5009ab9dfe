"""Answer -> published JSON bytes (S6.4). What never changes is encoded once, when a data set is published."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import orjson

from onstreet.answer import Answer, Verdict
from onstreet.geometry import points_of
from onstreet.model import Amenity, BlockRow, Encoded, SegmentRow
from onstreet.occupancy.profile import bucket
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
# What no question changes: encoded once, when a data set is published.
STATIC_BLOCK = BLOCK_FIELDS[:13]
STATIC_SEGMENT = SEGMENT_FIELDS[:12]
# What a segment answers when it is asked for by name (S5.5).
NAMED_FIELDS = (*SEGMENT_FIELDS, *OWN_FIELDS)


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
    segments = _segments(answered, fields.segment, locale) if "segments" in fields.block else None
    static = answered.blocks.fields.joined([name for name in fields.block if name in STATIC_BLOCK])
    parts: list[Encoded] = []
    first = 0
    for row, count in enumerate(answered.blocks.segment_counts):
        parts += (b",{" if row else b"{", static[row], _changing(answered, row, fields.block))
        if segments is not None:
            shown = segments[first : first + count]
            parts += (b',"segments":[', b",".join(shown if answered.kept is None else filter(None, shown)), b"]")
        parts.append(b"}")
        first += count
    return b'{"result":[%b]}' % b"".join(parts)


def _changing(answered: Answer, row: int, names: Sequence[str]) -> bytes:
    """The fields of a block that depend on the question, each with a comma before it."""
    chance = answered.chances[row]
    values = {
        "offset": answered.offsets_s[row],
        "distance": answered.distances_m[row],
        "probability": chance,
        "bucket": None if chance is None else bucket(chance),
    }
    return b"".join(b',"%b":%b' % (name.encode(), _plain(values[name])) for name in names if name in values)


def _segments(answered: Answer, names: Sequence[str], locale: str | None) -> list[bytes]:
    """Every segment as JSON, an empty text for one that is not kept."""
    made = [name for name in names if name not in STATIC_SEGMENT or (locale and name == "rateCards")]
    static = answered.blocks.segment_fields.joined([name for name in names if name not in made])
    tails: dict[int, bytes] = {}
    shown: list[bytes] = []
    for row, verdict in enumerate(answered.verdicts):
        if answered.kept is not None and not answered.kept[row]:
            shown.append(b"")
            continue
        tail = tails.get(id(verdict))
        if tail is None:
            tail = tails[id(verdict)] = _tail(verdict, answered.blocks.cards[row], made, locale)
        shown.append(b"".join((b"{", static[row], tail, b"}")))
    return shown


def _tail(verdict: Verdict, card: Card, names: Sequence[str], locale: str | None) -> bytes:
    values = segment_values(verdict, card, locale)
    return b"".join(
        b',"%b":%b'
        % (name.encode(), _printed(card, locale or "") if name == "rateCards" else orjson.dumps(values[name]()))
        for name in names
    )


def _plain(value: int | None) -> bytes:
    return b"null" if value is None else b"%d" % value


@lru_cache(maxsize=16_384)
def _printed(card: Card, locale: str) -> bytes:
    return orjson.dumps(format_card(card, locale))


def _encoded(fields: dict[str, object]) -> list[bytes]:
    return [b'"%b":%b' % (name.encode(), orjson.dumps(value)) for name, value in fields.items()]


def _amenities(amenities: Iterable[Amenity]) -> list[dict[str, object]]:
    return [{"id": int(each), "name": each.label} for each in amenities]
