"""`onstreet keys`: what is printed once, what is listed, and what is said of mistakes."""

import re
import time

import pytest
from click.testing import CliRunner

from onstreet.access.key_file import KeyFile
from onstreet.access.keys import hash_token
from onstreet.access.scopes import Scope
from onstreet.cli import main


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("ONSTREET_KEYS", str(tmp_path / "keys.sqlite"))
    return tmp_path / "keys.sqlite"


def run(*arguments: str):
    return CliRunner().invoke(main, ["keys", *arguments])


def created(*arguments: str) -> tuple[str, str]:
    outcome = run("create", *arguments)
    assert outcome.exit_code == 0, outcome.output
    return re.fullmatch(r"id {6}(\S+)\nsecret {2}(\S+)\n", outcome.stdout).groups()


def only(path):
    [key] = KeyFile(path).ring().keys.values()
    return key


READ, WRITE = frozenset({Scope.READ}), frozenset({Scope.WRITE})
# Options; what the key's id begins with, its scopes, its plan, and when it expires.
OPTIONS = [
    ([], "os_live_", READ, "standard", None),
    (["--demo"], "os_demo_", READ, "demo", None),
    (["--demo", "--plan", "standard"], "os_demo_", READ, "standard", None),
    (["--scope", "WRITE"], "os_live_", WRITE, "standard", None),
    (["--scope", "WRITE", "--scope", "READ"], "os_live_", READ | WRITE, "standard", None),
    (["--expires", "2100-01-01"], "os_live_", READ, "standard", 4_102_444_800),
]


@pytest.mark.parametrize("options, prefix, scopes, plan, expires_s", OPTIONS)
def test_create(path, options, prefix, scopes, plan, expires_s):
    key_id, secret = created("City of Ghent", *options)
    key = only(path)
    assert key_id == key.id
    assert key_id.startswith(prefix)
    assert re.fullmatch("os_secret_[a-z2-7]{32}", secret)
    assert (key.name, key.scopes, key.plan, key.expires_s) == ("City of Ghent", scopes, plan, expires_s)
    assert key.proven_until_s(hash_token(key_id, secret), time.time())
    assert path.stat().st_mode & 0o777 == 0o600


def test_list_shows_all_but_secrets(path):
    assert run("list").exit_code == 1
    first, secret = created("City of Ghent", "--expires", "2100-01-01")
    second, _ = created("someone", "--demo", "--scope", "READ", "--scope", "WRITE")
    third, _ = created("gone")
    run("revoke", third)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    rows = {line.split()[0]: line for line in run("list").stdout.splitlines()}
    assert rows[first].split()[1:] == ["READ", "standard", today, "until", "2100-01-01", "City", "of", "Ghent"]
    assert rows[second].split()[1:] == ["READ", "WRITE", "demo", today, "holds", "someone"]
    assert rows[third].split()[1:] == ["READ", "standard", today, "revoked", "gone"]
    assert secret not in run("list").output


def test_rotate_prints_a_new_secret(path):
    key_id, first = created("someone")
    outcome = run("rotate", key_id, "--grace", "1h")
    [second] = re.findall(r"secret {2}(\S+)\n", outcome.stdout)
    now_s = time.time()
    held = [
        bool(only(path).proven_until_s(hash_token(key_id, secret), at_s))
        for at_s in (now_s, now_s + 3_700)
        for secret in (first, second)
    ]
    assert held == [True, True, False, True]


@pytest.mark.parametrize("grace, seconds", [("0s", 0), ("5min", 300), ("24h", 86_400), ("7d", 604_800)])
def test_a_grace_has_a_unit(path, grace, seconds):
    key_id, _ = created("someone")
    assert run("rotate", key_id, "--grace", grace).exit_code == 0
    assert abs(only(path).former_until_s - time.time() - seconds) < 5


def test_the_signing_key_is_rotated(path):
    created("someone")
    [before] = KeyFile(path).ring().signing
    assert run("rotate-signing").exit_code == 0
    now, former = KeyFile(path).ring().signing
    assert (former.kid, former.secret) == (before.kid, before.secret)
    assert now.kid != former.kid


MISTAKES = [
    (["revoke", "os_live_x"], "Error: no key 'os_live_x': `onstreet keys list` shows them\n"),
    (["rotate", "os_live_x"], "Error: no key 'os_live_x': `onstreet keys list` shows them\n"),
    (["rotate", "os_live_x", "--grace", "24"], "such as 24h, not '24'\n"),
    (["create", "x", "--plan", "gold"], "Error: --plan: ONSTREET_PLANS has no 'gold' for keys, but demo, standard\n"),
    (
        ["create", "x", "--plan", "failed"],
        "Error: --plan: ONSTREET_PLANS has no 'failed' for keys, but demo, standard\n",
    ),
    (["create", "x", "--expires", "2000-01-01"], "Error: --expires is in the past\n"),
    (["create", "x", "--expires", "soon"], "'soon' does not match the format '%Y-%m-%d'.\n"),
    (["create", "x", "--scope", "ALL"], "'ALL' is not one of 'READ', 'WRITE'.\n"),
    (["create", " "], "Error: a name is expected, of 1 to 100 characters that can be printed\n"),
    (["create", "a\nb"], "Error: a name is expected, of 1 to 100 characters that can be printed\n"),
]


@pytest.mark.parametrize("arguments, says", MISTAKES)
def test_mistakes_are_said(path, arguments, says):
    created("someone")
    outcome = run(*arguments)
    assert outcome.exit_code in (1, 2)
    assert outcome.stderr.endswith(says)
    assert len(KeyFile(path).ring().keys) == 1


def test_without_a_file_it_is_said(monkeypatch):
    monkeypatch.delenv("ONSTREET_KEYS", raising=False)
    outcome = run("list")
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (1, 1)
    assert outcome.stderr.startswith("Error: ONSTREET_KEYS names no file of keys: ")


@pytest.mark.parametrize("command", ["create", "list", "revoke", "rotate", "rotate-signing"])
def test_keys_help_has_an_example(command):
    assert f"Example: onstreet keys {command}" in run(command, "--help").output
