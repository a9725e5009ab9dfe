"""DEPLOYMENT.rst: its sums are right, and what it does with folders of snapshots works."""

import os
import re
import shlex
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from conftest import DATA, ROOT, serving

from onstreet.cli import main
from onstreet.datasets.publish import publish
from onstreet.datasets.source import find_data_sets
from onstreet.snapshot import current

PAGE = ROOT / "onstreet" / "api" / "DEPLOYMENT.rst"
TEXT = PAGE.read_text()
SUMS = re.findall(r"^    ([0-9][0-9e.+*/ ]*) = ([0-9.]+)(?: |$)", TEXT, re.M)
[SYNC] = re.findall(r"\.\. code-block:: sh\n\n((?: {4}.*\n|\n)+)", TEXT)
COMMANDS = re.findall(r"^    \$ \.venv/bin/onstreet (.*)$", TEXT, re.M)


@pytest.mark.parametrize("terms, result", SUMS)
def test_sums_are_right(terms, result):
    digits = len(result.partition(".")[2])
    # Numbers and signs, as the expression above has it.
    assert f"{eval(terms):.{digits}f}" == result


def test_there_are_sums():
    assert len(SUMS) >= 20


def test_lines_are_short():
    assert max(map(len, TEXT.splitlines())) <= 130


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist_with_their_options(command):
    name, *words = shlex.split(command)
    known = {option for each in main.commands[name].params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= known


def sync(published: Path, own: Path) -> None:
    """What the page has each box do every minute."""
    script = SYNC.replace("/mnt/published", str(published)).replace("/var/lib/onstreet", str(own))
    subprocess.run(["sh", "-eu", "-c", script], check=True)


def test_a_box_takes_over_what_is_copied(tmp_path):
    published, own = tmp_path / "published", tmp_path / "own"
    own.mkdir()
    first = publish(find_data_sets([DATA]), published, [])
    sync(published, own)
    sync(published, own)
    assert current(own) == own / first.name
    with serving(own) as address:
        assert urlopen(f"{address}/ready").headers["X-Snapshot-ID"] == first.name
        second = publish(find_data_sets([DATA]), published, [], with_tables=False)
        assert second.name != first.name
        sync(published, own)
        for _ in range(50):
            if urlopen(f"{address}/ready").headers["X-Snapshot-ID"] == second.name:
                break
            time.sleep(0.1)
        assert urlopen(f"{address}/ready").headers["X-Snapshot-ID"] == second.name


def test_a_torn_copy_is_not_served(tmp_path):
    published, own = tmp_path / "published", tmp_path / "own"
    own.mkdir()
    first = publish(find_data_sets([DATA]), published, [])
    sync(published, own)
    with serving(own) as address:
        second = publish(find_data_sets([DATA]), published, [], with_tables=False)
        os.truncate(second / "fragments.bin", 100)
        sync(published, own)
        time.sleep(1.5)
        assert urlopen(f"{address}/ready").headers["X-Snapshot-ID"] == first.name
