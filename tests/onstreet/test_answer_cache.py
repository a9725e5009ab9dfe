"""Answers that are kept: those asked for last, as many as fit, of the data of the moment."""

import pytest
from conftest import DATA
from flask import Flask

from onstreet.api import blocks
from onstreet.api.blocks import resource
from onstreet.datasets.publish import open_data


def question(minute: int, more: str = "") -> str:
    return f"/blocks?id=46502752&entry_time=2026-06-11T10:{minute:02}{more}"


@pytest.fixture
def served(store):
    """A client, the stores that it is answered from, and whether each answer was kept."""
    stores, found = [store], []
    app = Flask("kept")
    app.register_blueprint(resource(lambda: stores[-1], lambda: None, found.append))
    return app.test_client(), stores, found


def hits(served, *questions: str) -> list[bool]:
    client, _, found = served
    found.clear()
    for asked in questions:
        assert client.get(asked).status_code == 200
    return list(found)


def test_the_least_asked_for_is_dropped_first(served, monkeypatch):
    size = len(served[0].get(question(0)).data) + blocks._KEPT_BYTES
    # An answer is kept if it takes an eighth of the room or less.
    monkeypatch.setattr(blocks, "CACHED_BYTES", 9 * size)
    assert hits(served, *map(question, range(1, 9))) == [False] * 8
    # The first is asked for again and stays; the second, then the longest there, makes way.
    assert hits(served, question(0), question(9), question(0), question(2), question(1)) == [
        True, False, True, True, False,
    ]  # fmt: skip


def test_other_data_are_not_answered_from_what_was_kept(served):
    assert hits(served, question(1), question(1)) == [False, True]
    served[1].append(open_data([DATA])[0])
    assert hits(served, question(1), question(1)) == [False, True]


@pytest.mark.parametrize(
    "asked, room", [(question(1, "&permits=" + ",".join(["x" * 40] * 50)), 10**9), (question(1), 10_000)]
)
def test_what_would_fill_the_memory_is_not_kept(served, monkeypatch, asked, room):
    monkeypatch.setattr(blocks, "CACHED_BYTES", room)
    assert hits(served, asked, asked) == [False, False]
