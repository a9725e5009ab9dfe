"""Tests that need a server skip where its binary is missing, and say which package brings it."""

from pathlib import Path

CONFTEST = Path(__file__).with_name("conftest.py").read_text()
INI = """
    [pytest]
    markers =
        needs_redis: needs Redis
"""
NEEDING = """
    import pytest

    @pytest.mark.needs_redis
    def test_with_redis():
        pass

    def test_without():
        pass
"""


def run_without_binaries(pytester, monkeypatch):
    pytester.makeconftest(CONFTEST)
    pytester.makeini(INI)
    pytester.makepyfile(NEEDING)
    monkeypatch.setenv("PATH", str(pytester.path))
    return pytester.runpytest_subprocess()


def test_a_missing_part_is_skipped_and_named_in_the_last_line(pytester, monkeypatch):
    monkeypatch.delenv("ONSTREET_REQUIRE", raising=False)
    result = run_without_binaries(pytester, monkeypatch)
    result.assert_outcomes(passed=1, skipped=1)
    assert result.outlines[-1] == "1 tests skipped: install redis-server to run them"


def test_a_required_part_that_is_missing_fails_the_run(pytester, monkeypatch):
    monkeypatch.setenv("ONSTREET_REQUIRE", "redis")
    result = run_without_binaries(pytester, monkeypatch)
    assert result.ret != 0
    assert "ONSTREET_REQUIRE=redis, and it is missing: install redis-server" in str(result.stderr)


def test_an_unknown_part_is_refused(pytester, monkeypatch):
    monkeypatch.setenv("ONSTREET_REQUIRE", "mongodb")
    result = run_without_binaries(pytester, monkeypatch)
    assert "knows postgis, redis, chromium, not 'mongodb'" in str(result.stderr)
