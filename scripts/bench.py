#!/usr/bin/env python
"""Measure what the project promises of its speed, in one run on one core, and print one table."""

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import islice, product
from typing import TypeVar

import click

from ratecards import format_card, parse
from ratecards.parser import read, read_line

WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()

T = TypeVar("T")
Row = tuple[str, float, str]


@click.command(epilog="Example: scripts/bench.py --quick")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of a table.")
@click.option("--quick", is_flag=True, help="A tenth of the work, for a first look.")
def main(as_json: bool, quick: bool) -> None:
    """Measure reading and printing of cards."""
    count = 2_000 if quick else 20_000
    with click.progressbar(length=4, label="measuring", file=sys.stderr) as bar:
        rows: list[Row] = []
        for measure in (read_new_lines, read_known_lines, print_cards, hold_cards):
            rows.append(measure(count))
            bar.update(1)
    if as_json:
        click.echo(json.dumps({name: {"value": round(value, 1), "unit": unit} for name, value, unit in rows}))
        return
    for name, value, unit in rows:
        click.echo(f"{name:42}{value:14,.0f} {unit}")


def read_new_lines(count: int) -> Row:
    """Lines that were never seen before, canonical ones of eight productions."""
    fresh = list(islice(_lines("$"), count))
    read_line("Sun: Free")
    return "lines read, all distinct", _per_second(read_line, fresh), "lines/s"


def read_known_lines(count: int) -> Row:
    """The same lines once more: interned, so only looked up."""
    known = list(islice(_lines("$"), min(count, 5_000)))
    for line in known:
        read_line(line)
    return "lines read, seen before", _per_second(read_line, known * 40), "lines/s"


def print_cards(count: int) -> Row:
    """Canonical text of one-line cards."""
    cards = [parse([line]) for line in islice(_lines("$"), count)]
    return "cards printed", _per_second(format_card, cards), "cards/s"


def hold_cards(count: int) -> Row:
    """Memory a card of six distinct lines holds once it is interned, its lines and their caches included."""
    lines = list(islice(_lines("€"), 6 * (count // 6)))
    cards = [lines[at : at + 6] for at in range(0, len(lines), 6)]
    gc.collect()
    tracemalloc.start()
    held = [read(card).card for card in cards]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return "memory of an interned card of 6 lines", size / len(held), "bytes"


def _per_second(work: Callable[[T], object], items: list[T]) -> float:
    start = time.perf_counter()
    for item in items:
        work(item)
    return len(items) / (time.perf_counter() - start)


def _lines(sign: str) -> Iterable[str]:
    """Distinct canonical lines, without end for practical purposes."""
    for cents, hour, (first, last) in product(range(25, 4000, 5), range(5, 12), product(WEEKDAYS, WEEKDAYS[3:])):
        price = f"{sign}{cents // 100}.{cents % 100:02}" if cents % 100 else f"{sign}{cents // 100}"
        days = f"{first}-{last}" if first != last else first
        yield f"Each Hour ({days}; {hour}am-6pm; 2 Hour Max): {price}"
        yield f"Each 15 Min ({days} | Holidays; {hour:02}:30-18:00): {price}"
        yield f"{days} Except Holidays ({hour}am-10pm; Nov 15-Mar 31; Zone {cents} Permit Only): Free"
        yield f"Early Bird (In {hour}am-12pm; Out By 6pm): {price}"
        yield f"{first} Every 2nd & 4th ({hour}:{cents % 60:02}am-2pm; Street Cleaning): No Parking"


if __name__ == "__main__":
    main()
