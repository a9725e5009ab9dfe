"""Blocks as a snapshot keeps them, and many of them packed: arrays and bytes that any number of others may precede.

The JSON of a block is kept as a template: its unchanging fields and those of its segments, and a %b behind them in each
object for what changes with the question.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# What stands around the fields of blocks and of segments in a template. Each block has a comma before it.
BLOCK_OPEN, SEGMENTS, BLOCK_CLOSE = b",{", b'%b,"segments":[', b"]}"
SEGMENT_OPEN, SEGMENT_CLOSE = b"{", b"%b}"


class SegmentRecord(NamedTuple):
    """A segment: the number of its card, its amenities as bits, and its unchanging fields as JSON with %% for %."""

    card: int
    amenities: int
    fields: Sequence[bytes]


class BlockRecord(NamedTuple):
    """A block: its names, the numbers of its place and profile, its line as (n, 2) lon, lat, fields and segments."""

    block_id: str
    alias: str
    place: int
    profile: int
    line: Array
    fields: Sequence[bytes]
    segments: Sequence[SegmentRecord]


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """Blocks one behind the other: columns by the names of a snapshot's arrays, and the bytes of fields and names.

    `line_from`, `segment_from`, `text_from` and `names_from` say where each block begins among points, segments,
    fragments and names, and where the last one ends; `block_at` and `segment_at` have a row for each block and segment.
    """

    columns: Mapping[str, Array]
    fragments: bytes
    names: bytes

    def __len__(self) -> int:
        return len(self.columns["place"])

    def cut(self, first: int, last: int) -> "Packed":
        """The blocks from one number up to another, as if there were no others."""
        if (first, last) == (0, len(self)):
            return self
        ends = {name: self.columns[name][[first, last]].tolist() for name in _BEGINNINGS}
        cut = {name: self.columns[name][slice(*ends[of])] for name, of in _OF_PARTS.items()}
        for name in _OF_BLOCKS:
            cut[name] = self.columns[name][first:last]
        for name in _BEGINNINGS:
            cut[name] = self.columns[name][first : last + 1] - ends[name][0]
        for name, of in _OFFSETS.items():
            cut[name] = cut[name] - ends[of][0]
        return Packed(cut, self.fragments[slice(*ends["text_from"])], self.names[slice(*ends["names_from"])])


# Which columns have a row for each block, which for each point or segment, and which are offsets into bytes.
_OF_BLOCKS = ("bounds", "place", "profile", "block_at", "name_at", "id_hash", "alias_hash")
_OF_PARTS = {
    "points": "line_from",
    "segment_at": "segment_from",
    "card": "segment_from",
    "amenities": "segment_from",
}
_BEGINNINGS = ("line_from", "segment_from", "text_from", "names_from")
_OFFSETS = {"block_at": "text_from", "segment_at": "text_from", "name_at": "names_from"}


def pack(records: Sequence[BlockRecord]) -> Packed:
    """Pack some blocks; all have the same number of fields, and so have all segments."""
    fragments = bytearray()
    block_at, segment_at, text_from = [], [], [0]
    for record in records:
        block_at.append(_joined(BLOCK_OPEN, record.fields, fragments))
        fragments += SEGMENTS
        for number, segment in enumerate(record.segments):
            segment_at.append(_joined(b"," * (number > 0) + SEGMENT_OPEN, segment.fields, fragments))
            fragments += SEGMENT_CLOSE
        fragments += BLOCK_CLOSE
        text_from.append(len(fragments))
    segments = [segment for record in records for segment in record.segments]
    pairs = [(record.block_id.encode(), record.alias.encode()) for record in records]
    name_at = _ends(len(name) for pair in pairs for name in pair)
    columns = {
        "bounds": np.array([(*each.line.min(axis=0), *each.line.max(axis=0)) for each in records]).reshape(-1, 4),
        "points": np.concatenate([np.empty((0, 2)), *(record.line for record in records)]),
        "line_from": _ends(len(record.line) for record in records),
        "segment_from": _ends(len(record.segments) for record in records),
        "text_from": np.array(text_from),
        "names_from": name_at[::2],
        "block_at": np.array(block_at, dtype=np.int64),
        "segment_at": np.array(segment_at, dtype=np.int64),
        "name_at": name_at[:-1].reshape(-1, 2),
        "place": np.array([record.place for record in records], dtype=np.int64),
        "profile": np.array([record.profile for record in records], dtype=np.int64),
        "card": np.array([segment.card for segment in segments], dtype=np.int64),
        "amenities": np.array([segment.amenities for segment in segments], dtype=np.int64),
        "id_hash": np.array([hash_of(record.block_id) for record in records], dtype=np.uint64),
        "alias_hash": np.array([hash_of(record.alias) for record in records], dtype=np.uint64),
    }
    return Packed(columns, bytes(fragments), b"".join(name for pair in pairs for name in pair))


def hash_of(name: str) -> int:
    """The key that a name is looked up by, 64 bits; names that share one are told apart by themselves."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


def _joined(opening: bytes, fields: Sequence[bytes], fragments: bytearray) -> list[int]:
    """Begin an object behind the others, and say where each field begins, and where one behind the last would."""
    fragments += opening
    at = list(accumulate((len(field) + 1 for field in fields), initial=len(fragments)))
    fragments += b",".join(fields)
    return at


def _ends(counts: Iterable[int]) -> Array:
    return np.array(list(accumulate(counts, initial=0)), dtype=np.int64)
