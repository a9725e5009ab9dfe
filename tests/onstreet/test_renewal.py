"""SIGHUP renews the workers and what they serve, SIGTERM ends them; no request is lost on the way."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil
import pytest
from conftest import DATA, serving

from onstreet.cli.renewal import Flag, sending_away

BLOCK = "/blocks?id=46502752&outputfields=operator"


@pytest.fixture
def data(tmp_path) -> Path:
    """A copy of the shipped data set, to be changed."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def rename(data: Path, operator: str) -> None:
    """Give the published block another operator."""
    path = data / "46502752.json"
    answer = json.loads(path.read_text())
    answer["result"][0]["operator"] = operator
    path.write_text(json.dumps(answer))


def server_of(address: str) -> psutil.Process:
    """The process that was started; its children are the workers."""
    port = str(urlsplit(address).port)
    [found] = [each for each in psutil.Process().children() if port in each.cmdline()]
    return found


def workers_of(address: str) -> set[int]:
    return {each.pid for each in server_of(address).children()}


def renew(address: str) -> None:
    """Send SIGHUP, and wait until none of the workers is left."""
    before = workers_of(address)
    server_of(address).send_signal(signal.SIGHUP)
    until = time.monotonic() + 30
    while before & workers_of(address):
        assert time.monotonic() < until, "the old workers are still there"
        time.sleep(0.05)


def operator(address: str) -> str:
    return json.load(urlopen(address + BLOCK))["result"][0]["operator"]


class Client(Thread):
    """Asks all the time, over one connection as long as it may be kept or over a new one each time.

    A new connection that is closed unanswered is opened once more, as HTTP lets clients do (RFC 9110, 9.2.2).
    """

    def __init__(self, address: str, keeps: bool, stopped: Event) -> None:
        super().__init__()
        self._at, self._keeps, self._stopped = urlsplit(address), keeps, stopped
        self.answers, self.faults = 0, []

    def run(self) -> None:
        connection = HTTPConnection(self._at.hostname, self._at.port, timeout=30)
        while not self._stopped.is_set():
            try:
                response = self._asked(connection)
                assert b"operator" in response.read()
                assert response.status == 200
                self.answers += 1
                if not self._keeps:
                    connection.close()
            except Exception as error:
                self.faults.append(repr(error))
                connection.close()
        connection.close()

    def _asked(self, connection: HTTPConnection) -> HTTPResponse:
        is_new = connection.sock is None
        try:
            connection.request("GET", BLOCK)
            return connection.getresponse()
        except ConnectionError:
            if not is_new:
                raise
            connection.close()
            connection.request("GET", BLOCK)
            return connection.getresponse()


@contextmanager
def clients(address: str) -> Iterator[list[Client]]:
    """Four that keep their connections and four that do not, until the end."""
    stopped = Event()
    asking = [Client(address, keeps, stopped) for keeps in (True, False) for _ in range(4)]
    for each in asking:
        each.start()
    yield asking
    stopped.set()
    for each in asking:
        each.join()


def test_workers_are_renewed_with_their_data_and_drop_nothing(data):
    with serving(data, "--workers", "2") as address, clients(address) as asking:
        before = workers_of(address)
        rename(data, "Another City")
        renew(address)
        assert not before & workers_of(address)
        answered = [each.answers for each in asking]
        assert operator(address) == "Another City"
        time.sleep(0.5)
    assert [each.faults for each in asking] == [[]] * 8
    assert all(each.answers > count > 0 for each, count in zip(asking, answered, strict=True))


def test_data_that_cannot_be_read_leave_what_is_served(data, tmp_path, monkeypatch):
    monkeypatch.setenv("ONSTREET_LOG", str(tmp_path / "log"))
    with serving(data) as address:
        (data / "source.json").write_text("{")
        renew(address)
        assert operator(address) == "City of Santa Monica"


def test_a_log_that_was_moved_away_is_opened_anew(data, tmp_path, monkeypatch):
    log = tmp_path / "log"
    monkeypatch.setenv("ONSTREET_LOG", str(log))
    with serving(data) as address:
        operator(address)
        log.rename(tmp_path / "log.1")
        renew(address)
        operator(address)
    assert (tmp_path / "log.1").read_text().count('"path":"/blocks"') == 1
    assert log.read_text().count('"path":"/blocks"') == 1


# A question that takes a while: a tariff for every quarter of an hour, on stays of a month.
SLOW = json.dumps({
    "rateCards": [f"Each 1 Min ({n // 4:02}:{n % 4 * 15:02}-{n // 4:02}:{n % 4 * 15 + 14:02}): $1" for n in range(48)],
    "duration": [44_640] * 3,
}).encode()  # fmt: skip


def test_what_was_asked_is_answered_before_the_end(data):
    statuses: list[int] = []

    def ask() -> None:
        asked = Request(f"{address}/quote", SLOW, {"Content-Type": "application/json"})
        with urlopen(asked) as answer:
            answer.read()
            statuses.append(answer.status)

    with serving(data) as address:
        asking = [Thread(target=ask) for _ in range(6)]
        for each in asking:
            each.start()
        time.sleep(0.1)
        assert len(statuses) < 6
    for each in asking:
        each.join()
    assert statuses == [200] * 6


def test_a_client_that_never_ends_its_question_does_not_keep_the_server(data):
    """Its worker is killed after 8 s; `serving` expects a clean end within 20."""
    with serving(data) as address:
        at = urlsplit(address)
        connection = HTTPConnection(at.hostname, at.port)
        connection.putrequest("POST", "/quote")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"{")
        time.sleep(0.2)
    connection.close()


@pytest.mark.parametrize("protocol, is_leaving, headers", [
    ("HTTP/1.1", False, [("A", "b")]),
    ("HTTP/1.1", True, [("A", "b"), ("Connection", "close")]),
    ("HTTP/2.0", True, [("A", "b")]),  # has no such header
])  # fmt: skip
def test_clients_are_sent_away_by_those_who_leave(protocol, is_leaving, headers):
    leaving, seen = Flag(), []

    def app(environ, start_response):
        start_response("200 OK", [("A", "b")])
        return [b""]

    if is_leaving:
        leaving.set()
    sending_away(app, leaving)({"SERVER_PROTOCOL": protocol}, lambda status, given, exc=None: seen.extend(given))
    assert seen == headers


RAISED_WHILE_TAKEN = """
import signal, threading
from onstreet.cli.renewal import Flag
flag = {flag}
signal.signal(signal.SIGALRM, lambda *_: flag.set())
signal.setitimer(signal.ITIMER_REAL, 0.2)
with {taken}:
    signal.pause()
flag.wait()
"""


@pytest.mark.parametrize("flag, taken, ends", [
    ("Flag()", "threading.Lock()", True),
    ("threading.Event()", "flag._cond", False),  # as inside of its wait(); what the flag is there for
])  # fmt: skip
def test_a_flag_can_be_raised_at_any_moment(flag, taken, ends):
    command = [sys.executable, "-c", RAISED_WHILE_TAKEN.format(flag=flag, taken=taken)]
    process = subprocess.Popen(command, env=os.environ)
    try:
        assert (process.wait(5) == 0) is ends
    except subprocess.TimeoutExpired:
        assert not ends
    finally:
        process.kill()
        process.wait()
