"""Blocks <-> the columns of their tables in PostGIS."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import LineString
from sqlalchemy import Row

from onstreet.geometry import Lines
from onstreet.model import BlockRow, Profile, SegmentRow, Side
from onstreet.records import BlockRecord
from ratecards import Place

Values = tuple[Any, ...]

# What is looked up by lies in an index, whose entries are short.
_MAX_NAME_BYTES = 1000


def why_not_storable(row: BlockRow) -> str | None:
    """What of a block PostgreSQL cannot hold, if anything."""
    if max(len(name.encode()) for name in (row.block_id, *row.alias)) > _MAX_NAME_BYTES:
        return f"its names may have {_MAX_NAME_BYTES:,} bytes here"
    texts = [row.block_id, *row.alias, row.name, row.address, row.operator, *row.payment_types, *row.photo_thumbs]
    for each in row.segments:
        texts += (each.segment_id, *each.rate_cards, *each.payment_ids)
    return "it holds a NUL character, which PostgreSQL cannot" if any("\0" in text for text in texts) else None


def block_values(
    first: int, owner: int, numbers: Iterable[int], rows: Sequence[BlockRow], records: Sequence[BlockRecord]
) -> Iterator[Values]:
    """The columns of blocks with these numbers; what they share is numbered on from `first`."""
    lines = _wkb(np.array([row.line for row in rows], dtype=object))
    for number, row, record, line in zip(numbers, rows, records, lines, strict=True):
        yield (
            number,
            owner,
            row.block_id,
            *row.alias,
            row.name,
            row.address,
            row.operator,
            list(row.payment_types),
            list(row.photo_thumbs),
            row.polyline,
            first + record.place,
            None if record.profile < 0 else first + record.profile,
            len(row.segments),
            *_joined(record.fields),
            line,
        )


def segment_values(
    first: int, numbers: Iterable[int], rows: Sequence[BlockRow], records: Sequence[BlockRecord], kerbs: Lines
) -> Iterator[Values]:
    """The columns of the segments of blocks with these numbers; their cards are numbered on from `first`."""
    curbs = iter(_wkb(kerbs))
    for number, row, record in zip(numbers, rows, records, strict=True):
        for at, (each, encoded) in enumerate(zip(row.segments, record.segments, strict=True)):
            yield (
                number,
                at,
                each.segment_id,
                each.side.value,
                each.start_m,
                each.end_m,
                each.spaces_total,
                list(each.payment_ids),
                each.polyline,
                each.polyline6,
                first + encoded.card,
                encoded.amenities,
                *_joined(encoded.fields),
                next(curbs),
            )


def block_row(
    found: Row[Any],
    line: LineString,
    segments: Sequence[SegmentRow],
    places: Mapping[int, Place],
    profiles: Mapping[int, Profile],
) -> BlockRow:
    """The block that its columns state."""
    return BlockRow(
        found.block_id,
        (found.source, found.source_id),
        line,
        tuple(segments),
        places[found.place],
        found.name,
        found.address,
        found.operator,
        tuple(found.pmt_types),
        tuple(found.photo_thumbs),
        found.polyline,
        None if found.profile is None else profiles[found.profile],
    )


def segment_row(found: Row[Any], cards: Mapping[int, tuple[str, ...]]) -> SegmentRow:
    """The segment that its columns state."""
    return SegmentRow(
        found.segment_id,
        Side(found.side),
        found.start_m,
        found.end_m,
        cards[found.card],
        found.spaces_total,
        tuple(found.payment_ids),
        found.polyline,
        found.polyline6,
    )


def _joined(fields: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Fields joined by commas, the last with one too, and where each begins, and the end."""
    at = np.cumsum([0, *(len(field) + 1 for field in fields)]).astype("<i4")
    return b",".join(fields) + b",", at.tobytes()


def _wkb(lines: Lines) -> Sequence[str]:
    found: Sequence[str] = shapely.to_wkb(shapely.set_srid(lines, 4326), hex=True, include_srid=True).tolist()
    return found
