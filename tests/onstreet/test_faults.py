"""What becomes of the service when something around it fails: the README says so, and it is tried here for real."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from conftest import DATA, NOW, serving

from onstreet.api import create_app
from onstreet.datasets.publish import publish
from onstreet.datasets.source import find_data_sets
from onstreet.snapshot import current, point_at

QUESTION = "/blocks?box=34.03|-118.50,34.01|-118.48&limit=50&outputfields=blockID"
ONSTREET = str(Path(sys.executable).with_name("onstreet"))


def ask(address: str) -> int:
    """How many blocks are answered."""
    return len(json.load(urlopen(address + QUESTION, timeout=10))["result"])


def children(process_id: int) -> set[int]:
    return set(map(int, Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()))


def serving_at(port: str) -> int:
    """The child of this process that was told to serve at a port."""
    [found] = [child for child in children(os.getpid()) if port in Path(f"/proc/{child}/cmdline").read_text()]
    return found


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture
def snapshots(tmp_path):
    folder = tmp_path / "snapshots"
    publish(find_data_sets([DATA]), folder, [])
    return folder


def test_killed_workers_are_replaced_and_the_others_answer(snapshots):
    """A worker is killed while it answers: its connections break, the rest is answered as ever."""
    with serving(snapshots, "--workers", "2") as address:
        parent = serving_at(address.rpartition(":")[2])
        before = children(parent)
        assert len(before) == 2
        asked = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"from urllib.request import urlopen\nwhile True: urlopen({address + QUESTION!r}).read()",
            ],
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.5)
        os.kill(min(before), signal.SIGKILL)
        time.sleep(0.2)
        asked.kill()
        asked.wait()
        answered = [ask(address) for _ in range(20)]
        assert answered == [50] * 20
        until = time.monotonic() + 15
        while len(children(parent) - before) < 1 and time.monotonic() < until:
            time.sleep(0.1)
        assert len(children(parent) - before) == 1
        assert ask(address) == 50


FULL_DISK = """
mount -t tmpfs -o size=150k none "$1" || exit 99
printf 'old\n' > "$1/current"
"$2" publish "$3" --to "$1" ; echo "exit $?"
ls -A "$1"; cat "$1/current"
"""


def on_a_small_disk(script: str, *arguments: str) -> subprocess.CompletedProcess:
    """What a script says that may mount things for itself."""
    if shutil.which("unshare") is None or run("unshare", "--map-root-user", "--mount", "true").returncode:
        pytest.skip("a small disk cannot be mounted here")
    return run("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *arguments)


def test_a_full_disk_ends_the_writer_with_a_line_and_leaves_what_was_there(tmp_path):
    done = on_a_small_disk(FULL_DISK, str(tmp_path), ONSTREET, str(DATA))
    assert done.stderr == f"Error: [Errno 28] No space left on device: '{tmp_path}'\n"
    assert done.stdout == "exit 1\ncurrent\nold\n"


FULL_OF_KEYS = """
mount -t tmpfs -o size=200k none "$1" || exit 99
export ONSTREET_KEYS="$1/keys.sqlite"
for name in one two; do "$2" keys create $name >/dev/null; echo "exit $?"; done
cat /dev/zero > "$1/filler" 2>/dev/null
"$2" keys create three; echo "exit $?"
rm "$1/filler"
"$2" keys create four >/dev/null; echo "exit $?"
"$2" keys list
"""


def test_a_full_disk_takes_no_key_that_it_loses(tmp_path):
    done = on_a_small_disk(FULL_OF_KEYS, str(tmp_path), ONSTREET)
    exits = [line for line in done.stdout.splitlines() if line.startswith("exit")]
    assert exits == ["exit 0", "exit 0", "exit 1", "exit 0"]
    assert "disk" in done.stderr
    listed = done.stdout.partition("exit 0\nexit 0\nexit 1\nexit 0\n")[2]
    assert [name for name in ("one", "two", "three", "four") if name in listed.split()] == ["one", "two", "four"]


def test_a_full_log_loses_lines_and_fails_nobody(snapshots, monkeypatch):
    monkeypatch.setenv("ONSTREET_LOG", "/dev/full")
    with serving(snapshots) as address:
        assert [ask(address) for _ in range(3)] == [50] * 3


def test_a_pointer_to_nothing_is_said_at_the_start(snapshots):
    point_at(snapshots, "nowhere")
    done = run(ONSTREET, "serve", "--port", "1", str(snapshots))
    assert done.returncode == 1
    assert "nowhere: no readable manifest.json" in done.stderr.splitlines()[-1]


def test_a_pointer_to_nothing_leaves_the_snapshot_that_is_served(snapshots):
    name = current(snapshots).name
    with serving(snapshots) as address:
        point_at(snapshots, "nowhere")
        time.sleep(1.5)
        assert ask(address) == 50
        (snapshots / "current").unlink()
        time.sleep(1.5)
        assert ask(address) == 50
        point_at(snapshots, name)
        time.sleep(1.5)
        assert ask(address) == 50


def test_a_snapshot_that_is_deleted_while_it_is_served_answers_on(snapshots):
    with serving(snapshots) as address:
        shutil.rmtree(current(snapshots))
        assert ask(address) == 50


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(hours=3), timedelta(days=-400), timedelta(days=900)])
def test_a_clock_that_jumps_changes_now_and_nothing_else(store, jump):
    """Questions with an entry are answered as before; those without get the prices of what the clock says."""
    now = NOW
    client = create_app(stores=lambda: store, clock=lambda: now).test_client()
    stated = "/blocks?id=46502752&duration=60|480&outputfields=isOpen,calculatedRates&entry_time="
    bare = "/blocks?id=46502752&duration=60|480&outputfields=isOpen,calculatedRates"
    before = client.get(stated + "2026-06-11T10:00").data
    assert client.get(bare).data == before
    now = NOW + jump
    assert client.get(stated + "2026-06-11T10:00").data == before
    assert client.get(bare).data == client.get(stated + f"{now.astimezone(UTC):%Y-%m-%dT%H:%MZ}").data
