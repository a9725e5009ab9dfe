"""Laws of lint: it raises for no card, and an exact cover of the week has no gap."""

from conftest import examples
from hypothesis import HealthCheck, given, settings

from ratecards import lint, parse, strategies, structured_rates

LAW = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@LAW
@given(strategies.cards())
def test_lint_has_words_for_any_card(card):
    for finding in lint(card, structured_rates(card)):
        assert finding.code
        assert finding.message
        assert all(1 <= number <= len(card.lines) for number in finding.line_numbers)


def test_lint_is_silent_on_a_card_that_covers_the_week():
    assert lint(parse(["Each Hour (Mon-Sat; 9am-6pm): $1", "Mon-Sat (6pm-9am): Free", "Sun: Free"])) == []
