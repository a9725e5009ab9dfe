"""`onstreet publish`, `load`, `check`: data sets and files of cities as snapshots, and what is wrong with them."""

import csv
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import click

from onstreet.cli.serve import stated_settings
from onstreet.datasets.findings import Finding
from onstreet.datasets.publish import publish as publish_data
from onstreet.datasets.recipes.recipe import Recipe, read_recipe
from onstreet.datasets.source import DataSet, Loaded, SourceError, find_data_sets
from onstreet.model import BlockRow
from onstreet.snapshot import prune
from onstreet.stores.database import Database, DatabaseError, is_address, require_drivers

Where = Path | Database


def _where(text: str) -> Where:
    """The folder or file, or else the database, that an argument names."""
    return Database(text) if is_address(text) else Path(text)


_to = click.option(
    "--to", "to", required=True, type=_where, metavar="PATH", help="Folder of the snapshots, or a database."
)
_keep = click.option("--keep", default=2, show_default=True, type=click.IntRange(1), help="Snapshots to leave in it.")
_data = click.option(
    "--data",
    "data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with the city's files, else that of the recipe.",
)
_on = click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="Day on which the rows must be in effect, else today."
)
_listed = click.option(
    "--findings",
    "listed",
    type=click.File("w"),
    help="File for all findings: a table if it ends in .csv, else a line of JSON each; - is standard output.",
)


@click.command(epilog="Example: onstreet publish data/santa-monica --to /var/lib/onstreet")
@click.argument("data", nargs=-1, required=True, type=_where)
@_to
@_keep
def publish(data: tuple[Where, ...], to: Where, keep: int) -> None:
    """Publish the data sets in the DATA folders as a snapshot that `onstreet serve` takes over while it runs.

    DATA and --to can also be databases, postgresql://user@host/name: into one, the data sets go in the place of those
    of their names; from one, all of its data sets make a snapshot.

    What cannot be used is left out and counted; `onstreet check` lists it.
    """
    with _readable_errors():
        tally = _Tally()
        with _data_sets(data) as data_sets:
            place = _written(data_sets, to, keep, tally)
    click.echo(place)
    if tally.findings:
        click.echo(f"{len(tally.findings)} findings; `onstreet check` lists them", err=True)


@click.command(epilog="Example: onstreet load data/recipes/santa-monica.toml --data downloads --to /var/lib/onstreet")
@click.argument("recipe", type=click.Path(path_type=Path))
@_data
@_to
@_keep
@_on
@_listed
def load(recipe: Path, data: Path | None, to: Where, keep: int, on: datetime | None, listed: TextIO | None) -> None:
    """Read the files of a city as a RECIPE says, and publish its blocks as a snapshot or into a database.

    Rows that cannot be used spoil no others; if more of them are lost than the recipe allows, nothing is published and
    the exit code is 1.
    """
    tally = _Tally()
    with _readable_errors():
        city = read_recipe(recipe, data, on.date() if on else date.today())
        loaded = _loaded(city)

        def approve() -> None:
            tally.report(listed)
            tally.approve(city, loaded)

        place = _written([loaded], to, keep, tally, approve)
    click.echo(place)


@click.command(epilog="Example: onstreet check data/santa-monica")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--data",
    "files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with the files of a recipe, else its own.",
)
@_on
@_listed
def check(data: tuple[Path, ...], files: Path | None, on: datetime | None, listed: TextIO | None) -> None:
    """Read the data sets in the DATA folders, or a city's files by a recipe, and list all that cannot be used.

    Exits with 1 if there is any; for a recipe, if it is more than it allows.
    """
    tally = _Tally()
    with _readable_errors(), TemporaryDirectory(prefix="onstreet-") as scratch:
        paths = data or stated_settings(os.environ).data
        if isinstance(paths, Database):
            raise SourceError(f"{paths}: data sets and recipes are checked, before they are loaded into a database")
        if paths[0].suffix == ".toml":
            city = read_recipe(paths[0], files, on.date() if on else date.today())
            loaded = _loaded(city)
            publish_data([loaded], Path(scratch), tally.findings, tally, with_tables=False)
            tally.report(listed)
            tally.approve(city, loaded)
            return
        publish_data(find_data_sets(paths), Path(scratch), tally.findings, tally, with_tables=False)
    for finding in tally.findings:
        click.echo(str(finding))
    click.echo(f"{tally.blocks} blocks, {len(tally.findings)} findings", err=True)
    sys.exit(bool(tally.findings))


@contextmanager
def _data_sets(data: Sequence[Where]) -> Iterator[Sequence[DataSet | Loaded]]:
    """The data sets in some folders, or all of a database; raises SourceError, DatabaseError."""
    if not isinstance(data[0], Database):
        paths = [each for each in data if isinstance(each, Path)]
        if len(paths) < len(data):
            raise SourceError("folders or one database, not both")
        yield find_data_sets(paths)
        return
    if len(data) > 1:
        raise SourceError("folders or one database, not both")
    require_drivers()
    from onstreet.datasets.postgis import stored

    with stored(data[0]) as found:
        yield found


def _written(
    data_sets: Sequence[DataSet | Loaded],
    to: Where,
    keep: int,
    tally: "_Tally",
    approve: Callable[[], object] = lambda: None,
) -> Where:
    """Where some data sets are now, in a snapshot or a database."""
    if isinstance(to, Path):
        place = publish_data(data_sets, to, tally.findings, tally, approve=approve)
        prune(to, keep)
        return place
    require_drivers()
    from onstreet.datasets.postgis import load_into

    load_into(to, data_sets, tally.findings, tally, approve)
    return to


def _loaded(city: Recipe) -> Loaded:
    # Frames take a second to load, and the other commands have no use for them.
    from onstreet.datasets.recipes.load import load as load_city

    return load_city(city, _show)


@contextmanager
def _readable_errors() -> Iterator[None]:
    try:
        yield
        _show()
    except (DatabaseError, OSError, SourceError) as error:
        _show()
        raise click.ClickException(str(error)) from None


def _show(step: str = "") -> None:
    """Says on a terminal what is being done, in place of what was before; nothing takes that away."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{step}{' ... ' if step else ''}", nl=False, err=True)


class _Tally:
    """Counts what is published, and says on a terminal how far it is."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.blocks = self.segments = self.spaces = 0
        self._cards: set[tuple[str, ...]] = set()

    def __call__(self, batch: Sequence[BlockRow]) -> None:
        segments = [segment for block in batch for segment in block.segments]
        self.blocks += len(batch)
        self.segments += len(segments)
        self.spaces += sum(segment.spaces_total or 0 for segment in segments)
        self._cards.update(segment.rate_cards for segment in segments)
        _show(f"publishing {self.blocks:,} blocks")

    def approve(self, recipe: Recipe, loaded: Loaded) -> None:
        """Raises SourceError where more rows are lost than a recipe allows."""
        if not self.blocks:
            raise SourceError(f"{recipe.path}: none of {loaded.rows:,} rows makes a block: not published")
        # Lines and joined tables only help the rows that count.
        counted = {layer.table.label for layer in recipe.layers} | {file.label for file in recipe.files}
        lost = len({(finding.file, finding.row) for finding in self.findings if finding.file in counted})
        if lost > recipe.may_lose * loaded.rows:
            share = f"{lost / max(loaded.rows, 1):.2%} of {loaded.rows:,} rows have findings"
            raise SourceError(f"{recipe.path}: {share}, the recipe allows {recipe.may_lose:.2%}: not published")

    def report(self, listed: TextIO | None) -> None:
        """The summary, findings by kind, and all of them as JSON where that is asked for."""
        counts = (
            f"{self.blocks:,} blocks, {self.segments:,} segments, {self.spaces:,} spaces, {len(self._cards):,} cards"
        )
        click.echo(f"{counts}, {len(self.findings):,} findings", err=True)
        kinds = Counter((finding.file, finding.field, finding.reason) for finding in self.findings)
        for kind, count in kinds.most_common():
            first = next(each for each in self.findings if (each.file, each.field, each.reason) == kind)
            shown = f"{': '.join(filter(None, kind))}  (row {first.row}: {first.value[:80]})"
            click.echo(f"{count:8,}  {shown}", err=True)
        if listed:
            _list(self.findings, listed)


def _list(findings: Sequence[Finding], file: TextIO) -> None:
    """All findings, in a file whose name ends in .csv as a table, else as JSON."""
    rows = [asdict(finding) for finding in findings]
    if file.name.endswith(".csv"):
        table = csv.DictWriter(file, [field.name for field in fields(Finding)])
        table.writeheader()
        table.writerows(rows)
        return
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False), file=file)
