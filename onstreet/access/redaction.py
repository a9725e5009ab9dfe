"""Texts that may be logged or answered, without what would open a door."""

import re

_SHAPES = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*|os_secret_[a-z2-7]+", re.I | re.A)
_NAMED = re.compile(r"((?:access_?token|hash_?token|authorization|x-api-secret)[\"']?\s*[=:]\s*[\"']?)[^&\s\"']+", re.I)
_BEARER = re.compile(r"(bearer\s+)[^\s\"',]+", re.I)
HIDDEN = "[redacted]"


def redacted(text: str) -> str:
    """A text, such as an address or a header, with tokens, secrets and their hashes replaced, by shape and by name."""
    text = _BEARER.sub(rf"\1{HIDDEN}", text)
    return _NAMED.sub(_hide, _SHAPES.sub(HIDDEN, text))


def _hide(match: re.Match[str]) -> str:
    # What a scheme introduces is hidden already, and which scheme it is is no secret.
    is_scheme = match[0][len(match[1]) :].lower() == "bearer"
    return match[0] if is_scheme else match[1] + HIDDEN
