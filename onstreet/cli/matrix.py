"""`onstreet matrix` and `onstreet summary`: the prices of a city over weeks, and what they come to."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

import click

from onstreet.cli.places import Where, opened, where
from onstreet.cli.progress import on_cluster, readable_errors, show
from onstreet.datasets.source import SourceError
from ratecards import Card, RateCardError, parse
from ratecards.words import WEEKDAYS

if TYPE_CHECKING:
    from distributed import Client

    from onstreet.datasets.matrix import Stays, Worked
    from onstreet.datasets.price_summary import Summary

T = TypeVar("T")

_ENTRIES = re.compile(r"([^/]+)/([^/]+)/([1-9][0-9]{0,5})")
_MOST_MIN = 44_640


@click.command(
    epilog="Example: onstreet matrix /var/lib/onstreet --entries 2026-06-01/2026-07-01/60 --durations '60|120' "
    "--to june.parquet --replace 'Each Hour: $2'='Each Hour: $3'"
)
@click.argument("snapshot", type=where)
@click.option("--entries", required=True, help="FROM/TO/STEP: from, to before, every so many minutes.")
@click.option("--durations", default="60", show_default=True, help="Minutes, several separated by |.")
@click.option(
    "--to", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="FILE.parquet to write."
)
@click.option(
    "--replace", "replacements", multiple=True, help="CARD=CARD: price also what is proposed in place of a card."
)
@click.option("--cluster", "workers", help="Dask workers that price: local:N processes, or tcp://host:port.")
def matrix(
    snapshot: Where, entries: str, durations: str, path: Path, replacements: tuple[str, ...], workers: str | None
) -> None:
    """Price stays on all segments of a SNAPSHOT, or of the one its folder points at, for many entries.

    SNAPSHOT can also be a database, postgresql://user@host/name.

    FILE.parquet has a row for each card, entry and duration; FILE.rates.parquet says which card at which place a `rate`
    is, FILE.segments.parquet which segments have it. A CARD is one line, or a JSON list of several.
    """
    with readable_errors(), on_cluster(workers) as bulk, _published(snapshot) as folder:
        # Arrow takes its time to load.
        from onstreet.datasets.matrix import Rates, write_matrix

        if path.suffix != ".parquet":
            raise SourceError(f"--to: a file that ends in .parquet is expected, not {path}")
        stays = _stays(entries, durations)
        rates = Rates(folder, dict(map(_replacement, replacements)))
        rows = write_matrix(rates, stays, path, _worked(bulk))
    click.echo(f"{path}: {rows:,} prices of {len(rates.rates):,} rates")


@click.command(epilog="Example: onstreet summary june.parquet")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def summary(path: Path) -> None:
    """Sum up the prices that `onstreet matrix` wrote: means by the hour, what is free, and what a proposal brings.

    Segments count with their spaces, and every entry as a stay on each of these.
    """
    with readable_errors():
        from onstreet.datasets.price_summary import summaries

        found = summaries(path)
    for each in found:
        for line in _shown(each):
            click.echo(line)


@contextmanager
def _published(snapshot: Where) -> Iterator[Path]:
    """A folder with a snapshot: the one that is named, or one that is made of a database for a while."""
    if isinstance(snapshot, Path):
        yield snapshot
        return
    from onstreet.datasets.publish import publish

    with TemporaryDirectory(prefix="onstreet-") as scratch:
        show(f"reading {snapshot}")
        with opened([snapshot]) as data_sets:
            publish(data_sets, Path(scratch), [])
        yield Path(scratch)


def _stays(entries: str, durations: str) -> "Stays":
    from onstreet.datasets.matrix import Stays

    stated = _ENTRIES.fullmatch(entries)
    try:
        if not stated:
            raise ValueError
        first, last = (datetime.fromisoformat(stated[number]) for number in (1, 2))
        if not datetime(2000, 1, 1) <= first < last <= datetime(2100, 1, 1) or (first.second, last.second) != (0, 0):
            raise ValueError
    except (TypeError, ValueError):
        expected = "2026-06-01/2026-07-01T12:00/60, wall-clock times in the years 2000 to 2100 and minutes, is expected"
        raise SourceError(f"--entries: FROM/TO/STEP such as {expected}, not {entries!r}") from None
    minutes = [int(part) if re.fullmatch("[0-9]{1,5}", part) else 0 for part in durations.split("|")]
    if not all(1 <= each <= _MOST_MIN for each in minutes) or len(set(minutes)) < len(minutes):
        raise SourceError(
            f"--durations: different minutes from 1 to {_MOST_MIN}, as 60|120, are expected: {durations!r}"
        )
    return Stays(first, last, int(stated[3]), tuple(minutes))


def _replacement(text: str) -> tuple[Card, tuple[str, ...]]:
    """The card that is replaced, and the lines of the one in its stead, around the first = that parts two cards."""
    fault = "CARD=CARD is expected"
    for at in (match.start() for match in re.finditer("=", text)):
        try:
            old, new = (_lines(half) for half in (text[:at], text[at + 1 :]))
            return parse(old), _readable(new)
        except RateCardError as error:
            fault = error.message
    raise SourceError(f"--replace: {fault}: {text!r}")


def _readable(lines: list[str]) -> tuple[str, ...]:
    parse(lines)
    return tuple(lines)


def _lines(text: str) -> list[str]:
    try:
        lines = json.loads(text)
    except ValueError:
        return [text.strip()]
    return lines if isinstance(lines, list) and all(isinstance(line, str) for line in lines) else [text]


def _worked(bulk: "Client | None") -> "Worked":
    """Tasks worked out in their order, here or by workers."""
    if bulk:
        from onstreet.datasets.bulk import in_order

        return lambda function, tasks: in_order(bulk, function, tasks, show)
    return lambda function, tasks: map(function, _told(tasks))


def _told(tasks: Iterable[T]) -> Iterator[T]:
    for task in tasks:
        show(str(task))
        yield task


def _shown(found: "Summary") -> Iterator[str]:
    yield f"{found.duration_min} min, {found.currency}: mean price by hour of entry"
    yield "      " + "".join(f"{day:>8}" for day in WEEKDAYS)
    for hour in range(24):
        means = (found.means[24 * day + hour] for day in range(7))
        yield f"{hour:02}:00 " + "".join("       -" if mean is None else f"{mean:8.2f}" for mean in means)
    yield "share of stays: " + ", ".join(f"{name} {share:.1%}" for name, share in found.shares.items())
    if found.compares:
        yield from _compared(found)


def _compared(found: "Summary") -> Iterator[str]:
    before, after, paid = found.before, found.after, float(found.paid.sum())
    yield f"replaced cards: now {before:,.2f}, proposed {after:,.2f}{_change(before, after)}"
    yield f"all cards: now {paid:,.2f}, proposed {paid + after - before:,.2f}{_change(paid, paid + after - before)}"
    if after:
        yield f"proposed prices x {before / after:.4f} bring in what the replaced ones do"
    if found.left_out:
        yield f"left out, without a price under both cards: {found.left_out:,.0f} stays"


def _change(before: float, after: float) -> str:
    return f" ({after / before - 1:+.1%})" if before else ""
