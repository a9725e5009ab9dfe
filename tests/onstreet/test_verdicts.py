"""What was said of a card before is what would be said of it anew."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest

from onstreet import verdicts
from onstreet.verdicts import Cards, Distinct, Stays, Verdict, Verdicts, judge, judge_all
from ratecards import Place, read

LINES = [
    ("Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $1.50", "Mon-Sat (6pm-9am): Free", "Sun: Free"),
    ("Wed (10am-12pm): No Parking", "Mon-Tue | Thu-Sun: Free", "Wed (12pm-10am): Free"),
    ("Each Hour (Mon-Sun; 8am-8pm): $2", "Mon-Sun (8pm-8am): Free", "Daily Max: $7"),
    ("See Meter",),
    (),
]
PLACE = Place(zone="America/Los_Angeles", currency="USD")
MONDAY = datetime(2026, 6, 1)


@pytest.fixture
def often_switched():
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval_s)


class Book:
    """Cards that nobody asked about."""


def asked(book, numbers, entry) -> list:
    """Verdicts of cards by their numbers, of which every fifth has the same lines."""
    cards = Cards(book, lambda number: read(LINES[number % len(LINES)]).card, np.array(numbers, dtype=np.int64))
    stays = Stays(entry, (30, 60, 240), frozenset(), frozenset({"isOpen", "calculatedRates"}))
    return [(each.quotes, each.is_open) for each in judge_all(cards, PLACE, stays)]


# As many as there are, and so few that they are begun anew again and again.
@pytest.mark.parametrize("kept", [16_384, 7])
def test_verdicts_hold_for_the_entries_they_are_kept_for(kept, monkeypatch):
    monkeypatch.setattr(verdicts, "_VERDICTS_KEPT", kept)
    draw, book = Random(1), Book()
    for _ in range(400):
        numbers = [draw.randrange(len(LINES)) for _ in range(draw.randrange(12))]
        entry = MONDAY + timedelta(minutes=draw.randrange(3 * 24 * 60))
        stays = Stays(entry, (30, 60, 240), frozenset(), frozenset({"isOpen"}))
        anew = [judge(read(LINES[number]).card, PLACE, stays) for number in numbers]
        assert asked(book, numbers, entry) == [(each.quotes, each.is_open) for each in anew]


def test_threads_learn_from_each_other(often_switched):
    book, draw = Book(), Random(3)
    questions = [
        (draw.sample(range(2000), 20), MONDAY + timedelta(minutes=draw.randrange(14 * 24 * 60))) for _ in range(1500)
    ]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda question: asked(book, *question), questions))
    assert found == [asked(Book(), *question) for question in questions]


def test_what_is_made_of_a_verdict_is_made_once_for_all_cards_that_say_it():
    closed, free = Verdict(is_open=False), Verdict(is_open=True)
    unknown, made = Verdict(), []
    said = Verdicts(Distinct([closed, free]), np.array([1, 0, 0, 1]), {2: unknown})

    def written(verdict: Verdict) -> str:
        made.append(verdict)
        return str(verdict.is_open)

    assert list(said) == [free, closed, unknown, free]
    assert [said.each(written), said.each(written)] == [["True", "False", "None", "True"]] * 2
    assert made == [closed, free, unknown, unknown]


def test_most_of_a_week_is_said_once(monkeypatch):
    judged = []
    monkeypatch.setattr(
        verdicts, "quote", lambda visit, end, quote=verdicts.quote: judged.append(end) or quote(visit, end)
    )
    book = Book()
    for minute in range(0, 24 * 60, 5):
        asked(book, [0, 1, 1, 3, 4], MONDAY + timedelta(minutes=minute))
    assert len(judged) < 288 * 4 * 3 / 5


def test_cards_of_one_number_in_two_books_are_two():
    one = asked(Book(), [0], MONDAY + timedelta(hours=10))
    cards = Cards(Book(), lambda number: read(LINES[2]).card, np.array([0]))
    stays = Stays(MONDAY + timedelta(hours=10), (30,), frozenset(), frozenset({"isOpen"}))
    [other] = judge_all(cards, PLACE, stays)
    assert one[0][0][0] != other.quotes[0]
