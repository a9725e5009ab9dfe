"""Recorded /blocks answers -> block rows: a JSON answer as published, or one block a line (.jsonl).

Of a block only what a data set states is read; structuredRates, amenities, prices and open states are derived from
its cards (S1.1). A block without polylines gets them from its geometry (S6.3).
"""

import math
from collections.abc import Iterator

import orjson
from shapely import LineString

from onstreet.datasets.findings import Finding
from onstreet.datasets.geojson import line_points, point
from onstreet.datasets.profiles import read_profile
from onstreet.datasets.source import SourceFile
from onstreet.geometry import decode, length_m, line_of, points_of
from onstreet.model import BlockRow, Profile, SegmentRow, Side
from ratecards import Place

# Offsets are stated in whole metres, so the last one may lie a little beyond the line's end.
OFFSET_SLACK_M = 2.0
MAX_SPACES = 100_000

Json = dict[str, object]


def load(file: SourceFile, place: Place) -> Iterator[tuple[int, BlockRow | Finding]]:
    """The blocks of a file, numbered from 1, and a finding for each block or segment that cannot be used."""
    for number, stated in _stated(file):
        if isinstance(stated, Finding):
            yield number, stated
            continue
        reader = _Reader(file, number)
        try:
            row = _block(reader, stated, place)
        except _FieldError as error:
            yield number, reader.finding(error)
            continue
        yield from ((number, finding) for finding in reader.findings)
        yield number, row


def _stated(file: SourceFile) -> Iterator[tuple[int, Json | Finding]]:
    """Each block as the file states it, numbered from 1; broken JSON is a finding."""
    if file.path.suffix == ".jsonl":
        with file.path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _object(file, number, line)
        return
    try:
        answer = orjson.loads(file.path.read_bytes())
    except orjson.JSONDecodeError as error:
        answer = error
    if not (isinstance(answer, dict) and isinstance(answer.get("result"), list)):
        yield 1, Finding(file.label, 1, "result", _short(answer), "not a recorded answer", 'it holds {"result": [...]}')
        return
    for number, block in enumerate(answer["result"], 1):
        is_object = isinstance(block, dict)
        yield number, block if is_object else Finding(file.label, number, "", _short(block), "not a JSON object")


def _object(file: SourceFile, number: int, line: bytes) -> Json | Finding:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        value = error
    if isinstance(value, dict):
        return value
    return Finding(file.label, number, "", _short(line), "not a JSON object")


class _FieldError(ValueError):
    def __init__(self, field: str, value: object, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.field, self.value, self.reason, self.hint = field, value, reason, hint


class _Reader:
    """One row being read: where it stands, and what was found wrong with parts it can do without."""

    def __init__(self, file: SourceFile, number: int) -> None:
        self.file, self.number = file, number
        self.findings: list[Finding] = []

    def finding(self, error: _FieldError) -> Finding:
        return Finding(self.file.label, self.number, error.field, _short(error.value), error.reason, error.hint)


def _block(reader: _Reader, stated: Json, place: Place) -> BlockRow:
    block_id = _text(stated, "blockID")
    if not block_id or "|" in block_id:
        raise _FieldError("blockID", block_id, "must be a text or number without '|'")
    line = _line(stated)
    return BlockRow(
        block_id=block_id,
        alias=(reader.file.source, _text(stated, "alias") or block_id),
        line=line,
        segments=_segments(reader, stated, length_m(line)),
        place=place,
        name=_text(stated, "name"),
        address=_text(stated, "address"),
        operator=_text(stated, "operator"),
        payment_types=_texts(stated, "pmtTypes"),
        photo_thumbs=_texts(stated, "photoThumbs"),
        polyline=_polyline(reader, stated, "polyline"),
        profile=_profile(stated) or reader.file.profile,
    )


def _segments(reader: _Reader, stated: Json, block_m: float) -> tuple[SegmentRow, ...]:
    segments = stated.get("segments", [])
    if not isinstance(segments, list):
        raise _FieldError("segments", segments, "must be a list")
    rows: dict[str, SegmentRow] = {}
    for segment in segments:
        try:
            row = _segment(reader, segment, block_m)
            if row.segment_id in rows:
                raise _FieldError("segmentID", row.segment_id, "this segment is there already")
            rows[row.segment_id] = row
        except _FieldError as error:
            reader.findings.append(reader.finding(error))
    return tuple(rows.values())


def _segment(reader: _Reader, stated: Json, block_m: float) -> SegmentRow:
    if not isinstance(stated, dict):
        raise _FieldError("segments", stated, "must be objects")
    segment_id = _text(stated, "segmentID")
    if not segment_id:
        raise _FieldError("segmentID", segment_id, "must be a text")
    start_m, end_m = _metres(stated, "start"), _metres(stated, "end")
    if not (0 <= start_m < end_m <= block_m + OFFSET_SLACK_M and start_m < block_m):
        reason = f"start and end must lie on the block's {block_m:.1f} m, start first"
        raise _FieldError("start", f"{start_m}-{end_m}", reason)
    side = _text(stated, "side")
    if side not in Side.__members__:
        raise _FieldError("side", side, "must be LEFT or RIGHT", "seen along the line from its first point")
    return SegmentRow(
        segment_id=segment_id,
        side=Side(side),
        start_m=start_m,
        end_m=end_m,
        rate_cards=_texts(stated, "rateCards"),
        spaces_total=_count(stated, "spacesTotal"),
        payment_ids=_texts(stated, "paymentIDs") or _texts(stated, "paymentID"),
        polyline=_polyline(reader, stated, "polyline"),
        polyline6=_polyline(reader, stated, "polyline6", digits=6),
    )


def _line(stated: Json) -> LineString:
    """The block's geojson, or where it has none its encoded polyline."""
    geojson = stated.get("geojson")
    field = "geojson" if geojson is not None else "polyline"
    try:
        points = line_points(geojson) if geojson is not None else points_of(decode(_text(stated, field)))
        line = line_of([point(*each) for each in points])
        if not length_m(line) > 0:
            raise ValueError("it has no length")
    except ValueError as error:
        raise _FieldError(field, stated.get(field), f"not a line of two or more lon, lat: {error}") from None
    return line


def _polyline(reader: _Reader, stated: Json, field: str, digits: int = 5) -> str | None:
    """An encoded line of the data set's own; one that cannot be read is a finding, and derived instead."""
    text = _text(stated, field)
    if not text:
        return None
    try:
        for each in points_of(decode(text, digits)):
            point(*each)
    except ValueError as error:
        reader.findings.append(reader.finding(_FieldError(field, text, str(error))))
        return None
    return text


def _profile(stated: Json) -> Profile | None:
    value = stated.get("probability")
    try:
        return None if value is None else read_profile(value)
    except ValueError as error:
        raise _FieldError("probability", value, str(error)) from None


def _text(stated: Json, field: str) -> str:
    value = stated.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _FieldError(field, value, "must be a text")
    return str(value)


def _texts(stated: Json, field: str) -> tuple[str, ...]:
    values = stated.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _FieldError(field, values, "must be a list of texts")
    return tuple(values)


def _metres(stated: Json, field: str) -> float:
    value = stated.get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _FieldError(field, value, "must be a number of metres")
    return value


def _count(stated: Json, field: str) -> int | None:
    value = stated.get(field)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SPACES):
        raise _FieldError(field, value, f"must be a whole number from 0 to {MAX_SPACES}")
    return value


def _short(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
