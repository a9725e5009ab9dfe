"""What README.rst shows is what a reader gets."""

import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from conftest import serving

from onstreet.api.errors import FAILURES
from onstreet.api.openapi import document
from onstreet.wire.parameters import ACCEPTED, PARAMETERS, TOKENS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.rst").read_text()


def section(title: str) -> str:
    """The text below a title of the first rank."""
    return re.split(r"^.+\n-+$", README.partition(f"\n{title}\n---")[2].partition("\n")[2], maxsplit=1, flags=re.M)[0]


def transcripts(text: str) -> list[tuple[str, str]]:
    """Every command of the console blocks, with what is printed below it."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"\.\. code-block:: console\n\n((?: {4}.*\n|\n)+)", text):
        for part in re.split(r"^ {4}\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, re.sub(r"^ {4}", "", output, flags=re.M).strip()))
    return found


LOCAL = "http://localhost:8000"
# Its commands build on one another; those of all other sections stand alone.
STORY = section("For a city's data engineer")
CURLS = [each for each in transcripts(README.replace(STORY, "")) if each[0].startswith("curl")]
OTHERS = [each for each in transcripts(README.replace(STORY, "")) if not each[0].startswith("curl")]


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
    assert masked(fetch(command.replace(LOCAL, server))) == masked(output)


def test_there_are_transcripts():
    assert len(CURLS) >= 5


def run(command: str) -> tuple[int, str]:
    """The exit code of a command in this folder, and what it prints."""
    program, *arguments = shlex.split(command)
    outcome = subprocess.run([ROOT / program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return outcome.returncode, (outcome.stderr + outcome.stdout).strip()


@pytest.mark.parametrize("command, output", OTHERS)
def test_other_commands(command, output, tmp_path):
    # What is written goes where nobody else writes.
    command, output = (text.replace("/tmp", str(tmp_path)) for text in (command, output))
    program, *arguments = shlex.split(command)
    assert os.access(ROOT / program, os.X_OK) or program.startswith(".venv/")
    if not output and program.startswith(".venv/"):
        status, told = run(f"{command} --help")
        assert status == 0
        assert {each for each in arguments if each.startswith("--")} <= set(re.findall(r"--[a-z-]+", told))
    if output:
        assert run(command) == ("lint" in arguments, output)


def test_the_story_of_a_city(tmp_path):
    """Its commands in turn: what one wrote the next reads, and what is served answers until the end."""
    with ExitStack() as servers:
        address = LOCAL
        for command, output in transcripts(STORY):
            said, expected = (text.replace("/tmp", str(tmp_path)) for text in (command, output))
            if said.startswith("scripts/serve "):
                address = servers.enter_context(serving(*said.split()[1:]))
            elif said.startswith("curl"):
                assert masked(fetch(said.replace(LOCAL, address))) == masked(expected)
            else:
                status, printed = run(said)
                assert status == 0
                assert doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS), printed
        assert address != LOCAL
    for name in ("findings.csv", "losses.csv", "corner.html"):
        assert (tmp_path / name).stat().st_size > 100


def test_doctests(server, monkeypatch):
    monkeypatch.chdir(ROOT)
    examples = doctest.DocTestParser().get_doctest(README.replace(LOCAL, server), {}, "README.rst", "README.rst", 0)
    failed, tried = doctest.DocTestRunner().run(examples)
    assert failed == 0
    assert tried >= 5


def programs() -> tuple[str, str]:
    """The two blocks of Python that are no doctests: the client, and the tables of prices."""
    client, tables = re.findall(r"\.\. code-block:: python\n\n((?: {4}.*\n|\n)+)", README)
    return dedent(client), dedent(tables)


def test_the_client_as_it_is_shown(server, capsys):
    shown: dict = {}
    exec(programs()[0].replace(LOCAL, server), shown)
    assert "10th Street 0 [" in capsys.readouterr().out
    assert len(shown["frame"]) == 276
    assert shown["quote"].is_open


def test_the_tables_of_prices_as_they_are_shown(tmp_path):
    commands = [command for command, _ in transcripts(section("Many cities, and what they charge"))]
    [publish, matrix] = [each for each in commands if " publish " in each or " matrix " in each]
    # A day, where the month is of interest.
    for command in (publish.partition(" --cluster")[0], matrix.replace("2026-07-01", "2026-06-02")):
        assert run(command.replace("/tmp", str(tmp_path)))[0] == 0
    shown: dict = {}
    exec(programs()[1].replace("/tmp", str(tmp_path)), shown)
    assert list(shown["by_block"].columns) == [60, 120]


def test_what_is_referred_to_is_there():
    titles = set(re.findall(r"^(.+)\n[-~]+$", README, re.M))
    named = {" ".join(each.split()) for each in re.findall(r"`([^`<>]+)`_(?!_)", README)}
    named |= set(re.findall(r"<([^<>]+)_>`__", README))
    assert len(named) > 10
    assert named <= titles
    paths = re.findall(r"<([^<>:]+[^<>_])>`_", README) + re.findall(r"^\.\. image:: (.*)$", README, re.M)
    assert [path for path in paths if not (ROOT / path).exists()] == []


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
