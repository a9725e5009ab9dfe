"""What can be wrong with the text of a rate card, and how it is shown.

RateCardError(ValueError)      a line that cannot be read (S1.3)
"""


class RateCardError(ValueError):
    """A line of a card that cannot be read: the text, where it went wrong, what was expected, and a hint (S1.3)."""

    def __init__(self, source: str, span: tuple[int, int], expected: tuple[str, ...], hint: str = "") -> None:
        super().__init__(source, span, expected, hint)
        self.source, self.span, self.expected, self.hint = source, span, expected, hint
        self.errors: tuple[RateCardError, ...] = (self,)

    @property
    def column(self) -> int:
        """Where the fault begins, counted from 1."""
        return self.span[0] + 1

    @property
    def message(self) -> str:
        """The error in one line."""
        start, end = self.span
        found = f"{self.source[start:end]!r}" if end > start else "the end of the line"
        wanted = f", expected {_alternatives(self.expected)}" if self.expected else ""
        return f"column {self.column}: cannot read {found}{wanted}" + (f" ({self.hint})" if self.hint else "")

    def __str__(self) -> str:
        """The one-line message, the line, and a marker under the fault."""
        start, end = self.span
        marker = " " * start + "~" * max(end - start - 1, 0) + "^"
        return f"{self.message}\n    {self.source}\n    {marker}"


def _alternatives(words: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
