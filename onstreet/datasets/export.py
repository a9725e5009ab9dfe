"""Data sets, snapshots and databases -> data sets of our own tables, or CurbLR feeds, that can be read again.

Our own tables say all that a data set states; what a feed cannot carry is a loss. Findings stay behind: what cannot be
used is not written. Where a data set came from, its licence and date are kept in the new source.json; a snapshot does
not know them. Lines that publishing derived are derived again, so a segment that is changed in a table is
drawn where it is then.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from onstreet.datasets import line_features, wkt_csv
from onstreet.datasets.block_tables import load_at
from onstreet.datasets.curblr_feed import Feed, Lost
from onstreet.datasets.curblr_feed import write as write_feed
from onstreet.datasets.findings import Finding
from onstreet.datasets.parts import Names
from onstreet.datasets.places import place_from_json
from onstreet.datasets.publish import blocks_of, is_published, kerbs_of, usable
from onstreet.datasets.source import Loaded, SourceError, SourceFile, data_set_folders, read_source
from onstreet.datasets.table_columns import Batches
from onstreet.geometry import Lines
from onstreet.model import BlockRow, Source
from onstreet.snapshot import SnapshotError, open_snapshot
from ratecards import Calendar, Place
from ratecards.calendars import WHOLE_DAY, Minutes, date_of

FORMS = ("geoparquet", "geojson", "csv", "curblr")
_SUFFIXES = dict(zip(FORMS, (".parquet", ".geojson", ".csv", ".curblr.json"), strict=True))
_FORMAT = "onstreet"
# What a source.json says of a file for us to read it; the rest is where it came from.
_READING = {"path", "format", "policies", "profile"}
_BATCH = 128

Json = dict[str, Any]


class Exported(NamedTuple):
    """A data set that was written: its folder, and how many blocks and segments it has."""

    folder: Path
    blocks: int
    segments: int


class _Whole(NamedTuple):
    """A data set to be written: its name and place, what its source.json says of its files, and its blocks."""

    name: str
    place: Place
    files: Sequence[Json]
    blocks: Iterable[BlockRow]


def export(
    data: Sequence[Path] | Sequence[Loaded],
    folder: Path,
    form: str,
    findings: list[Finding],
    on: date,
    lost: Lost = lambda loss: None,
) -> list[Exported]:
    """Write data sets, in folders or of a database, or one folder of snapshots; of several each in a folder of its own.

    Findings are added to the list, and `lost` is told what the form cannot carry; `on` is the day that a feed is dated.
    Raises SourceError, OSError.
    """
    found = _found(data, findings)
    places = [folder] if len(found) == 1 else [folder / name for name in _folder_names(found)]
    for place in places:
        _refuse_others(place)
    return [_write(each, place, form, on, lost) for each, place in zip(found, places, strict=True)]


def _found(data: Sequence[Path] | Sequence[Loaded], findings: list[Finding]) -> list[_Whole]:
    paths = [each for each in data if isinstance(each, Path)]
    loaded = [each for each in data if isinstance(each, Loaded)]
    if loaded:
        return list(_of_loaded(loaded, findings))
    return _of_snapshot(paths[0], findings) if is_published(paths) else _of_data_sets(paths, findings)


def _of_data_sets(paths: Iterable[Path], findings: list[Finding]) -> list[_Whole]:
    found = []
    for folder in data_set_folders(paths):
        data_set = read_source(folder)
        files = json.loads((folder / "source.json").read_text(encoding="utf-8"))["files"]
        found.append(_Whole(data_set.name, data_set.place, files, blocks_of(data_set, findings)))
    return found


def _of_loaded(data_sets: Iterable[Loaded], findings: list[Finding]) -> Iterator[_Whole]:
    """The blocks of data sets whose place only these know."""
    for each in data_sets:
        rows = (one.row for one in usable(each, Names(), findings))
        first = next(rows, None)
        if first is None:
            findings.append(Finding(each.name, 0, "blocks", "", "a data set without blocks is not written"))
            continue
        yield _Whole(each.name, first.place, list(map(_origin, each.sources)), chain([first], rows))


def _origin(source: Source) -> Json:
    """Where a file came from, as a source.json says it."""
    stated = source._asdict()
    return {key: stated[key] for key in ("source", "origin", "licence", "date", "attribution") if stated[key]}


def _of_snapshot(folder: Path, findings: list[Finding]) -> list[_Whole]:
    """The blocks of each place of a snapshot, from its tables."""
    try:
        snapshot = open_snapshot(folder)
    except SnapshotError as error:
        raise SourceError(str(error)) from None
    path = snapshot.path / "blocks.parquet"
    if not path.is_file():
        raise SourceError(f"{snapshot.path}: the snapshot has no tables: publish it anew")
    places = [place_from_json(each) for each in snapshot.about["places"]]
    numbers = snapshot.arrays["place"]

    def blocks(place: Place) -> Iterator[BlockRow]:
        file = SourceFile(path, _FORMAT, None, _FORMAT)
        for _, row in load_at(file, lambda number: places[numbers[number - 1]]):
            if isinstance(row, Finding):
                findings.append(row)
            elif row.place is place:
                yield row

    return [_Whole(place.zone, place, [], blocks(place)) for place in places]


def _folder_names(found: Sequence[_Whole]) -> list[str]:
    """A name for the folder of each, in lower case, the second of one name with a number behind it."""
    names: dict[str, None] = {}
    for each in found:
        plain = re.sub(r"\W+", "-", each.name.lower()).strip("-") or "data"
        names[next(name for name in _numbered(plain) if name not in names)] = None
    return list(names)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _refuse_others(folder: Path) -> None:
    """Raise SourceError where another data set than one exported before would be lost."""
    path = folder / "source.json"
    if not path.exists():
        return
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        is_ours = all(set(file) == {"path", "format", "source", "from"} for file in files)
    except (KeyError, TypeError, ValueError):
        is_ours = False
    if not is_ours:
        raise SourceError(f"{folder}: another data set is there already")


def _write(whole: _Whole, folder: Path, form: str, on: date, lost: Lost) -> Exported:
    """Write the files of a data set, swapped in when they are whole, its source.json last."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = [0, 0]
    with TemporaryDirectory(prefix=".part-", dir=folder) as scratch:
        source = Path(scratch) / "source.json"
        stated = _source(whole, form)
        batches = _batches(whole.blocks, counts)
        if form == "curblr":
            file = stated["files"][0]
            feed = Feed(whole.place, file["source"], on)
            counts = [*write_feed(Path(scratch) / file["path"], batches, feed, whole.name, lost)]
        else:
            _tables(form)(Path(scratch), batches)
        source.write_text(json.dumps(stated, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        for path in sorted(Path(scratch).iterdir(), key=lambda path: path == source):
            path.replace(folder / path.name)
    return Exported(folder, *counts)


def _tables(form: str) -> Callable[[Path, Batches], None]:
    """What writes our own tables in a form."""
    if form == "geoparquet":
        # Arrow takes its time to load.
        from onstreet.datasets import geoparquet

        return geoparquet.write
    return {"geojson": line_features.write, "csv": wkt_csv.write}[form]


def _batches(blocks: Iterable[BlockRow], counts: list[int]) -> Iterator[tuple[Sequence[BlockRow], Lines]]:
    """Blocks some at a time with the kerb lines of their segments, counted as they go by."""
    rows = iter(blocks)
    while batch := list(islice(rows, _BATCH)):
        counts[0] += len(batch)
        counts[1] += sum(len(row.segments) for row in batch)
        yield batch, kerbs_of(batch)


def _source(whole: _Whole, form: str) -> Json:
    """The source.json of a data set."""
    place = whole.place
    calendars = {"schoolDays": place.school_days, "eventDays": place.event_days}
    source = str(whole.files[0]["source"]) if whole.files else _FORMAT
    name = form if form == "curblr" else _FORMAT
    file = {"path": f"blocks{_SUFFIXES[form]}", "format": name, "source": source, "from": _origins(whole.files)}
    return {
        "name": whole.name,
        "zone": place.zone,
        "currency": place.currency,
        **({"country": place.country} if place.country else {}),
        **({"subdivision": place.subdivision} if place.subdivision else {}),
        **{name: _calendar(calendar) for name, calendar in calendars.items() if calendar},
        "files": [file],
    }


def _origins(files: Sequence[Json]) -> list[Json]:
    """Where data came from; of what was exported before, where that did."""
    own = [{key: value for key, value in file.items() if key not in {*_READING, "from"}} for file in files]
    return [each for file, said in zip(files, own, strict=True) for each in file.get("from") or [said]]


def _calendar(calendar: Calendar) -> Json:
    known = calendar.known
    dates = {str(date_of(day)): _hours(minutes) for day, minutes in sorted(calendar.minutes.items()) if minutes}
    return {"dates": dates, "from": str(date_of(known.start)), "to": str(date_of(known.stop - 1))}


def _hours(minutes: Minutes) -> list[list[str]]:
    """The hours of a date, none for all of it."""
    return [] if minutes == WHOLE_DAY else [[_clock(start), _clock(end)] for start, end in minutes]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
