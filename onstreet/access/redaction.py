"""Texts that may be answered, without what would open a door."""

import re

HIDDEN = "[redacted]"
_SHAPES = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*|os_secret_[a-z2-7]+", re.I | re.A)


def hide_secrets(text: str) -> str:
    """A sentence with whatever looks like a token or a secret replaced."""
    return _SHAPES.sub(HIDDEN, text)
