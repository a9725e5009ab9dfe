"""`onstreet quote`: what stays on a card cost, and why."""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import click

from onstreet.verdicts import LongReceiptsError
from onstreet.wire.query import ParameterError
from onstreet.wire.quote import Asked, CardError, parse_quote, quote_object
from onstreet.wire.stays import duration
from ratecards import Item, Quote, price_stays
from ratecards.formatter import format_line
from ratecards.money import Money, symbol


@click.command(
    epilog="Example: onstreet quote 'Each Hour (Mon-Sat; 9am-6pm): $2' 'Mon-Sat (6pm-9am): Free' "
    "--entry 2026-03-05T10:00 --duration '60|120' --zone America/Los_Angeles --explain"
)
@click.argument("lines", nargs=-1, required=True)
@click.option("--entry", help="Arrival as yyyy-mm-ddTHH:MM on the clock of the zone, with Z in UTC; now.")
@click.option("--duration", "durations", default="60", show_default=True, help="Minutes, several separated by |.")
@click.option("--zone", default="UTC", show_default=True, help="IANA time zone.")
@click.option("--country", help="ISO 3166-1 code of the country whose holidays hold, such as US.")
@click.option("--subdivision", help="Its part, such as CA.")
@click.option("--permits", help="Permits held, separated by commas: residential,zone a.")
@click.option("--currency", help="ISO 4217 code; the card's.")
@click.option("--explain", is_flag=True, help="Print the receipt of each stay.")
@click.option("--json", "as_json", is_flag=True, help="Print the object that POST /quote answers.")
def quote(lines: Sequence[str], explain: bool, as_json: bool, **stated: str | None) -> None:
    """Price stays on the card of these LINES; exits with 1 where the card cannot be read."""
    asked = _asked(lines, stated)
    if as_json:
        try:
            click.echo(json.dumps(quote_object(asked), ensure_ascii=False))
        except LongReceiptsError as error:
            raise click.ClickException(str(error)) from None
        return
    quotes = price_stays(asked.card, asked.stays.entry, asked.stays.durations_min, asked.place, asked.stays.permits)
    widths = _widths(quotes if explain else ())
    for stay_min, each in zip(asked.stays.durations_min, quotes, strict=True):
        click.echo(f"{duration(stay_min):>10}  {_said(each)}")
        if explain:
            for row in _receipt(each, widths):
                click.echo(row)


def _asked(lines: Sequence[str], stated: dict[str, str | None]) -> Asked:
    parts = (stated["durations"] or "").split("|")
    body = {
        "rateCards": list(lines),
        "entry_time": stated["entry"],
        "duration": [int(part) if re.fullmatch("[0-9]{1,10}", part) else part for part in parts],
        "permits": stated["permits"].split(",") if stated["permits"] else None,
        **{name: stated[name] for name in ("zone", "country", "subdivision", "currency")},
    }
    try:
        return parse_quote(body, datetime.now(UTC))
    except ParameterError as error:
        named = re.sub(r"'(entry_time|duration|zone|country|subdivision|permits|currency)'", r"--\1", error.message)
        raise click.ClickException(named.replace("--entry_time", "--entry")) from None
    except CardError as error:
        for _, each in error.errors:
            click.secho(str(each), fg="red", err=True)
        sys.exit(1)


def _said(quote: Quote) -> str:
    if quote.refused_by and quote.reason:
        return click.style(f"not allowed ({quote.reason.value}): {format_line(quote.refused_by)}", fg="red")
    if quote.cost is None:
        return click.style("price unknown" if quote.legal else "not known whether allowed, price unknown", fg="yellow")
    return click.style(str(Money(quote.cost, symbol(quote.currency))), bold=True)


class _Widths(NamedTuple):
    """What the receipts of some stays need so that their columns stand in line."""

    hours: int
    amount: int


def _widths(quotes: Sequence[Quote]) -> _Widths:
    items = [(quote, item) for quote in quotes for item in quote.explanation]
    return _Widths(
        max((len(_hours(item)) for _, item in items), default=0),
        max((len(_amount(quote, item)) for quote, item in items), default=0),
    )


def _receipt(quote: Quote, widths: _Widths) -> Iterator[str]:
    for item in quote.explanation:
        yield f"            {_hours(item):<{widths.hours}}  {_amount(quote, item):>{widths.amount}}  {_why(item)}"


def _hours(item: Item) -> str:
    return f"{item.start:%a %d %b %H:%M}-{_end(item)}" if item.minutes else ""


def _amount(quote: Quote, item: Item) -> str:
    return "?" if item.amount is None else Money(item.amount, symbol(quote.currency)).in_full


def _end(item: Item) -> str:
    is_same_day = item.start.date() == item.end.date()
    return f"{item.end:%H:%M}" if is_same_day else f"{item.end:%a %d %b %H:%M}"


def _why(item: Item) -> str:
    said = format_line(item.line) if item.line else "no line says what holds"
    units = f"{item.units} x " if item.units else ""
    return f"{units}{said}" + (f", at most {format_line(item.capped_by)}" if item.capped_by else "")
