"""Parts of data sets, ready to be laid one behind the other -> a snapshot: whoever made them, and however they are cut.

A part numbers its cards, places and profiles by itself; here they get the numbers of the whole, in the order in which
kept blocks first name them. So the same blocks in the same order make the same snapshot, byte for byte.
"""

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from onstreet.datasets.findings import Finding
from onstreet.datasets.places import place_to_json
from onstreet.model import Profile, Source
from onstreet.records import Packed
from onstreet.snapshot import SnapshotWriter
from onstreet.wire.blocks import STATIC_BLOCK, STATIC_SEGMENT
from ratecards import Place

if TYPE_CHECKING:
    import pyarrow as pa

    from onstreet.datasets.geoparquet import Tables

T = TypeVar("T", bound=Hashable)


class Named(NamedTuple):
    """A block by its names, and the row of a file that states it."""

    label: str
    number: int
    block_id: str
    alias: tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some blocks ready to be written, and what is wrong with the rows they come from.

    `loose` findings stand in front of the block of their number, `own` ones are a block's; `rows` of blocks and of
    segments are those of the tables, if there are to be any. `spaces` counts those of each block.
    """

    packed: Packed
    named: Sequence[Named]
    loose: Mapping[int, Sequence[Finding]]
    own: Mapping[int, Sequence[Finding]]
    cards: Sequence[tuple[str, ...]]
    places: Sequence[Place]
    profiles: Sequence[Profile]
    spaces: NDArray[np.int64]
    rows: "tuple[pa.RecordBatch, pa.RecordBatch] | None"


class Counts(NamedTuple):
    """How much has been written so far."""

    blocks: int = 0
    segments: int = 0
    spaces: int = 0
    cards: int = 0


class Names:
    """The names of the blocks met so far."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._aliases: set[tuple[str, str]] = set()

    def take(self, named: Named, findings: list[Finding]) -> bool:
        """Whether a block is the first of its id; findings say whose names are not its own."""
        label, number, block_id, alias = named
        if block_id in self._ids:
            findings.append(Finding(label, number, "blockID", block_id, "this block is there already"))
            return False
        if alias in self._aliases:
            reason = "another block has this alias, and answers to it"
            findings.append(Finding(label, number, "alias", alias[1], reason))
        self._ids.add(block_id)
        self._aliases.add(alias)
        return True


def assemble(
    parts: Iterable[Part],
    folder: Path,
    findings: list[Finding],
    progress: Callable[[Counts], object] = lambda counts: None,
    with_tables: bool = True,
    sources: Sequence[Source] = (),
) -> Path:
    """Write a snapshot of parts in their order into a folder and make it the current one; its place is returned.

    Findings are added to the list; `progress` is told how much has been written; `sources` are kept with the blocks.
    Where asking for the next part raises, the folder stays as it was.
    """
    whole = _Whole()
    with SnapshotWriter(folder) as writer, _tables(writer.folder if with_tables else None) as tables:
        for part in parts:
            for first, last in whole.kept(part, findings):
                _add(part, first, last, whole, writer, tables)
            progress(whole.counts)
        if tables:
            tables.close(whole.cards)
        return writer.publish(
            {
                "places": [json.loads(each) for each in whole.places],
                "profiles": list(whole.profiles),
                "cards": list(whole.cards),
                "blockFields": STATIC_BLOCK,
                "segmentFields": STATIC_SEGMENT,
                "sources": sources,
            }
        )


class _Whole:
    """What the parts so far hold together: names, the numbers of cards, places (as JSON) and profiles, and counts."""

    def __init__(self) -> None:
        self._names = Names()
        self.cards: dict[tuple[str, ...], int] = {}
        self.places: dict[str, int] = {}
        self.profiles: dict[Profile, int] = {}
        self.counts = Counts()

    def kept(self, part: Part, findings: list[Finding]) -> Iterator[tuple[int, int]]:
        """The runs of blocks of a part whose ids are new."""
        first = 0
        for number, named in enumerate(part.named):
            findings += part.loose.get(number, ())
            if self._names.take(named, findings):
                findings += part.own.get(number, ())
                continue
            if first < number:
                yield first, number
            first = number + 1
        findings += part.loose.get(len(part.named), ())
        if first < len(part.named):
            yield first, len(part.named)

    def numbered(self, part: Part, packed: Packed) -> Packed:
        """Some blocks of a part with the numbers of the whole."""
        columns = dict(packed.columns)
        columns["card"] = _renumbered(columns["card"], part.cards, self.cards)
        columns["place"] = _renumbered(columns["place"], [_place_key(each) for each in part.places], self.places)
        has = columns["profile"] >= 0
        profiles = np.full(len(has), -1, dtype=np.int64)
        profiles[has] = _renumbered(columns["profile"][has], part.profiles, self.profiles)
        return replace(packed, columns=columns | {"profile": profiles})

    def count(self, packed: Packed, spaces: int) -> None:
        """Count some blocks that are written."""
        blocks, segments, known, _ = self.counts
        more = len(packed.columns["card"])
        self.counts = Counts(blocks + len(packed), segments + more, known + spaces, len(self.cards))


def _add(part: Part, first: int, last: int, whole: _Whole, writer: SnapshotWriter, tables: "Tables | None") -> None:
    """Write the blocks of a part from one number up to another."""
    packed = whole.numbered(part, part.packed.cut(first, last))
    writer.append(packed)
    if tables and part.rows:
        # Arrow takes its time to load, and serving has no use for it.
        from onstreet.datasets.geoparquet import with_cards

        blocks, segments = part.rows
        begin, end = part.packed.columns["segment_from"][[first, last]].tolist()
        tables.add(
            blocks.slice(first, last - first), with_cards(segments.slice(begin, end - begin), packed.columns["card"])
        )
    whole.count(packed, int(part.spaces[first:last].sum()))


def _renumbered(numbers: NDArray[np.int64], values: Sequence[T], known: dict[T, int]) -> NDArray[np.int64]:
    """Other numbers for some values, new ones for new values in the order they come."""
    met, firsts = np.unique(numbers, return_index=True)
    new = np.zeros(len(values), dtype=np.int64)
    for number in met[np.argsort(firsts)].tolist():
        new[number] = known.setdefault(values[number], len(known))
    return new[numbers]


@lru_cache(maxsize=1024)
def _place_key(place: Place) -> str:
    """What a place says, also where it comes from another process with calendars of its own."""
    return json.dumps(place_to_json(place))


def _tables(folder: Path | None) -> AbstractContextManager["Tables | None"]:
    if folder is None:
        return nullcontext()
    from onstreet.datasets.geoparquet import Tables

    return Tables(folder)
