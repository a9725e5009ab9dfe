"""Worked prices of many cities: each rule that the language can state costs, as a card, what was published."""

import json
import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ratecards import Place, format_card, parse, price

ROOT = Path(__file__).parents[2]
RULES = tomllib.loads((ROOT / "tests" / "cards" / "price_cases.toml").read_text(encoding="utf-8"))["rules"]
PUBLISHED = ROOT.parent / "shared" / "data" / "price_cases.jsonl"
CASES = [json.loads(line) for line in PUBLISHED.read_text(encoding="utf-8").splitlines()] if PUBLISHED.exists() else []
needs_cases = pytest.mark.skipif(not CASES, reason="the published worked prices are not here")


def rules_for(case: dict) -> list[dict]:
    """The entries that speak of a case: exactly one, if all is well."""
    return [rule for rule in RULES if rule["city"] == case["city"] and rule.get("words", "") in case["rule_text"]]


def name(case: dict) -> str:
    return f"{case['city']} {case['entry_local']} {case['duration_min']}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['city']} {rule.get('words', '')}".strip())
def test_a_rule_has_a_canonical_card_or_a_reason(rule):
    assert ("card" in rule) != ("unstated" in rule)
    lines = rule.get("card", [])
    assert format_card(parse(lines, strict=True)) == lines


@needs_cases
def test_every_case_has_one_rule():
    assert [name(case) for case in CASES if len(rules_for(case)) != 1] == []


@needs_cases
def test_every_rule_has_cases():
    spoken_of = [rule for case in CASES for rule in rules_for(case)]
    assert [rule["city"] for rule in RULES if rule not in spoken_of] == []


STATED = [(rule, case) for case in CASES for rule in rules_for(case) if "card" in rule]


@needs_cases
@pytest.mark.parametrize("rule, case", STATED, ids=[name(case) for _, case in STATED])
def test_the_price_is_the_published_one(rule, case):
    where = Place(case["timezone"], case["currency"], rule.get("country", ""), rule.get("subdivision", ""))
    entry = datetime.fromisoformat(case["entry_local"])
    quote = price(parse(rule["card"]), entry, case["duration_min"], where, frozenset(rule.get("permits", ())))
    if case["expected_cost"] is None:
        assert quote.legal is False
    else:
        assert quote.cost == Decimal(str(case["expected_cost"]))
        assert quote.legal is True
