"""Every example of LANGUAGE.rst is what the code does."""

import json
import re
from pathlib import Path

import pytest

from ratecards import format_card, parse, structured_rates

TEXT = (Path(__file__).parents[2] / "ratecards" / "LANGUAGE.rst").read_text()
REFERENCE = TEXT[: TEXT.index("Decisions\n---")]


def examples() -> list[tuple[str, str]]:
    """Each example line, and the JSON objects indented below it."""
    found = re.findall(r"^ {4}(\S.*)\n((?: {8}\{.*\n)*)", REFERENCE, re.M)
    return [(line, rates) for line, rates in found if " => " not in line]


def relaxed() -> list[tuple[str, str]]:
    return re.findall(r"^ {4}(\S.*?) +=> (.*)$", REFERENCE, re.M)


@pytest.mark.parametrize("line, rates", examples())
def test_examples(line, rates):
    card = parse([line], strict=True)
    assert format_card(card) == [line]
    if rates:
        assert structured_rates(card) == [json.loads(rate) for rate in rates.splitlines()]


@pytest.mark.parametrize("line, canonical", relaxed())
def test_relaxed_readings(line, canonical):
    assert format_card(parse([line])) == [canonical]


def test_the_reference_has_examples():
    assert len(examples()) >= 40
    assert len(relaxed()) >= 10


def test_every_decision_that_is_cited_is_there():
    root = Path(__file__).parents[2]
    sources = [*root.glob("ratecards/**/*.py"), *root.glob("onstreet/**/*.py"), *root.glob("tests/**/*.py")]
    cited = {number for path in sources for number in re.findall(r"\bS[1-7]\.[0-9]+[ab]?\b", path.read_text())}
    assert {number for number in cited if f"- {number} " not in TEXT} == set()
