"""Our tables as CSV (RFC 4180) in UTF-8: lines as WKT, lists as JSON, an empty cell for nothing."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import shapely

from onstreet.datasets.stated_blocks import FieldError
from onstreet.datasets.table_columns import (
    BLOCK_COLUMNS,
    GEOMETRY,
    SEGMENT_COLUMNS,
    Batches,
    Row,
    block_values,
    segment_values,
)

# The column that GIS programs take for the line.
_WKT = "WKT"
# A cell may hold a long line; the limit of the csv module is for all files of a process.
_LONGEST_CELL = 1 << 24


def write(folder: Path, batches: Batches) -> None:
    """Write the blocks with the kerb lines of all their segments as blocks.csv and segments.csv."""
    blocks, segments = folder / "blocks.csv", folder / "segments.csv"
    with (
        blocks.open("w", encoding="utf-8", newline="") as first,
        segments.open("w", encoding="utf-8", newline="") as second,
    ):
        block_rows, segment_rows = (csv.writer(file) for file in (first, second))
        block_rows.writerow((*BLOCK_COLUMNS, _WKT))
        segment_rows.writerow((*SEGMENT_COLUMNS, _WKT))
        for rows, kerbs in batches:
            lines = _wkt([row.line for row in rows])
            block_rows.writerows((*map(_cell, block_values(row)), line) for row, line in zip(rows, lines, strict=True))
            stated = (segment_values(row.block_id, segment) for row in rows for segment in row.segments)
            segment_rows.writerows(
                (*map(_cell, values), line) for values, line in zip(stated, _wkt(kerbs), strict=True)
            )


def read(path: Path) -> Iterator[tuple[int, Row | FieldError]]:
    """The rows of a file, numbered from 1, or what is wrong with one; raises ValueError for no table of ours."""
    csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = csv.reader(file)
        head = [GEOMETRY if name == _WKT else name for name in next(rows, [])]
        if "blockID" not in head:
            raise ValueError(f"the first line must name the columns, such as {', '.join(BLOCK_COLUMNS[:3])}")
        try:
            for number, cells in enumerate(filter(None, rows), 1):
                yield number, _row(head, cells)
        except csv.Error as error:
            raise ValueError(f"{error}: a quote that does not end?") from None


def _row(head: list[str], cells: list[str]) -> Row | FieldError:
    text = ",".join(cells)
    if len(cells) != len(head):
        return FieldError("", text, f"{len(cells)} cells, and {len(head)} columns", "a comma or quote in a text?")
    if not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text):
        return FieldError("", text.encode("utf-8", "surrogateescape"), "not in UTF-8")
    return dict(zip(head, cells, strict=True))


def _wkt(lines: object) -> Sequence[str]:
    found: Sequence[str] = shapely.to_wkt(lines, rounding_precision=-1)
    return found


def _cell(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return orjson.dumps(value).decode()
