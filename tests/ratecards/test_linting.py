"""What lint says of cards: a corpus to check by eye, hints, and the rates of a feed beside their card."""

import json
from pathlib import Path

import pytest

from ratecards import Finding, lint, parse, read

ROOT = Path(__file__).parents[2]


def corpus() -> list[tuple[str, list[str]]]:
    """Each card of lint.txt with its findings."""
    cards: list[tuple[str, list[str]]] = []
    for line in (ROOT / "tests" / "cards" / "lint.txt").read_text().splitlines():
        if line.startswith("    "):
            cards[-1][1].append(line.strip())
        elif not line.startswith("#"):
            cards.append((line, []))
    return cards


@pytest.mark.parametrize("card, findings", corpus())
def test_corpus(card, findings):
    found = lint(parse(card.split(" / "), strict=True))
    assert [f"{finding.code}: {finding.message}" for finding in found] == findings


def test_every_kind_of_finding_is_in_the_corpus():
    kinds = {finding.partition(":")[0] for _, findings in corpus() for finding in findings}
    assert kinds >= {
        "gap", "overlap", "contradiction", "duplicate", "shadowed", "reserved-twice", "night-window", "falling-tier",
        "unreachable-tier", "addl-without-tier", "addl-beside-each", "cap-below-step", "max-below-min",
        "currency-mixed", "limit-beyond-hours", "limit-on-ban",
    }  # fmt: skip


def test_a_finding_has_lines_and_a_hint():
    [finding] = lint(parse(["1 Hour: $5", "2 Hours: $3"]))
    assert finding == Finding(
        "falling-tier",
        (1, 2),
        "a longer stay costs less: line 1 says 1 Hour: $5, line 2 says 2 Hours: $3",
        "the price never falls as the stay grows, so the higher one is charged for both",
    )


def test_the_published_example_prices_nine_hours_at_a_dollar(published):
    segment = published["segments"][0]
    first, last = lint(parse(segment["rateCards"]), segment["structuredRates"])
    assert (first.code, first.line_numbers) == ("structured-disagrees", (1,))
    assert "Mon-Tue 9am-6pm" in first.message
    assert "9 Hours $1 (card: $9)" in first.message
    assert "Thu-Sat 9am-6pm" in last.message


# Line of a card, and supplied rates that differ from it.
SUPPLIED = [
    ("Each Hour: $1", [{"rate": 2, "increment": 60, "repeats": True}], "structured-disagrees", "1 Hour $2 (card: $1)"),
    ("Mon-Sun: Free", [{"rate": 1, "increment": 60, "repeats": True}], "structured-disagrees", "1 Hour $1 (card: $0)"),
    ("No Parking", [{"rate": 0}], "structured-disagrees", "(card: no parking)"),
    ("No Parking", [{"rate": 0}], "structured-extra", 'is said by no line: {"rate": 0}'),
    ("Mon-Sun: Free", [], "structured-missing", "the supplied rates lack"),
    ("Mon-Sun: Free", [{"rate": "x"}], "structured-unread", "its rate is 'x'"),
]


@pytest.mark.parametrize("line, supplied, code, said", SUPPLIED)
def test_supplied_rates_that_differ_are_told_with_stays_and_amounts(line, supplied, code, said):
    assert any(finding.code == code and said in finding.message for finding in lint(parse([line]), supplied))


def test_supplied_rates_that_agree_say_nothing():
    card = parse(["Each Hour (Mon-Sun; 9am-6pm): $1", "6pm-9am: Free"])
    assert lint(card, [
        {"rate": 1, "dow_start": 1, "dow_end": 7, "time_in": "09:00-18:00", "increment": 60, "repeats": True},
        {"rate": 0, "time_in": "18:00-09:00"},
    ]) == []  # fmt: skip


def test_the_shipped_cards_are_clean():
    for line in (ROOT / "data" / "santa-monica" / "neighbourhood.jsonl").read_text().splitlines():
        for segment in json.loads(line)["segments"]:
            assert lint(read(segment["rateCards"]).card) == [], segment["rateCards"]
