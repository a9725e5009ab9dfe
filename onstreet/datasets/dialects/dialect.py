"""What all dialects share: how a text is read with a grammar, and how lines of a card are written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple

from lark import Lark, Transformer
from lark.exceptions import UnexpectedInput, VisitError
from lark.lexer import PatternStr

from ratecards import Card, RateCardError, parse
from ratecards.formatter import duration
from ratecards.transformer import RefusalError

FOLDER = files("onstreet.datasets.dialects")


class NoRuleError(ValueError):
    """A text that a dialect knows and that states no rule; the message says what it is instead."""


class Paid(NamedTuple):
    """What parking costs where a text says that it costs something: `Each Hour` and `$1.25`."""

    unit: str
    amount: str


SEE_METER = Paid("", "See Meter")


@dataclass(frozen=True)
class Dialect:
    """One city's way of writing rules.

    `rules` is a transformer whose start rule gives the lines of a card; it is made with what is paid where the text
    does not say, and raises RefusalError for what has the right form and makes no sense. `silent` has patterns of
    whole texts that state no rule, and what they are.
    """

    name: str
    rules: Callable[[Paid], Transformer[Any, list[str]]]
    silent: Mapping[str, str]

    def translate(self, text: str, paid: Paid | None = None) -> Card:
        """The card a text means; raises NoRuleError, or RateCardError with the part that is not understood."""
        for pattern, meaning in self._silent.items():
            if pattern.fullmatch(text.strip()):
                raise NoRuleError(meaning)
        try:
            lines = self.rules(paid or SEE_METER).transform(self._grammar.parse(text))
        except UnexpectedInput as fault:
            raise RateCardError(text, _span(text, fault), _expected(self._grammar, fault)) from None
        except VisitError as refusal:
            if isinstance(refusal.orig_exc, RefusalError):
                raise RateCardError(text, refusal.orig_exc.span, (), refusal.orig_exc.hint) from None
            raise
        try:
            return parse(lines)
        except RateCardError as error:
            # A limit of a hundred days, or a price that a recipe misspelt.
            raise RateCardError(text, (0, len(text)), (), f"{error.source!r} is no line: {error.message}") from None

    @cached_property
    def _silent(self) -> dict[re.Pattern[str], str]:
        return {re.compile(pattern, re.IGNORECASE): meaning for pattern, meaning in self.silent.items()}

    @cached_property
    def _grammar(self) -> Lark:
        text = FOLDER.joinpath(f"{self.name}.lark").read_text(encoding="utf-8")
        return Lark(text, parser="lalr", import_paths=[str(FOLDER)], g_regex_flags=re.ASCII, propagate_positions=True)


def line(head: str, *clauses: str, outcome: str = "") -> str:
    """A line of a card, `Each Hour (Mon-Sat; 9am-6pm): $1`, without a head `Free (Mon-Sat; 9am-6pm)`.

    Empty clauses are left out.
    """
    stated = "; ".join(filter(None, clauses))
    scope = f" ({stated})" if stated else ""
    return f"{head}{scope}: {outcome}" if head and outcome else f"{head or outcome}{scope}"


def limit(minutes: int) -> str:
    """`2 Hour Max`, `40 Min Max`; empty for no limit."""
    return f"{duration(minutes, is_counted=False)} Max" if minutes else ""


def _span(text: str, fault: UnexpectedInput) -> tuple[int, int]:
    """The word at which a grammar stopped; the end of the text where it ends too early."""
    token = getattr(fault, "token", None)
    start = len(text) if token is not None and token.type == "$END" else int(fault.pos_in_stream or 0)
    word = re.match(r"\s*\S+", text[start:])
    return start, start + (word.end() if word else 0)


def _expected(grammar: Lark, fault: UnexpectedInput) -> tuple[str, ...]:
    """What could have stood there: words and signs as they are, else by the names of the grammar's terminals."""
    wanted: set[str] = fault.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    spoken = ["the end"] if "$END" in wanted else []
    for terminal in grammar.terminals:
        if terminal.name in wanted:
            name = terminal.name.strip("_").replace("_", " ").lower()
            spoken.append(repr(terminal.pattern.value) if isinstance(terminal.pattern, PatternStr) else name)
    return tuple(sorted(spoken))
