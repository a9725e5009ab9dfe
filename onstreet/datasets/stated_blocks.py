"""Blocks and segments as files of our own shapes state them, field by field: checked, or what is wrong."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from shapely import LineString

from onstreet.datasets.findings import Finding
from onstreet.datasets.geojson import point
from onstreet.datasets.profiles import read_profile
from onstreet.geometry import decode, length_m, points_of
from onstreet.model import BlockRow, Profile, SegmentRow, Side
from ratecards import Place

# Offsets may be stated in whole metres, so the last one may lie a little beyond the line's end.
OFFSET_SLACK_M = 2.0
MAX_SPACES = 100_000

Json = Mapping[str, Any]


class FieldError(ValueError):
    """A field that cannot be used: its name, what stands there, and why that will not do."""

    def __init__(self, field: str, value: object, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.field, self.value, self.reason, self.hint = field, value, reason, hint


class RowReader:
    """One row being read: where it stands, and what was found wrong with parts it can do without."""

    def __init__(self, file: str, number: int) -> None:
        self.file, self.number = file, number
        self.findings: list[Finding] = []

    def finding(self, error: FieldError) -> Finding:
        """What is wrong, with the place where it stands."""
        return Finding(self.file, self.number, error.field, shortened(error.value), error.reason, error.hint)


def read_block_id(stated: Json) -> str:
    """The id of a block; raises FieldError."""
    block_id = read_text(stated, "blockID")
    if not block_id or "|" in block_id:
        raise FieldError("blockID", block_id, "must be a text or number without '|'")
    return block_id


def read_block(
    reader: RowReader, stated: Json, alias: tuple[str, str], line: LineString, place: Place, profile: Profile | None
) -> BlockRow:
    """A block without its segments; raises FieldError."""
    return BlockRow(
        block_id=read_block_id(stated),
        alias=alias,
        line=line,
        segments=(),
        place=place,
        name=read_text(stated, "name"),
        address=read_text(stated, "address"),
        operator=read_text(stated, "operator"),
        payment_types=read_texts(stated, "pmtTypes"),
        photo_thumbs=read_texts(stated, "photoThumbs"),
        polyline=_polyline(reader, stated, "polyline"),
        profile=profile,
    )


def read_segment(reader: RowReader, stated: object, block_m: float, offsets: Sequence[str]) -> SegmentRow:
    """A segment of a block of this length, its offsets in the fields of these two names; raises FieldError."""
    if not isinstance(stated, dict):
        raise FieldError("segments", stated, "must be objects")
    segment_id = read_text(stated, "segmentID")
    if not segment_id:
        raise FieldError("segmentID", segment_id, "must be a text")
    start_m, end_m = (_metres(stated, field) for field in offsets)
    if not (0 <= start_m < end_m <= block_m + OFFSET_SLACK_M and start_m < block_m):
        reason = f"start and end must lie on the block's {block_m:.1f} m, start first"
        raise FieldError(offsets[0], f"{start_m}-{end_m}", reason)
    side = read_text(stated, "side")
    if side not in Side.__members__:
        raise FieldError("side", side, "must be LEFT or RIGHT", "seen along the line from its first point")
    return SegmentRow(
        segment_id=segment_id,
        side=Side(side),
        start_m=start_m,
        end_m=end_m,
        rate_cards=read_texts(stated, "rateCards"),
        spaces_total=_count(stated, "spacesTotal"),
        payment_ids=read_texts(stated, "paymentIDs") or read_texts(stated, "paymentID"),
        polyline=_polyline(reader, stated, "polyline"),
        polyline6=_polyline(reader, stated, "polyline6", digits=6),
    )


def add_segment(
    reader: RowReader, rows: dict[str, SegmentRow], stated: object, block_m: float, offsets: Sequence[str]
) -> None:
    """Read a segment and put it among the others of its block by its id, or add a finding to the reader's."""
    try:
        row = read_segment(reader, stated, block_m, offsets)
        if row.segment_id in rows:
            raise FieldError("segmentID", row.segment_id, "this segment is there already")
        rows[row.segment_id] = row
    except FieldError as error:
        reader.findings.append(reader.finding(error))


def with_length(line: LineString) -> LineString:
    """The line itself; raises ValueError where it has no length."""
    if not length_m(line) > 0:
        raise ValueError("it has no length")
    return line


def read_chances(stated: Json, field: str) -> Profile | None:
    """The profile that a field states, if any; raises FieldError."""
    value = stated.get(field)
    try:
        return None if value is None else read_profile(value)
    except ValueError as error:
        raise FieldError(field, value, str(error)) from None


def read_text(stated: Json, field: str) -> str:
    """A text or a whole number as a text, empty for none; raises FieldError for anything else."""
    value = stated.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise FieldError(field, value, "must be a text")
    return str(value)


def read_texts(stated: Json, field: str) -> tuple[str, ...]:
    """A list of texts, which may be missing; raises FieldError."""
    values = stated.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise FieldError(field, values, "must be a list of texts")
    return tuple(values)


def shortened(value: object) -> str:
    """The beginning of a value, for a finding."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _polyline(reader: RowReader, stated: Json, field: str, digits: int = 5) -> str | None:
    """An encoded line of the data set's own; one that cannot be read is a finding, and derived instead."""
    text = read_text(stated, field)
    if not text:
        return None
    try:
        for each in points_of(decode(text, digits)):
            point(*each)
    except ValueError as error:
        reader.findings.append(reader.finding(FieldError(field, text, str(error))))
        return None
    return text


def _metres(stated: Json, field: str) -> float:
    value = stated.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FieldError(field, value, "must be a number of metres")
    return value


def _count(stated: Json, field: str) -> int | None:
    value = stated.get(field)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SPACES):
        raise FieldError(field, value, f"must be a whole number from 0 to {MAX_SPACES}")
    return value
