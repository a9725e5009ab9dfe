#!/usr/bin/env python
"""Tell how much of real rule strings the dialects understand: by distinct texts, and by how often each is used."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from onstreet.datasets.dialects import DIALECTS, NoRuleError, RateCardError, translate

# The dialect of each corpus, by the name of its file.
CORPORA = {
    "boston_pay_policy": "boston",
    "ladot_parking_policy": "ladot",
    "melbourne_sign_description": "melbourne",
    "nyc_sign_description": "nyc",
    "san_diego_config_name": "san_diego",
    "santa_monica_config_name": "santa_monica",
}
SHOWN = 10

Json = dict[str, object]


class Reading(NamedTuple):
    """What came of one text: nothing but a card, or what it is instead of a rule, or where it stops making sense."""

    uses: int
    text: str
    instead: str = ""
    part: str = ""
    message: str = ""


class Share(NamedTuple):
    """How many of the texts that state a rule are understood."""

    understood: int
    stated: int

    def as_json(self) -> Json:
        """The two numbers and their ratio; null where no text states a rule."""
        return {**self._asdict(), "share": round(self.understood / self.stated, 4) if self.stated else None}

    def __str__(self) -> str:
        """`163 of 177 (92.1 %)`."""
        return f"{self.understood} of {self.stated}" + (
            f" ({self.understood / self.stated:.1%})" if self.stated else ""
        )


class Corpus(NamedTuple):
    """The readings of one file, the most used text first."""

    name: str
    readings: Sequence[Reading]

    @property
    def silent(self) -> list[Reading]:
        """The texts that state no rule."""
        return [each for each in self.readings if each.instead]

    @property
    def failures(self) -> list[Reading]:
        """The texts of which a part is not understood."""
        return [each for each in self.readings if each.message]

    def distinct(self) -> Share:
        """The share of the texts, each counted once."""
        stated = [each for each in self.readings if not each.instead]
        return Share(len(stated) - len(self.failures), len(stated))

    def weighted(self) -> Share:
        """The share of the texts, each counted as often as it is used."""
        stated = sum(each.uses for each in self.readings if not each.instead)
        return Share(stated - sum(each.uses for each in self.failures), stated)


@click.command(epilog="Example: scripts/corpus.py ../shared/data/strings")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of tables.")
def main(folder: Path, as_json: bool) -> None:
    """Read the corpora of FOLDER: files such as boston_pay_policy.tsv, a header and lines of count, tab, text."""
    corpora = list(read_folder(folder))
    if as_json:
        click.echo(json.dumps({each.name: in_json(each) for each in corpora}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join("\n".join(in_words(each)) for each in corpora))


def read_folder(folder: Path) -> Iterator[Corpus]:
    """The corpora of a folder; says of a file that no dialect reads that it is skipped."""
    for path in sorted(folder.glob("*.tsv")):
        dialect = CORPORA.get(path.stem, "")
        if dialect in DIALECTS:
            read = [reading(dialect, uses, text) for uses, text in rows(path)]
            yield Corpus(path.stem, sorted(read, key=lambda each: -each.uses))
        else:
            click.echo(f"{path.name}: no dialect reads it, skipped", err=True)


def rows(path: Path) -> Iterator[tuple[int, str]]:
    """The counts and texts below the header; raises ClickException naming a line that is not of them."""
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    for number, row in enumerate(lines[1:], 2):
        count, tab, text = row.partition("\t")
        if not (tab and count.isdecimal()):
            raise click.ClickException(f"{path}, line {number}: expected a count, a tab and a text, not {row!r}")
        yield int(count), text


def reading(dialect: str, uses: int, text: str) -> Reading:
    """What comes of a text in a dialect."""
    try:
        translate(dialect, text)
    except NoRuleError as error:
        return Reading(uses, text, instead=str(error))
    except RateCardError as error:
        return Reading(uses, text, part=error.source[slice(*error.span)].strip(), message=error.message)
    return Reading(uses, text)


def in_json(corpus: Corpus) -> Json:
    """Shares, all texts that state no rule, and all failures."""
    return {
        "dialect": CORPORA[corpus.name],
        "distinct": corpus.distinct().as_json(),
        "weighted": corpus.weighted().as_json(),
        "no_rule": [{"count": each.uses, "text": each.text, "is": each.instead} for each in corpus.silent],
        "failures": [
            {"count": each.uses, "text": each.text, "part": each.part, "message": each.message}
            for each in corpus.failures
        ],
    }


def in_words(corpus: Corpus) -> Iterator[str]:
    """The same for people, with the most frequent failures only."""
    yield corpus.name
    yield f"  understood   {corpus.distinct()} texts, {corpus.weighted()} uses"
    yield f"  no rule      {len(corpus.silent)} texts, {sum(each.uses for each in corpus.silent)} uses"
    yield from (f"    {each.uses:6}  {each.text.strip()}: {each.instead}" for each in corpus.silent)
    yield f"  failures     {len(corpus.failures)} texts, {sum(each.uses for each in corpus.failures)} uses"
    for each in corpus.failures[:SHOWN]:
        yield f"    {each.uses:6}  {each.text.strip()}"
        yield f"            {each.message}"
    if len(corpus.failures) > SHOWN:
        yield f"            and {len(corpus.failures) - SHOWN} more: --json has them all"


if __name__ == "__main__":
    main()
