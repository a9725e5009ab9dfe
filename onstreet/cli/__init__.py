"""The command line: `onstreet` and its commands, a file each, or one for those that belong together."""

import click

from onstreet.cli.card import card
from onstreet.cli.export import export
from onstreet.cli.keys import keys
from onstreet.cli.load import check, load, publish
from onstreet.cli.matrix import matrix, summary
from onstreet.cli.quote import quote
from onstreet.cli.report import report
from onstreet.cli.serve import serve
from onstreet.cli.settings import settings
from onstreet.version import VERSION


@click.group()
@click.version_option(VERSION, prog_name="onstreet")
def main() -> None:
    """Serve and check kerb parking data; read, print and explain rate cards; price stays."""


for command in (serve, load, publish, check, export, matrix, summary, report, card, quote, keys, settings):
    main.add_command(command)
