"""What is wrong with data, or is lost of it: counted by kind with an example, and all of it in a file."""

import csv
import json
from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, TextIO

import click

from onstreet.datasets.findings import Finding


def list_option(name: str, what: str) -> Callable[[Any], Any]:
    """The option that names a file for all findings of some sort."""
    text = f"File for all {what}: a table if it ends in .csv, else a line of JSON each; - is standard output."
    return click.option(name, "listed", type=click.File("w"), help=text)


class Kinds:
    """How many findings there are of each kind, and the first of them."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str], tuple[int, Finding]] = {}

    def __len__(self) -> int:
        return sum(count for count, _ in self._kinds.values())

    def add(self, finding: Finding) -> None:
        """Count one."""
        kind = (finding.file, finding.field, finding.reason)
        count, first = self._kinds.get(kind, (0, finding))
        self._kinds[kind] = count + 1, first

    def show(self) -> None:
        """Print a line for each kind on standard error, the most frequent first."""
        for kind, (count, first) in sorted(self._kinds.items(), key=lambda each: -each[1][0]):
            shown = f"{': '.join(filter(None, kind))}  (row {first.row}: {first.value[:80]})"
            click.echo(f"{count:8,}  {shown}", err=True)


class Listed:
    """Findings written to a file as they come: a table if its name ends in .csv, else a line of JSON each."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        # The option opens its file when something is written: none at all is an empty one, not the last run's.
        file.write("")
        self._table = csv.DictWriter(file, [field.name for field in fields(Finding)]) if _is_table(file) else None
        if self._table:
            self._table.writeheader()

    def add(self, finding: Finding) -> None:
        """Write one."""
        if self._table:
            self._table.writerow(asdict(finding))
        else:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False), file=self._file)


def _is_table(file: TextIO) -> bool:
    return file.name.endswith(".csv")
