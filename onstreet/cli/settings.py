"""`onstreet settings`: every knob of the service, what it is now, and who says so."""

import click

from onstreet.cli.serve import stated_settings
from onstreet.settings import list_settings


@click.command(epilog="Example: ONSTREET_PORT=8080 onstreet settings")
def settings() -> None:
    """Print each setting with its value, its unit, where the value is from, and what it sets.

    Values are from the environment, or the default; passwords of URLs are not shown. Ends with an error where a value
    cannot be used.
    """
    rows = [
        (each.knob.variable, each.shown, each.knob.unit, "environment" if each.stated else "default", each.knob.says)
        for each in list_settings()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    stated_settings()
