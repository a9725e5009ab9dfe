"""What a key may do."""

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """READ asks; WRITE changes something."""

    READ = "READ"
    WRITE = "WRITE"


def format_scopes(scopes: Iterable[Scope]) -> str:
    """Scopes as tokens and key files spell them, `READ WRITE`."""
    return " ".join(sorted(scopes))


def parse_scopes(text: str) -> frozenset[Scope]:
    """The scopes of a text that `format_scopes` made; raises ValueError."""
    return frozenset(map(Scope, text.split()))
