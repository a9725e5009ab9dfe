"""Laws of the text: printing and reading are inverse, and no text does harm (S2.2)."""

import string

from conftest import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ratecards import format_card, parse, read, strategies
from ratecards.parser import MAX_LINE_CHARS

MANY = settings(
    max_examples=examples(200),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@MANY
@given(strategies.cards())
def test_what_is_printed_reads_back_and_is_canonical(card):
    text = format_card(card)
    if all(len(line) <= MAX_LINE_CHARS for line in text):
        assert parse(text, strict=True) == card


@st.composite
def mutated(draw) -> str:
    """A line of the language with a few letters changed, doubled, dropped or swapped for another line's."""
    [text] = format_card(draw(strategies.cards(1).filter(lambda card: len(card.lines) == 1)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        upto = draw(st.integers(at, min(len(text), at + 8)))
        text = text[:at] + draw(st.text(string.printable, max_size=4) | st.just(text[at:upto] * 2)) + text[upto:]
    return text


@MANY
@given(mutated() | st.text(max_size=80))
def test_any_text_is_read_or_explained(text):
    _, errors, notices = read([text])
    for error in errors:
        start, end = error.span
        assert 0 <= start <= end <= len(text)
        assert error.message
        assert str(error)
    assert all(notice.message for notice in notices)
