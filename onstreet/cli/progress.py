"""What commands that take their time share: one line of progress, errors in one line, and workers of a cluster."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from onstreet.datasets.source import SourceError
from onstreet.stores.database import DatabaseError

if TYPE_CHECKING:
    from distributed import Client


@contextmanager
def readable_errors() -> Iterator[None]:
    """Errors of files, data sets and databases end the command with one line."""
    try:
        yield
        show()
    except (DatabaseError, OSError, SourceError) as error:
        show()
        raise click.ClickException(str(error)) from None


@contextmanager
def on_cluster(address: str | None) -> "Iterator[Client | None]":
    """The workers that an option --cluster speaks of, none without it; raises SourceError."""
    if address is None:
        yield None
        return
    try:
        # Clusters take a second to load, and few commands have use for them.
        from onstreet.datasets.bulk import cluster
    except ModuleNotFoundError as error:
        raise SourceError(f"--cluster: {error.name} is missing: pip install 'onstreet[cluster]'") from None
    show("starting workers")
    with cluster(address) as client:
        yield client


def show(step: str = "") -> None:
    """Says on a terminal what is being done, in place of what was before; nothing takes that away."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{step}{' ... ' if step else ''}", nl=False, err=True)
