"""The prices of all segments of a snapshot for many entries and stays, as Parquet.

Thousands of segments share a card, so prices are worked out and kept once for each card at a place, a rate:
FILE.parquet has a row for each rate, entry and stay, FILE.rates.parquet says what each rate is and how many segments
and spaces have it, FILE.segments.parquet whose it is. So a month of a city of 800,000 segments is some megabytes, and a
join on `rate` spreads it over segments for those who need them one by one. Entries are wall-clock times at the place of
a card. Costs are doubles, which frames can reckon with: the exact price, rounded to the currency's minor unit, as
`/blocks` answers it. `legal` and `cost` are null where nobody can know. With a proposed card each row says what the
stay would cost then; under all other cards that is what it costs now.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from onstreet.datasets.places import place_from_json
from onstreet.datasets.source import SourceError
from onstreet.snapshot import Snapshot, SnapshotError, open_snapshot
from ratecards import Card, Place, Quote, format_card, price_stays, read

# Rows that a task prices: some seconds of work.
_ROWS_IN_A_TASK = 100_000
_ROWS_READ = 65_536
_SEGMENTS = pa.schema(
    [("segmentID", pa.string()), ("blockID", pa.string()), ("spacesTotal", pa.int32()), ("rate", pa.int32())]
)

Lines = tuple[str, ...]
# How prices of tasks are worked out in their order: here, or by workers.
Worked = Callable[[Callable[["Task"], pa.RecordBatch], Iterable["Task"]], Iterable[pa.RecordBatch]]


@dataclass(frozen=True, slots=True)
class Rate:
    """A card at a place, its number, and the card that is proposed in its stead, if any."""

    number: int
    lines: Lines
    place: Place
    proposed: Lines | None = None


@dataclass(frozen=True, slots=True)
class Stays:
    """Entries from a first to before a last one, some minutes apart, and how long stays are."""

    first: datetime
    last: datetime
    step_min: int
    durations_min: tuple[int, ...]

    def entries(self) -> list[datetime]:
        """All of them."""
        count = -(-(self.last - self.first) // timedelta(minutes=self.step_min))
        return [self.first + timedelta(minutes=self.step_min * number) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Task:
    """Some rates whose stays are to be priced."""

    rates: Sequence[Rate]
    stays: Stays
    compares: bool

    def __str__(self) -> str:
        return f"prices of rates {self.rates[0].number}-{self.rates[-1].number}"


class Rates:
    """What the segments of a snapshot are charged by, and what is proposed in place of some cards.

    Raises SourceError where it is damaged or has no tables, and for a proposal that fits none of its segments.
    """

    def __init__(self, folder: Path, replacements: Mapping[Card, Lines]) -> None:
        try:
            snapshot = open_snapshot(folder)
        except SnapshotError as error:
            raise SourceError(str(error)) from None
        self._table = snapshot.path / "segments.parquet"
        if not self._table.is_file():
            raise SourceError(f"{snapshot.path}: the snapshot has no tables: publish it anew")
        texts = [tuple(lines) for lines in snapshot.about["cards"]]
        places = [place_from_json(each) for each in snapshot.about["places"]]
        pairs, self._rate_of = np.unique(_pairs(snapshot, len(texts)), return_inverse=True)
        cards = [read(lines).card for lines in texts] if replacements else []
        proposed = [replacements.get(card) for card in cards] or [None] * len(texts)
        self.rates = [
            Rate(number, texts[card], places[place], proposed[card])
            for number, (place, card) in enumerate(divmod(pair, len(texts)) for pair in pairs.tolist())
        ]
        self.compares = bool(replacements)
        _check(replacements, cards, self.rates)

    def segments(self) -> Iterator[pa.RecordBatch]:
        """The segments of all blocks, each with its number of spaces, null for unknown, and its rate."""
        first = 0
        with pq.ParquetFile(self._table) as file:
            for batch in file.iter_batches(_ROWS_READ, columns=_SEGMENTS.names[:-1]):
                rates = self._rate_of[first : first + batch.num_rows]
                first += batch.num_rows
                yield pa.record_batch([*batch.columns, pa.array(rates, pa.int32())], _SEGMENTS)

    def table(self) -> pa.Table:
        """A row for each rate: its card and place, how many segments have it, and their spaces.

        `weight` counts the segments with their spaces, or as one where nobody counted them.
        """
        stated = pq.read_table(self._table, columns=["spacesTotal"])["spacesTotal"]
        spaces = [stated.fill_null(unknown).to_numpy() for unknown in (0, 1)]
        counts = [np.bincount(self._rate_of, each, len(self.rates)).astype(np.int64) for each in (None, *spaces)]
        columns = {
            "rate": pa.array([rate.number for rate in self.rates], pa.int32()),
            "zone": [rate.place.zone for rate in self.rates],
            "currency": [rate.place.currency for rate in self.rates],
            "rateCards": pa.array([rate.lines for rate in self.rates], pa.list_(pa.string())),
            **dict(zip(("segments", "spaces", "weight"), counts, strict=True)),
        }
        if self.compares:
            columns["proposedCards"] = pa.array([rate.proposed for rate in self.rates], pa.list_(pa.string()))
        return pa.table(columns)


def write_matrix(rates: Rates, stays: Stays, path: Path, worked: Worked) -> int:
    """Write the prices of rates, and beside them what these are and whose; how many prices there are is returned.

    The files of an earlier matrix are replaced when all of them are whole.
    """
    count = 0
    files = {name: path.with_suffix(suffix) for name, suffix in _SUFFIXES.items()}
    parts = {name: file.with_name(f".{file.name}.part") for name, file in files.items()}
    try:
        with pq.ParquetWriter(parts["prices"], _schema(rates.compares), compression="zstd") as prices:
            for batch in worked(_priced, _tasks(rates, stays)):
                prices.write_batch(batch)
                count += batch.num_rows
        pq.write_table(rates.table(), parts["rates"], compression="zstd")
        with pq.ParquetWriter(parts["segments"], _SEGMENTS, compression="zstd") as segments:
            for batch in rates.segments():
                segments.write_batch(batch)
        for name, part in parts.items():
            part.replace(files[name])
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return count


def rates_beside(path: Path) -> Path:
    """Where the rates of a matrix stand."""
    return path.with_suffix(_SUFFIXES["rates"])


_SUFFIXES = {"prices": ".parquet", "rates": ".rates.parquet", "segments": ".segments.parquet"}


def _pairs(snapshot: Snapshot, cards: int) -> NDArray[np.int64]:
    """One number for the place and the card of each segment."""
    arrays = snapshot.arrays
    places = np.repeat(arrays["place"].astype(np.int64), np.diff(arrays["segment_from"]))
    return places * cards + arrays["card"]


def _check(replacements: Mapping[Card, Lines], cards: Iterable[Card], rates: Iterable[Rate]) -> None:
    """Raise SourceError for a card that no segment has, and for a proposal whose prices nobody could pay there."""
    known = set(cards)
    for card, lines in replacements.items():
        if card not in known:
            raise SourceError(f"no segment has the card {format_card(card)}, so it cannot be replaced by {list(lines)}")
    for rate in rates:
        if rate.proposed and not read(rate.proposed).card.is_in(rate.place.currency):
            raise SourceError(
                f"prices in {rate.place.currency} are expected of the proposed card {list(rate.proposed)}"
            )


def _schema(compares: bool) -> pa.Schema:
    answers = [("legal", pa.bool_()), ("cost", pa.float64())]
    proposed = [(f"proposed_{name}", kind) for name, kind in answers] if compares else []
    asked = [("rate", pa.int32()), ("entry", pa.timestamp("s")), ("duration_min", pa.int32())]
    return pa.schema([*asked, *answers, *proposed])


def _tasks(rates: Rates, stays: Stays) -> Iterator[Task]:
    rows = max(1, len(stays.entries()) * len(stays.durations_min))
    size = max(1, _ROWS_IN_A_TASK // rows)
    for first in range(0, len(rates.rates), size):
        yield Task(rates.rates[first : first + size], stays, rates.compares)


def _priced(task: Task) -> pa.RecordBatch:
    """The rows of a task: each rate with each entry, and of these each duration."""
    entries, durations_min = task.stays.entries(), task.stays.durations_min
    columns: list[Any] = [
        np.repeat([rate.number for rate in task.rates], len(entries) * len(durations_min)),
        np.tile(np.repeat(np.array(entries, dtype="datetime64[s]"), len(durations_min)), len(task.rates)),
        np.tile(durations_min, len(task.rates) * len(entries)),
    ]
    today = {rate.number: _quotes(rate.lines, rate.place, task.stays) for rate in task.rates}
    answers = [today]
    if task.compares:
        replaced = {rate.number: _quotes(rate.proposed, rate.place, task.stays) for rate in task.rates if rate.proposed}
        answers.append(today | replaced)
    for quotes in answers:
        several = [quote for rate in task.rates for quote in quotes[rate.number]]
        columns += [
            [quote.legal for quote in several],
            [None if quote.cost is None else float(quote.cost) for quote in several],
        ]
    schema = _schema(task.compares)
    return pa.record_batch([pa.array(each, field.type) for each, field in zip(columns, schema, strict=True)], schema)


def _quotes(lines: Lines, place: Place, stays: Stays) -> list[Quote]:
    card = read(lines).card
    return [quote for entry in stays.entries() for quote in price_stays(card, entry, list(stays.durations_min), place)]
