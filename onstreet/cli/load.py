"""`onstreet publish`, `load`, `check`: data sets and files of cities as snapshots, and what is wrong with them."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, TextIO

import click

from onstreet.cli.places import Where, opened, where, without_workers
from onstreet.cli.progress import on_cluster as _cluster
from onstreet.cli.progress import readable_errors, show
from onstreet.cli.reports import Kinds, Listed, list_option
from onstreet.cli.serve import stated_settings
from onstreet.datasets.findings import Finding
from onstreet.datasets.parts import Counts, Part, assemble
from onstreet.datasets.publish import data_set_parts, parts_of, sources_of
from onstreet.datasets.publish import publish as publish_data
from onstreet.datasets.recipes.recipe import Recipe, read_recipe
from onstreet.datasets.source import DataSet, Loaded, SourceError
from onstreet.snapshot import prune
from onstreet.stores.database import Database, require_drivers

if TYPE_CHECKING:
    from distributed import Client

Folders = tuple[Path, ...]

_to = click.option(
    "--to", "to", required=True, type=where, metavar="PATH", help="Folder of the snapshots, or database."
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
_listed = list_option("--findings", "findings")
_workers = click.option(
    "--cluster", "workers", help="Dask workers that read and translate: local:N processes, or tcp://host:port."
)


class _Made(NamedTuple):
    """A city, the parts of a snapshot that became of it, and how many rows were read."""

    recipe: Recipe
    parts: Iterable[Part]
    rows: int


@click.command(epilog="Example: onstreet publish data/santa-monica --to /var/lib/onstreet")
@click.argument("data", nargs=-1, required=True, type=where)
@_to
@_keep
@_workers
def publish(data: tuple[Where, ...], to: Where, keep: int, workers: str | None) -> None:
    """Publish the data sets in the DATA folders as a snapshot that `onstreet serve` takes over while it runs.

    DATA and --to can also be databases, postgresql://user@host/name: into one, the data sets go in the place of those
    of their names; from one, all of its data sets make a snapshot.

    What cannot be used is left out and counted; `onstreet check` lists it.
    """
    tally = _Tally()
    with (
        readable_errors(),
        without_workers(workers, data),
        _cluster(workers) as bulk,
        opened(data) as data_sets,
    ):
        if isinstance(to, Database):
            _load_into(to, _read(bulk, data_sets), tally)
        else:
            place = assemble(_file_parts(bulk, data_sets), to, tally.findings, tally, sources=sources_of(data_sets))
            prune(to, keep)
    click.echo(to if isinstance(to, Database) else place)
    if tally.findings:
        click.echo(f"{len(tally.findings)} findings; `onstreet check` lists them", err=True)


@click.command(epilog="Example: onstreet load data/recipes/santa-monica.toml --data downloads --to /var/lib/onstreet")
@click.argument("recipes", metavar="RECIPE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@_data
@_to
@_keep
@_on
@_listed
@_workers
def load(
    recipes: Folders,
    data: Path | None,
    to: Where,
    keep: int,
    on: datetime | None,
    listed: TextIO | None,
    workers: str | None,
) -> None:
    """Read the files of cities as a RECIPE for each says, and publish their blocks as one snapshot, or into a database.

    Rows that cannot be used spoil no others; if more of them are lost than a recipe allows, nothing is published and
    the exit code is 1.
    """
    tally = _Tally()
    with readable_errors(), _cluster(workers) as bulk:
        day = on.date() if on else date.today()
        cities = [read_recipe(recipe, data, day) for recipe in recipes]
        if isinstance(to, Database):
            _load_into(to, _read_cities(bulk, cities), tally, cities, listed)
        else:
            parts = tally.approved(_made(bulk, cities), listed)
            sources = [source for city in cities for source in city.sources]
            place = assemble(parts, to, tally.findings, tally, sources=sources)
            prune(to, keep)
    click.echo(to if isinstance(to, Database) else place)


@click.command(epilog="Example: onstreet check data/santa-monica")
@click.argument("data", nargs=-1, type=where)
@click.option(
    "--data",
    "files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with the files of a recipe, else its own.",
)
@_on
@_listed
def check(data: tuple[Where, ...], files: Path | None, on: datetime | None, listed: TextIO | None) -> None:
    """Read the data sets in the DATA folders, or a city's files by a recipe, and list all that cannot be used.

    DATA can also be one database, postgresql://user@host/name: what its cards leave unknown is listed.

    Exits with 1 if there is any; for a recipe, if it is more than it allows.
    """
    tally = _Tally()
    with readable_errors(), TemporaryDirectory(prefix="onstreet-") as scratch:
        stated = data or stated_settings(os.environ).data
        places: Sequence[Where] = [stated] if isinstance(stated, Database) else stated
        first = places[0]
        if isinstance(first, Path) and first.suffix == ".toml":
            city = read_recipe(first, files, on.date() if on else date.today())
            parts = tally.approved(_made(None, [city], with_tables=False), listed)
            assemble(parts, Path(scratch), tally.findings, tally, with_tables=False)
            return
        with opened(places) as data_sets:
            publish_data(data_sets, Path(scratch), tally.findings, tally, with_tables=False)
    for finding in tally.findings:
        click.echo(str(finding))
    click.echo(f"{tally.counts.blocks} blocks, {len(tally.findings)} findings", err=True)
    sys.exit(bool(tally.findings))


def _load_into(
    database: Database,
    data_sets: Sequence[DataSet | Loaded],
    tally: "_Tally",
    cities: Sequence[Recipe] = (),
    listed: TextIO | None = None,
) -> None:
    """Load some data sets into a database, those of cities only if their recipes allow it."""
    require_drivers()
    from onstreet.datasets.postgis import load_into

    def finished(data_set: DataSet | Loaded) -> None:
        if isinstance(data_set, Loaded) and cities:
            tally.finished(_Made(cities[data_sets.index(data_set)], (), data_set.rows))

    def approve() -> None:
        if cities:
            tally.approve(listed)

    load_into(database, data_sets, tally.findings, tally, finished, approve)


def _loaded(city: Recipe) -> Loaded:
    # Frames take a second to load, and the other commands have no use for them.
    from onstreet.datasets.recipes.load import load as load_city

    return load_city(city, show)


def _read(bulk: "Client | None", data_sets: Sequence[DataSet | Loaded]) -> Sequence[DataSet | Loaded]:
    """Data sets, or what workers read of them."""
    if bulk is None:
        return data_sets
    from onstreet.datasets.bulk import read_files

    return read_files(bulk, [each for each in data_sets if isinstance(each, DataSet)], show)


def _read_cities(bulk: "Client | None", cities: Sequence[Recipe]) -> list[Loaded]:
    """What is read of cities, here or by workers."""
    if bulk is None:
        return [_loaded(city) for city in cities]
    from onstreet.datasets.bulk import read_cities

    return read_cities(bulk, cities, show)


def _file_parts(bulk: "Client | None", data_sets: Sequence[DataSet | Loaded]) -> Iterator[Part]:
    """The parts of data sets, made here or on a cluster."""
    if bulk is None:
        return data_set_parts(data_sets)
    from onstreet.datasets.bulk import file_parts

    return file_parts(bulk, [each for each in data_sets if isinstance(each, DataSet)], show)


def _made(bulk: "Client | None", cities: Sequence[Recipe], with_tables: bool = True) -> Iterator[_Made]:
    """Each city with its parts and how many rows were read, made here or on a cluster."""
    if bulk is None:
        for city in cities:
            loaded = _loaded(city)
            yield _Made(city, parts_of(loaded.stated, with_tables), loaded.rows)
        return
    from onstreet.datasets.bulk import made_cities

    for city, made in zip(cities, made_cities(bulk, cities, show), strict=True):
        yield _Made(city, made.parts, made.rows)


def _refusal(city: _Made, blocks: int, findings: Sequence[Finding]) -> str | None:
    """Why a city cannot be published: it has no block, or more rows are lost than its recipe allows."""
    recipe, _, rows = city
    if not blocks:
        return f"{recipe.path}: none of {rows:,} rows makes a block"
    # Lines and joined tables only help the rows that count.
    counted = {layer.table.label for layer in recipe.layers} | {file.label for file in recipe.files}
    lost = len({(finding.file, finding.row) for finding in findings if finding.file in counted})
    if lost > recipe.may_lose * rows:
        share = f"{lost / max(rows, 1):.2%} of {rows:,} rows have findings"
        return f"{recipe.path}: {share}, the recipe allows {recipe.may_lose:.2%}"
    return None


class _Tally:
    """Counts what is published, and says on a terminal how far it is."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counts = Counts()
        self._refusals: list[str | None] = []
        # How many findings and blocks there were before a city.
        self._before = (0, 0)

    def __call__(self, counts: Counts) -> None:
        self.counts = counts
        show(f"publishing {counts.blocks:,} blocks")

    def approved(self, cities: Iterable[_Made], listed: TextIO | None) -> Iterator[Part]:
        """The parts of all cities, and behind them the report; raises SourceError if one is not to be published."""
        for city in cities:
            yield from city.parts
            self.finished(city)
        self.approve(listed)

    def finished(self, city: _Made) -> None:
        """All rows of a city are read."""
        findings, blocks = self._before
        self._refusals.append(_refusal(city, self.counts.blocks - blocks, self.findings[findings:]))
        self._before = len(self.findings), self.counts.blocks

    def approve(self, listed: TextIO | None) -> None:
        """Report; raises SourceError if one of the cities is not to be published."""
        self.report(listed)
        if any(self._refusals):
            raise SourceError(f"{'; '.join(filter(None, self._refusals))}: not published")

    def report(self, listed: TextIO | None) -> None:
        """The summary, findings by kind, and all of them in a file where that is asked for."""
        blocks, segments, spaces, cards = self.counts
        counts = f"{blocks:,} blocks, {segments:,} segments, {spaces:,} spaces, {cards:,} cards"
        click.echo(f"{counts}, {len(self.findings):,} findings", err=True)
        kinds, rows = Kinds(), listed and Listed(listed)
        for finding in self.findings:
            kinds.add(finding)
            if rows:
                rows.add(finding)
        kinds.show()
