"""Whole corpora of lines (S2): canonical ones, relaxed ones beside what they mean, and bad ones beside what is said."""

import re
from pathlib import Path

import pytest
from lark import Lark

import ratecards
from ratecards import RateCardError, format_card, parse, read, words

CARDS = Path(__file__).parents[1] / "cards"
GRAMMAR = Path(ratecards.__file__).with_name("grammar.lark").read_text(encoding="utf-8")


def corpus(name: str) -> list[list[str]]:
    """The lines of a corpus, cut at ` => `; comments and empty lines left out, \\u0000 read as its letter."""
    lines = (CARDS / name).read_text(encoding="utf-8").split("\n")
    letters = (re.sub(r"\\u(\w{4})", lambda code: chr(int(code[1], 16)), line) for line in lines)
    return [line.split(" => ") for line in letters if line and not line.startswith("#")]


CANONICAL = [line for [line] in corpus("identity.txt")]
RELAXED = corpus("relaxed.txt")
REJECTED = corpus("rejected.txt")
READABLE = [*CANONICAL, *(text for text, _ in RELAXED)]


@pytest.mark.parametrize("line", CANONICAL)
def test_canonical_line_prints_unchanged(line):
    card = parse([line], strict=True)
    assert format_card(card) == [line]


@pytest.mark.parametrize("text, canonical", RELAXED)
def test_relaxed_line_is_its_canonical_one_with_a_notice(text, canonical):
    card, errors, notices = read([text])
    assert (card, errors) == (parse([canonical], strict=True), ())
    assert notices


@pytest.mark.parametrize("text, canonical", RELAXED)
def test_relaxed_line_is_refused_where_strictness_is_asked(text, canonical):
    with pytest.raises(RateCardError):
        parse([text], strict=True)


@pytest.mark.parametrize("text, column, message", REJECTED)
def test_rejected_line_says_where_and_what(text, column, message):
    with pytest.raises(RateCardError) as caught:
        parse([text])
    assert caught.value.message.startswith(f"column {column}: ")
    assert message in caught.value.message


@pytest.mark.parametrize("name, least", [("identity.txt", 300), ("relaxed.txt", 150), ("rejected.txt", 100)])
def test_corpus_is_large_and_says_nothing_twice(name, least):
    texts = [text for text, *_ in corpus(name)]
    assert len(texts) >= least
    assert sorted(texts) == sorted(set(texts))


def untouched(lines: list[str]) -> set[str]:
    """The rule alternatives and terminals of the grammar that no line makes the parser use."""
    lark = Lark(GRAMMAR, parser="lalr")
    used = set(lark.ignore_tokens)
    noting = {rule: lambda _, rule=rule: used.add(rule) for rule in lark.rules}
    for line in lines:
        steps = lark.parse_interactive(line)
        steps.parser_state.parse_conf.callbacks = noting
        used |= {token.type for token in steps.exhaust_lexer()}
        steps.feed_eof()
    return {str(part) for part in {*lark.rules, *(terminal.name for terminal in lark.terminals)} - used}


def test_every_alternative_and_terminal_of_the_grammar_is_exercised():
    assert untouched(READABLE) == set()


def test_a_production_without_lines_would_be_missed():
    assert untouched([line for line in READABLE if "disc" not in line.lower()]) == {
        "<start : duration _DISC>",
        "<start : duration _DISC scope>",
        "<limit : duration _DISC>",
        "_DISC",
    }


@pytest.mark.parametrize("names", [words.WEEKDAYS, words.MONTHS, words.REASONS.values(), words.USERS.values()])
def test_every_word_of_a_closed_list_stands_in_a_canonical_line(names):
    assert [name for name in names if not any(re.search(rf"\b{name}\b", line) for line in CANONICAL)] == []
