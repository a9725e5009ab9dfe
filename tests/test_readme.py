"""What README.rst shows is what a reader gets."""

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from onstreet.api.errors import FAILURES
from onstreet.api.openapi import document
from onstreet.wire.parameters import ACCEPTED, PARAMETERS, TOKENS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.rst").read_text()


def transcripts() -> list[tuple[str, str]]:
    """Every command of the console blocks, with what is printed below it."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"\.\. code-block:: console\n\n((?: {4}.*\n|\n)+)", README):
        for part in re.split(r"^ {4}\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, re.sub(r"^ {4}", "", output, flags=re.M).strip()))
    return found


CURLS = [each for each in transcripts() if each[0].startswith("curl")]
OTHERS = [each for each in transcripts() if not each[0].startswith("curl")]


def fetch(command: str) -> str:
    """What the command prints; without curl on the machine, its URL is fetched."""
    if shutil.which("curl"):
        return subprocess.run(shlex.split(command), capture_output=True, text=True, check=True).stdout
    parts = shlex.split(command)
    [url] = [part for part in parts if part.startswith("http")]
    data = parts[parts.index("-d") + 1].encode() if "-d" in parts else None
    try:
        with urlopen(Request(url, data, {"Content-Type": "application/json"})) as answer:
            return answer.read().decode()
    except HTTPError as error:
        return error.read().decode()


def masked(text: str) -> object:
    return json.loads(re.sub(r"req_[0-9a-f.]+", "req_", text))


@pytest.mark.parametrize("command, output", CURLS)
def test_curl_transcripts(server, command, output):
    assert masked(fetch(command.replace("http://localhost:8000", server))) == masked(output)


def test_there_are_transcripts():
    assert len(CURLS) >= 5


@pytest.mark.parametrize("command, output", OTHERS)
def test_other_commands(command, output, tmp_path):
    # What is written goes where nobody else writes.
    command, output = (text.replace("/tmp", str(tmp_path)) for text in (command, output))
    program, *arguments = shlex.split(command)
    assert os.access(ROOT / program, os.X_OK) or program.startswith(".venv/")
    if not output:
        return
    outcome = subprocess.run([ROOT / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == ("lint" in arguments)
    assert (outcome.stdout + outcome.stderr).strip() == output


def test_python_examples():
    failed, tried = doctest.testfile(str(ROOT / "README.rst"), module_relative=False, encoding="utf-8")
    assert failed == 0
    assert tried >= 5


@pytest.mark.parametrize("name", [*PARAMETERS, *ACCEPTED, *TOKENS])
def test_every_parameter_is_described(name):
    assert f"``{name}``" in README


@pytest.mark.parametrize("status, code", [(status, each.code) for status, each in FAILURES.items()])
def test_every_error_is_described(status, code):
    assert re.search(rf"^{status} ``{code}`` ", README, re.M)


@pytest.mark.parametrize("path", document()["paths"])
def test_every_resource_is_described(path):
    assert f"{path}``" in README


def test_every_setting_is_described():
    read = set(re.findall(r"ONSTREET_[A-Z]+", (ROOT / "onstreet" / "settings.py").read_text()))
    assert read == set(re.findall(r"^``(ONSTREET_[A-Z]+)``", README, re.M))
