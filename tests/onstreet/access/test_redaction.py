"""What would open a door is in no text that is answered."""

import pytest

from onstreet.access.redaction import hide_secrets

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJvc19saXZlX3gifQ.c2lnbmF0dXJl"
SECRET = "os_secret_mfd4537zbgqfsjdhp7akm7p7utdczf5q"

TEXTS = [
    (f"unknown parameter '{TOKEN[:60]}'", "unknown parameter '[redacted]'"),
    (f"unknown parameter '{SECRET}'", "unknown parameter '[redacted]'"),
    (f"unknown parameter '{SECRET.upper()}'", "unknown parameter '[redacted]'"),
    ("unknown parameter 'os_secre'", "unknown parameter 'os_secre'"),
]


@pytest.mark.parametrize("text, shown", TEXTS)
def test_secrets_are_replaced(text, shown):
    assert hide_secrets(text) == shown
