#!/usr/bin/env python
"""Look for a text that makes the card parser do anything but read or explain it, guided by the code it reaches.

Needs atheris, which the project itself does not:

    .venv/bin/python -m pip install atheris
    mkdir -p /tmp/corpus && grep -v '^#' tests/cards/identity.txt | split -l 1 - /tmp/corpus/line-
    .venv/bin/python scripts/fuzz.py -max_total_time=480 -max_len=120 /tmp/corpus

Arguments are libFuzzer's; the lines are where it begins, and inputs worth keeping are added to them.
"""

import sys

import atheris

with atheris.instrument_imports(include=["ratecards", "lark"]):
    from ratecards import format_card, from_json, parse, read, structured_rates, to_json


def try_text(data: bytes) -> None:
    """Read one text as a card of a few lines, and hold what comes of it to the laws of S2.2."""
    lines = atheris.FuzzedDataProvider(data).ConsumeUnicodeNoSurrogates(len(data)).split("\n")[:5]
    card, errors, notices = read(lines)
    assert len(card.lines) + len(card.unread) == len(lines)
    assert all(error.message and str(error) for error in errors)
    assert all(notice.message for notice in notices)
    structured_rates(card)
    if not errors:
        text = format_card(card)
        if all(len(line) <= 400 for line in text):
            assert parse(text, strict=True) == card
            assert from_json(to_json(card)) == card


if __name__ == "__main__":
    atheris.Setup(sys.argv, try_text)
    atheris.Fuzz()
