"""`onstreet report`: a data set on one HTML page, to read, to print and to send."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import click

from onstreet.cli.places import Where, opened, where
from onstreet.cli.progress import readable_errors, show
from onstreet.datasets.findings import Finding
from onstreet.datasets.publish import is_published, publish
from onstreet.datasets.recipes.recipe import read_recipe
from onstreet.datasets.source import SourceError
from onstreet.snapshot import Snapshot, SnapshotError, open_snapshot
from onstreet.wire.parameters import MAX_DURATION_MIN
from onstreet.wire.query import read_entry

if TYPE_CHECKING:
    from onstreet.datasets.report.origins import Origin


class _Read(NamedTuple):
    """A folder of snapshots that was read or made: what it is called, what was wrong, and where it came from."""

    folder: Path
    title: str
    findings: list[Finding] | None
    origins: "list[Origin]"


@click.command(epilog="Example: onstreet report data/recipes/corner/recipe.toml --to corner.html")
@click.argument("data", metavar="RECIPE|DATA...", nargs=-1, required=True, type=where)
@click.option(
    "--to", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.html to write."
)
@click.option(
    "--data",
    "files",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with the files of recipes, else their own.",
)
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day on which rows must be in effect, else today.")
@click.option("--entry", help="Arrival that the map is about, as yyyy-mm-ddTHH:MM; the next Wednesday at eleven.")
@click.option("--duration", default=60, show_default=True, type=click.IntRange(1, MAX_DURATION_MIN), help="Minutes.")
def report(
    data: tuple[Where, ...], path: Path, files: Path | None, on: datetime | None, entry: str | None, duration: int
) -> None:
    """Write a page on what data say of the kerb: a map, coverage, prices of the week, cards, findings, sources.

    DATA are recipes of cities, or else folders of data sets, one folder of snapshots or one database. The page needs no
    network and no script.
    """
    now = datetime.now(UTC)
    with readable_errors(), TemporaryDirectory(prefix="onstreet-") as scratch:
        # Frames take a second to load, and the other commands have no use for them.
        from onstreet.datasets.report.facts import gather
        from onstreet.datasets.report.kerbs import Stay
        from onstreet.datasets.report.page import html

        stay = Stay(_entry(entry, now), duration)
        read = _read(data, files, on.date() if on else now.date(), Path(scratch))
        show("writing the report")
        facts = gather(read.folder, read.title, stay, read.findings, read.origins, now)
        path.write_text(html(facts), encoding="utf-8")
    click.echo(f"{path}: {path.stat().st_size / 1000:,.0f} kB")


def _entry(text: str | None, now: datetime) -> datetime:
    if text is None:
        days = (2 - now.weekday()) % 7 or 7
        return datetime.combine(now.date() + timedelta(days=days), time(11))
    try:
        entry = read_entry(text)
        if entry.tzinfo:
            raise ValueError("a time on the local clock, without Z")
    except ValueError as error:
        raise SourceError(f"--entry must be {error}, not {text!r}") from None
    return entry


def _read(data: Sequence[Where], files: Path | None, on: date, scratch: Path) -> _Read:
    """What the arguments name, published to a folder where it is not yet."""
    from onstreet.datasets.report.origins import of_data_sets, of_recipe, of_snapshot

    paths = [each for each in data if isinstance(each, Path)]
    if len(paths) == len(data) and is_published(paths):
        about = _opened(paths[0]).about
        return _Read(paths[0], paths[0].resolve().name, None, of_snapshot(about))
    findings: list[Finding] = []
    if paths and all(each.suffix == ".toml" for each in paths):
        from onstreet.datasets.recipes.load import load

        recipes = [read_recipe(each, files, on) for each in paths]
        loaded = [load(recipe, show) for recipe in recipes]
        publish(loaded, scratch, findings, lambda counts: show(f"publishing {counts.blocks:,} blocks"))
        return _Read(scratch, ", ".join(each.name for each in recipes), findings, [of_recipe(each) for each in recipes])
    with opened(data) as data_sets:
        publish(data_sets, scratch, findings)
        title = ", ".join(each.name for each in data_sets)
    return _Read(scratch, title, findings, of_data_sets(paths))


def _opened(folder: Path) -> Snapshot:
    try:
        return open_snapshot(folder)
    except SnapshotError as error:
        raise SourceError(str(error)) from None
