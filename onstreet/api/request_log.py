"""One line of JSON for each request, and for whatever else is worth a line; nothing in it is a secret."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import orjson
from flask import Flask

from onstreet.wire.query import KNOWN

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Write = Callable[[dict[str, object]], None]

# Where in the dictionary of a request stands the id of the key that it came with.
KEY_ID = "onstreet.key_id"
# Longer paths and queries are cut, so that a line stays a line.
MOST_CHARS = 2000
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z

# Any name but these may be that of a token or secret, also a misspelt one.
_NAMES = "|".join(KNOWN)
_TOLD = re.compile(rf"((?:^|&)(?:{_NAMES})=[^&]*)*")
_UNTOLD = re.compile(rf"(^|&)(?!(?:{_NAMES})=)([^=&]*=)?[^&]+")


def register(app: Flask, log: str | Path) -> None:
    """Log requests and messages as ONSTREET_LOG says; raises OSError where its file cannot be written."""
    if log == "off" or (log == "auto" and sys.stderr.isatty()):
        return
    write = _writer(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640) if isinstance(log, Path) else 2)
    _log_messages(write)
    app.wsgi_app = _logged(app.wsgi_app, write)  # type: ignore[method-assign, assignment]


def told(query: str) -> str:
    """A query string without the values of whatever is no parameter of a question about blocks."""
    query = query[:MOST_CHARS]
    return query if _TOLD.fullmatch(query) else _UNTOLD.sub(r"\1\2***", query)


def _logged(app: WSGIApplication, write: Write) -> WSGIApplication:
    """The application, with a line written once it has answered; hooks of Flask would cost five times as much."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun_s = perf_counter()
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> object:
            started.append((status, headers))
            return start_response(status, headers, exc_info)  # type: ignore[arg-type]

        body = app(environ, start)  # type: ignore[arg-type]
        for status, headers in started[-1:]:
            write(_line(environ, status, dict(headers), (perf_counter() - begun_s) * 1000))
        return body

    return answer


def _line(environ: WSGIEnvironment, status: str, headers: dict[str, str], duration_ms: float) -> dict[str, object]:
    size = headers.get("Content-Length")
    line: dict[str, object] = {
        "time": datetime.now(UTC),
        "request_id": headers.get("X-Request-ID"),
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"][:MOST_CHARS],
        "query": told(environ["QUERY_STRING"]),
        "status": int(status[:3]),
        "duration_ms": round(duration_ms, 3),
        "bytes": size and int(size),
    }
    key_id = environ.get(KEY_ID)
    return line | {"key": key_id} if key_id else line


def _writer(file: int) -> Write:
    """Whole lines to a file that other processes write to as well; one that is full loses lines and fails nobody."""

    def write(line: dict[str, object]) -> None:
        text = orjson.dumps(line, option=_OPTIONS)
        try:
            os.write(file, text)
        except OSError:
            return

    return write


class _JsonLines(logging.Handler):
    """Messages of the service as lines beside those of requests."""

    def __init__(self, write: Write) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message, with its traceback if it has one."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = logging.Formatter().formatException(record.exc_info)
        self._write(line)


def _log_messages(write: Write) -> None:
    logger = logging.getLogger("onstreet")
    for known in [each for each in logger.handlers if isinstance(each, _JsonLines)]:
        logger.removeHandler(known)
    logger.addHandler(_JsonLines(write))
