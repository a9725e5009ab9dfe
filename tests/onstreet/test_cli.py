"""The command line: help with an example, one-line errors, exit codes."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from onstreet.cli import main
from onstreet.settings import Settings, SettingsError, read_settings

DATA = Path(__file__).parents[2] / "data"


def run(*arguments: str, **environment: str):
    return CliRunner(env=environment).invoke(main, list(arguments))


@pytest.mark.parametrize("command", ["serve", "check"])
def test_help_has_an_example(command):
    outcome = run(command, "--help")
    assert outcome.exit_code == 0
    assert f"Example: onstreet {command}" in outcome.output


def test_check_lists_findings_and_fails(tmp_path):
    (tmp_path / "source.json").write_text(
        '{"name": "x", "zone": "UTC", "currency": "EUR", "files": [{"path": "b.jsonl", "source": "x"}]}'
    )
    (tmp_path / "b.jsonl").write_text('{"blockID": "7"}\n')
    outcome = run("check", str(tmp_path))
    assert outcome.exit_code == 1
    assert outcome.stdout.startswith(f"{tmp_path.name}/b.jsonl:1: polyline: not a line of two")
    assert outcome.stderr == "0 blocks, 1 findings\n"


ERRORS = [
    (["check", "/nowhere"], {}, "Error: /nowhere: no source.json here or one folder below\n"),
    (["serve"], {"ONSTREET_PORT": "http"}, "Error: ONSTREET_PORT must be a whole number from 1 to 65535, not 'http'\n"),
    (["serve", "/nowhere"], {}, "Error: /nowhere: no source.json here or one folder below\n"),
]


@pytest.mark.parametrize("arguments, environment, message", ERRORS)
def test_errors_are_one_line(arguments, environment, message, monkeypatch):
    outcome = run(*arguments, **environment)
    assert outcome.exit_code == 1
    assert outcome.stderr == message


def test_a_host_that_is_nobody_is_said():
    outcome = run("serve", "--host", "nobody.invalid", str(DATA))
    assert outcome.exit_code == 1
    assert outcome.stderr.count("\n") == 1


def test_a_port_in_use_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = run("serve", "--port", str(port), str(DATA))
    assert outcome.exit_code == 1
    assert "Address already in use" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_settings_have_defaults():
    assert read_settings({}) == Settings()


def test_settings_come_from_the_environment():
    read = read_settings(
        {"ONSTREET_HOST": "::1", "ONSTREET_PORT": "81", "ONSTREET_WORKERS": "3", "ONSTREET_DATA": "/a:/b"}
    )
    assert (read.host, read.port, read.workers, [str(each) for each in read.data]) == ("::1", 81, 3, ["/a", "/b"])


@pytest.mark.parametrize("value", ["", "0", "65536", "-1", "8080.5", "٣"])
def test_a_port_is_a_port(value):
    with pytest.raises(SettingsError, match="ONSTREET_PORT"):
        read_settings({"ONSTREET_PORT": value})
