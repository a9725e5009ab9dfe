"""Values of JSON feeds that are not what they should be: read leniently where nothing hangs on it, else reported."""

from typing import Any

from onstreet.datasets.findings import Finding
from onstreet.datasets.regulations import UnclearError
from onstreet.datasets.source import SourceFile
from onstreet.datasets.stated_blocks import MAX_SPACES, shortened

Json = dict[str, Any]


def objects(stated: Any, field: str) -> list[Json]:  # noqa: ANN401 - JSON
    """A list of objects, or one alone; raises UnclearError for anything else."""
    found = as_list(stated)
    if not all(isinstance(each, dict) for each in found):
        raise UnclearError(field, stated, "must be a list of objects")
    return found


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """A list, or a list of one value, or of none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text_of(stated: Json, key: str) -> str:
    """A text or a whole number as a text, empty for anything else."""
    value = stated.get(key)
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def spaces_of(stated: Json, key: str) -> int | None:
    """How many spaces there are, None where that is not said."""
    count = stated.get(key)
    is_count = isinstance(count, int) and not isinstance(count, bool) and 0 <= count <= MAX_SPACES
    return count if is_count else None


def finding(file: SourceFile, row: int, field: str, value: object, reason: str, hint: str = "") -> Finding:
    """A finding with the beginning of a value."""
    return Finding(file.label, row, field, shortened(value), reason, hint)
