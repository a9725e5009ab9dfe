"""Workers renewed while others answer: data sets read anew, logs opened anew, and no request lost on the way."""

import gc
import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from onstreet.api import Keys, Stores, create_app, open_stores
from onstreet.datasets.source import SourceError
from onstreet.settings import Settings
from onstreet.stores.database import DatabaseError

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What tells a worker that it will be stopped in a moment.
LEAVING = signal.SIGUSR1

_LOG = logging.getLogger("onstreet")


class Flag:
    """What a signal may raise at any moment.

    The lock of threading.Event would be held for ever by a thread that is interrupted while it takes it.
    """

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Raise it."""
        self._is_set = True

    def clear(self) -> None:
        """Lower it."""
        self._is_set = False

    def is_set(self) -> bool:
        """Whether it is raised."""
        return self._is_set

    def wait(self) -> None:
        """Return once it is raised, a tenth of a second later at most."""
        while not self._is_set:
            time.sleep(0.1)


class Renewal:
    """What the workers serve, and how those that are forked later come to serve what is there then."""

    def __init__(self, settings: Settings, stores: Stores, keys: Keys) -> None:
        self._settings, self._stores, self._keys = settings, stores, keys
        # A worker that does not listen yet must not die of it.
        signal.signal(LEAVING, signal.SIG_IGN)

    def application(self) -> "WSGIApplication":
        """The application of one worker, which sends its clients away once it is told that it leaves."""
        leaving = Flag()
        signal.signal(LEAVING, lambda *_: leaving.set())
        return sending_away(create_app(self._settings, self._stores, keys=self._keys), leaving)

    def renew(self) -> None:
        """Read the data anew for the workers to come, or keep what is served, and tell those there are to leave."""
        try:
            self._stores = open_stores(self._settings.data)
        except (DatabaseError, SourceError) as error:
            _LOG.error("what was served before is served on: %s", error)
        gc.collect()
        gc.freeze()
        for worker in multiprocessing.active_children():
            if worker.pid:
                os.kill(worker.pid, LEAVING)


def sending_away(app: "WSGIApplication", leaving: Flag) -> "WSGIApplication":
    """The application, whose answers end their connection from a moment on.

    A client that wrote its next question while its connection is being closed would not know whether it was heard.
    """

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not leaving.is_set() or not environ["SERVER_PROTOCOL"].startswith("HTTP/1"):
            return app(environ, start_response)

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None, /
        ) -> Callable[[bytes], object]:
            return start_response(status, [*headers, ("Connection", "close")], exc_info)

        return app(environ, start)

    return answer
