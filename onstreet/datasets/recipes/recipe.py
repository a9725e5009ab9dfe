"""A recipe's text -> Recipe; what is wrong with it is said by the path of the value (`layers.0.side.compass`)."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from onstreet.datasets.dialects import DIALECTS, Paid
from onstreet.datasets.source import SourceError, SourceFile, read_file, read_place
from onstreet.model import Source
from ratecards import Place

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows: how it is read, and which of its rows count.

    `where` has a column with the text or texts it must have, or with `not`, those it must not. `effective` names the
    columns of the first and last day of a row, and how they are written. `empty` are texts that mean nothing. Every row
    is joined with those of another table whose column has the same text as one of its own, or stays as it is.
    """

    path: Path
    label: str
    encoding: str
    delimiter: str
    crs: str
    lon: str
    lat: str
    located: str
    where: Mapping[str, Any]
    effective: Mapping[str, str]
    empty: tuple[str, ...]
    join: "Table | None"
    join_on: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rows of a layer say: a dialect's text, or lines with the values of the row; and `also` what some say."""

    dialect: str
    text: str
    paid: Paid | None
    values: Mapping[str, Json]
    cards: tuple[Json, ...]
    also: tuple[Json, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A table of rules and where on the kerb its rows are; rows that are the same `together` speak of one space."""

    table: Table
    kind: str
    line: str
    within_m: float
    side: Mapping[str, Any]
    offsets: Mapping[str, str]
    rules: Rules
    spaces: str
    space_m: float
    payment_id: str
    together: str
    is_counted: bool


@dataclass(frozen=True, slots=True)
class LineTable:
    """The centrelines that layers lie along: their ids and names, and the house numbers of both sides."""

    table: Table
    id: str
    name: str
    address: str
    left: tuple[str, str] | None
    right: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Faces:
    """How points make lines of their own where no centreline is given.

    Points of one street, and of one hundred of house numbers if these are stated, make a line; odd and even numbers, or
    opposite compass directions, are its two sides. Without a street points that follow each other do.
    """

    street: str
    name: str
    number: str
    compass: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a city's files become blocks as they are on a day.

    `files` are whole formats, `may_lose` is the share of the rows that may be unusable.
    """

    path: Path
    on: date
    name: str
    place: Place
    source: str
    licence: str
    origin: str
    may_lose: float
    files: tuple[SourceFile, ...]
    lines: LineTable | None
    faces: Faces | None
    layers: tuple[Layer, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the blocks come from, and the day on which they are so."""
        return (Source(self.name, self.source, self.origin, self.licence, str(self.on)),)


def read_recipe(path: Path, folder: Path | None, on: date) -> Recipe:
    """The recipe at a path, its files in a folder or else beside it; raises SourceError with all that is wrong."""
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path}: {error}") from None
    faults = [f"{path}: {where}: {what}" for where, what in _faults(stated)]
    if faults:
        raise SourceError("\n".join(faults))
    try:
        return _recipe(path, stated, folder or path.parent, on)
    except ValueError as error:
        raise SourceError(f"{path}: {error}") from None


def _recipe(path: Path, stated: Json, folder: Path, on: date) -> Recipe:
    source = stated["source"]
    lines, faces = stated.get("lines"), stated.get("faces")
    return Recipe(
        path,
        on,
        stated["name"],
        read_place(stated, path.parent),
        source,
        stated["licence"],
        stated["origin"],
        float(stated.get("may_lose", 0)),
        tuple(read_file(folder, {"source": source, **each}) for each in stated.get("files", [])),
        _lines(lines, folder) if lines else None,
        None if faces is None else _faces(faces),
        tuple(_layer(each, folder) for each in stated.get("layers", [])),
    )


def _lines(stated: Json, folder: Path) -> LineTable:
    left, right = (tuple(stated[side]) if side in stated else None for side in ("left", "right"))
    return LineTable(
        _table(stated, folder), stated["id"], stated.get("name", ""), stated.get("address", ""), left, right
    )


def _faces(stated: Json) -> Faces:
    street, name, number, compass = (stated.get(each, "") for each in ("street", "name", "number", "compass"))
    return Faces(street, name, number, compass)


def _layer(stated: Json, folder: Path) -> Layer:
    return Layer(
        _table(stated, folder),
        stated["kind"],
        stated.get("line", ""),
        float(stated.get("within_m", 30)),
        stated.get("side", {}),
        stated.get("offsets", {}),
        _rules(stated),
        stated.get("spaces", ""),
        float(stated.get("space_m", 6.2)),
        stated.get("payment_id", ""),
        stated.get("together", ""),
        stated.get("count_spaces", stated["kind"] == "points"),
    )


def _rules(stated: Json) -> Rules:
    paid = stated.get("paid")
    return Rules(
        stated.get("dialect", ""),
        stated.get("text", ""),
        Paid(paid["unit"], paid["amount"]) if paid else None,
        stated.get("values", {}),
        tuple(stated.get("cards", [])),
        tuple(stated.get("also", [])),
        stated.get("otherwise", ""),
    )


def _table(stated: Json, folder: Path) -> Table:
    path = folder / stated["path"]
    if not path.is_file():
        raise ValueError(f"no file {path}; --data names the folder with the city's files")
    join = stated.get("join")
    return Table(
        path,
        path.name,
        stated.get("encoding", "utf-8-sig"),
        stated.get("delimiter", ","),
        stated.get("crs", ""),
        stated.get("lon", ""),
        stated.get("lat", ""),
        stated.get("located", ""),
        stated.get("where", {}),
        stated.get("effective", {}),
        tuple(stated.get("empty", [])),
        _table(join, folder) if join else None,
        tuple(join["on"]) if join else ("", ""),
    )


def _faults(stated: Json) -> list[tuple[str, str]]:
    """Where a recipe is not what its schema says, and what was expected there."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    faults = []
    for error in Draft202012Validator(schema()).iter_errors(stated):
        inner = best_match(error.context) if error.context else error
        shown = inner or error
        where = ".".join(map(str, shown.absolute_path)) or "recipe"
        faults.append((where, shown.message))
    return sorted(faults)


@lru_cache(maxsize=1)
def schema() -> Json:
    """The JSON schema of recipes."""
    text = files("onstreet.datasets.recipes").joinpath("recipe.schema.json").read_text(encoding="utf-8")
    schema: Json = json.loads(text)
    schema["$defs"]["dialect"]["enum"] = list(DIALECTS)
    return schema
