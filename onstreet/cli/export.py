"""`onstreet export`: data sets, snapshots and databases as tables or feeds for others, and as data sets again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click

from onstreet.cli.places import Where, opened, where
from onstreet.cli.progress import readable_errors
from onstreet.cli.reports import Kinds, Listed, list_option
from onstreet.datasets.export import FORMS
from onstreet.datasets.export import export as export_data
from onstreet.datasets.findings import Finding
from onstreet.datasets.source import Loaded


@click.command(epilog="Example: onstreet export data/santa-monica --to /tmp/santa-monica --as csv")
@click.argument("data", nargs=-1, required=True, type=where)
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where to write.")
@click.option("--as", "form", required=True, type=click.Choice(FORMS), help="Form of the tables, or curblr for a feed.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day that a feed is dated, else today.")
@list_option("--losses", "that the form cannot carry")
def export(data: tuple[Where, ...], folder: Path, form: str, on: datetime | None, listed: TextIO | None) -> None:
    """Write the data sets in the DATA folders, or one folder of snapshots, as tables of blocks and segments.

    DATA can also be one database, postgresql://user@host/name. What is written lies beside a source.json, so that it is
    a data set again; several data sets get a folder each.

    What cannot be used is left out and counted; `onstreet check` lists it. What the form cannot carry is counted by
    kind, and listed with --losses.
    """
    findings: list[Finding] = []
    kinds, rows = Kinds(), Listed(listed) if listed else None

    def lost(loss: Finding) -> None:
        kinds.add(loss)
        if rows:
            rows.add(loss)

    with readable_errors(), _read(data) as sources:
        written = export_data(sources, folder, form, findings, on.date() if on else date.today(), lost)
    for each in written:
        click.echo(f"{each.folder}: {each.blocks} blocks, {each.segments} segments")
    if kinds:
        click.echo(f"{len(kinds):,} losses: what {form} cannot carry", err=True)
        kinds.show()
    if findings:
        click.echo(f"{len(findings)} findings; `onstreet check` lists them", err=True)


@contextmanager
def _read(data: tuple[Where, ...]) -> Iterator[list[Path] | list[Loaded]]:
    """The folders, or what a database holds."""
    paths = [each for each in data if isinstance(each, Path)]
    if len(paths) == len(data):
        yield paths
        return
    with opened(data) as found:
        yield [each for each in found if isinstance(each, Loaded)]
