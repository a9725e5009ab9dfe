"""Text of a card -> Card. grammar.lark says what is read, transformer.py what it becomes, hints.py what to say."""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from lark import Lark
from lark.exceptions import UnexpectedInput

from ratecards.errors import Notice, RateCardError
from ratecards.formatter import format_line
from ratecards.hints import explained, notices_of
from ratecards.model import Card, Line
from ratecards.transformer import LineBuilder, RefusalError

MAX_LINE_CHARS = 400
MAX_LINES = 200


class Reading(NamedTuple):
    """What came of a card's text: its readable lines, the errors of the others, and what was read leniently."""

    card: Card
    errors: tuple[RateCardError, ...]
    notices: tuple[Notice, ...]


def parse(lines: Iterable[str], *, strict: bool = False) -> Card:
    """Read the lines of a card (S2); with `strict` relaxed spellings are errors too (S2.3).

    Raises RateCardError for the first bad line; its `errors` holds one error for every bad line.
    """
    reading = read(lines)
    errors = reading.errors
    if strict:
        errors += tuple(notice.as_error() for notice in reading.notices)
    if errors:
        errors[0].errors = errors
        raise errors[0]
    return reading.card


def read(lines: Iterable[str]) -> Reading:
    """Read what can be read: a card that keeps the texts of its bad lines, and their errors (S1.3).

    Raises TypeError for one text in place of a list of them.
    """
    if isinstance(lines, str):
        raise TypeError("a card is a list of lines, not one text")
    good: list[Line] = []
    unread: list[str] = []
    errors: list[RateCardError] = []
    notices: list[Notice] = []
    for number, text in enumerate(lines, 1):
        try:
            line, relaxed = _within_limits(text, number)
        except RateCardError as error:
            unread.append(text)
            errors.append(error)
        else:
            good.append(line)
            notices += relaxed
    return Reading(_interned(Card(tuple(good), tuple(unread))), tuple(errors), tuple(notices))


@lru_cache(maxsize=65_536)
def read_line(text: str) -> tuple[Line, tuple[Notice, ...]]:
    """Read one line of a card, and say what was read leniently; raises RateCardError."""
    try:
        # The transformer rides along the parse, so the parser hands out the finished value.
        line: Line = _grammar().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as fault:
        raise explained(text, fault) from None
    except RefusalError as refusal:
        raise RateCardError(text, refusal.span, (), refusal.hint) from None
    return line, notices_of(text, format_line(line))


def _within_limits(text: str, number: int) -> tuple[Line, tuple[Notice, ...]]:
    if number > MAX_LINES:
        raise RateCardError(text, (0, len(text)), (), f"a card has at most {MAX_LINES} lines")
    if len(text) > MAX_LINE_CHARS:
        raise RateCardError(text, (MAX_LINE_CHARS, len(text)), (), f"a line has at most {MAX_LINE_CHARS} characters")
    return read_line(text)


@lru_cache(maxsize=65_536)
def _interned(card: Card) -> Card:
    return card


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = files("ratecards").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", transformer=LineBuilder(), maybe_placeholders=True, g_regex_flags=re.ASCII)
