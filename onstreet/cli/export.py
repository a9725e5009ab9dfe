"""`onstreet export`: data sets and snapshots as tables for other programs, and as data sets again."""

from pathlib import Path

import click

from onstreet.datasets.export import FORMS
from onstreet.datasets.export import export as export_data
from onstreet.datasets.findings import Finding
from onstreet.datasets.source import SourceError


@click.command(epilog="Example: onstreet export data/santa-monica --to /tmp/santa-monica --as csv")
@click.argument("data", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Where to write.")
@click.option("--as", "form", required=True, type=click.Choice(FORMS), help="Form of the tables.")
def export(data: tuple[Path, ...], folder: Path, form: str) -> None:
    """Write the data sets in the DATA folders, or one folder of snapshots, as tables of blocks and segments.

    The tables lie beside a source.json, so that they are a data set again; several data sets get a folder each.
    What cannot be used is left out and counted; `onstreet check` lists it.
    """
    findings: list[Finding] = []
    try:
        written = export_data(data, folder, form, findings)
    except (OSError, SourceError) as error:
        raise click.ClickException(str(error)) from None
    for each in written:
        click.echo(f"{each.folder}: {each.blocks} blocks, {each.segments} segments")
    if findings:
        click.echo(f"{len(findings)} findings; `onstreet check` lists them", err=True)
