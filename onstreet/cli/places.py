"""Where data sets come from and go to: folders, or databases by their URLs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from onstreet.datasets.source import DataSet, Loaded, SourceError, find_data_sets
from onstreet.stores.database import Database, is_address, require_drivers

Where = Path | Database


def where(text: str) -> Where:
    """The folder or file, or else the database, that an argument names."""
    return Database(text) if is_address(text) else Path(text)


@contextmanager
def without_workers(workers: str | None, data: Sequence[Where]) -> Iterator[None]:
    """Raises SourceError where workers are to read a database."""
    if workers and any(isinstance(each, Database) for each in data):
        raise SourceError(
            "--cluster reads files: a database is read in one transaction, which sees one load of each city"
        )
    yield


@contextmanager
def opened(data: Sequence[Where]) -> Iterator[Sequence[DataSet | Loaded]]:
    """The data sets in some folders, or all of a database; raises SourceError, DatabaseError."""
    paths = [each for each in data if isinstance(each, Path)]
    if len(paths) == len(data):
        yield find_data_sets(paths)
        return
    if len(data) > 1 or not isinstance(data[0], Database):
        raise SourceError("folders or one database, not both")
    require_drivers()
    from onstreet.datasets.postgis import stored

    with stored(data[0]) as found:
        yield found
