"""`onstreet card`: read, print, explain and doubt the text of signs."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple, TextIO

import click

from onstreet.cli.week import ORDINARY_MONDAY, WeekAsked, picture
from ratecards import Finding, RateCardError, format_card, lint, parse, read, structured_rates, to_json
from ratecards.calendars import day_number, why_no_country
from ratecards.errors import drawn
from ratecards.formatter import clock
from ratecards.model import DAY_MIN, Card, Line
from ratecards.outlook import monday_of
from ratecards.timeline import Span, compile_card

_lines = click.argument("lines", nargs=-1)
_file = click.option(
    "--file", "-f", "file", type=click.File("r"), help="Cards to read, one a line; - is standard input."
)


@click.group()
def card() -> None:
    """Read, print and explain rate cards.

    The LINES of one card are arguments. Without them cards come from --file or standard input, one a line: the text of
    a card of one line, a JSON list of lines, or a segment of a /blocks answer with its rateCards.
    """


@card.command("parse", epilog="Example: onstreet card parse 'Each Hour (Mon-Sat; 9am-6pm): $1' 'Sun: Free'")
@_lines
@_file
@click.option("--strict", is_flag=True, help="Refuse relaxed spellings.")
def parse_cards(lines: Sequence[str], file: TextIO | None, strict: bool) -> None:
    """Print each card as a line of JSON: its text, rates, notices and errors; exits with 1 if there is an error."""
    is_good = True
    for texts, _ in _cards(lines, file):
        reading = read(texts)
        errors = [_fault(error.source, error.column, error.message) for error in reading.errors]
        notices = [_fault(notice.source, notice.span[0] + 1, notice.message) for notice in reading.notices]
        if strict:
            errors += notices
            notices = []
        answer = {
            "text": format_card(reading.card),
            "rates": to_json(reading.card),
            "structuredRates": structured_rates(reading.card),
            "notices": notices,
            "errors": errors,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        is_good = is_good and not errors
    sys.exit(not is_good)


@card.command("format", epilog="Example: onstreet card format 'mon thru sat (9 a.m.-6 p.m.): free'")
@_lines
@_file
def format_cards(lines: Sequence[str], file: TextIO | None) -> None:
    """Print each card in canonical text; what cannot be read is explained, and the exit code is 1."""
    is_good = True
    for texts, _ in _cards(lines, file):
        try:
            for line in format_card(parse(texts)):
                click.echo(line)
        except RateCardError as error:
            _show_errors(error)
            is_good = False
    sys.exit(not is_good)


@card.command("explain", epilog="Example: onstreet card explain --week 'Each Hour (Mon-Sat; 9am-6pm): $1'")
@_lines
@_file
@click.option("--week", "is_drawn", is_flag=True, help="Draw the week.")
@click.option("--at", "day", type=click.DateTime(["%Y-%m-%d"]), help="A day of the week to explain.")
@click.option("--country", default="", help="ISO 3166-1 code of the country whose holidays hold, such as US.")
@click.option("--subdivision", default="", help="Its part, such as CA.")
@click.option("--locale", help="What to print in: en-US, en-GB, de, fr, es, it, nl.")
def explain_cards(
    lines: Sequence[str],
    file: TextIO | None,
    is_drawn: bool,
    day: datetime | None,
    country: str,
    subdivision: str,
    locale: str | None,
) -> None:
    """Say what was read of each card, and which line governs which hours of a week.

    It is a week without holidays, unless a country says which days are.
    """
    is_good = True
    which = _which_week(day, country, subdivision, locale)
    rows = picture if is_drawn else _week
    for texts, _ in _cards(lines, file):
        reading = read(texts)
        for number, line in enumerate(format_card(Card(reading.card.lines), which.locale), 1):
            click.echo(f"{click.style(str(number), bold=True)}  {line}")
        for notice in reading.notices:
            click.echo(f"{click.style(notice.message, fg='yellow')}\n{drawn(notice.source, notice.span)}")
        for error in reading.errors:
            click.secho(str(error), fg="red", err=True)
        for row in rows(reading.card, which):
            click.echo(row)
        is_good = is_good and not reading.errors
    sys.exit(not is_good)


@card.command("lint", epilog="Example: onstreet card lint '1 Hour: $5' '2 Hours: $3'")
@_lines
@_file
@click.option("--json", "as_json", is_flag=True, help="Print each finding as a line of JSON.")
def lint_cards(lines: Sequence[str], file: TextIO | None, as_json: bool) -> None:
    """List what is doubtful about each card, and where a segment's structuredRates disagree with it.

    Exits with 1 if there is anything, or a line that cannot be read.
    """
    is_good = True
    for texts, supplied in _cards(lines, file):
        reading = read(texts)
        findings = lint(reading.card, supplied)
        for error in reading.errors:
            click.secho(str(error), fg="red", err=True)
        for finding in findings:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False) if as_json else _shown(finding))
        is_good = is_good and not (findings or reading.errors)
    sys.exit(not is_good)


def _shown(finding: Finding) -> str:
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{click.style(finding.code, fg='yellow')}: {finding.message}{hint}"


class _Stated(NamedTuple):
    """The lines of a card, and the structured rates that a feed supplies with them."""

    lines: list[str]
    supplied: list[dict[str, object]] | None = None


def _cards(lines: Sequence[str], file: TextIO | None) -> Iterator[_Stated]:
    """The cards asked about: the arguments as one, else one of each line of the file or standard input."""
    if lines and file:
        raise click.UsageError("give lines or a file, not both")
    if lines:
        yield _Stated(list(lines))
        return
    stream = file if file else sys.stdin
    for number, text in enumerate(stream, 1):
        if text.strip():
            yield _card(number, text.strip())


def _card(number: int, text: str) -> _Stated:
    if text[0] not in "[{":
        return _Stated([text])
    try:
        stated: Any = json.loads(text)
    except ValueError as error:
        raise click.ClickException(f"line {number}: not JSON: {error}") from None
    lines: Any = stated
    supplied: Any = None
    if isinstance(stated, dict):
        lines, supplied = stated.get("rateCards"), stated.get("structuredRates")
    if not (_is_list_of(str, lines) and (supplied is None or _is_list_of(dict, supplied))):
        raise click.ClickException(f"line {number}: a card is a list of texts, or an object with one as 'rateCards'")
    return _Stated(lines, supplied)


def _is_list_of(kind: type, value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _fault(source: str, column: int, message: str) -> dict[str, object]:
    return {"line": source, "column": column, "message": message.partition(": ")[2]}


def _show_errors(error: RateCardError) -> None:
    for each in error.errors:
        click.secho(str(each), fg="red", err=True)


def _which_week(day: datetime | None, country: str, subdivision: str, locale: str | None) -> WeekAsked:
    """The week that options ask for, and what to say it in."""
    if (country or subdivision) and (reason := why_no_country(country, subdivision)):
        raise click.ClickException(f"--country: {reason}")
    monday = monday_of(day) if day else ORDINARY_MONDAY
    which = WeekAsked(monday, day is not None, country, subdivision, locale)
    try:
        which.speech()
    except ValueError as error:
        raise click.ClickException(f"--locale: {error}") from None
    return which


def _week(card: Card, which: WeekAsked) -> Iterator[str]:
    """A row for each weekday: its hours, and the number of the line that governs them."""
    timeline, place = compile_card(card), which.place(card)
    for number, name in enumerate(which.day_names()):
        spans = timeline.day(day_number(which.monday) + number, place)
        yield f"{click.style(name, bold=True)}  " + ", ".join(_span(card, span) for span in spans)


def _span(card: Card, span: Span) -> str:
    hours = "all day" if span.end - span.start == DAY_MIN else f"{clock(span.start, 24)}-{clock(span.end, 24)}"
    state = span.state
    if state.closed_by:
        return f"{hours} {click.style('closed', fg='red')} ({state.closed_by.number + 1})"
    if state.tariff:
        return f"{hours} line {_number(card, state.tariff.lines[0])}"
    return f"{hours} {click.style('unknown', fg='yellow')}"


def _number(card: Card, line: Line) -> int:
    return card.lines.index(line) + 1
