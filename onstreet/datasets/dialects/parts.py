"""The parts of a sign that stand there in any order, each once: what one states, its text on a card, its place."""

from collections.abc import Iterable
from typing import NamedTuple, Never, Self

from lark import Token

from ratecards.transformer import RefusalError


class Part(NamedTuple):
    """One part of a sign: what it states, its text on a card, and where it stands."""

    name: str
    text: str
    token: Token


class Parts(dict[str, Part]):
    """The parts of one sign by what they state."""

    @classmethod
    def of(cls, stated: Iterable[Part]) -> Self:
        """The parts in their order; raises RefusalError for a second one that states the same."""
        parts = cls()
        for part in stated:
            if part.name in parts:
                refuse(part.token, f"a sign states its {part.name} once")
            parts[part.name] = part
        return parts

    def text(self, name: str) -> str:
        """A part's text on a card, empty for one that the sign does not state."""
        return self[name].text if name in self else ""

    def only(self, *names: str) -> None:
        """Raises RefusalError for the first part that a sign of this kind does not have."""
        for name, part in self.items():
            if name not in names:
                refuse(part.token, "such a sign does not say this")


def refuse(first: Token, hint: str, last: Token | None = None) -> Never:
    """Raises RefusalError for words that are legible and make no sense."""
    raise RefusalError((first.start_pos or 0, (last or first).end_pos or 0), hint)
