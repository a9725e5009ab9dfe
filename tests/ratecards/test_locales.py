"""Cards for people to read: a table to check by eye, and every phrase said in every locale, with no English left."""

import re
import subprocess
import sys
from decimal import Decimal
from importlib.resources import files
from itertools import combinations, product
from pathlib import Path

import pytest

from ratecards import Card, format_card, parse, read, words
from ratecards.formatter import format_line
from ratecards.locales import LOCALES, Speech, nearest, speech
from ratecards.model import (
    BilledBy,
    Conditions,
    DayRange,
    Days,
    Limits,
    Line,
    Note,
    Outcome,
    ResetsAt,
    Scope,
    Season,
    SpecialDay,
    Term,
    TermKind,
    Time,
    User,
    Window,
    YearDay,
)
from ratecards.money import Money, MoneyRange
from ratecards.phrases import forms_of

TABLE = (Path(__file__).parents[1] / "cards" / "locales.txt").read_text(encoding="utf-8")


def groups() -> list[tuple[str, dict[str, str]]]:
    """Each canonical line of the table, and what it is in each locale."""
    found = []
    for block in TABLE.split("\n\n")[1:]:
        canonical, *said = block.strip().splitlines()
        found.append((canonical, dict(line.split(maxsplit=1) for line in said)))
    return found


CASES = [(locale, canonical, text) for canonical, said in groups() for locale, text in said.items()]


@pytest.mark.parametrize("locale, canonical, text", CASES)
def test_table(locale, canonical, text):
    assert format_card(parse([canonical], strict=True), locale) == [text]


def test_without_a_locale_text_is_canonical():
    canonical = [line for line, _ in groups()]
    assert format_card(parse(canonical)) == canonical


def test_the_table_has_every_locale():
    assert len(groups()) >= 25
    assert all(tuple(said) == LOCALES for _, said in groups())


# One value or more of every kind for each part of a line.
HALF_DAY, EVENING = Window(480, 750, 12), Window(840, 1140, 12)
USERS = [*words.USERS.values(), "Zone A Permit", "ECO Label", "ACME"]
LENGTHS_MIN = (1, 15, 60, 90, 120, 1440)
COUNTED = (TermKind.EACH, TermKind.TIER, TermKind.ADDED, TermKind.FIRST, TermKind.PERIOD_MAX)
PARTS = {
    "days": [
        Days((DayRange(1, 1),)),
        Days((DayRange(2, 5),)),
        Days((DayRange(1, 2), DayRange(4, 4), DayRange(6, 7))),
        *(Days((DayRange(day, day),), (1, 3, -1)) for day in range(1, 8)),
        Days(tuple(SpecialDay)),
        *(Days((DayRange(1, 5),), (), (day,)) for day in SpecialDay),
        Days((DayRange(1, 5),), (2,), tuple(SpecialDay)),
    ],
    "hours": [(HALF_DAY,), (HALF_DAY, EVENING), (Window(0, 1440, 24),)],
    "season": [
        *(Season(YearDay(month), YearDay(month)) for month in range(1, 13)),
        Season(YearDay(11), YearDay(2)),
        Season(YearDay(11, 15), YearDay(2, 1)),
        Season(YearDay(8, 1), YearDay(8, 1)),
    ],
    "user": [User(name, only) for name in USERS for only in (False, True)],
    "outcome": [*Outcome, Money(Decimal("1.50"), "$"), MoneyRange(Money(Decimal(20), "$"), Money(Decimal(40), "$"))],
    "term": [
        *(Term(kind, minutes) for kind in COUNTED for minutes in LENGTHS_MIN),
        *(Term(TermKind.NTH_HOUR, 60 * hour) for hour in (1, 2, 3, 8, 11, 21)),
        *(Term(kind) for kind in TermKind if kind not in (*COUNTED, TermKind.NTH_HOUR)),
    ],
    "conditions": [
        Conditions(in_after=Time(1020, 12)),
        Conditions(in_window=HALF_DAY),
        Conditions(out_by=Time(390, 24)),
        Conditions(validated=True),
    ],
    "limits": [
        *(Limits(**{name: length}) for name in ("stay_min", "disc_min", "no_return_min") for length in (45, 60, 90)),
        Limits(120, 60, 1440),
    ],
    "reason": list(words.REASONS.values()),
    "statement": [BilledBy(1), BilledBy(5), ResetsAt(Time(240, 12)), Note(words.SUPERSEDE), Note("1 + 1")],
}  # fmt: skip


def line_of(parts: dict[str, object]) -> Line:
    scope = Scope(**{name: parts.pop(name) for name in ("days", "hours", "season", "user") if name in parts})
    return Line(scope, **{"outcome": Outcome.NO_PARKING, **parts})


def every_line() -> list[Line]:
    """Every value of every part beside every value of every other part."""
    lines = [Line(statement=each) for each in PARTS["statement"]]
    for one, other in combinations([name for name in PARTS if name != "statement"], 2):
        lines += [line_of({one: value, other: beside}) for value, beside in product(PARTS[one], PARTS[other])]
    alone = product(PARTS["limits"], PARTS["days"])
    return lines + [line_of({"limits": limits, "days": days, "outcome": None}) for limits, days in alone]


LINES = every_line()

# Words that both languages write alike, on signs, of the clock and of the year; names stay as they are everywhere.
NAMES = {"zone", "a", "eco", "acme"}
ALIKE = {
    "de": {"max", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "nov"},
    "fr": {"bus", "minute", "minutes", "plus", "mar", "oct", "nov"},
    "es": {"feb", "mar", "may", "jun", "jul", "oct", "nov"},
    "it": {"car", "in", "max", "taxi", "feb", "mar", "apr", "nov"},
    "nl": {"in", "max", "taxi", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "nov", "dec"},
}


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower()))


@pytest.mark.parametrize("locale", ALIKE)
def test_no_english_is_left(locale):
    left = {}
    for line in LINES:
        canonical, said = format_line(line), speech(locale).line(line)
        for word in words_of(said) & words_of(canonical) - NAMES - ALIKE[locale]:
            left[word] = (canonical, said)
    assert left == {}


class Seen(dict):
    """A catalogue's phrases that notes which were said."""

    def __init__(self, forms):
        super().__init__(forms)
        self.keys_said = set()

    def __getitem__(self, key):
        self.keys_said.add(key)
        return super().__getitem__(key)


WEEK_KINDS = [
    ("free", None), ("closed", None), ("reserved", None), ("unknown", None), ("paid", None),
    ("paid", Money(Decimal(1), "$")),
]  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_every_phrase_is_said_and_every_line_says_something(locale):
    seen = Seen(speech(locale).forms)
    own = Speech(speech(locale).locale, seen)
    said = [own.line(line) for line in LINES] + [own.kind(kind, money) for kind, money in WEEK_KINDS]
    assert seen.keys_said == set(seen)
    assert all(text and text == " ".join(text.split()) and "{" not in text for text in said)


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_a_line_states_is_lost(locale):
    """Lines that differ in canonical text differ in every locale."""
    said = {}
    for line in LINES:
        said.setdefault(speech(locale).line(line), set()).add(format_line(line))
    assert {text: lines for text, lines in said.items() if len(lines) > 1} == {}


def test_american_text_is_canonical_but_for_clocks():
    lines = [line for line in LINES if not re.search(r"[0-9]:[0-9]{2}(?![ap]m)", format_line(line))]
    assert len(lines) > 1000
    assert [speech("en-US").line(line) for line in lines] == [format_line(line) for line in lines]


NEAREST = [
    ("en", "en-US"), ("en_US", "en-US"), ("en-CA", "en-US"), ("EN-gb", "en-GB"), ("en_AU", "en-GB"), ("en-IE", "en-GB"),
    ("de", "de"), ("de-DE", "de"), ("de_AT", "de"), ("fr-CA", "fr"), ("es-419", "es"), ("nl_BE", "nl"), ("it_CH", "it"),
    ("en_GB.UTF-8", "en-GB"), ("de_Latn_CH", "de"),
]  # fmt: skip


@pytest.mark.parametrize("asked, locale", NEAREST)
def test_the_nearest_locale(asked, locale):
    assert nearest(asked) == locale


@pytest.mark.parametrize("asked", ["pl", "english", "", "zh-Hant-TW"])
def test_a_language_we_do_not_speak(asked):
    with pytest.raises(ValueError, match="en-US, en-GB, de, fr, es, it, nl"):
        format_card(Card(()), asked)


def test_what_could_not_be_read_stays():
    card = read(["Sun: Free", "2P Meter"]).card
    assert format_card(card, "de") == ["So: kostenlos", "2P Meter"]


def test_without_a_locale_no_babel():
    code = (
        "import sys, ratecards; card = ratecards.parse(['Sun: Free']); assert 'babel' not in sys.modules;"
        "assert ratecards.format_card(card) == ['Sun: Free']; assert 'babel' not in sys.modules;"
        "assert ratecards.format_card(card, 'nl') == ['Zo: gratis']"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


GERMAN = files("ratecards").joinpath("catalogues", "de.toml").read_text(encoding="utf-8")
BROKEN = [
    ('free = "kostenlos"\n', "", "outcome.free"),
    ('free = "kostenlos"', 'frei = "kostenlos"', "outcome.frei"),
    ("keine Rückkehr innerhalb von {duration}", "keine Rückkehr innerhalb von {dauer}", "limit.no_return"),
    ("Hinweis: {text}", "Hinweis", "line.note"),
    ("max. {duration}", "max.", "limit.stay"),
    ('free = "kostenlos"', 'free = {one = "kostenlos"}', "outcome.free"),
]


@pytest.mark.parametrize("phrase, broken, key", BROKEN)
def test_a_broken_catalogue_is_refused(phrase, broken, key):
    assert phrase in GERMAN
    with pytest.raises(ValueError, match=key.replace(".", r"\.")):
        forms_of(GERMAN.replace(phrase, broken))


def test_every_catalogue_is_a_locale():
    names = {each.name.removesuffix(".toml") for each in files("ratecards").joinpath("catalogues").iterdir()}
    assert names == set(LOCALES)
