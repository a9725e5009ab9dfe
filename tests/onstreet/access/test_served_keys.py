"""Servers of several workers with keys: they all notice, count together, and print what is needed to ask."""

import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from conftest import DATA, await_answer, free_port, serving
from redis_server import redis_server
from rings import NOW_S, filed

from onstreet.access.keys import Proof, hash_token, new_secret, new_signing_key, secret_hash

QUESTION = "/blocks?id=46502752&outputfields=name"


def status(url: str, **headers: str) -> int:
    try:
        with urlopen(
            Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
        ) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


def pair(proof: Proof) -> dict[str, str]:
    return {"X_API_Key": proof.id, "X_API_Secret": proof.secret}


def token(address: str, proof: Proof) -> str:
    with urlopen(f"{address}/appToken?appId={proof.id}&hashToken={hash_token(*proof)}") as answer:
        return json.load(answer)["result"]["token"]


def statuses(address: str, times: int, **headers: str) -> Counter[int]:
    """What so many requests are answered, each on a connection of its own, which any worker may take."""
    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(lambda _: status(address + QUESTION, **headers), range(times)))


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("ONSTREET_KEYS", str(tmp_path / "keys.sqlite"))
    return tmp_path / "keys.sqlite"


def test_all_workers_see_changes_at_once(path):
    file, proof = filed(path)
    with serving(DATA, "--workers", "2") as address:
        bearer = {"Authorization": f"Bearer {token(address, proof)}"}
        assert statuses(address, 40, **bearer) == {200: 40}
        file.rotate_signing(new_signing_key(), int(time.time()))
        assert statuses(address, 40, **bearer) == {200: 40}
        second = proof._replace(secret=new_secret())
        file.rotate(proof.id, secret_hash(second), int(time.time()))
        assert statuses(address, 10, **pair(proof)) == {401: 10}
        assert statuses(address, 40, **pair(second)) == {200: 40}
        file.revoke(proof.id, NOW_S)
        assert set(statuses(address, 10, **bearer)) <= {401, 429}
        assert set(statuses(address, 10, **pair(second))) <= {401, 429}


PLANS = "standard=read:1/h:60,write:1/h:1 failed=read:1/h:1000,write:1/h:1"


@pytest.mark.needs_redis
def test_workers_count_together_in_redis(path, monkeypatch):
    _, proof = filed(path)
    monkeypatch.setenv("ONSTREET_PLANS", PLANS)
    with redis_server() as redis:
        monkeypatch.setenv("ONSTREET_REDIS", redis.url)
        with serving(DATA, "--workers", "2") as first, serving(DATA, "--workers", "2") as second:
            asked = statuses(first, 50, **pair(proof)) + statuses(second, 50, **pair(proof))
        assert asked == {200: 60, 429: 40}


@pytest.mark.needs_redis
def test_a_rate_passes_exactly_over_several_workers(path, monkeypatch):
    """For three seconds as many requests as two workers can answer: a burst, and so many a second, pass."""
    _, proof = filed(path)
    monkeypatch.setenv("ONSTREET_PLANS", "standard=read:50/s:20,write:1/h:1")
    with redis_server() as redis:
        monkeypatch.setenv("ONSTREET_REDIS", redis.url)
        with serving(DATA, "--workers", "2") as address:
            status(address + QUESTION, **pair(proof))
            time.sleep(0.5)
            begun, found = time.monotonic(), Counter()
            while time.monotonic() < begun + 3:
                found += statuses(address, 40, **pair(proof))
            seconds = time.monotonic() - begun
    assert found[429] > 50
    assert set(found) == {200, 429}
    assert 20 + 50 * 3 - 2 <= found[200] <= 20 + 50 * seconds + 1


@pytest.mark.needs_redis
def test_redis_is_killed_and_started_under_way(path, monkeypatch):
    """No request fails for it; while it is gone two workers let at most a whole burst pass."""
    _, proof = filed(path)
    monkeypatch.setenv("ONSTREET_PLANS", PLANS)
    with redis_server() as redis:
        monkeypatch.setenv("ONSTREET_REDIS", redis.url)
        with serving(DATA, "--workers", "2") as address:
            assert statuses(address, 70, **pair(proof)) == {200: 60, 429: 10}
            redis.kill()
            while_gone = statuses(address, 200, **pair(proof))
            redis.start()
            time.sleep(2.5)
            back = statuses(address, 200, **pair(proof))
    assert set(while_gone) == set(back) == {200, 429}
    assert 30 <= while_gone[200] <= 60
    # The new server knows nothing of before; a worker asks it again with its first requests after the pause.
    assert 60 <= back[200] <= 62


def test_guesses_on_many_connections_are_slowed(path, monkeypatch):
    _, proof = filed(path)
    monkeypatch.setenv("ONSTREET_PLANS", "failed=read:1/h:20,write:1/h:1")
    with serving(DATA, "--workers", "2") as address:
        known = pair(proof)
        assert statuses(address, 20, **known) == {200: 20}
        guessed = statuses(address, 200, **pair(proof._replace(secret="guess")))
        assert guessed[401] <= 20
        assert guessed[401] + guessed[429] == 200


def run(*options: str) -> subprocess.Popen[str]:
    command = [str(Path(sys.executable).with_name("onstreet")), "serve", *options, str(DATA)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def test_a_server_for_this_machine_prints_a_key_that_works(monkeypatch):
    monkeypatch.delenv("ONSTREET_KEYS", raising=False)
    port = free_port()
    server = run("--port", str(port))
    try:
        says = [server.stderr.readline() for _ in range(5)]
        proof = Proof(*(re.fullmatch(r"    \w+ +(\S+)\n", line)[1] for line in says[2:4]))
        assert proof.id.startswith("os_demo_")
        [url] = re.findall(r"curl '(.*)'", says[4])
        assert url.startswith(f"http://127.0.0.1:{port}/appToken?")
        await_answer(url, server)
        with urlopen(url) as answer:
            given = json.load(answer)["result"]["token"]
        address = f"http://127.0.0.1:{port}{QUESTION}"
        assert [status(address), status(address, **pair(proof)), status(f"{address}&accesstoken={given}")] == [200] * 3
        assert status(f"{address}&accesstoken=x") == 401
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stderr.close()


def test_plans_that_are_gone_are_said(path):
    filed(path, plan="gold")
    server = run("--port", str(free_port()))
    try:
        assert server.stderr.readline() == "ONSTREET_PLANS has no gold; keys with it count as standard\n"
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stderr.close()


REFUSALS = [
    (
        ["--host", "0.0.0.0"],
        {},
        "without keys only this machine is answered, and 0.0.0.0 is for others: set ONSTREET_KEYS",
    ),
    (
        [],
        {"ONSTREET_KEYS": "/nowhere/keys"},
        "/nowhere/keys: no such file of keys; `onstreet keys create NAME` makes it",
    ),
]


@pytest.mark.parametrize("options, environment, says", REFUSALS)
def test_a_server_that_cannot_tell_who_asks_does_not_start(options, environment, says, monkeypatch):
    monkeypatch.delenv("ONSTREET_KEYS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    server = run("--port", str(free_port()), *options)
    _, said = server.communicate(timeout=20)
    assert server.returncode == 1
    assert said.startswith(f"Error: {says}")
    assert said.count("\n") == 1


def test_threads_see_one_key_file_at_a_time(path):
    """Requests of several threads, while the file changes all the time, are answered by one state of it or another."""
    from onstreet.access.gate import Gate, Pair
    from onstreet.access.key_file import FollowedKeys

    file, proof = filed(path)
    gate, ended, seen = Gate(FollowedKeys(path), 60), threading.Event(), []

    def ask() -> None:
        while not ended.is_set():
            seen.append(gate.check(Pair(*proof), NOW_S).key.id)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        file.rotate_signing(new_signing_key(), NOW_S)
    ended.set()
    for thread in threads:
        thread.join()
    assert set(seen) == {proof.id}
