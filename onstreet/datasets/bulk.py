"""Large data sets and many cities on a Dask cluster: workers make the parts of a snapshot, here they are put in order.

A .jsonl file is cut between lines, any other file and each recipe is a task of its own. Workers read the files
themselves, so on other machines they must see them under the same paths; what they made comes back over the network, a
few tasks ahead of what has been written, so that nobody holds much of it at a time. For a database workers only read,
and rows come back: its load is one transaction, which one process writes. A worker that dies is made up for by another
one; a task that fails every time ends the whole, before anything is published.
"""

import logging
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple, TypeVar

import dask
from distributed import Client, Future, KilledWorker, LocalCluster

from onstreet.datasets.findings import Finding
from onstreet.datasets.parts import Part
from onstreet.datasets.publish import parts_of, stated_rows
from onstreet.datasets.recipes.recipe import Recipe
from onstreet.datasets.recorded import stretches
from onstreet.datasets.source import DataSet, Loaded, SourceError, SourceFile, Stated
from ratecards import Place

# Some hundred blocks: enough to be worth sending, few enough that a worker holds little more than its libraries.
_STRETCH_BYTES = 1 << 20
# How often a task that fails is tried again, and for how long a scheduler and its first worker are waited for.
_RETRIES = 2
_PATIENCE_S = 30
# Of two clusters on a machine none takes the port of the other's pages.
_ANY_PORT = "127.0.0.1:0"

T = TypeVar("T")
R = TypeVar("R")


class Made(NamedTuple):
    """The parts of a snapshot that became of a recipe, and how many rows were read."""

    parts: list[Part]
    rows: int


@dataclass(frozen=True, slots=True)
class _File:
    """A file, or some lines of it, to be made into parts."""

    file: SourceFile
    place: Place

    def __str__(self) -> str:
        lines = self.file.lines
        return self.file.label + (f" from line {lines.first:,}" if lines else "")

    def made(self) -> list[Part]:
        """Read it and make the parts."""
        return list(parts_of(stated_rows([self.file], self.place)))

    def rows(self) -> list[Stated]:
        """Read it."""
        return list(stated_rows([self.file], self.place))


@dataclass(frozen=True, slots=True)
class _City:
    """A recipe to be loaded and made into parts."""

    recipe: Recipe

    def __str__(self) -> str:
        return str(self.recipe.path)

    def made(self) -> Made:
        """Load it and make the parts."""
        loaded = self.loaded()
        return Made(list(parts_of(loaded.stated)), loaded.rows)

    def loaded(self) -> Loaded:
        """Load it."""
        # Frames take a second to load, and files of blocks have no use for them.
        from onstreet.datasets.recipes.load import load

        found = load(self.recipe)
        return replace(found, stated=list(found.stated))


@contextmanager
def cluster(address: str) -> Iterator[Client]:
    """Workers: `local:N` starts N processes here, tcp://host:port is a scheduler that runs; raises SourceError."""
    local = re.fullmatch("local:([1-9][0-9]{0,3})", address)
    if not local and "://" not in address:
        raise SourceError(f"--cluster: local:N or tcp://host:port is expected, not {address!r}")
    if not local:
        with _reached(address) as client:
            yield client
        return
    with (
        # Workers that look a hundred times a second at what they do, for pages nobody sees, have less time to do it.
        dask.config.set({"distributed.worker.profile.enabled": False}),
        LocalCluster(
            n_workers=int(local[1]), threads_per_worker=1, dashboard_address=_ANY_PORT, silence_logs=logging.CRITICAL
        ) as workers,
        Client(workers) as client,
    ):
        yield client


def file_parts(client: Client, data_sets: Iterable[DataSet], step: Callable[[str], object]) -> Iterator[Part]:
    """The parts of some data sets in their order; `step` is told what is waited for."""
    for parts in in_order(client, _File.made, _file_tasks(data_sets), step):
        yield from parts


def made_cities(client: Client, recipes: Sequence[Recipe], step: Callable[[str], object]) -> Iterator[Made]:
    """What became of each recipe, in their order; `step` is told what is waited for."""
    return in_order(client, _City.made, map(_City, recipes), step)


def read_files(client: Client, data_sets: Iterable[DataSet], step: Callable[[str], object]) -> list[Loaded]:
    """Data sets whose files workers read, a few tasks ahead of who asks for the rows; `step` is as above."""
    return [
        Loaded(
            each.name,
            _here(each.place, chain.from_iterable(in_order(client, _File.rows, _file_tasks([each]), step))),
            0,
            each.sources,
        )
        for each in data_sets
    ]


def read_cities(client: Client, recipes: Sequence[Recipe], step: Callable[[str], object]) -> list[Loaded]:
    """What workers load by each recipe, in their order; `step` is as above."""
    found = in_order(client, _City.loaded, map(_City, recipes), step)
    return [
        replace(each, stated=list(_here(recipe.place, each.stated)))
        for recipe, each in zip(recipes, found, strict=True)
    ]


def _here(place: Place, rows: Iterable[Stated]) -> Iterator[Stated]:
    """Rows that come from other processes with the place that is known here, one for all of them."""
    for each in rows:
        yield each if isinstance(each.row, Finding) else each._replace(row=replace(each.row, place=place))


def in_order(
    client: Client, function: Callable[[T], R], tasks: Iterable[T], step: Callable[[str], object]
) -> Iterator[R]:
    """What a function makes of each task, in their order; only so many are begun that workers are never idle.

    Raises SourceError where a task fails every time it is tried.
    """
    begun: deque[tuple[T, Future[R | SourceError]]] = deque()
    for task in tasks:
        begun.append((task, client.submit(_tried, function, task, pure=False, retries=_RETRIES)))
        while len(begun) > 2 * sum(client.nthreads().values()):
            yield _result(*begun.popleft(), step)
    while begun:
        yield _result(*begun.popleft(), step)


def _file_tasks(data_sets: Iterable[DataSet]) -> Iterator[_File]:
    for data_set in data_sets:
        for file in data_set.files:
            if file.format == "recorded" and file.path.suffix == ".jsonl":
                pieces = stretches(file.path, _STRETCH_BYTES)
                yield from (_File(replace(file, lines=lines), data_set.place) for lines in pieces)
            else:
                yield _File(file, data_set.place)


def _tried(function: Callable[[T], R], task: T) -> R | SourceError:
    """An error that says what is wrong with a source is an answer: trying again would find the same."""
    try:
        return function(task)
    except SourceError as error:
        return error


def _result(task: T, future: "Future[R | SourceError]", step: Callable[[str], object]) -> R:
    step(str(task))
    try:
        result = future.result()
    except KilledWorker:
        raise SourceError(f"{task}: every worker that took it died, as they do where memory is short") from None
    except Exception as error:
        raise SourceError(f"{task}: failed on the cluster, {1 + _RETRIES} times: {_said(error)}") from error
    if isinstance(result, SourceError):
        raise result
    return result


def _said(error: Exception) -> str:
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}"


@contextmanager
def _reached(address: str) -> Iterator[Client]:
    try:
        client = Client(address, timeout=_PATIENCE_S)
    except (OSError, ValueError) as error:
        raise SourceError(f"--cluster: no scheduler answers at {address}: {error}") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE_S)
        except TimeoutError:
            raise SourceError(f"--cluster: the scheduler at {address} has no workers") from None
        yield client
