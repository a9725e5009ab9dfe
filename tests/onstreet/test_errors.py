"""Every failure has its status, its stable code and the one shape, whatever the client takes or sends."""

import json
import re

import pytest
from conftest import NOW
from flask import abort

from onstreet import query
from onstreet.api import create_app
from onstreet.api.errors import FAILURES, MAX_ADDRESS_BYTES
from onstreet.stores.database import DatabaseError, ReplacedError

CARD = '{"rateCards": ["Sun: Fre"]}'
LONG = "/blocks?id=" + "1" * MAX_ADDRESS_BYTES

# Method, path, what is sent with it; status, code, parameter, words of the message.
FAILED = [
    ("GET", "/blocks", {}, 400, "invalid_parameter", "id", "no place is given"),
    ("GET", "/blocks?id=1", {}, 404, "not_found", "id", "no block has any of the ids"),
    ("GET", "/blokcs", {}, 404, "not_found", None, "there is no '/blokcs' here (did you mean '/blocks'?)"),
    ("GET", "/blocks/", {}, 404, "not_found", None, "did you mean '/blocks'?"),
    ("GET", "/" + "x" * 500, {}, 404, "not_found", None, "known are /, /appToken, /blocks"),
    ("POST", "/blocks", {}, 405, "method_not_allowed", None, "/blocks does not answer POST, only GET, HEAD, OPTIONS"),
    ("BREW", "/quote", {}, 405, "method_not_allowed", None, "/quote does not answer BREW, only OPTIONS, POST"),
    ("GET", "/blocks?id=46502752", {"headers": {"Accept": "text/html"}}, 406, "not_acceptable", "Accept", "json"),
    ("POST", "/quote", {"data": "x" * 70_000, "content_type": "application/json"}, 413, "payload_too_large", None, ""),
    ("GET", LONG, {}, 414, "uri_too_long", None, "32,768 bytes"),
    ("POST", "/quote", {"data": CARD, "content_type": "text/plain"}, 415, "unsupported_media_type", None, "JSON"),
    ("POST", "/quote", {"data": CARD, "content_type": "application/json"}, 422, "unprocessable", "rateCards", "line 1"),
]  # fmt: skip


def same_shape(answer, status: int, code: str) -> dict:
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert list(answer.json) == ["error"]
    error = answer.json["error"]
    assert set(error) - {"details"} == {"code", "message", "param", "request_id"}
    assert error["code"] == code
    assert error["request_id"] == answer.headers["X-Request-ID"]
    return error


@pytest.mark.parametrize("method, path, sent, status, code, param, said", FAILED)
def test_failures(client, method, path, sent, status, code, param, said):
    error = same_shape(client.open(path, method=method, **sent), status, code)
    assert error["param"] == param
    assert said in error["message"]


# What goes wrong while an answer is made; status, code, what the log says of it.
BROKEN = [
    (ReplacedError("some of the blocks are gone"), 409, "conflict", "some of the blocks are gone"),
    (DatabaseError("postgresql://db/kerbs: no connection"), 503, "unavailable", "no connection"),
    (RuntimeError("a secret"), 500, "internal_error", "a secret"),
    (RecursionError("too deep"), 500, "internal_error", "too deep"),
]


@pytest.mark.parametrize("raised, status, code, logged", BROKEN)
def test_what_breaks_inside(store, monkeypatch, caplog, raised, status, code, logged):
    def broken(*asked):
        raise raised

    monkeypatch.setattr(query, "_run", broken)
    answer = create_app(stores=lambda: store, clock=lambda: NOW).test_client().get("/blocks?id=46502752")
    error = same_shape(answer, status, code)
    assert str(raised) not in answer.text
    assert error["request_id"] in caplog.text
    assert logged in caplog.text
    assert answer.headers.get("Retry-After") == ("1" if status in {409, 503} else None)


@pytest.mark.parametrize("status, code", [(status, each.code) for status, each in FAILURES.items()])
def test_each_status_has_its_code(store, status, code):
    app = create_app(stores=lambda: store)
    app.add_url_rule("/broken", view_func=lambda: abort(status, "so it is"))
    assert same_shape(app.test_client().get("/broken"), status, code)["message"]


@pytest.mark.parametrize("status, shown", [(418, 400), (428, 400), (501, 500)])
def test_other_statuses_become_ours(store, status, shown):
    app = create_app(stores=lambda: store)
    app.add_url_rule("/broken", view_func=lambda: abort(status))
    same_shape(app.test_client().get("/broken"), shown, FAILURES[shown].code)


# The client's own id; whether it is taken over.
IDS = [
    ("abc", True), ("Req_1.2-3", True), ("a" * 64, True), ("a" * 65, False), ("", False), ("a b", False),
    ("a\tb", False), ("é", False), ("../x", False), ("<b>", False), ("1\n", False),
]  # fmt: skip


@pytest.mark.parametrize("own, is_taken", IDS)
def test_a_request_may_bring_its_id(client, own, is_taken):
    environ = {"HTTP_X_REQUEST_ID": own}
    for path in ("/blocks?id=46502752", "/blocks"):
        shown = client.get(path, environ_overrides=environ).headers["X-Request-ID"]
        assert (shown == own) is is_taken
        assert is_taken or re.fullmatch("req_[0-9a-f]{12}", shown)


# What a client takes; whether it gets JSON.
TAKEN = [
    ("application/json", 200), ("application/*", 200), ("*/*", 200), ("text/html,*/*;q=0.1", 200), ("", 200),
    ("text/html", 406), ("application/json;q=0", 406), ("application/xml, text/*", 406), ("nonsense", 406),
    ("application/json; charset=utf-8", 200), ("application/json;version=2", 200), ("Application/JSON", 200),
    ("application/json;q=0, */*", 406), ("text/html, application/*;q=0.1", 200), ("*/*;q=0", 406),
]  # fmt: skip


@pytest.mark.parametrize("taken, status", TAKEN)
def test_only_what_is_taken_is_answered(client, taken, status):
    assert client.get("/blocks?id=46502752", headers={"Accept": taken}).status_code == status
    assert client.get("/blocks", headers={"Accept": taken}).status_code == 400


def test_two_slashes_are_no_redirect(store):
    app = create_app(stores=lambda: store)
    app.add_url_rule("/a/b", view_func=str)
    same_shape(app.test_client().get("/a//b"), 404, "not_found")


@pytest.mark.parametrize("bytes_asked, status", [(MAX_ADDRESS_BYTES, 414), (65_000, 414)])
def test_long_addresses_reach_us_through_the_server(server, bytes_asked, status):
    from http.client import HTTPConnection

    connection = HTTPConnection(server.removeprefix("http://"))
    connection.request("GET", "/blocks?id=" + "1" * bytes_asked)
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["error"]["code"]) == (status, "uri_too_long")
    connection.close()
