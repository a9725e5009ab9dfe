"""Data sets -> a snapshot ready to serve: cards read, amenities and lines derived, unchanging JSON encoded."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import shapely

from onstreet.datasets import block_tables, cds, curblr, recorded
from onstreet.datasets.findings import UNCLEAR, Finding
from onstreet.datasets.parts import Counts, Named, Names, Part, assemble
from onstreet.datasets.places import place_from_json
from onstreet.datasets.source import DataSet, Loaded, SourceError, SourceFile, Stated, find_data_sets
from onstreet.geometry import Lines, encode_all
from onstreet.kerbs import kerb_lines
from onstreet.model import Amenity, BlockRow, Profile, SegmentRow, Side, Source, bits_of
from onstreet.records import BlockRecord, Packed, SegmentRecord, pack
from onstreet.snapshot import SnapshotError, current, open_snapshot
from onstreet.stores.memory import MemoryStore
from onstreet.wire.blocks import encode_block, encode_segment
from ratecards import Card, Line, Place, read, structured_rates
from ratecards.model import Outcome
from ratecards.parser import Reading
from ratecards.scopes import share_of_year, special_days
from ratecards.structured import Rate, is_rate, rate_of, restriction

if TYPE_CHECKING:
    import pyarrow as pa

# Few enough for their lines to stay in the processor's caches.
BATCH = 128
_LOADERS = {"recorded": recorded.load, "curblr": curblr.load, "cds": cds.load, "onstreet": block_tables.load}

T = TypeVar("T", bound=Hashable)


def open_data(paths: Iterable[Path]) -> tuple[MemoryStore, list[Finding]]:
    """A store of a published snapshot, or of the data sets at these folders, and all that was wrong with them.

    Data sets are published to a temporary folder; what is mapped of it lasts as long as the store. Raises SourceError.
    """
    folders = list(paths)
    if is_published(folders):
        return open_store(folders[0]), []
    data_sets = find_data_sets(folders)
    findings: list[Finding] = []
    with TemporaryDirectory(prefix="onstreet-") as scratch:
        publish(data_sets, Path(scratch), findings, with_tables=False)
        return open_store(Path(scratch)), findings


def is_published(paths: Sequence[Path]) -> bool:
    """Whether these are not data sets but one folder of snapshots."""
    return len(paths) == 1 and current(paths[0]) is not None


def open_store(folder: Path) -> MemoryStore:
    """The store of a snapshot, or of the one that a folder points at; raises SourceError where it is damaged."""
    try:
        snapshot = open_snapshot(folder)
    except SnapshotError as error:
        raise SourceError(str(error)) from None
    return MemoryStore(snapshot, [place_from_json(each) for each in snapshot.about["places"]])


def publish(
    data_sets: Iterable[DataSet | Loaded],
    folder: Path,
    findings: list[Finding],
    progress: Callable[[Counts], object] = lambda counts: None,
    with_tables: bool = True,
) -> Path:
    """Write a snapshot of some data sets into a folder and make it the current one; its place is returned.

    Findings are added to the list; `progress` is told how much is written; `with_tables` adds GeoParquet.
    """
    brought = list(data_sets)
    parts = data_set_parts(brought, with_tables)
    return assemble(parts, folder, findings, progress, with_tables, sources_of(brought))


def sources_of(data_sets: Iterable[DataSet | Loaded]) -> list[Source]:
    """Where the blocks of some data sets come from."""
    return [source for each in data_sets for source in each.sources]


def data_set_parts(data_sets: Iterable[DataSet | Loaded], with_tables: bool = True) -> Iterator[Part]:
    """The parts of a snapshot of some data sets, with the rows of its tables if it is to have any."""
    return parts_of(chain.from_iterable(map(_stated, data_sets)), with_tables)


def parts_of(stated: Iterable[Stated], with_tables: bool = True) -> Iterator[Part]:
    """What rows state as parts of a snapshot, with the rows of its tables if it is to have any."""
    stated = iter(stated)
    while batch := list(islice(stated, BATCH)):
        yield _part(batch, with_tables)


def blocks_of(data_set: DataSet, findings: list[Finding]) -> Iterator[BlockRow]:
    """Every block of a data set that can be used, the first of those with one id; findings are added to the list."""
    return (each.row for each in usable(data_set, Names(), findings))


@lru_cache(maxsize=65_536)
def amenities_of(card: Card) -> tuple[Amenity, ...]:
    """What a segment with this card offers (S6.2)."""
    amounts = [rate_of(line) for line in card.lines if is_rate(line)]
    restrictions = {restriction(line.scope.user) for line in card.lines if line.scope.user}
    offered = {
        Amenity.FREE: any(amount == 0 for amount in amounts),
        Amenity.METERED: any(amount > 0 for amount in amounts),
        Amenity.OVERNIGHT: not any(is_closed_for_good(line) for line in card.lines),
        Amenity.RESIDENTIAL: "R" in restrictions,
        Amenity.COMMERCIAL: "C" in restrictions,
    }
    return tuple(amenity for amenity, is_there in offered.items() if is_there)


class Numbers:
    """The distinct places, profiles and cards of a part, each with its number."""

    def __init__(self) -> None:
        self.places: dict[Place, int] = {}
        self.profiles: dict[Profile, int] = {}
        self.cards: dict[tuple[str, ...], int] = {}


def _numbered(known: dict[T, int], value: T) -> int:
    return known.setdefault(value, len(known))


def _part(batch: Sequence[Stated], with_tables: bool) -> Part:
    """Some rows, as a part of a snapshot."""
    blocks: list[BlockRow] = []
    named: list[Named] = []
    loose: dict[int, list[Finding]] = {}
    own: dict[int, list[Finding]] = {}
    for label, number, row in batch:
        if isinstance(row, Finding):
            loose.setdefault(len(blocks), []).append(row)
            continue
        if said := list(_card_findings(row, label, number)):
            own[len(blocks)] = said
        named.append(Named(label, number, row.block_id, row.alias))
        blocks.append(row)
    kerbs, numbers = kerbs_of(blocks), Numbers()
    packed = pack(list(records_of(blocks, kerbs, numbers)))
    spaces = [sum(segment.spaces_total or 0 for segment in block.segments) for block in blocks]
    return Part(
        packed,
        named,
        loose,
        own,
        list(numbers.cards),
        list(numbers.places),
        list(numbers.profiles),
        np.array(spaces, dtype=np.int64),
        _table_rows(blocks, kerbs, packed) if with_tables else None,
    )


def _table_rows(blocks: Sequence[BlockRow], kerbs: Lines, packed: Packed) -> "tuple[pa.RecordBatch, pa.RecordBatch]":
    # Arrow takes its time to load, and serving has no use for it.
    from onstreet.datasets.geoparquet import rows_of

    return rows_of(blocks, kerbs, packed.columns["card"].tolist())


class Usable(NamedTuple):
    """A block that can be used, with the label of its file and its row there."""

    label: str
    number: int
    row: BlockRow


def usable(data_set: DataSet | Loaded, names: Names, findings: list[Finding]) -> Iterator[Usable]:
    """Every block of a data set that can be used, the first of those with one id; `names` are those taken before."""
    for label, number, row in _stated(data_set):
        if isinstance(row, Finding):
            findings.append(row)
        elif names.take(Named(label, number, row.block_id, row.alias), findings):
            findings += _card_findings(row, label, number)
            yield Usable(label, number, row)


def _stated(data_set: DataSet | Loaded) -> Iterator[Stated]:
    return iter(data_set.stated) if isinstance(data_set, Loaded) else stated_rows(data_set.files, data_set.place)


def stated_rows(files: Iterable[SourceFile], place: Place) -> Iterator[Stated]:
    """What the files of a data set state."""
    for file in files:
        for number, row in _LOADERS[file.format](file, place):
            yield Stated(file.label, number, row)


def records_of(rows: Sequence[BlockRow], kerbs: Lines, numbers: Numbers) -> Iterator[BlockRecord]:
    """Blocks as a snapshot keeps them, with the kerb lines of all their segments."""
    polylines = encode_all(np.array([row.line for row in rows], dtype=object))
    encoded = zip(encode_all(kerbs), encode_all(kerbs, 6), strict=True)
    for row, polyline in zip(rows, polylines, strict=True):
        segments = [_segment(segment, next(encoded), numbers) for segment in row.segments]
        amenities = dict.fromkeys(amenity for _, offered in segments for amenity in offered)
        yield BlockRecord(
            row.block_id,
            "|".join(row.alias),
            _numbered(numbers.places, row.place),
            -1 if row.profile is None else _numbered(numbers.profiles, row.profile),
            shapely.get_coordinates(row.line),
            encode_block(row, row.polyline or polyline, amenities),
            [segment for segment, _ in segments],
        )


def _segment(row: SegmentRow, kerb: tuple[str, str], numbers: Numbers) -> tuple[SegmentRecord, tuple[Amenity, ...]]:
    """A segment with its polylines of 5 and 6 decimals: its own where the data set has them, else derived (S6.3)."""
    card = _reading(row.rate_cards).card
    amenities = amenities_of(card)
    fields = encode_segment(row, (row.polyline or kerb[0], row.polyline6 or kerb[1]), _rates(card), amenities)
    return SegmentRecord(_numbered(numbers.cards, row.rate_cards), bits_of(amenities), fields), amenities


@lru_cache(maxsize=65_536)
def _reading(lines: tuple[str, ...]) -> Reading:
    return read(lines)


@lru_cache(maxsize=65_536)
def _rates(card: Card) -> list[Rate]:
    return structured_rates(card)


def is_closed_for_good(line: Line) -> bool:
    """Whether nobody may ever park where this line holds."""
    return line.outcome is Outcome.NO_PARKING and share_of_year(line.scope) == 1


def kerbs_of(blocks: Sequence[BlockRow]) -> Lines:
    """The kerb lines of all segments, one block after the other (S6.3)."""
    segments = [segment for block in blocks for segment in block.segments]
    return kerb_lines(
        np.array([block.line for block in blocks], dtype=object),
        np.repeat(np.arange(len(blocks)), [len(block.segments) for block in blocks]),
        np.array([segment.start_m for segment in segments], dtype=np.float64),
        np.array([segment.end_m for segment in segments], dtype=np.float64),
        np.array([segment.side is Side.LEFT for segment in segments], dtype=np.bool_),
    )


def _card_findings(row: BlockRow, file: str, number: int) -> Iterator[Finding]:
    for segment in row.segments:
        where = f"segment {segment.segment_id}"
        card, errors, _ = _reading(segment.rate_cards)
        if not segment.rate_cards:
            yield Finding(file, number, "rateCards", where, "no card: its price is unknown")
        if not card.is_in(row.place.currency):
            yield Finding(file, number, "rateCards", where, f"a price is not in {row.place.currency}: it stays unknown")
        for special in special_days(line.scope for line in card.lines):
            if not row.place.knows(special):
                reason = f"no calendar of {special.value} is known here: what the card says of them stays unknown"
                yield Finding(file, number, "rateCards", where, reason)
        for error in errors:
            # What a reader of sources could not put into words it has said already.
            if not error.source.startswith(UNCLEAR):
                yield Finding(file, number, "rateCards", error.source, error.message)
