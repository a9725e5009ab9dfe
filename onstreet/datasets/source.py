"""A data set on disk: a folder with a source.json that says what its files are, where they come from, and when."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from onstreet.datasets.calendars import read_calendar
from onstreet.datasets.findings import Finding
from onstreet.datasets.profiles import read_profile
from onstreet.model import BlockRow, Profile, Source
from ratecards import Calendar, Place
from ratecards.calendars import why_no_country
from ratecards.instants import is_zone

# What the files of a data set can be; without a word they are recorded answers.
FORMATS = ("recorded", "curblr", "cds", "onstreet")


class SourceError(ValueError):
    """A data set that cannot be opened at all: which file, and what is wrong with it."""


class Stretch(NamedTuple):
    """Some lines of a file: where they begin, how many bytes they have, and the number of the first one, from 1."""

    start: int
    size: int
    first: int


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of blocks: its key as a data source, and the chance of a space where the file itself has none.

    `policies` is where the policies of a CDS file stand if not in the file itself. With `lines` only these are meant;
    only a .jsonl file is read so.
    """

    path: Path
    source: str
    profile: Profile | None
    format: str = "recorded"
    policies: Path | None = None
    lines: Stretch | None = None

    @property
    def label(self) -> str:
        """What findings call it: its folder and its name."""
        return f"{self.path.parent.name}/{self.path.name}"


@dataclass(frozen=True, slots=True)
class DataSet:
    """The files of one city and the place they speak of."""

    name: str
    place: Place
    files: tuple[SourceFile, ...]
    sources: tuple[Source, ...] = ()


class Stated(NamedTuple):
    """What one row of a file states: the file, the row's number from 1, and the block or what is wrong there."""

    label: str
    number: int
    row: BlockRow | Finding


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """What was read of a city under its name, and how many rows that were."""

    name: str
    stated: Iterable[Stated]
    rows: int
    sources: tuple[Source, ...] = ()


def find_data_sets(paths: Iterable[Path]) -> list[DataSet]:
    """The data sets at these folders, or one level below them; raises SourceError where there is none."""
    return [read_source(folder) for folder in data_set_folders(paths)]


def data_set_folders(paths: Iterable[Path]) -> list[Path]:
    """The folders of the data sets there; raises SourceError where there is none."""
    found: list[Path] = []
    for path in paths:
        folders = (
            [path] if (path / "source.json").is_file() else sorted(each.parent for each in path.glob("*/source.json"))
        )
        if not folders:
            raise SourceError(f"{path}: no source.json here or one folder below")
        found += folders
    return found


def read_source(folder: Path) -> DataSet:
    """Read a folder's source.json; raises SourceError."""
    path = folder / "source.json"
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        if not (isinstance(stated, dict) and isinstance(stated.get("files", []), list)):
            raise ValueError("a JSON object with a list of 'files' is expected")
        files = tuple(read_file(folder, each) for each in stated["files"])
        place = read_place(stated, folder)
        name = str(stated["name"])
        return DataSet(name, place, files, tuple(_origins(name, stated["files"])))
    except KeyError as error:
        raise SourceError(f"{path}: {error} is missing") from None
    except (OSError, RecursionError, TypeError, ValueError) as error:
        raise SourceError(f"{path}: {error}") from None


def _origins(name: str, files: Iterable[Mapping[str, Any]]) -> Iterator[Source]:
    """Where the blocks of a data set come from; of tables that were exported, where those did."""
    for file in files:
        for each in file.get("from") or [file]:
            said = (str(each.get(key) or "") for key in ("origin", "licence", "date", "attribution"))
            yield Source(name, str(each.get("source", file["source"])), *said)


def read_file(folder: Path, stated: Mapping[str, object]) -> SourceFile:
    """A file of blocks as a source.json or a recipe states it; raises KeyError, ValueError."""
    path = _existing(folder / str(stated["path"]))
    source = str(stated["source"])
    if not source or "|" in source:
        raise ValueError(f"'source' must be a name without '|', not {source!r}")
    profile = stated.get("profile")
    policies = _existing(folder / str(stated["policies"])) if "policies" in stated else None
    return SourceFile(path, source, None if profile is None else read_profile(profile), _format(stated), policies)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"no file {path.name}")
    return path


def _format(stated: Mapping[str, object]) -> str:
    name = stated.get("format", FORMATS[0])
    if name not in FORMATS:
        raise ValueError(f"unknown format {name!r} of {stated['path']}; known are {', '.join(FORMATS)}")
    return str(name)


def read_place(stated: Mapping[str, Any], folder: Path) -> Place:
    """The place that files speak of, as a source.json or a recipe states it; raises KeyError, ValueError."""
    zone = _zone(stated["zone"])
    country, subdivision = (str(stated.get(key) or "") for key in ("country", "subdivision"))
    if subdivision and not country:
        raise ValueError("'subdivision' needs a 'country'")
    if country and (reason := why_no_country(country, subdivision)):
        raise ValueError(f"'country': {reason}")
    calendars: dict[str, Calendar] = {}
    for key in ("schoolDays", "eventDays"):
        if key in stated:
            try:
                calendars[key] = read_calendar(stated[key], folder, zone)
            except ValueError as error:
                raise ValueError(f"{key!r}: {error}") from None
    school, events = calendars.get("schoolDays"), calendars.get("eventDays")
    return Place(zone, _currency(stated["currency"]), country, subdivision, school, events)


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"'zone' must be an IANA time zone such as Europe/Amsterdam, not {name!r}")
    return name


def _currency(code: str) -> str:
    if not (isinstance(code, str) and len(code) == 3 and code.isascii() and code.isupper()):
        raise ValueError(f"'currency' must be an ISO 4217 code such as USD, not {code!r}")
    return code
