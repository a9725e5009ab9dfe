"""A snapshot and its index: blocks looked up by id, alias and region without an object for each."""

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from onstreet.geometry import Circle, Floats, Lines, Paths, Region, touching
from onstreet.index import BlockIndex, Rows
from onstreet.model import About, Amenity, Blocks, Encoded, Profile, Source, bits_of
from onstreet.snapshot import Snapshot
from ratecards import Card, Place, read


class MemoryStore:
    """The blocks of an open snapshot; every lookup answers with row numbers, rising in the order of the data."""

    def __init__(self, snapshot: Snapshot, places: Sequence[Place]) -> None:
        self.snapshot = snapshot
        self._places = dict(enumerate(places))
        about = snapshot.about
        sources = tuple(Source(*each) for each in about.get("sources", ()))
        self.about = About(snapshot.id, snapshot.published, sources)
        # The number of no profile is -1.
        self._profiles: dict[int, Profile | None] = {-1: None, **dict(enumerate(map(tuple, about["profiles"])))}
        self._block_names, self._segment_names = tuple(about["blockFields"]), tuple(about["segmentFields"])
        arrays = snapshot.arrays
        self._block_at = arrays["block_at"].reshape(-1, len(self._block_names) + 1)
        self._segment_at = arrays["segment_at"].reshape(-1, len(self._segment_names) + 1)
        self._index = BlockIndex(arrays["bounds"])
        # Of the lines alone: a store that its own cache refers to would outlive its time.
        self._card = lru_cache(maxsize=131_072)(partial(_read_card, [tuple(lines) for lines in about["cards"]]))

    def __len__(self) -> int:
        return len(self.snapshot)

    def first(self, count: int) -> Rows:
        """The first rows in the order of the data."""
        return np.arange(min(len(self), count))

    def by_ids(self, block_ids: Iterable[str]) -> Rows:
        """The rows of the known ones among these ids, in the order asked, each once."""
        known = (self.snapshot.find(block_id) for block_id in dict.fromkeys(block_ids))
        return np.array([row for row in known if row is not None], dtype=np.int64)

    def by_alias(self, source: str, source_id: str) -> Rows:
        """The row of the block a source knows by this id, or none."""
        row = self.snapshot.find(f"{source}|{source_id}", is_alias=True)
        return np.array([] if row is None else [row], dtype=np.int64)

    def in_region(self, region: Region) -> tuple[Rows, Floats]:
        """The rows whose line touches a region, and metres from its centre to each (S7.2)."""
        pieces = self._index.pieces(region.bounds() if isinstance(region, Circle) else region)
        rows, surely = self._index.candidates(pieces)
        touches, metres = touching(self._paths(rows), region, pieces, surely)
        return rows[touches], metres

    def have_amenities(self, rows: Rows, wanted: int) -> NDArray[np.bool_]:
        """Whether each of some rows has a segment with all these amenities, as bits (S6.2)."""
        segments, _, counts = _ranges(self.snapshot.arrays["segment_from"], rows)
        has = (self.snapshot.arrays["amenities"][segments] & wanted) == wanted
        return np.bincount(np.repeat(np.arange(len(rows)), counts), has, minlength=len(rows)) > 0

    def amenity_counts(self, rows: Rows) -> list[int]:
        """How many segments of these rows have each amenity, in the order of Amenity."""
        segments, _, _ = _ranges(self.snapshot.arrays["segment_from"], rows)
        bits = self.snapshot.arrays["amenities"][segments]
        return [int(np.count_nonzero(bits & bits_of([each]))) for each in Amenity]

    def ids(self, rows: Rows) -> list[str]:
        """The ids of these rows."""
        return [self.snapshot.name(row) for row in rows]

    def names(self, rows: Rows) -> list[tuple[str, str]]:
        """The name and the address of each of these rows."""
        fields = Slices(self.snapshot.fragments, self._block_at, rows, self._block_names).joined(("name", "address"))
        texts = orjson.loads((b"[{" + b"},{".join(fields) + b"}]") % ()) if fields else []
        return [(each["name"], each["address"]) for each in texts]

    def lines(self, rows: Rows) -> Lines:
        """The lines of these rows, lon then lat."""
        return self._paths(rows).lines()

    def middles(self) -> tuple[Rows, Floats]:
        """All rows, rising, and the middle of each line's bounds, n x 2 degrees."""
        bounds = self.snapshot.arrays["bounds"]
        return np.arange(len(bounds)), (bounds[:, :2] + bounds[:, 2:]) / 2

    def blocks(self, rows: Rows, having: int = 0) -> Blocks:
        """What an answer needs of these rows, in their order, and of their segments with all these amenities (bits)."""
        arrays, view = self.snapshot.arrays, self.snapshot.fragments
        segments, begins, _ = _ranges(arrays["segment_from"], rows)
        segment_from = [*begins.tolist(), len(segments)]
        templates = None
        if having:
            is_wanted = arrays["amenities"][segments] & having == having
            segments, segment_from = segments[is_wanted], np.append(0, is_wanted.cumsum())[segment_from].tolist()
        else:
            starts, ends = arrays["text_from"][rows].tolist(), arrays["text_from"][rows + 1].tolist()
            templates = [view[start:end] for start, end in zip(starts, ends, strict=True)]
        return Blocks(
            self._places,
            arrays["place"][rows].tolist() if len(self._places) > 1 else [0] * len(rows),
            self._profiles,
            arrays["profile"][rows].tolist(),
            segment_from,
            self._card,
            self._card,
            arrays["card"][segments],
            Slices(view, self._block_at, rows, self._block_names),
            Slices(view, self._segment_at, segments, self._segment_names),
            templates,
        )

    def _paths(self, rows: Rows) -> Paths:
        chosen, starts, counts = _ranges(self.snapshot.arrays["line_from"], rows)
        return Paths(self.snapshot.arrays["points"].take(chosen, axis=0), starts, counts)


class Slices(NamedTuple):
    """Fields that lie in one run of bytes for each of some rows; `at` has where those of any row begin, and the end."""

    view: memoryview
    at: NDArray[Any]
    rows: Rows
    names: tuple[str, ...]

    def joined(self, names: Sequence[str]) -> list[Encoded]:
        """The fields of these names of each; neighbours come as one slice."""
        where = [self.names.index(name) for name in names]
        # A field ends where the next begins, with a comma in between.
        if where == list(range(where[0], where[0] + len(where))):
            starts, ends = self.at[self.rows, where[0]].tolist(), (self.at[self.rows, where[-1] + 1] - 1).tolist()
            return [self.view[start:end] for start, end in zip(starts, ends, strict=True)]
        view = self.view
        return [b",".join([view[at[i] : at[i + 1] - 1] for i in where]) for at in self.at[self.rows].tolist()]


def _read_card(lines: Sequence[tuple[str, ...]], number: int) -> Card:
    return read(lines[number]).card


def _ranges(starts: NDArray[Any], rows: Rows) -> tuple[Rows, Rows, Rows]:
    """The numbers that belong to some rows, one row after the other, where among these each row's are, and how many."""
    first = starts[rows]
    counts = starts[rows + 1] - first
    ends = counts.cumsum()
    begins = ends - counts
    return np.arange(ends[-1] if ends.size else 0) + (first - begins).repeat(counts), begins, counts
