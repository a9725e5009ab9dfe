"""The public suite of worked prices holds for this engine, is well formed, and leaves nothing of the language out."""

import json
import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest

from ratecards import Card, Line, format_card, parse, price, read
from ratecards.calendars import Calendar, Place
from ratecards.instants import is_zone
from ratecards.model import (
    DAY_MIN,
    LAST,
    BilledBy,
    Conditions,
    Limits,
    Note,
    Outcome,
    ResetsAt,
    SpecialDay,
    TermKind,
)
from ratecards.money import Money, MoneyRange, minor_digits

SUITE = Path(__file__).parents[2] / "data" / "conformance"
THEMES = {
    path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for path in sorted(SUITE.glob("*.jsonl"))
}
CASES = [case for cases in THEMES.values() for case in cases]
EACH_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])

REQUIRED = {"id", "rule", "card", "entry", "zone", "currency", "stay_min", "legal", "cost", "arithmetic"}
OPTIONAL = {
    "unreadable", "country", "subdivision", "school_days", "event_days", "calendar_from", "calendar_to", "permits",
    "refused_by",
}  # fmt: skip
ENDS = ("calendar_from", "calendar_to")
DATED = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d+ [A-Z][a-z]{2})\b(?: (\d{4}))?")


def minute(text: str) -> int:
    hour, minutes = text.split(":")
    return int(hour) * 60 + int(minutes)


def calendar(case: dict, name: str) -> Calendar | None:
    """The school or event days of a case, known for the dates it says or the whole years it names."""
    if name not in case:
        return None
    hours = {
        date.fromisoformat(each): tuple((minute(start), minute(end)) for start, end in spans) or ((0, DAY_MIN),)
        for each, spans in case[name].items()
    }
    first, last = (date.fromisoformat(case[end]) if end in case else None for end in ENDS)
    return Calendar.of_hours(hours, first, last)


def place(case: dict) -> Place:
    return Place(
        case["zone"],
        case["currency"],
        case.get("country", ""),
        case.get("subdivision", ""),
        calendar(case, "school_days"),
        calendar(case, "event_days"),
    )


def text(line: Line | None) -> str | None:
    return format_card(Card((line,)))[0] if line else None


@EACH_CASE
def test_the_stay_costs_what_was_worked_out(case):
    card, *_ = read(case["card"])
    entry = datetime.fromisoformat(case["entry"])
    quote = price(card, entry, case["stay_min"], place(case), frozenset(case.get("permits", ())))
    expected = None if case["cost"] is None else Decimal(case["cost"])
    assert (quote.legal, quote.cost, text(quote.refused_by)) == (case["legal"], expected, case.get("refused_by"))


@EACH_CASE
def test_the_card_is_canonical(case):
    card, _, notices = read(case["card"])
    assert format_card(card) == case["card"]
    assert list(card.unread) == case.get("unreadable", [])
    assert not notices


@EACH_CASE
def test_the_fields_are_whole(case):
    assert set(case) >= REQUIRED
    assert set(case) <= REQUIRED | OPTIONAL
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", case["entry"])
    assert datetime.fromisoformat(case["entry"]).tzinfo is None
    assert is_zone(case["zone"])
    assert 1 <= case["stay_min"] <= 14 * DAY_MIN
    assert case["legal"] in (True, False, None)


@EACH_CASE
def test_the_answers_agree_with_each_other(case):
    assert (case["legal"] is False) == ("refused_by" in case)
    assert case.get("refused_by", case["card"][0]) in case["card"]
    if case["cost"] is not None:
        assert case["legal"] is True
        digits = minor_digits(case["currency"])
        assert re.fullmatch(rf"\d+\.\d{{{digits}}}" if digits else r"\d+", case["cost"])


@EACH_CASE
def test_the_dates_it_speaks_of_are_the_weekdays_it_says(case):
    for weekday, day_month, year in DATED.findall(f"{case['rule']} {case['arithmetic']}"):
        named = datetime.strptime(f"{day_month} {year or case['entry'][:4]}", "%d %b %Y")
        assert named.strftime("%a") == weekday


def test_every_id_is_its_theme_and_number():
    for theme, cases in THEMES.items():
        assert [case["id"] for case in cases] == [f"{theme}-{number}" for number in range(1, len(cases) + 1)]
    assert len(THEMES) == 12
    assert all(len(cases) >= 12 for cases in THEMES.values())
    assert len(CASES) >= 200


def test_no_case_asks_what_another_does():
    answers = {"id", "rule", "legal", "cost", "arithmetic", "refused_by"}
    asked = [json.dumps({name: case[name] for name in sorted(set(case) - answers)}) for case in CASES]
    assert len(set(asked)) == len(asked)


def test_the_readme_knows_every_theme_and_field():
    readme = (SUITE / "README.rst").read_text(encoding="utf-8")
    names = [*THEMES, *REQUIRED, *OPTIONAL]
    assert [name for name in names if f"``{name}``" not in readme] == []
    assert {name for case in CASES for name in case} == REQUIRED | OPTIONAL


def named(value: object) -> set[object]:
    """The names of what a part of a line states: its fields that are neither absent nor False."""
    if value is None:
        return set()
    stated = {each.name: getattr(value, each.name) for each in fields(value)}
    return {f"{type(value).__name__}.{name}" for name, part in stated.items() if part}


def constructs(lines: Iterable[Line]) -> set[object]:
    """What of the language these lines use."""
    used: set[object] = set()
    for line in lines:
        used |= named(line.scope) | named(line.scope.days) | named(line.scope.user)
        used |= named(line.conditions) | named(line.limits)
        used |= {line.term.kind} if line.term else set()
        used |= {line.outcome} if isinstance(line.outcome, Outcome) else {type(line.outcome)}
        used |= {type(line.statement)} if line.statement else set()
        used |= _days_of(line)
    return used


def _days_of(line: Line) -> set[object]:
    days = line.scope.days
    if days is None:
        return set()
    specials = {each for each in days.ranges if isinstance(each, SpecialDay)}
    return specials | {("except", each) for each in days.exceptions} | {("nth", each) for each in days.nth}


def everything() -> set[object]:
    """What a line of the language can say."""
    enums: list[type[Enum]] = [TermKind, Outcome, SpecialDay]
    parts = [f"{kind.__name__}.{each.name}" for kind in (Conditions, Limits) for each in fields(kind)]
    scope = ["Scope.days", "Scope.hours", "Scope.season", "Scope.user", "User.name", "User.only"]
    days = [*(("except", each) for each in SpecialDay), *(("nth", each) for each in (1, 2, 3, 4, 5, LAST))]
    others = [BilledBy, ResetsAt, Note, Money, MoneyRange]
    return {each for enum in enums for each in enum} | {*parts, *scope, *days, *others}


def suite_lines(*without: str) -> list[Line]:
    """Every readable line of the suite that holds none of these words."""
    texts = {line for case in CASES for line in case["card"] if line not in case.get("unreadable", ())}
    return [parse([line]).lines[0] for line in sorted(texts) if not any(word in line for word in without)]


def test_every_construct_of_the_language_occurs():
    assert everything() - constructs(suite_lines()) == set()


@pytest.mark.parametrize(
    "words, missing",
    [
        (["Plus"], {TermKind.PLUS}),
        (["Billed By"], {BilledBy}),
        (["Disc"], {"Limits.disc_min", "Limits.no_return_min"}),
        (["See Meter"], {Outcome.SEE_METER}),
        (["Every Last"], {("nth", LAST)}),
        (["Out By"], {"Conditions.out_by", TermKind.EARLY_BIRD}),
    ],
)
def test_a_construct_without_cases_would_be_missed(words, missing):
    assert everything() - constructs(suite_lines(*words)) == missing


def test_every_kind_of_answer_occurs():
    answers = {(case["legal"], case["cost"] is not None) for case in CASES}
    assert answers == {(True, True), (True, False), (False, False), (None, False)}
