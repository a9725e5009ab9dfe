"""Where the data of a report come from: what a recipe, a source.json or a snapshot says of it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from onstreet.datasets.recipes.recipe import Recipe
from onstreet.datasets.source import data_set_folders


class Origin(NamedTuple):
    """Files, or a data source by its key: of which data set, whose, under which licence, of when; empty is not said."""

    data_set: str
    files: str
    origin: str
    licence: str
    date: str


def of_recipe(recipe: Recipe) -> Origin:
    """What a recipe says of the files it reads."""
    lines = [recipe.lines.table] if recipe.lines else []
    tables = [*lines, *(layer.table for layer in recipe.layers)]
    paths = [*(file.path for file in recipe.files), *(table.path for table in tables)]
    names = dict.fromkeys(path.name for path in paths)
    return Origin(recipe.name, ", ".join(names), recipe.origin, recipe.licence, f"as of {recipe.on}")


def of_data_sets(paths: Iterable[Path]) -> list[Origin]:
    """What the source.json of each data set says of its files; raises SourceError where there is none."""
    found = []
    for folder in data_set_folders(paths):
        stated = json.loads((folder / "source.json").read_text(encoding="utf-8"))
        for file in stated.get("files", []):
            found += [_of_file(stated["name"], file["path"], said) for said in file.get("from") or [file]]
    return found


def of_snapshot(about: Mapping[str, Any]) -> list[Origin]:
    """What a snapshot says of where its blocks came from, if it says anything."""
    return [Origin(*(str(said) for said in each[:5])) for each in about.get("sources", ())]


def _of_file(data_set: str, path: str, said: Mapping[str, Any]) -> Origin:
    return Origin(data_set, path, *(str(said.get(key, "")) for key in ("origin", "licence", "date")))
