"""Rows of a layer -> the lines of a card that each of them states, worked out once for rows that say the same."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import pandas

from onstreet.datasets.dialects import NoRuleError, translate
from onstreet.datasets.dialects.stretches import day_names
from onstreet.datasets.findings import UNCLEAR, Finding
from onstreet.datasets.recipes.recipe import Layer, Rules
from onstreet.datasets.recipes.tables import ROW, matching, need
from onstreet.datasets.recipes.values import UnreadableError, columns_of, filled, filled_line, read_value
from ratecards import Card, RateCardError, format_card, parse
from ratecards.formatter import window
from ratecards.model import DAY_MIN, DayRange, Line, Window
from ratecards.timeline import Timeline

Lines = tuple[str, ...]
# A Monday, far from anything special: no calendar is asked.
_MONDAY = 4


class Fault(NamedTuple):
    """Why a row has no card that can be relied on."""

    field: str
    value: str
    reason: str
    hint: str = ""


class Stated(NamedTuple):
    """What a row states: lines of a card, none where it has no rule, and what is wrong with it."""

    lines: Lines
    fault: Fault | None = None


def stated_cards(layer: Layer, frame: pandas.DataFrame, findings: list[Finding]) -> list[Lines]:
    """The lines that each row states; rows that state no rule have none, and are findings.

    A rule that cannot be read is served as a line nobody can read: its price and whether one may stay are unknown.
    """
    rules = layer.rules
    names = _columns(rules)
    need(frame, layer.table, names)
    which = frame[names].groupby(names, sort=False, dropna=False).ngroup() if names else pandas.Series(0, frame.index)
    firsts = frame[~which.duplicated()]
    known = [
        _stated(rules, card, also, dict(zip(names, row, strict=True)))
        for card, also, row in zip(
            _which_card(layer, firsts), _which_also(layer, firsts), firsts[names].itertuples(index=False), strict=True
        )
    ]
    stated = [known[number] for number in which]
    for row, each in zip(frame[ROW], stated, strict=True):
        if each.fault:
            findings.append(Finding(layer.table.label, int(row), *each.fault))
    return [each.lines for each in stated]


def _which_card(layer: Layer, frame: pandas.DataFrame) -> list[int]:
    """The first of the layer's cards that is for each row, -1 for none."""
    which = pandas.Series(-1, index=frame.index)
    for number, card in reversed(list(enumerate(layer.rules.cards))):
        which[matching(frame, card.get("where", {}), layer.table)] = number
    return [int(each) for each in which]


def _which_also(layer: Layer, frame: pandas.DataFrame) -> list[tuple[int, ...]]:
    """Which of the lines that only some rows have are each row's."""
    masks = [matching(frame, each.get("where", {}), layer.table).tolist() for each in layer.rules.also]
    return [tuple(number for number, mask in enumerate(masks) if mask[row]) for row in range(len(frame))]


def _columns(rules: Rules) -> list[str]:
    """The columns that decide what a row states."""
    cards = (*rules.cards, *rules.also)
    templates = [rules.text, *(line for card in cards for line in card["lines"])]
    named = {name for name in columns_of(*templates) if name not in rules.values}
    for value in rules.values.values():
        named |= {value["from"]} if isinstance(value["from"], str) else set(value["from"])
    named |= {name for card in cards for name in card.get("where", {})}
    return sorted(named)


def _stated(rules: Rules, card: int, also: Iterable[int], row: Mapping[str, str]) -> Stated:
    try:
        lines = _translated(rules, row) if rules.dialect else _from_templates(rules, card, row)
        lines = (*chain.from_iterable(_filled(rules, rules.also[each], row) for each in also), *lines)
    except NoRuleError as silent:
        return Stated((), Fault("text", filled(rules.text, _Values(rules.values, row)), f"states no rule: {silent}"))
    except UnreadableError as fault:
        shown = ", ".join(f"{name} {row[name]}" for name in row if row[name])
        return Stated((f"{UNCLEAR}{shown}"[:400],), Fault(fault.column, fault.value, fault.reason))
    except RateCardError as error:
        hint = f"column {error.column}: {error.advice}" if error.advice else f"column {error.column}"
        part = error.source[slice(*error.span)]
        return Stated((f"{UNCLEAR}{error.source}"[:400],), Fault("text", error.source, f"cannot read {part!r}", hint))
    otherwise = rules.cards[card].get("otherwise", "") if rules.cards else rules.otherwise
    return Stated((*lines, *_otherwise(lines, otherwise)))


def _translated(rules: Rules, row: Mapping[str, str]) -> Lines:
    return tuple(format_card(translate(rules.dialect, filled(rules.text, _Values(rules.values, row)), rules.paid)))


def _from_templates(rules: Rules, card: int, row: Mapping[str, str]) -> Lines:
    if card < 0:
        asked = dict.fromkeys(name for each in rules.cards for name in each.get("where", {}))
        shown = ", ".join(f"{name} {row[name]}" for name in asked)
        raise UnreadableError("cards", shown, "none of the recipe's cards is for such a row")
    return _filled(rules, rules.cards[card], row)


def _filled(rules: Rules, card: Mapping[str, Any], row: Mapping[str, str]) -> Lines:
    """The lines of a card for a row; those with `?` in front only where all their values are there."""
    # Values are read as lines ask for them: another card's may be empty.
    values = _Values(rules.values, row)
    lines: list[str] = []
    for template in card["lines"]:
        wanted = template.removeprefix("?")
        if template == wanted or all(values[name] for name in columns_of(wanted)):
            lines.append(filled_line(wanted, values))
    if not lines:
        raise UnreadableError("cards", "", "no line of the recipe's card has all its values")
    return tuple(lines)


class _Values(Mapping[str, str]):
    """The columns of a row and the values read from them."""

    def __init__(self, stated: Mapping[str, Mapping[str, object]], row: Mapping[str, str]) -> None:
        self._stated, self._row = stated, row

    def __getitem__(self, name: str) -> str:
        return read_value(self._stated[name], self._row) if name in self._stated else self._row[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._row, **self._stated})

    def __len__(self) -> int:
        return len({**self._row, **self._stated})


@lru_cache(maxsize=65_536)
def _otherwise(lines: Lines, outcome: str) -> Lines:
    """The lines that hold in all hours of an ordinary week that the others leave open."""
    if not outcome:
        return ()
    card = parse(lines)
    plain = Card(tuple(line for line in card.lines if _is_weekly(line)))
    timeline = Timeline(plain)
    clock = next((hours.clock for line in card.lines for hours in line.scope.hours), 12)
    days_of: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for weekday in range(1, 8):
        spans = timeline.day(_MONDAY + weekday - 1)
        open_hours = [(span.start, span.end) for span in spans if not (span.state.tariff or span.state.closed_by)]
        days_of.setdefault(tuple(open_hours), []).append(weekday)
    return tuple(_left_open(hours, frozenset(days), clock, outcome) for hours, days in days_of.items() if hours)


def _is_weekly(line: Line) -> bool:
    days = line.scope.days
    is_plain = days is None or (not days.nth and all(isinstance(each, DayRange) for each in days.ranges))
    return line.scope.season is None and is_plain


def _left_open(hours: Iterable[tuple[int, int]], days: frozenset[int], clock: int, outcome: str) -> str:
    """`Mon-Sat (6pm-9am): Free`: the hours before and after the others of one day are one window (S3.1)."""
    spans = list(hours)
    when = "" if len(days) == 7 else day_names(days)
    if spans == [(0, DAY_MIN)]:
        return f"{when}: {outcome}" if when else outcome
    if spans[0][0] == 0 and spans[-1][1] == DAY_MIN:
        spans = [*spans[1:-1], (spans[-1][0], spans[0][1])]
    shown = " & ".join(window(Window(start, end % DAY_MIN, clock)) for start, end in spans)
    return f"{when} ({shown}): {outcome}" if when else f"{shown}: {outcome}"
