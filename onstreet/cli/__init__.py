"""The command line: `onstreet serve`, `onstreet check`, `onstreet card`."""

import click

from onstreet.cli.card import card
from onstreet.cli.serve import check, serve
from onstreet.version import VERSION


@click.group()
@click.version_option(VERSION, prog_name="onstreet")
def main() -> None:
    """Serve and check kerb parking data; read, print and explain rate cards."""


for command in (serve, check, card):
    main.add_command(command)
