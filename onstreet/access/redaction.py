"""Texts that may be logged or answered, without what would open a door."""

import re

HIDDEN = "[redacted]"
_SHAPES = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*|os_secret_[a-z2-7]+", re.I | re.A)
_GIVEN = r"[\"']?\s*[=:]\s*[\"']?"
_NAMED = re.compile(
    rf"((?:access_?token|hash_?token|x-api-secret){_GIVEN}"
    rf"|authorization{_GIVEN}(?:(?:bearer|basic|digest|token)\s+)?|bearer\s+)[^&\s\"',]+",
    re.I,
)


def redacted(text: str) -> str:
    """An address or a header without what stands where tokens, secrets and their hashes do, and without their like."""
    return _NAMED.sub(rf"\1{HIDDEN}", hide_secrets(text))


def hide_secrets(text: str) -> str:
    """A sentence with whatever looks like a token or a secret replaced."""
    return _SHAPES.sub(HIDDEN, text)
