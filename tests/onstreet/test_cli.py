"""The command line: help with an example, one-line errors, exit codes."""

import json
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


def test_a_setting_that_is_empty_is_its_default():
    assert read_settings({"ONSTREET_PORT": "", "ONSTREET_DATA": ""}) == Settings()


def test_settings_are_listed_with_who_says_so():
    outcome = run("settings", ONSTREET_PORT="8080", ONSTREET_DATA="postgresql://me:secret@db/kerbs")
    rows = {row[0]: (row[1], row[3]) for row in (line.split(maxsplit=4) for line in outcome.stdout.splitlines())}
    assert rows["ONSTREET_PORT"] == ("8080", "environment")
    assert rows["ONSTREET_HOST"] == ("127.0.0.1", "default")
    assert "me@db/kerbs" in outcome.stdout
    assert "secret" not in outcome.output


def test_a_setting_that_cannot_be_used_ends_the_list_with_an_error():
    outcome = run("settings", ONSTREET_PORT="x")
    assert outcome.exit_code == 1
    assert outcome.stderr == "Error: ONSTREET_PORT must be a whole number from 1 to 65535, not 'x'\n"


def test_settings_come_from_the_environment():
    read = read_settings(
        {"ONSTREET_HOST": "::1", "ONSTREET_PORT": "81", "ONSTREET_WORKERS": "3", "ONSTREET_DATA": "/a:/b"}
    )
    assert (read.host, read.port, read.workers, [str(each) for each in read.data]) == ("::1", 81, 3, ["/a", "/b"])


@pytest.mark.parametrize("value", ["0", "65536", "-1", "8080.5", "٣"])
def test_a_port_is_a_port(value):
    with pytest.raises(SettingsError, match="ONSTREET_PORT"):
        read_settings({"ONSTREET_PORT": value})


def card(*arguments: str, stdin: str = ""):
    return CliRunner().invoke(main, ["card", *arguments], input=stdin)


@pytest.mark.parametrize("command", ["parse", "format", "explain", "lint"])
def test_card_help_has_an_example(command):
    assert f"Example: onstreet card {command}" in card(command, "--help").output


def test_card_format_prints_canonical_text():
    outcome = card("format", "mon thru sat (9 a.m.-6 p.m.): free", "$1/hr (Sun)")
    assert (outcome.exit_code, outcome.stdout) == (0, "Mon-Sat (9am-6pm): Free\nEach Hour (Sun): $1\n")


def test_card_format_reads_a_card_a_line():
    outcome = card("format", stdin='sun: free\n["Mon: $1", "Tue: $2"]\n\nSunn: Free\n')
    assert (outcome.exit_code, outcome.stdout) == (1, "Sun: Free\nMon: $1\nTue: $2\n")
    assert outcome.stderr.splitlines() == [
        "column 1: cannot read 'Sunn' (did you mean Sun?)",
        "    Sunn: Free",
        "    ~~~^",
    ]


def test_card_format_reads_a_file(tmp_path):
    (tmp_path / "cards.txt").write_text("sun: free\n")
    assert card("format", "--file", str(tmp_path / "cards.txt")).stdout == "Sun: Free\n"


def test_card_parse_prints_a_line_of_json_for_each_card():
    outcome = card("parse", stdin='$1/hr\n["Sun: Free", "Mon: Fre"]\n')
    first, second = map(json.loads, outcome.stdout.splitlines())
    assert outcome.exit_code == 1
    assert first["text"] == ["Each Hour: $1"]
    assert first["rates"]["lines"][0]["term"] == {"kind": "Each", "minutes": 60}
    assert first["structuredRates"] == [{"rate": 1, "repeats": True, "increment": 60}]
    assert [notice["line"] for notice in first["notices"]] == ["$1/hr", "$1/hr"]
    assert second["errors"] == [{"line": "Mon: Fre", "column": 6, "message": "cannot read 'Fre' (did you mean Free?)"}]


def test_card_parse_can_be_strict():
    assert card("parse", "sun: free").exit_code == 0
    assert card("parse", "--strict", "sun: free").exit_code == 1


def test_card_explain_shows_the_week():
    outcome = card("explain", "Each Hour (Mon-Sat; 9am-6pm): $1", "Sun: no parking")
    assert outcome.exit_code == 0
    assert outcome.stdout.splitlines() == [
        "1  Each Hour (Mon-Sat; 9am-6pm): $1",
        "2  Sun: No Parking",
        "column 6: read 'no parking' as 'No Parking'",
        "    Sun: no parking",
        "         ~~~~~~~~~^",
        *(
            f"{day}  00:00-09:00 unknown, 09:00-18:00 line 1, 18:00-00:00 unknown"
            for day in "Mon Tue Wed Thu Fri Sat".split()
        ),
        "Sun  all day closed (2)",
    ]


def test_card_lint_says_what_is_doubtful():
    outcome = card("lint", "Each Hour (Mon-Sat; 9am-6pm): $1", "Mon-Sat (6pm-9am): Free")
    assert outcome.exit_code == 1
    assert "gap: no line covers Sun" in outcome.stdout
    assert card("lint", "Mon-Sun: Free").exit_code == 0


def test_card_lint_prints_json():
    outcome = card("lint", "--json", stdin='["Mon-Sat: Free"]\n["Mon-Sun: Free"]\n')
    [finding] = map(json.loads, outcome.stdout.splitlines())
    assert (finding["code"], finding["message"]) == ("gap", "no line covers Sun")


def test_card_lint_holds_a_segment_to_its_structured_rates(published):
    outcome = card("lint", stdin=json.dumps(published["segments"][0]))
    assert outcome.exit_code == 1
    assert outcome.stdout.startswith("structured-disagrees: supplied rate 1 differs from the card on Mon-Tue 9am-6pm")
    assert "9 Hours $1 (card: $9)" in outcome.stdout


@pytest.mark.parametrize("stdin", ["[1", "[1]", '{"a": 1}', '{"rateCards": ["Sun: Free"], "structuredRates": [1]}'])
def test_card_errors_are_one_line(stdin):
    outcome = card("format", stdin=stdin)
    assert outcome.exit_code == 1
    assert outcome.stderr
    assert "Traceback" not in outcome.stderr
