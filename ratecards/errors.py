"""What can be wrong with the text of a rate card, and how it is shown.

RateCardError(ValueError)      a line that cannot be read (S1.3)
Notice                         a spelling that was read leniently (S2.3); no error unless one asks for strictness
"""

from dataclasses import dataclass

Position = tuple[int, int]


class RateCardError(ValueError):
    """A line of a card that cannot be read: the text, where it went wrong, what was expected, and a hint (S1.3)."""

    def __init__(self, source: str, span: Position, expected: tuple[str, ...], hint: str = "") -> None:
        super().__init__(source, span, expected, hint)
        self.source, self.span, self.expected, self.hint = source, span, expected, hint
        self.errors: tuple[RateCardError, ...] = (self,)

    @property
    def column(self) -> int:
        """Where the fault begins, counted from 1."""
        return self.span[0] + 1

    @property
    def advice(self) -> str:
        """What would do there: the hint, or else what was expected."""
        return self.hint or (f"expected {_alternatives(self.expected)}" if self.expected else "")

    @property
    def message(self) -> str:
        """The error in one line."""
        start, end = self.span
        cut = self.source[start : min(end, start + 60)] + ("..." if end > start + 60 else "")
        found = repr(cut) if cut else "the end of the line"
        if self.hint:
            return f"column {self.column}: cannot read {found} ({self.hint})"
        wanted = f", expected {_alternatives(self.expected)}" if self.expected else ""
        return f"column {self.column}: cannot read {found}{wanted}"

    def __str__(self) -> str:
        """The one-line message, the line, and a marker under the fault."""
        return f"{self.message}\n{drawn(self.source, self.span)}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Text that was read as other, canonical text (S2.3)."""

    source: str
    span: Position
    read_as: str

    @property
    def message(self) -> str:
        """The notice in one line."""
        start, end = self.span
        found = self.source[start:end]
        if not found.strip():
            return f"column {start + 1}: " + (f"added {self.read_as!r}" if self.read_as.strip() else "read blanks anew")
        return f"column {start + 1}: " + (
            f"read {found!r} as {self.read_as!r}" if self.read_as else f"left out {found!r}"
        )

    def as_error(self) -> RateCardError:
        """The same as an error, for those who accept canonical text only."""
        start, end = self.span
        return RateCardError(self.source, (start, max(end, min(start + 1, len(self.source)))), (), self._advice)

    @property
    def _advice(self) -> str:
        start, end = self.span
        if start == end:
            return f"write {self.read_as!r} before it"
        return (
            f"write {self.read_as!r}"
            if self.read_as.strip()
            else "write single blanks"
            if self.read_as
            else "leave it out"
        )


def drawn(source: str, span: Position) -> str:
    """The line with `~~~^` under a span; control characters as blanks, so that columns stay true."""
    start, end = span
    shown = "".join(letter if letter.isprintable() else " " for letter in source)
    return f"    {shown}\n    {' ' * start}{'~' * max(end - start - 1, 0)}^"


def _alternatives(words: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
