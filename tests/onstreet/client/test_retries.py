"""Tokens, keys and busy moments: a server that answers what it is told to, over real connections."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from threading import Thread

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from onstreet.client import (
    AnswerError,
    ApiError,
    App,
    Client,
    KeyPair,
    Token,
    UnreachableError,
)

NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)
BLOCKS = (200, {}, {"result": [{"blockID": "1"}]})
REFUSED = (401, {}, {"error": {"code": "unauthorized", "message": "no such token", "param": None, "request_id": "r"}})


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        pass


class Scripted:
    """A server that gives the answers of a list one after the other, tokens aside, and keeps the requests."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict, object]] = []
        self.tokens: list[tuple[int, dict, object]] = []
        self.seen: list[Request] = []

    def __call__(self, environ, start_response):
        request = Request(environ)
        self.seen.append(request)
        status, headers, body = (self.tokens if request.path == "/appToken" else self.answers).pop(0)
        text = body if isinstance(body, str) else json.dumps(body)
        return Response(text, status, headers, mimetype="application/json")(environ, start_response)

    def headers(self, name: str) -> list[str | None]:
        return [request.headers.get(name) for request in self.seen]

    def paths(self) -> list[str]:
        return [request.path for request in self.seen]


@pytest.fixture
def scripted() -> Iterator[tuple[Scripted, str]]:
    script = Scripted()
    server = make_server("127.0.0.1", 0, script, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield script, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.at, self.slept = NOW, []

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def client(url: str, clock: Clock, credentials=None, tries: int = 3) -> Client:
    return Client(url, credentials, tries=tries, sleep=clock.sleep, now=clock.now)


def ids(asking: Client) -> list[str]:
    return [block.id for block in asking.by_ids(["1"])]


def busy(status: int, **headers: str) -> tuple[int, dict, object]:
    error = {"code": "busy", "message": "later", "param": None, "request_id": "r"}
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, {"error": error}


# What is answered first, and how long the client waits before it asks again.
MOMENTS = [
    (busy(429, Retry_After="7"), 7, 7),
    (busy(429, Retry_After="0"), 0, 0),
    (busy(503, Retry_After="Thu, 11 Jun 2026 12:00:30 GMT"), 30, 30),
    (busy(503, Retry_After="Thu, 11 Jun 2026 11:00:00 GMT"), 0, 0),
    (busy(503, Retry_After="soon"), 0.2, 0.4),
    (busy(502), 0.2, 0.4),
    (busy(504), 0.2, 0.4),
]


@pytest.mark.parametrize("first, least_s, most_s", MOMENTS)
def test_what_is_busy_is_asked_again_when_it_says(scripted, clock, first, least_s, most_s):
    script, url = scripted
    script.answers = [first, BLOCKS]
    with client(url, clock) as asking:
        assert ids(asking) == ["1"]
    [slept] = clock.slept
    assert least_s <= slept <= most_s


def test_it_is_not_asked_for_ever(scripted, clock):
    script, url = scripted
    script.answers = [busy(503)] * 3
    with client(url, clock) as asking, pytest.raises(ApiError) as caught:
        ids(asking)
    assert (caught.value.status, caught.value.code, len(script.seen)) == (503, "busy", 3)
    assert clock.slept == sorted(clock.slept)


def test_nobody_waits_an_hour(scripted, clock):
    script, url = scripted
    script.answers = [busy(429, Retry_After="3600")]
    with client(url, clock) as asking, pytest.raises(ApiError, match="429 busy"):
        ids(asking)
    assert clock.slept == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_what_stays_wrong_is_asked_once(scripted, clock, status):
    script, url = scripted
    script.answers = [busy(status)]
    with client(url, clock) as asking, pytest.raises(ApiError):
        ids(asking)
    assert len(script.seen) == 1


def test_a_server_that_is_away_is_asked_again(clock):
    with client("http://127.0.0.1:9", clock) as asking, pytest.raises(UnreachableError, match="after 3 tries"):
        ids(asking)
    assert len(clock.slept) == 2


def test_a_token_and_a_key_are_shown_with_each_request(scripted, clock):
    script, url = scripted
    script.answers = [BLOCKS] * 2
    with client(url, clock, Token("abc")) as asking:
        ids(asking)
    with client(url, clock, KeyPair("key", "secret")) as asking:
        ids(asking)
    assert script.headers("Authorization") == ["Bearer abc", None]
    assert script.headers("X-API-Key") == [None, "key"]
    assert script.headers("X-API-Secret") == [None, "secret"]


def token(name: str, minutes: float) -> tuple[int, dict, object]:
    ends = NOW + timedelta(minutes=minutes)
    return 200, {}, {"result": {"token": name, "expiry": ends.strftime("%Y-%m-%dT%H:%M:%SZ")}}


APP = App("My-App", "It's Secret")


def test_an_application_fetches_a_token_once(scripted, clock):
    script, url = scripted
    script.tokens, script.answers = [token("abc", 60)], [BLOCKS] * 2
    with client(url, clock, APP) as asking:
        assert ids(asking) + ids(asking) == ["1", "1"]
    assert script.paths() == ["/appToken", "/blocks", "/blocks"]
    assert dict(script.seen[0].args) == {
        "appId": "My-App",
        "hashToken": sha1(b"my-app|it's secret").hexdigest(),
    }
    assert script.headers("Authorization") == [None, "Bearer abc", "Bearer abc"]


def test_a_token_is_renewed_before_it_ends(scripted, clock):
    script, url = scripted
    script.tokens, script.answers = [token("abc", 10), token("def", 60)], [BLOCKS] * 2
    with client(url, clock, APP) as asking:
        ids(asking)
        clock.at = NOW + timedelta(minutes=9, seconds=30)
        ids(asking)
    assert script.headers("Authorization") == [None, "Bearer abc", None, "Bearer def"]


def test_a_token_that_is_refused_is_renewed_once(scripted, clock):
    script, url = scripted
    script.tokens = [token("abc", 60), token("def", 60), token("ghi", 60)]
    script.answers = [BLOCKS, REFUSED, BLOCKS, REFUSED, REFUSED]
    with client(url, clock, APP) as asking:
        ids(asking)
        assert ids(asking) == ["1"]
        with pytest.raises(ApiError, match="401 unauthorized: no such token"):
            ids(asking)
    assert script.tokens == []


def test_an_application_that_is_refused_is_said(scripted, clock):
    script, url = scripted
    script.tokens = [REFUSED]
    with client(url, clock, APP) as asking, pytest.raises(ApiError, match="401 unauthorized"):
        ids(asking)
    assert script.paths() == ["/appToken"]


def test_a_token_is_waited_for(scripted, clock):
    script, url = scripted
    script.tokens, script.answers = [busy(503, Retry_After="3"), token("abc", 60)], [BLOCKS]
    with client(url, clock, APP) as asking:
        assert ids(asking) == ["1"]
    assert clock.slept == [3]


@pytest.mark.parametrize(
    "answer", ["<html>", {}, {"result": {"token": "abc"}}, {"result": {"token": "a", "expiry": "x"}}]
)
def test_what_is_no_token_is_said_without_it(scripted, clock, answer):
    script, url = scripted
    script.tokens = [(200, {}, answer)]
    with (
        client(url, clock, APP) as asking,
        pytest.raises(AnswerError, match="/appToken answered 200 without") as caught,
    ):
        ids(asking)
    assert "abc" not in str(caught.value)


@pytest.mark.parametrize("credentials", [Token("secret"), KeyPair("key", "secret"), App("app", "secret")])
def test_secrets_are_not_printed(credentials):
    assert "secret" not in repr(credentials)


# What the Link header says, and whether the next page is asked for there.
LINKS = [
    ('</blocks?id=1&offset=1>; rel="next"', True),
    ('<?id=1&offset=1>; rel="next"', True),
    ('<http://elsewhere.example/blocks?id=1&offset=1>; rel="next"', False),
    ('<//elsewhere.example/blocks?id=1&offset=1>; rel="next"', False),
]


@pytest.mark.parametrize("link, is_followed", LINKS)
def test_a_token_goes_to_no_other_server(scripted, clock, link, is_followed):
    script, url = scripted
    script.answers = [(200, {"Link": link}, BLOCKS[2]), BLOCKS]
    with client(url + "/kerbs", clock, Token("abc")) as asking:
        if is_followed:
            assert ids(asking) == ["1", "1"]
            # Behind a prefix the service does not know of.
            assert script.paths() == ["/kerbs/blocks"] * 2
            assert script.seen[1].args["offset"] == "1"
        else:
            with pytest.raises(AnswerError, match=r"said to be at elsewhere\.example"):
                ids(asking)


@pytest.mark.parametrize("answer", [
    (200, {}, "<html>"), (200, {}, []), (200, {}, {"result": [{}]}),
    (200, {}, {"result": [{"blockID": 1, "geojson": 5}]}), (404, {}, "nginx"),
    (302, {"Location": "http://elsewhere.example/"}, ""),
])  # fmt: skip
def test_what_is_not_this_service_is_said(scripted, clock, answer):
    script, url = scripted
    script.answers = [answer]
    with client(url, clock) as asking, pytest.raises(AnswerError, match=f"/blocks answered {answer[0]}"):
        ids(asking)
