"""What would open a door is in no text that is logged or answered."""

import pytest

from onstreet.access.redaction import redacted

TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJvc19saXZlX3gifQ.c2lnbmF0dXJl"
SECRET = "os_secret_mfd4537zbgqfsjdhp7akm7p7utdczf5q"

TEXTS = [
    (f"/blocks?id=1&accesstoken={TOKEN}&limit=1", "/blocks?id=1&accesstoken=[redacted]&limit=1"),
    ("/blocks?accessToken=anything&id=1", "/blocks?accessToken=[redacted]&id=1"),
    ("/appToken?appId=os_live_x&hashToken=ab12", "/appToken?appId=os_live_x&hashToken=[redacted]"),
    (f"Authorization: Bearer {TOKEN}", "Authorization: Bearer [redacted]"),
    ("authorization: bearer short", "authorization: bearer [redacted]"),
    ("{'Authorization': 'Basic dTpw'}", "{'Authorization': 'Basic [redacted]'}"),
    (f"X-API-Secret: {SECRET}", "X-API-Secret: [redacted]"),
    (f"unknown parameter '{TOKEN[:60]}'", "unknown parameter '[redacted]'"),
    (f"unknown parameter '{SECRET}'", "unknown parameter '[redacted]'"),
    (f"unknown parameter '{SECRET.upper()}'", "unknown parameter '[redacted]'"),
    ("/blocks?id=46502752&limit=1", "/blocks?id=46502752&limit=1"),
]


@pytest.mark.parametrize("text, shown", TEXTS)
def test_secrets_are_replaced(text, shown):
    assert redacted(text) == shown
