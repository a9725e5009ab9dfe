#!/usr/bin/env python
"""What credentials, limits and the log cost: microseconds of a /blocks request in process, without and with them.

scripts/bench_access.py [--redis redis://localhost:6379/0]
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from onstreet.access.key_file import KeyFile
from onstreet.access.keys import LIVE, Key, Proof, hash_token, new_proof, secret_hash
from onstreet.access.plans import read_plans
from onstreet.access.scopes import Scope
from onstreet.api import create_app, open_stores
from onstreet.settings import Settings

DATA = Path(__file__).parents[1] / "data" / "santa-monica"
# A block asked for before, answered from memory; and fifty blocks at ever other minutes, answered anew.
BEFORE = "id=46502752&entry_time=2026-06-11T10:00&duration=60"
ANEW = "box=34.03|-118.50,34.01|-118.48&limit=50&duration=60|120|240|480&entry_time=2026-06-11T{:02}:{:02}"
MINUTES = itertools.cycle(divmod(minute, 60) for minute in range(24 * 60))
# More than can be asked here.
PLANS = read_plans("standard=read:1000000/s:1000000,write:1/s:1")
REQUESTS = 100

Ask = Callable[[str], None]

_NOBODY = "nobody is asked"
# Nobody reads it, and it costs what writing it does.
_LOG = Path("/dev/null")


def main() -> None:
    """Print the least of some rounds, in which all ways take turns, so that a busy machine is no worse for one."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--redis", help="a Redis server that counts requests")
    parser.add_argument("--rounds", type=int, default=400, help="how often each way takes its turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ways = dict(_ways(Path(folder) / "keys.sqlite", options.redis))
        columns = [_least_us(ways, options.rounds, anew) for anew in (False, True)]
    print(f"{'':36}{'asked before':>24}{'fifty blocks, anew':>24}")
    for name in ways:
        told = (f"{us[name]:11.1f} us {us[name] / us[_NOBODY] - 1:+9.0%}" for us in columns)
        print(f"{name:36}{''.join(told)}")


def _least_us(ways: Mapping[str, Ask], rounds: int, anew: bool) -> dict[str, float]:
    least = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, ask in ways.items():
            least[name] = min(least[name], _us(ask, 10 if anew else REQUESTS, anew))
    return least


def _ways(path: Path, redis: str | None) -> Iterator[tuple[str, Ask]]:
    proof = new_proof(LIVE)
    hashed, scopes = secret_hash(proof), frozenset({Scope.READ})
    KeyFile(path).add(Key(id=proof.id, name="", scopes=scopes, plan="standard", created_s=0, secret_hash=hashed))
    stores = open_stores((DATA,))
    opened = create_app(Settings(log=_LOG), stores)
    keyed = create_app(Settings(keys=path, plans=PLANS, log=_LOG), stores)
    token = _token(keyed, proof)
    pair = {"HTTP_X_API_KEY": proof.id, "HTTP_X_API_SECRET": proof.secret}
    yield _NOBODY, _asking(opened, answer=lambda *request: Flask.wsgi_app(opened, *request))
    yield "without keys", _asking(opened)
    yield "a token in a header", _asking(keyed, {"HTTP_AUTHORIZATION": f"Bearer {token}"})
    yield "a token in the address", _asking(keyed, {}, more=f"&accesstoken={token}")
    yield "key and secret in headers", _asking(keyed, pair)
    if redis:
        shared = create_app(Settings(keys=path, plans=PLANS, redis=redis, log=_LOG), stores)
        yield "the same, counted in Redis", _asking(shared, pair)


def _asking(
    app: Flask, environ: Mapping[str, str] | None = None, answer: Callable[..., Any] | None = None, more: str = ""
) -> Ask:
    """One request, which has to be answered well."""
    request = EnvironBuilder("/blocks").get_environ() | {"REMOTE_ADDR": "127.0.0.1"} | dict(environ or {})
    call = answer or app.wsgi_app

    def start(status: str, headers: list[tuple[str, str]], problem: object = None, /) -> Callable[[bytes], object]:
        assert status == "200 OK", status
        return lambda body: None

    def ask(question: str) -> None:
        for _ in call(request | {"QUERY_STRING": question + more}, start):
            pass

    return ask


def _token(app: Flask, proof: Proof) -> str:
    asked = {"appId": proof.id, "hashToken": hash_token(*proof)}
    return str(app.test_client().get("/appToken", query_string=asked).get_json()["result"]["token"])


def _us(ask: Ask, requests: int, anew: bool) -> float:
    questions = [ANEW.format(*next(MINUTES)) if anew else BEFORE for _ in range(requests)]
    begun = time.perf_counter()
    for question in questions:
        ask(question)
    return (time.perf_counter() - begun) / requests * 1e6


if __name__ == "__main__":
    main()
