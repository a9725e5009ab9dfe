"""`POST /card`: JSON -> the text of a card and where it stands; and all that can be said of it without a stay.

A card with faults is read as far as it goes, and its faults are part of the answer: they are what it is sent for.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from onstreet.wire.bodies import LINES, MAX_LINES, PLACED, Field, Form, place_of, read_holder, read_place
from onstreet.wire.fields import OWN, SEGMENT, Json, array, nullable, record, shared, text, whole
from onstreet.wire.parameters import LOCALE
from onstreet.wire.query import read_entry, read_given, read_locale
from onstreet.wire.stays import week_span
from ratecards import Card, Finding, Line, Notice, Place, RateCardError, lint, read, structured_rates, to_json, week
from ratecards.formatter import format_line
from ratecards.instants import instant, local_datetime
from ratecards.model import Note
from ratecards.outlook import monday_of
from ratecards.parser import MAX_LINE_CHARS
from ratecards.scopes import special_days

# Whoever has more windows of hours is not doubted: it takes seconds, and no sign has so many.
MAX_DOUBTED = 40

FORM = Form(
    "The text of a card.",
    {
        "rateCards": Field(
            {
                "anyOf": [
                    LINES.schema,
                    text("Lines of a card parted by line breaks.", maxLength=MAX_LINES * (MAX_LINE_CHARS + 1)),
                ],
                "description": "The card. Blank lines of a text say nothing, and count.",
            },
            f"a list of at most {MAX_LINES} lines, or one text of them",
        ),
        "strict": Field(
            {"type": ["boolean", "null"], "description": "Take relaxed spellings for errors.", "default": False},
            "true or false",
        ),
        "locale": Field(
            nullable(text("What to print the card in; without it canonical text.", pattern=f"^{LOCALE}$")),
            "a locale such as en-US",
        ),
        **PLACED,
    },
)

_NUMBER = whole("The line, counted from 1.", minimum=1)
_WHERE = {
    "line": _NUMBER,
    "column": whole("Where it begins in the line, counted from 1.", minimum=1),
    "end": whole("The column behind it.", minimum=1),
    "message": text("What is said of it, for people."),
    "text": text("The line."),
}
_HINT = text("What to do about it, where that is known.")
PARTS: dict[str, Json] = {
    "CardFault": record(
        "Something in a card that cannot be read.",
        {**_WHERE, "expected": array("What could stand there.", {"type": "string"}), "hint": _HINT},
    ),
    "CardNotice": record(
        "A spelling that was read leniently.",
        {**_WHERE, "readAs": text("The canonical text for it, empty for what was left out.")},
    ),
    "CardFinding": record(
        "Something doubtful about a card.",
        {
            "code": text("What kind of doubt it is, for programs.", examples=["gap"]),
            "lines": array("The lines it is about.", _NUMBER),
            "message": text("What is doubtful, for people."),
            "hint": _HINT,
        },
    ),
}
ANSWER = record(
    "A card as it was read.",
    {
        "rateCards": array("Its lines as they are printed; those that cannot be read as they are.", {"type": "string"}),
        "errors": array("What cannot be read, line by line.", shared("CardFault")),
        "notices": array("What was read leniently.", shared("CardNotice")),
        "findings": {
            **array("What is doubtful; null where there are more hours than can be doubted.", shared("CardFinding")),
            "type": ["array", "null"],
        },
        "unknownDays": array(
            "Days it speaks of that nobody knows here.", {"enum": ["Holidays", "School Days", "Event Days"]}
        ),
        "structuredRates": SEGMENT["structuredRates"],
        "rates": OWN["rates"],
        "week": OWN["week"],
    },
)


class Read(NamedTuple):
    """A line of a card by its number in what was sent: the card of it alone, and what was said of its text."""

    number: int
    card: Card
    errors: Sequence[RateCardError]
    notices: Sequence[Notice]


class AskedCard(NamedTuple):
    """The lines of a card, where it stands, the Monday of a week, who asks, and what to print it in."""

    lines: Sequence[Read]
    place: Place
    monday: date
    permits: frozenset[str]
    locale: str | None


def parse_card(body: object, now: datetime) -> AskedCard:
    """What a decoded body asks; raises ParameterError naming the field."""
    stated = FORM.checked(body)
    place = read_place(stated)
    permits = read_holder(stated)
    entry = read_given(stated, "entry_time", read_entry, now)
    lines: Sequence[tuple[int, str]] = read_given(stated, "rateCards", _numbered, ())
    locale = read_given(stated, "locale", read_locale, None)
    monday = monday_of(local_datetime(instant(entry, place.zone), place.zone))
    is_strict = bool(stated.get("strict"))
    return AskedCard([_read(number, line, is_strict) for number, line in lines], place, monday, permits, locale)


def card_object(asked: AskedCard) -> Json:
    """What was read of a card, what is wrong with it, and what it says."""
    stated: list[Line | str] = []
    for each in asked.lines:
        stated += [*each.card.lines, *each.card.unread]
    unread = tuple(line for line in stated if isinstance(line, str))
    card = Card(tuple(line for line in stated if isinstance(line, Line)), unread)
    place = place_of(asked.place, card)
    days = special_days(line.scope for line in card.lines)
    return {
        "rateCards": [line if isinstance(line, str) else format_line(line, asked.locale) for line in stated],
        "errors": [_fault(each.number, error) for each in asked.lines for error in each.errors],
        "notices": [_notice(each.number, notice) for each in asked.lines for notice in each.notices],
        "findings": None if card.windows > MAX_DOUBTED else [_finding(each) for each in lint(_as_sent(asked.lines))],
        "unknownDays": [each.value for each in days if not place.knows(each)],
        "structuredRates": structured_rates(card),
        "rates": to_json(card),
        "week": [week_span(span, asked.locale) for span in week(card, asked.monday, place, asked.permits)],
    }


def _as_sent(lines: Sequence[Read]) -> Card:
    """The card with a note of its own where no line can be read, so that lines have the numbers they were sent with."""
    good = {each.number: line for each in lines for line in each.card.lines}
    return Card(
        tuple(good.get(number) or Line(statement=Note(str(number))) for number in range(1, max(good, default=0) + 1))
    )


def _numbered(value: str | list[str]) -> list[tuple[int, str]]:
    """The lines of a card with their numbers, the blank ones of a text left out."""
    if isinstance(value, list):
        return list(enumerate(value, 1))
    lines = value.splitlines()
    if len(lines) > MAX_LINES:
        raise ValueError(FORM.wanted("rateCards"))
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read(number: int, text: str, is_strict: bool) -> Read:
    card, errors, notices = read([text])
    if is_strict and notices:
        return Read(number, Card((), (text,)), [each.as_error() for each in notices], ())
    return Read(number, card, errors, notices)


def _fault(number: int, error: RateCardError) -> Json:
    said = {"expected": list(error.expected), "hint": error.advice}
    return {**_where(number, error.source, error.span, error.message), **said}


def _notice(number: int, notice: Notice) -> Json:
    return {**_where(number, notice.source, notice.span, notice.message), "readAs": notice.read_as}


def _where(number: int, source: str, span: tuple[int, int], message: str) -> Json:
    start, end = span
    return {"line": number, "column": start + 1, "end": end + 1, "message": message, "text": source}


def _finding(finding: Finding) -> Json:
    return {
        "code": finding.code,
        "lines": list(finding.line_numbers),
        "message": finding.message,
        "hint": finding.hint,
    }
