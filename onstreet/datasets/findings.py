"""What could not be read of a data set, so that nothing is lost without a word."""

from dataclasses import dataclass

# In front of what a source says and no card can: a line nobody can read, so that its price and legality are unknown.
UNCLEAR = "Unclear: "


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong in a data set: where, what stands there, why it cannot be used, what would help."""

    file: str
    row: int
    field: str
    value: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        """One line for people."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.row}: {self.field}: {self.reason}{hint}: {self.value}"
