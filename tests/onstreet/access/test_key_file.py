"""The file of keys: what is acknowledged is there, nobody else can read it, and whoever follows it sees changes."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from conftest import ROOT
from rings import NOW_S, filed, made

from onstreet.access.key_file import LONGEST_TOKEN_S, FollowedKeys, KeyFile, KeyFileError
from onstreet.access.keys import Proof, hash_token, new_secret, new_signing_key, secret_hash


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.sqlite"


def proves(file: KeyFile, proof: Proof, now_s: int = NOW_S) -> bool:
    return file.ring().keys[proof.id].proven_until_s(hash_token(*proof), now_s) is not None


def test_a_key_is_kept_without_its_secret(path):
    key, proof = made()
    KeyFile(path).add(key)
    assert KeyFile(path).ring().keys == {key.id: key}
    assert proves(KeyFile(path), proof)
    assert proof.secret.encode() not in path.read_bytes()
    assert hash_token(*proof).encode() not in path.read_bytes()
    assert "secret" not in repr(key)


def test_nobody_else_can_read_it(path):
    before = os.umask(0)
    try:
        filed(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_that_others_can_read_is_refused(path):
    filed(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match=r"others than its owner may use it \(mode 640\): chmod 600"):
        KeyFile(path).ring()


def test_what_is_no_file_of_keys_is_said(path):
    with pytest.raises(KeyFileError, match="no such file of keys; `onstreet keys create NAME` makes it"):
        FollowedKeys(path)
    for content in (b"", b"not a database" * 100):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(KeyFileError, match="not a file of keys that can be used"):
            FollowedKeys(path)


def test_a_revoked_key_stays_revoked(path):
    file, proof = filed(path)
    file.revoke(proof.id, NOW_S)
    file.revoke(proof.id, NOW_S + 9)
    assert file.ring().keys[proof.id].revoked_s == NOW_S
    with pytest.raises(KeyFileError, match="is revoked: create another key"):
        file.rotate(proof.id, b"", 0)


def test_the_former_secret_holds_until_the_grace_ends(path):
    file, first = filed(path)
    second, third = (first._replace(secret=new_secret()) for _ in range(2))
    file.rotate(first.id, secret_hash(second), NOW_S + 60)
    assert [proves(file, proof, NOW_S + 59) for proof in (first, second, third)] == [True, True, False]
    assert [proves(file, proof, NOW_S + 60) for proof in (first, second, third)] == [False, True, False]
    file.rotate(first.id, secret_hash(third), NOW_S + 60)
    assert [proves(file, proof, NOW_S) for proof in (first, second, third)] == [False, True, True]


def test_the_newest_signing_key_signs_and_former_ones_end(path):
    file, _ = filed(path)
    [first] = file.ring().signing
    second, third = new_signing_key(), new_signing_key()
    file.rotate_signing(second, NOW_S)
    assert file.ring().signing == (second, first._replace(until_s=NOW_S + LONGEST_TOKEN_S))
    file.rotate_signing(third, NOW_S + LONGEST_TOKEN_S)
    assert [each.kid for each in file.ring().signing] == [third.kid, second.kid]


@pytest.mark.parametrize("change", [lambda file: file.revoke("x", 0), lambda file: file.rotate("x", b"", 0)])
def test_a_key_nobody_has_is_said(path, change):
    file, _ = filed(path)
    with pytest.raises(KeyFileError, match="no key 'x': `onstreet keys list` shows them"):
        change(file)


def test_changes_are_seen_at_once(path):
    file, proof = filed(path)
    followed = FollowedKeys(path)
    before = followed()
    assert followed() is before
    file.revoke(proof.id, NOW_S)
    assert followed().keys[proof.id].revoked_s == NOW_S
    for number in range(20):
        key, _ = made()
        file.add(key)
        assert len(followed().keys) == number + 2


def test_another_file_in_its_place_is_seen(path, tmp_path):
    filed(path)
    followed = FollowedKeys(path)
    _, proof = filed(tmp_path / "other.sqlite")
    (tmp_path / "other.sqlite").replace(path)
    until = time.monotonic() + 5
    while list(followed().keys) != [proof.id]:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_keys_known_last_hold_while_the_file_cannot_be_read(path, caplog):
    _, proof = filed(path)
    followed = FollowedKeys(path)
    path.chmod(0o644)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE key SET revoked_s = 1")
    connection.close()
    assert [followed().keys[proof.id].revoked_s for _ in range(3)] == [None] * 3
    assert caplog.text.count("the keys known last are used on") == 1
    path.chmod(0o600)
    until = time.monotonic() + 5
    while followed().keys[proof.id].revoked_s is None:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_change_that_is_undone_is_not_taken(path):
    """A writer that dies within a commit leaves its journal, which whoever reads next plays back."""
    file, proof = filed(path)
    followed = FollowedKeys(path)
    script = (
        "import os, sqlite3, sys; connection = sqlite3.connect(sys.argv[1], isolation_level=None);"
        # So small a cache that the changes are in the file before they are committed.
        "connection.execute('PRAGMA cache_size = 1'); connection.execute('BEGIN IMMEDIATE');"
        "connection.execute('UPDATE key SET revoked_s = 1');"
        "connection.executemany('INSERT INTO signing (kid, secret) VALUES (?, ?)',"
        " ((str(n), bytes(3000)) for n in range(200)));"
        "os.kill(os.getpid(), 9)"
    )
    outcome = subprocess.run([sys.executable, "-c", script, path], check=False)
    assert outcome.returncode == -signal.SIGKILL
    assert path.with_name(path.name + "-journal").exists()
    assert followed().keys[proof.id].revoked_s is None
    assert len(KeyFile(path).ring().signing) == 1
    file.revoke(proof.id, NOW_S)
    assert followed().keys[proof.id].revoked_s == NOW_S


def test_every_acknowledged_key_is_there_after_kills(path):
    """Two processes that make keys as fast as they can are killed again and again, wherever they are."""
    printed: list[str] = []
    for number in range(6):
        makers = [_maker(path) for _ in range(2)]
        readers = [threading.Thread(target=lambda maker=maker: printed.extend(maker.stdout)) for maker in makers]
        for reader in readers:
            reader.start()
        time.sleep(0.4 + 0.07 * number)
        for maker in makers:
            maker.kill()
            maker.wait()
        for each in (*readers, *(maker.stdout for maker in makers)):
            each.join() if isinstance(each, threading.Thread) else each.close()
    # A line that a kill cut short acknowledges nothing.
    proofs = [Proof(*line.split()[:2]) for line in printed if line.endswith(".\n")]
    assert len(proofs) > 12
    keys = KeyFile(path).ring().keys
    assert [proof.id for proof in proofs if proof.id not in keys] == []
    assert all(keys[key_id].proven_until_s(hash_token(key_id, secret), NOW_S) for key_id, secret in proofs)


def _maker(path: Path) -> subprocess.Popen[str]:
    code = (
        "import sys; from pathlib import Path; sys.path[:0] = ['tests/onstreet/access'];"
        "from rings import filed\n"
        "while True:\n"
        "    _, proof = filed(Path(sys.argv[1]))\n"
        "    print(*proof, '.', flush=True)"
    )
    return subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, text=True, cwd=ROOT)
