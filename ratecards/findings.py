"""What lint says of a card: a code for programs, a sentence and a hint for people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ratecards.formatter import format_line
from ratecards.model import Line, Scope


@dataclass(frozen=True, slots=True)
class Finding:
    """Something doubtful about a card: a stable code, the lines it is about counted from 1, and what to do."""

    code: str
    line_numbers: tuple[int, ...]
    message: str
    hint: str


def listed(items: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {last} ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def numbered(indices: Iterable[int]) -> str:
    """`line 2`, `lines 1, 2 and 4`, for indices of lines."""
    numbers = [str(index + 1) for index in sorted(indices)]
    return f"line{'s' if len(numbers) > 1 else ''} {listed(numbers)}"


def numbers(indices: Iterable[int]) -> tuple[int, ...]:
    """Line numbers counted from 1, rising, for indices of lines."""
    return tuple(sorted({index + 1 for index in indices}))


def said(line: Line) -> str:
    """What a line says apart from when and for whom: `Each Hour: $1`, `No Parking`."""
    return format_line(replace(line, scope=Scope(), limits=None, reason=None)) if line.outcome else format_line(line)
