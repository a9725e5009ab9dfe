"""Dialects: what cities write -> cards. `dialects/<name>.txt` has the cases: a text, and indented what comes of it.

There `- ` is what a text that states no rule is instead, `! ` the part that is not understood, and why.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark

from onstreet.datasets.dialects import DIALECTS, NoRuleError, Paid, RateCardError, translate
from onstreet.datasets.dialects.dialect import FOLDER, line
from onstreet.datasets.dialects.stretches import Stretch, day_names
from ratecards import format_card, parse
from ratecards.model import DAY_MIN, WEEK_MIN, Window

CORPORA = sorted(Path(__file__).with_name("dialects").glob("*.txt"))


def cases(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    lines = [text for text in path.read_text(encoding="utf-8").split("\n") if not text.startswith("#")]
    for block in re.split(r"\n\n+", "\n".join(lines).strip()):
        text, *said = block.split("\n")
        yield path.stem, text, [each.strip() for each in said]


CASES = [case for path in CORPORA for case in cases(path)]


def said_of(name: str, text: str) -> list[str]:
    try:
        return format_card(translate(name, text))
    except NoRuleError as error:
        return [f"- {error}"]
    except RateCardError as error:
        part = error.source[slice(*error.span)].strip() or "the end"
        return [f"! {part}: {error.hint}" if error.hint else f"! {part}"]


@pytest.mark.parametrize("name, text, said", CASES)
def test_text_means_the_card_beside_it(name, text, said):
    assert said_of(name, text) == said


@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_has_cases_enough_and_none_twice(name):
    texts = [text for dialect, text, _ in CASES if dialect == name]
    cards = [said for dialect, _, said in CASES if dialect == name and said[0][0] not in "-!"]
    assert len(cards) >= 20
    assert sorted(texts) == sorted(set(texts))


@pytest.mark.parametrize(
    "name, text, lines",
    [
        ("boston", "08:00AM-08:00PM MON-SAT $0.25 120", ["Each Hour (Mon-Sat; 8am-8pm; 2 Hour Max): $2"]),
        ("ladot", "NP 3A-6A | PKG 8A-8P Daily", ["3am-6am: No Parking", "Each Hour (Mon-Sun; 8am-8pm): $2"]),
        ("ladot", "PLO 9A-3P Daily", ["Mon-Sun (9am-3pm; Passenger Loading Only): See Meter"]),
        ("san_diego", "2 Hour Max 8am-6pm Mon-Sat (NFC)", ["Each Hour (Mon-Sat; 8am-6pm; 2 Hour Max): $2"]),
        ("san_diego", "2 Hour Max $1.25 HR 8am-6pm Sat", ["Each Hour (Sat; 8am-6pm; 2 Hour Max): $1.25"]),
        ("san_diego", "30 min upon entry with sensor, M-Sat 8am-6pm",
         ["Mon-Sat (8am-6pm; 30 Min Max): See Meter", "Note: 30 min upon entry with sensor"]),
        ("san_diego", "30 Min Max 8am-6pm Mon-Sat (Sensor Courtesy)",
         ["Mon-Sat (8am-6pm; 30 Min Max): See Meter", "Note: Sensor Courtesy"]),
        ("santa_monica", "$1.25/hr 2 hr 9a-6p MON-SAT", ["Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $1.25"]),
        ("santa_monica", "$1.25/hr 2 hr 9a-5p SUN VLT 5p-6p SUN",
         ["Each Hour (Sun; 9am-5pm; 2 Hour Max): $1.25", "Sun (5pm-6pm; Valet Only): See Meter"]),
        ("melbourne", "2P MTR M-F 7:30-18:30", ["Each Hour (Mon-Fri; 07:30-18:30; 2 Hour Max): $2"]),
        ("melbourne", "2P M-F 7:30-18:30", ["2 Hour Parking (Mon-Fri; 07:30-18:30)"]),
        ("melbourne", "2P MTR RPA SAT 7:30-12:30",
         ["Each Hour (Sat; 07:30-12:30; 2 Hour Max): $2", "Sat (07:30-12:30; Residential Permit): See Meter"]),
        ("nyc", "2 HMP 7PM-2AM SATURDAY",
         ["Each Hour (Sat; 7pm-12am; 2 Hour Max): $2", "Each Hour (Sun; 12am-2am; 2 Hour Max): $2"]),
        ("nyc", "TAXI HAILING (SYMBOL) TAXI STAND", ["Taxi Only: See Meter"]),
        ("osm", "fee:conditional=yes @ (Mo-Fr 09:00-18:00); no @ (Su)",
         ["Each Hour (Mon-Fri; 09:00-18:00): $2", "Sun: Free"]),
        ("osm", "charge=1 EUR/hour", ["Each Hour: EUR 1"]),
        ("osm", "access=residents", ["Residential Permit Only: See Meter"]),
    ],
)  # fmt: skip
def test_a_price_given_stands_where_the_text_has_none(name, text, lines):
    assert format_card(translate(name, text, Paid("Each Hour", "$2"))) == lines


def test_a_price_that_is_none_is_refused_with_the_text():
    with pytest.raises(RateCardError, match="is no line: column 31: cannot read 'two'"):
        translate("ladot", "8A-8P Daily", Paid("Each Hour", "two dollars"))


def test_what_was_expected_is_said_in_words():
    with pytest.raises(RateCardError) as caught:
        translate("ladot", "PKG 8A-6P Mon-")
    assert (caught.value.column, caught.value.expected) == (15, ("day",))


def test_an_unknown_dialect_is_no_dialect():
    with pytest.raises(KeyError, match="atlantis"):
        translate("atlantis", "8A-8P Daily")


MON, TUE, WED, THU, FRI, SAT, SUN = range(1, 8)


@pytest.mark.parametrize(
    "days, windows, clauses",
    [
        ({MON, TUE}, [(540, 1080)], [("Mon-Tue", "9am-6pm")]),
        ({MON, TUE}, [(540, 0)], [("Mon-Tue", "9am-12am")]),
        ({MON, TUE}, [(0, 0)], [("Mon-Tue", "")]),
        ({MON, TUE}, [(0, 0), (540, 720)], [("Mon-Tue", "")]),
        ({MON, TUE}, [], [("Mon-Tue", "")]),
        ({SAT}, [(1200, 120)], [("Sat", "8pm-12am"), ("Sun", "12am-2am")]),
        ({SUN}, [(1200, 120)], [("Sun", "8pm-12am"), ("Mon", "12am-2am")]),
        ({SUN, WED}, [(1200, 120)], [("Wed | Sun", "8pm-12am"), ("Mon | Thu", "12am-2am")]),
        ({FRI}, [(540, 720), (1200, 120)], [("Fri", "9am-12pm & 8pm-12am"), ("Sat", "12am-2am")]),
        ({FRI}, [(480, 480)], [("Fri", "8am-12am"), ("Sat", "12am-8am")]),
        (range(1, 8), [(1200, 120)], [("Mon-Sun", "8pm-2am")]),
        ((), [(1200, 120)], [("", "8pm-2am")]),
        ((), [], [("", "")]),
    ],
)  # fmt: skip
def test_hours_past_midnight_go_to_the_next_day(days, windows, clauses):
    stretch = Stretch(frozenset(days), tuple(Window(start, end, 12) for start, end in windows))
    assert list(stretch.clauses()) == clauses


HALF_HOURS = st.integers(0, 47).map(lambda count: 30 * count)
WINDOWS = st.builds(Window, HALF_HOURS, HALF_HOURS, st.just(12))


def minutes_of(text: str) -> set[int]:
    """The minutes of the week, from Monday 0:00, that a line covers in the reading of cards."""
    scope = parse([text]).lines[0].scope
    spans = [span for each in scope.hours for span in each.spans()] or [(0, DAY_MIN)]
    weekdays = scope.days.weekdays() if scope.days else range(1, 8)
    return {(day - 1) * DAY_MIN + minute for day in weekdays for span in spans for minute in range(*span)}


@given(st.frozensets(st.integers(1, 7), min_size=1), st.lists(WINDOWS, max_size=3))
def test_the_lines_of_a_stretch_cover_its_minutes(days, windows):
    lengths = [(each.start_min, each.length_min) for each in windows] or [(0, DAY_MIN)]
    begun = [((day - 1) * DAY_MIN + start, length) for day in days for start, length in lengths]
    meant = {minute % WEEK_MIN for start, length in begun for minute in range(start, start + length)}
    said = [line("", *clauses, outcome="Free") for clauses in Stretch(days, tuple(windows)).clauses()]
    assert set().union(*map(minutes_of, said)) == meant


@pytest.mark.parametrize(
    "days, names",
    [
        ({MON}, "Mon"),
        ({SAT, SUN}, "Sat-Sun"),
        ({SUN, MON, TUE}, "Sun-Tue"),
        ({MON, WED, FRI}, "Mon | Wed | Fri"),
        ({TUE, THU, FRI, SUN}, "Tue | Thu-Fri | Sun"),
        ({THU, FRI, SAT, SUN, MON, TUE}, "Thu-Tue"),
    ],
)
def test_days_are_named_in_runs(days, names):
    assert day_names(frozenset(days)) == names


@pytest.mark.parametrize(
    "head, clauses, outcome, text",
    [
        ("Each Hour", ("Sat", "", "2 Hour Max"), "$1", "Each Hour (Sat; 2 Hour Max): $1"),
        ("Each Hour", (), "$1", "Each Hour: $1"),
        ("", ("Sat", "9am-6pm"), "Free", "Sat (9am-6pm): Free"),
        ("", ("", "2 Hour Max"), "See Meter", "See Meter (2 Hour Max)"),
        ("", (), "No Parking", "No Parking"),
        ("2 Hour Parking", ("Sat",), "", "2 Hour Parking (Sat)"),
    ],
)
def test_a_line_is_one_of_the_language(head, clauses, outcome, text):
    assert format_card(parse([line(head, *clauses, outcome=outcome)])) == [text]


def untouched(name: str) -> set[str]:
    """The terminals of a dialect's grammar that no understood case makes it use."""
    grammar = FOLDER.joinpath(f"{name}.lark").read_text(encoding="utf-8")
    lark = Lark(grammar, parser="lalr", import_paths=[str(FOLDER)], g_regex_flags=re.ASCII)
    used = set(lark.ignore_tokens)
    for dialect, text, said in CASES:
        if dialect == name and said[0][0] not in "-!":
            used |= {token.type for token in lark.parse_interactive(text).exhaust_lexer()}
    return {terminal.name for terminal in lark.terminals} - used


# The words of times.lark that not every city has.
SHARED = {"DAILY", "AMPERSAND"}


@pytest.mark.parametrize("name", DIALECTS)
def test_every_terminal_of_a_grammar_has_a_case(name):
    assert untouched(name) - SHARED == set()
