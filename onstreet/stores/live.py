"""The store that is served now: a new snapshot takes the place of the old one between two requests."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread

from onstreet.snapshot import current
from onstreet.stores.memory import MemoryStore

_LOG = logging.getLogger("onstreet")


class LiveStore:
    """Follows the pointer of a folder of snapshots; `open_store` opens the one it points at.

    A snapshot that cannot be opened is logged, and the one before stays.
    """

    def __init__(
        self, folder: Path, store: MemoryStore, open_store: Callable[[Path], MemoryStore], every_s: float = 1.0
    ) -> None:
        self._folder, self._store, self._open_store, self._every_s = folder, store, open_store, every_s
        self._seen = current(folder)
        self._watched_by = 0
        self._lock = Lock()
        self.stopped = Event()

    def __call__(self) -> MemoryStore:
        """The store to answer one request from, from its beginning to its end."""
        # Threads do not come along when a process forks: each process watches for itself once it serves.
        if self._watched_by != os.getpid():
            with self._lock:
                if self._watched_by != os.getpid():
                    self._watched_by = os.getpid()
                    Thread(target=self._watch, name="snapshots", daemon=True).start()
        return self._store

    def look(self) -> None:
        """Open the snapshot that the folder points at, if it is another one than before."""
        place = current(self._folder)
        if place is None or place == self._seen:
            return
        self._seen = place
        try:
            self._store = self._open_store(place)
        except ValueError as error:
            _LOG.error("the new snapshot is not served: %s", error)
        else:
            _LOG.warning("now serving snapshot %s", place.name)

    def _watch(self) -> None:
        while not self.stopped.wait(self._every_s):
            self.look()
