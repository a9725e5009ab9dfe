#!/usr/bin/env python
"""Publish a city by one process and by Dask workers, and print what each takes: time, and memory of every process."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click

HERE = Path(__file__).parent
# How often memory is looked at; what the kernel keeps is the peak, so nothing is missed but a process's last moment.
_EVERY_S = 0.2


class Taken(NamedTuple):
    """What publishing took: seconds, those of all processors, each process's peak megabytes, and what came of it."""

    seconds: float
    cpu_s: float
    peaks_mb: list[float]
    snapshot: str


@click.command(epilog="Example: scripts/bench_bulk.py --blocks 1000000 --keep /tmp/bench")
@click.option("--blocks", default=100_000, show_default=True, type=click.IntRange(1), help="Blocks of the city.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1), help="Dask workers.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to keep the city in, and find it again; snapshots are not kept.",
)
def main(blocks: int, workers: int, keep: Path | None) -> None:
    """Publish a synthetic city by one process and by Dask workers, one after the other, and compare them.

    Memory is resident at its peak, the libraries that each process loads included; CPU s are those of all processes,
    which tell more than the clock where others use the machine. Both make the same snapshot, or the
    exit code is 1.
    """
    with TemporaryDirectory(prefix="onstreet-bulk-", dir=keep) as scratch:
        city = (keep or Path(scratch)) / f"city-{blocks}"
        if not (city / "source.json").is_file():
            subprocess.run([sys.executable, HERE / "synth_city.py", city, "--blocks", str(blocks)], check=True)
        one = _published(city, Path(scratch) / "one")
        many = _published(city, Path(scratch) / "many", "--cluster", f"local:{workers}")
    for line in _table(blocks, workers, one, many):
        click.echo(line)
    sys.exit(one.snapshot != many.snapshot)


def _published(city: Path, folder: Path, *options: str) -> Taken:
    command = [Path(sys.executable).with_name("onstreet"), "publish", city, "--to", folder, *options]
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    peaks: dict[int, float] = {}
    ended, status, usage = 0, 0, None
    while not ended:
        for pid in _family(process.pid):
            peaks[pid] = max(_peak_mb(pid), peaks.get(pid, 0))
        time.sleep(_EVERY_S)
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - start
    if status or usage is None:
        raise subprocess.CalledProcessError(status, process.args)
    first, others = peaks.pop(process.pid), sorted(peaks.values(), reverse=True)
    # The workers' time is in it: who started them has waited for them.
    cpu_s = usage.ru_utime + usage.ru_stime
    return Taken(seconds, cpu_s, [first, *others], (folder / "current").read_text().strip())


def _family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    for child in found.split():
        yield from _family(int(child))


def _peak_mb(pid: int) -> float:
    """The most memory a process has had so far; nothing where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0)


def _table(blocks: int, workers: int, one: Taken, many: Taken) -> Iterator[str]:
    columns = ("s", "of one", "CPU s", "of one", "peak MB", "of one")
    yield f"{f'{blocks:,} blocks':30}" + "".join(f"{each:>9}" for each in columns)
    yield _row("one process", (one.seconds, one.seconds), (one.cpu_s, one.cpu_s), (one.peaks_mb[0], one.peaks_mb[0]))
    first, *others = many.peaks_mb
    times = (many.seconds, one.seconds), (many.cpu_s, one.cpu_s)
    yield _row(f"client of {workers} workers, with them", *times, (first, one.peaks_mb[0]))
    for number, peak_mb in enumerate(others[:workers], 1):
        yield _row(f"worker {number}", None, None, (peak_mb, one.peaks_mb[0]))
    yield "the same snapshot" if one.snapshot == many.snapshot else "the snapshots differ"


def _row(name: str, *figures: tuple[float, float] | None) -> str:
    """Figures, each with its ratio to that of one process; nothing for None."""
    shown = (f"{figure[0]:9.1f}{figure[0] / figure[1]:9.2f}" if figure else f"{'':18}" for figure in figures)
    return f"{name:30}{''.join(shown)}".rstrip()


if __name__ == "__main__":
    main()
