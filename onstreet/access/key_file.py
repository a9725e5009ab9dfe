"""Keys in one SQLite file, which workers follow and the command line changes."""

import logging
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from onstreet.access.keys import Key, Keyring, SigningKey, new_signing_key
from onstreet.access.scopes import format_scopes, parse_scopes

# A former signing key reads tokens for as long as any can live.
LONGEST_TOKEN_S = 86_400

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS key (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, scopes TEXT NOT NULL, plan TEXT NOT NULL, created_s INTEGER NOT NULL,
        secret_hash BLOB NOT NULL, former_hash BLOB, former_until_s INTEGER, expires_s INTEGER, revoked_s INTEGER
    ) STRICT;
    CREATE TABLE IF NOT EXISTS signing (
        number INTEGER PRIMARY KEY, kid TEXT NOT NULL UNIQUE, secret BLOB NOT NULL, until_s INTEGER
    ) STRICT;
"""
_COLUMNS = (
    "id", "name", "scopes", "plan", "created_s", "secret_hash", "former_hash", "former_until_s", "expires_s",
    "revoked_s",
)  # fmt: skip
_WAIT_S = 10.0
# How often another file of the same name is looked for, and one that cannot be read tried again.
_LOOK_S = 1.0
_LOG = logging.getLogger("onstreet")


class KeyFileError(RuntimeError):
    """A key file that cannot be used, or has no such key: which one, what is wrong, what to do."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The file of keys at a path, for changing it; every change is on the disk when its method returns."""

    path: Path

    def ring(self) -> Keyring:
        """All that is in it; raises KeyFileError."""
        with self._opened("BEGIN") as connection:
            return _ring(connection)

    def add(self, key: Key) -> None:
        """Put a new key into it, which makes the file if there is none; raises KeyFileError."""
        if not self.path.exists():
            # Nobody else can read it at any time, whatever the umask; losing a race for making it does no harm.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._opened() as connection:
            _make(connection)
            places = ", ".join("?" * len(_COLUMNS))
            connection.execute(f"INSERT INTO key ({', '.join(_COLUMNS)}) VALUES ({places})", _row(key))

    def revoke(self, key_id: str, now_s: int) -> None:
        """End a key and its tokens; raises KeyFileError."""
        with self._opened() as connection:
            _found(connection, key_id)
            connection.execute("UPDATE key SET revoked_s = coalesce(revoked_s, ?) WHERE id = ?", (now_s, key_id))

    def rotate(self, key_id: str, hashed: bytes, former_until_s: int) -> None:
        """Give a key another secret, the former one holding for a while; raises KeyFileError."""
        with self._opened() as connection:
            if _found(connection, key_id).revoked_s is not None:
                raise KeyFileError(f"{key_id} is revoked: create another key")
            connection.execute(
                "UPDATE key SET former_hash = secret_hash, secret_hash = ?, former_until_s = ? WHERE id = ?",
                (hashed, former_until_s, key_id),
            )

    def rotate_signing(self, signing: SigningKey, now_s: int) -> None:
        """Sign tokens with another key from now on, and forget those no token can be of; raises KeyFileError."""
        with self._opened() as connection:
            connection.execute("DELETE FROM signing WHERE until_s <= ?", (now_s,))
            connection.execute("UPDATE signing SET until_s = coalesce(until_s, ?)", (now_s + LONGEST_TOKEN_S,))
            connection.execute("INSERT INTO signing (kid, secret) VALUES (?, ?)", signing[:2])

    @contextmanager
    def _opened(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """A connection in a transaction, which no other change can come between."""
        try:
            _check_mode(self.path)
            # Not read-only: what a killed writer left half done is undone by whoever comes next.
            address = f"file:{quote(str(self.path))}?mode=rw"
            with closing(sqlite3.connect(address, _WAIT_S, isolation_level=None, uri=True)) as connection:
                # FULL, and the folder too, so that no commit is undone by a journal that comes back.
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute(begin)
                with connection:
                    yield connection
        except FileNotFoundError:
            raise KeyFileError(_no_file(self.path)) from None
        except (OSError, sqlite3.Error, ValueError) as error:
            raise KeyFileError(f"{self.path}: not a file of keys that can be used: {error}") from None


class FollowedKeys:
    """The keys of a file as they are now, read anew whenever it has changed: one small read tells.

    Raises KeyFileError if the file cannot be read at the start; later on the keys known last hold, and the log says so.
    """

    def __init__(self, path: Path) -> None:
        self._file, self._lock = KeyFile(path), Lock()
        self._fd, self._seen = -1, b""
        self._look_at_s = self._try_at_s = 0.0
        self._trouble: str | None = None
        self._open()
        self._ring = self._read()

    def __call__(self) -> Keyring:
        """The keys of the moment."""
        # SQLite counts here, in the header of the file, what has been committed. Another file of the same name is
        # looked for now and then.
        if os.pread(self._fd, 4, 24) != self._seen or time.monotonic() >= self._look_at_s:
            with self._lock:
                self._follow(time.monotonic())
        return self._ring

    def _follow(self, now_s: float) -> None:
        if now_s < self._try_at_s:
            return
        self._look_at_s = now_s + _LOOK_S
        try:
            is_other = not os.path.samestat(self._file.path.stat(), os.fstat(self._fd))
            if is_other:
                self._open()
            if is_other or self._counter() != self._seen:
                self._ring = self._read()
            self._trouble = None
        except (KeyFileError, OSError) as error:
            self._try_at_s = now_s + _LOOK_S
            if str(error) != self._trouble:
                self._trouble = str(error)
                _LOG.error("the keys known last are used on: %s", error)

    def _open(self) -> None:
        try:
            opened = os.open(self._file.path, os.O_RDONLY)
        except FileNotFoundError:
            raise KeyFileError(_no_file(self._file.path)) from None
        except OSError as error:
            raise KeyFileError(str(error)) from None
        if self._fd < 0:
            self._fd = opened
        else:
            # In one step: another thread may be reading.
            os.dup2(opened, self._fd)
            os.close(opened)

    def _read(self) -> Keyring:
        """What is there between two counts that are the same; a change that is undone has another count then."""
        while True:
            before = self._counter()
            ring = self._file.ring()
            if self._counter() == before:
                self._seen = before
                return ring

    def _counter(self) -> bytes:
        return os.pread(self._fd, 4, 24)


def _no_file(path: Path) -> str:
    return f"{path}: no such file of keys; `onstreet keys create NAME` makes it"


def _make(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)
    if connection.execute("SELECT count(*) FROM signing").fetchone() == (0,):
        connection.execute("INSERT INTO signing (kid, secret) VALUES (?, ?)", new_signing_key()[:2])


def _check_mode(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KeyFileError(f"{path}: others than its owner may use it (mode {mode:o}): chmod 600 {path}")


def _ring(connection: sqlite3.Connection) -> Keyring:
    keys = map(_key, connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM key ORDER BY created_s, id"))
    signing = connection.execute("SELECT kid, secret, until_s FROM signing ORDER BY number DESC")
    return Keyring({each.id: each for each in keys}, tuple(SigningKey(*row) for row in signing))


def _found(connection: sqlite3.Connection, key_id: str) -> Key:
    row = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM key WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        raise KeyFileError(f"no key {key_id!r}: `onstreet keys list` shows them")
    return _key(row)


def _key(row: Sequence[object]) -> Key:
    columns = dict(zip(_COLUMNS, row, strict=True))
    return Key(**columns | {"scopes": parse_scopes(str(columns["scopes"]))})  # type: ignore[arg-type]


def _row(key: Key) -> list[object]:
    return [format_scopes(key.scopes) if name == "scopes" else getattr(key, name) for name in _COLUMNS]
