"""A line of JSON for each request and message, on standard error or in a file, without secrets."""

import json
import logging
import os
from pathlib import Path

import pytest
from conftest import NOW

from onstreet.api import create_app
from onstreet.api.request_log import KEY_ID, MOST_CHARS, told
from onstreet.settings import Settings, SettingsError, read_settings


@pytest.fixture(autouse=True)
def _unlogged():
    yield
    logging.getLogger("onstreet").handlers.clear()


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "requests.jsonl"


@pytest.fixture
def client(store, path):
    return create_app(Settings(log=path), stores=lambda: store, clock=lambda: NOW).test_client()


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_says_what_was_asked_and_answered(client, path):
    answer = client.get("/blocks?id=46502752&outputfields=name")
    [line] = lines(path)
    assert list(line) == ["time", "request_id", "method", "path", "query", "status", "duration_ms", "bytes"]
    assert line["time"].endswith("Z")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert [line[name] for name in ("method", "path", "query", "status", "bytes")] == [
        "GET", "/blocks", "id=46502752&outputfields=name", 200, len(answer.data),
    ]  # fmt: skip
    assert 0 < line["duration_ms"] < 10_000


@pytest.mark.parametrize("path_asked, status", [("/nowhere", 404), ("/blocks", 400), ("/blocks?id=0", 404)])
def test_failures_have_a_line_too(client, path, path_asked, status):
    client.get(path_asked)
    assert [line["status"] for line in lines(path)] == [status]


# The query string, and what is logged of it.
QUERIES = [
    ("", ""),
    ("id=1&duration=60%7C120", "id=1&duration=60%7C120"),
    ("id=1&accesstoken=secret", "id=1&accesstoken=***"),
    ("accessToken=secret&id=1", "accessToken=***&id=1"),
    ("accesstoken=&id=1", "***&id=1"),
    ("acces%73token=secret&id=1", "acces%73token=***&id=1"),
    ("ACCESSTOKEN=secret", "ACCESSTOKEN=***"),
    ("appId=me&hashToken=secret&appKey=secret", "appId=***&hashToken=***&appKey=***"),
    ("accesstoken=secret=secret&accesstoken=secret", "accesstoken=***&accesstoken=***"),
    ("secret", "***"),
    ("&&secret&id=1", "&&***&id=1"),
    ("ids=secret", "ids=***"),
    ("id=1;accesstoken=secret", "id=1;accesstoken=secret"),  # no parameter of its own, but the id
    ("limit=" + "9" * 3000, "limit=" + "9" * (MOST_CHARS - 6)),
]


@pytest.mark.parametrize("query, logged", QUERIES, ids=[query[:30] for query, _ in QUERIES])
def test_secrets_are_left_out(query, logged):
    assert told(query) == logged


def test_a_token_and_a_key_never_get_into_the_log(client, path):
    headers = {"Authorization": "Bearer secret", "X-API-Key": "secret", "X-API-Secret": "secret"}
    client.get("/blocks?id=46502752&accesstoken=secret", headers=headers)
    client.get("/blocks?id=46502752&accestoken=secret", headers=headers)
    assert "secret" not in path.read_text()
    assert len(lines(path)) == 2


def test_a_line_names_the_key_that_was_used(client, path):
    client.get("/", environ_overrides={KEY_ID: "planner"})
    assert [line["key"] for line in lines(path)] == ["planner"]


def test_a_line_stays_a_line(client, path):
    client.get('/a%0A{"status": 200}%00%FF' + "x" * 5000)
    [line] = lines(path)
    assert line["path"].startswith('/a\n{"status": 200}')
    assert len(line["path"]) == MOST_CHARS


def test_our_own_failures_are_lines_with_a_traceback(store, path):
    def broken():
        raise RuntimeError("the clock is broken")

    answer = create_app(Settings(log=path), stores=lambda: store, clock=broken).test_client().get("/blocks?id=46502752")
    message, line = lines(path)
    assert message["level"] == "error"
    assert message["message"] == f"{answer.headers['X-Request-ID']} failed"
    assert 'raise RuntimeError("the clock is broken")' in message["exception"]
    assert (line["status"], line["request_id"]) == (500, answer.headers["X-Request-ID"])


@pytest.mark.parametrize("log, terminal, wanted", [
    ("json", True, 1), ("json", False, 1), ("auto", False, 1), ("auto", True, 0), ("off", False, 0),
])  # fmt: skip
def test_standard_error_is_for_lines_where_nobody_reads_it(store, capfd, monkeypatch, log, terminal, wanted):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    create_app(Settings(log=log), stores=lambda: store).test_client().get("/")
    assert capfd.readouterr().err.count('"path":"/"') == wanted


def test_a_full_disk_fails_nobody(store):
    client = create_app(Settings(log=Path("/dev/full")), stores=lambda: store).test_client()
    assert client.get("/").status_code == 200


def test_messages_have_one_line_however_many_applications_there_are(store, path):
    for _ in range(3):
        create_app(Settings(log=path), stores=lambda: store)
    logging.getLogger("onstreet").warning("now serving snapshot %s", "7")
    assert [line["message"] for line in lines(path)] == ["now serving snapshot 7"]


@pytest.mark.parametrize("log", ["loud", "requests.jsonl", "/nowhere/requests.jsonl", os.sep])
def test_a_log_that_cannot_be_is_said(log):
    with pytest.raises(
        SettingsError, match="ONSTREET_LOG must be auto, json, off or the path, with a slash, of a file"
    ):
        read_settings({"ONSTREET_LOG": log})
