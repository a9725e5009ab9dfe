"""A password in the URL of a database is never shown, whatever goes wrong."""

import pytest
from click.testing import CliRunner

from onstreet.cli import main
from onstreet.settings import read_settings
from onstreet.stores.database import Database, is_address

SHOWN = [
    ("postgresql://me:s3cret@db.example:5432/city", "postgresql://me@db.example:5432/city"),
    ("postgres://me:s3cret@db/city?sslmode=require", "postgres://me@db/city"),
    ("postgresql://db/city?user=me&password=s3cret", "postgresql://db/city"),
    ("postgresql:///city", "postgresql:///city"),
    ("postgresql://me:s3cret@a,b:5433/city", "postgresql://me@a,b:5433/city"),
    ("postgresql://me:s3/cret@db/city", "postgresql://..."),
    ("postgresql://me:[s3cret@db/city", "postgresql://..."),
    ("postgresql://me:s3#cret@db/city", "postgresql://..."),
]


@pytest.mark.parametrize("url, shown", SHOWN)
def test_a_database_is_shown_without_its_password(url, shown):
    assert str(Database(url)) == shown
    assert "cret" not in repr(Database(url))
    assert "cret" not in repr(read_settings({"ONSTREET_DATA": url}))


@pytest.mark.parametrize("command", [["serve"], ["publish", "--to", "{tmp}"], ["publish", "{data}", "--to"]])
@pytest.mark.parametrize(
    "url, said",
    [
        ("postgresql://me:s3cret@127.0.0.1:1/city", "postgresql://me@127.0.0.1:1/city: "),
        ("postgresql://me:s3cret@127.0.0.1:port/city", "postgresql://me@127.0.0.1:port/city: "),
        ("postgresql://me:s3cret@db/city?nonsense=s3cret", "not the URL of a database"),
    ],
)
def test_errors_are_one_line_without_a_password(command, url, said, tmp_path):
    pytest.importorskip("geoalchemy2")
    arguments = [each.format(tmp=tmp_path, data="data/santa-monica") for each in command]
    outcome = CliRunner().invoke(main, [*arguments, url])
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("Error: postgresql://")
    assert said in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert "cret" not in outcome.output


def test_help_shows_no_password():
    outcome = CliRunner(env={"ONSTREET_DATA": "postgresql://me:s3cret@db/city"}).invoke(main, ["serve", "--help"])
    assert "cret" not in outcome.output


def test_a_database_is_served_alone():
    outcome = CliRunner().invoke(main, ["serve", "data", "postgresql://db/city"])
    assert outcome.exit_code == 2
    assert "a database is served alone" in outcome.stderr


REFUSED = [
    (["check", "data", "postgresql://db/city"], "folders or one database, not both"),
    (["export", "data", "postgresql://db/city", "--to", "out", "--as", "csv"], "folders or one database, not both"),
    (["publish", "data", "postgresql://db/city", "--to", "out"], "folders or one database, not both"),
    (
        ["publish", "postgresql://db/city", "--to", "out", "--cluster", "local:1"],
        "a database is read in one transaction, which sees one load of each city",
    ),
    (["publish", "postgresql://db/city", "postgresql://db/other", "--to", "out"], "folders or one database, not both"),
]


@pytest.mark.parametrize("command, said", REFUSED)
def test_what_has_no_use_for_a_database_says_so(command, said):
    outcome = CliRunner(env={"ONSTREET_DATA": "postgresql://me:s3cret@db/city"}).invoke(main, command)
    assert outcome.exit_code == 1
    assert said in outcome.stderr
    assert "cret" not in outcome.output


def test_what_is_a_database():
    assert [is_address(text) for text in ("postgresql://db", "postgres://db", "postgresql", "data", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_missing_drivers_are_said(monkeypatch):
    monkeypatch.setattr("onstreet.stores.database.find_spec", lambda name: None if name == "geoalchemy2" else name)
    outcome = CliRunner().invoke(main, ["serve", "postgresql://db/city"])
    assert outcome.stderr == "Error: geoalchemy2 not installed: pip install 'onstreet[postgis]' brings it\n"
