"""A published data set on disk: arrays and ready JSON in memory-mapped files, written once, swapped by a pointer.

A folder of snapshots holds one folder for each, and a file `current` with the name of the one that is served. This
module takes bytes and gives bytes back; what they say is encoded by who publishes and read by who serves.
"""

import json
import os
import shutil
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np

from onstreet.records import Array, BlockRecord, Packed, hash_of, pack

FORMAT = 2
_POINTER = "current"
_MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 22

# The arrays of a snapshot and their kinds; those of two columns are pairs.
_ARRAYS = {
    "bounds": ("<f8", 4),  # west, south, east, north of each block
    "points": ("<f8", 2),  # lon, lat of all lines, one line after the other
    "line_from": ("<i8", 1),  # where each block's line begins among them, and the end
    "segment_from": ("<i8", 1),  # where each block's segments begin among all, and the end
    "text_from": ("<i8", 1),  # where each block's template begins in the fragments, and the end
    "block_at": ("<i8", 1),  # where each block's fields begin there, field by field, and one behind them would
    "segment_at": ("<i8", 1),
    "place": ("<i4", 1),
    "profile": ("<i4", 1),  # -1 for none
    "card": ("<i4", 1),  # of each segment
    "amenities": ("<u1", 1),  # of each segment, a bit for each amenity
    "name_at": ("<i8", 1),  # where each block's id and then its alias begin among the names, and the end
    "id_hash": ("<u8", 1),  # rising
    "id_row": ("<i8", 1),
    "alias_hash": ("<u8", 1),
    "alias_row": ("<i8", 1),
}
_BYTES = ("fragments", "names")
# What the offsets in an array count.
_COUNTED_FROM = {
    "line_from": "points",
    "segment_from": "segments",
    "text_from": "fragments",
    "block_at": "fragments",
    "segment_at": "fragments",
    "name_at": "names",
}


class SnapshotError(ValueError):
    """A snapshot that cannot be opened: which file of it, and what is wrong."""


class SnapshotWriter:
    """Writes a snapshot beside those of a folder, and swaps it in when it is whole.

    A writer that is killed or fails leaves nothing behind that anybody would open.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        for left in folder.glob(".part-*"):
            if not _is_alive(int(left.name.rpartition("-")[2])):
                shutil.rmtree(left, ignore_errors=True)
        self._part = folder / f".part-{os.getpid()}"
        self._part.mkdir()
        self._files: dict[str, BinaryIO] = {name: self._path(name).open("wb") for name in (*_ARRAYS, *_BYTES)}
        self._ends = dict.fromkeys(("points", "segments", "fragments", "names"), 0)
        self._hashes: list[tuple[Array, Array]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for file in self._files.values():
            # What a full disk did not take is of no use, and fails to be written once more.
            with suppress(OSError):
                file.close()
        shutil.rmtree(self._part, ignore_errors=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(self._folder)

    @property
    def folder(self) -> Path:
        """Where further files of the snapshot can be written, to be checked with the rest."""
        return self._part

    def add(self, records: Sequence[BlockRecord]) -> None:
        """Write some blocks behind those before."""
        self.append(pack(records))

    def append(self, packed: Packed) -> None:
        """Write packed blocks behind those before."""
        columns = packed.columns
        for name, end in _COUNTED_FROM.items():
            # Beginnings end where the next blocks begin.
            values = columns[name][:-1] if name.endswith("_from") else columns[name]
            self._write(name, values + self._ends[end])
        for name in ("bounds", "points", "place", "profile", "card", "amenities"):
            self._write(name, columns[name])
        for file in _BYTES:
            self._files[file].write(getattr(packed, file))
        counts = (len(columns["points"]), len(columns["card"]), len(packed.fragments), len(packed.names))
        for end, count in zip(self._ends, counts, strict=True):
            self._ends[end] += count
        self._hashes.append((columns["id_hash"], columns["alias_hash"]))

    def publish(self, about: dict[str, Any]) -> Path:
        """Close the files, seal them with checksums, and point the folder at the snapshot; its place is returned.

        `about` is kept in the manifest for who opens it.
        """
        for name in ("line_from", "segment_from", "text_from", "name_at"):
            self._write(name, np.asarray([self._ends[_COUNTED_FROM[name]]]))
        count = sum(len(ids) for ids, _ in self._hashes)
        for number, kind in enumerate(("id", "alias")):
            keys = np.concatenate([np.empty(0, "<u8"), *(hashes[number] for hashes in self._hashes)])
            order = np.argsort(keys, kind="stable")
            self._write(f"{kind}_hash", keys[order])
            self._write(f"{kind}_row", order)
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())
            file.close()
        files = {path.name: _sealed(path) for path in sorted(self._part.iterdir())}
        name = blake2b(json.dumps([files, about], sort_keys=True).encode(), digest_size=8).hexdigest()
        manifest = {"format": FORMAT, "id": name, "blocks": count, "files": files, "about": about}
        (self._part / _MANIFEST).write_text(json.dumps(manifest, indent=1))
        place = self._folder / name
        if place.exists():
            shutil.rmtree(self._part)
        else:
            self._part.rename(place)
        point_at(self._folder, name)
        return place

    def _write(self, name: str, values: Array) -> None:
        self._files[name].write(np.ascontiguousarray(values, dtype=_ARRAYS[name][0]).data)

    def _path(self, name: str) -> Path:
        return self._part / f"{name}.bin"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """An open snapshot: its arrays, and the bytes of fragments and names, all mapped and not read."""

    id: str
    path: Path
    published: datetime
    about: dict[str, Any]
    arrays: dict[str, Array]
    fragments: memoryview
    names: memoryview

    def __len__(self) -> int:
        return len(self.arrays["place"])

    def name(self, row: int, *, is_alias: bool = False) -> str:
        """The id of a block, or its alias."""
        at = self.arrays["name_at"][2 * row + is_alias : 2 * row + is_alias + 2]
        return str(self.names[at[0] : at[1]], "utf-8")

    def find(self, name: str, *, is_alias: bool = False) -> int | None:
        """The first row of an id or an alias."""
        kind = "alias" if is_alias else "id"
        keys, rows = self.arrays[f"{kind}_hash"], self.arrays[f"{kind}_row"]
        key = np.uint64(hash_of(name))
        start, end = np.searchsorted(keys, key, "left"), np.searchsorted(keys, key, "right")
        return next((int(row) for row in rows[start:end] if self.name(row, is_alias=is_alias) == name), None)


def open_snapshot(path: Path) -> Snapshot:
    """Open a snapshot, or the one a folder of snapshots points at; raises SnapshotError where it is damaged."""
    place = current(path) or path
    try:
        manifest = json.loads((place / _MANIFEST).read_text())
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{place}: no readable {_MANIFEST}: {error}") from None
    if manifest.get("format") != FORMAT:
        raise SnapshotError(f"{place}: format {manifest.get('format')!r}, and {FORMAT} is expected: publish it anew")
    for name, seal in manifest["files"].items():
        _check(place / name, seal)
    arrays = {name: _mapped(place / f"{name}.bin", dtype, columns) for name, (dtype, columns) in _ARRAYS.items()}
    fragments, names = (memoryview(_mapped(place / f"{name}.bin", "u1", 1)) for name in _BYTES)  # type: ignore[arg-type]
    published = datetime.fromtimestamp((place / _MANIFEST).stat().st_mtime, UTC)
    return Snapshot(manifest["id"], place, published, manifest["about"], arrays, fragments, names)


def current(folder: Path) -> Path | None:
    """The snapshot that a folder points at, if it is a folder of snapshots."""
    try:
        return folder / (folder / _POINTER).read_text().strip()
    except OSError:
        return None


def point_at(folder: Path, name: str) -> None:
    """Make a snapshot the one that is served, in one step that is seen whole or not at all."""
    pointer = folder / f".{_POINTER}-{os.getpid()}"
    pointer.write_text(name + "\n")
    pointer.replace(folder / _POINTER)


def prune(folder: Path, keep: int = 2) -> None:
    """Remove all snapshots of a folder but the current one and the newest others, `keep` in all."""
    live = current(folder)
    others = [path.parent for path in folder.glob(f"*/{_MANIFEST}") if path.parent != live]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[keep - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _mapped(path: Path, dtype: str, columns: int) -> Array:
    if not path.stat().st_size:
        return np.empty((0, columns) if columns > 1 else 0, dtype)
    # A plain view of the map: the memmap class costs a microsecond at every access.
    values = np.asarray(np.memmap(path, dtype, "r")).view(np.ndarray)
    return values.reshape(-1, columns) if columns > 1 else values


def _sealed(path: Path) -> dict[str, int]:
    return {"bytes": path.stat().st_size, "crc32": _crc32(path)}


def _check(path: Path, seal: dict[str, int]) -> None:
    if not path.is_file():
        raise SnapshotError(f"{path}: the file is missing")
    size = path.stat().st_size
    if size != seal["bytes"]:
        raise SnapshotError(f"{path}: {size} bytes, and {seal['bytes']} were written")
    if _crc32(path) != seal["crc32"]:
        raise SnapshotError(f"{path}: its contents have changed since it was written")


def _crc32(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            crc = zlib.crc32(chunk, crc)
    return crc
