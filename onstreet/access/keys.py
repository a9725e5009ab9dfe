"""Keys and their secrets, and the keys that sign tokens, as values.

A secret is never kept. What proves it is the hash token of the published API, SHA-1 of `id|secret` in lower case; as
whoever has that can ask for tokens, it is not kept either, only its SHA-256. Secrets are 160 random bits: hashes that
are slow to work out would protect nothing more.
"""

import os
from base64 import b32encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from hmac import compare_digest
from typing import NamedTuple

from onstreet.access.scopes import Scope

LIVE = "os_live_"
DEMO = "os_demo_"
# So that a secret in the wrong place is known for one.
SECRET = "os_secret_"

Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Who asks: an id that may be seen, hashes of what proves it, what it may do, how often and until when (UTC, s)."""

    id: str
    name: str
    scopes: frozenset[Scope]
    plan: str
    created_s: int
    secret_hash: bytes = field(repr=False)
    # The secret before the last change, while it still holds.
    former_hash: bytes | None = field(default=None, repr=False)
    former_until_s: int | None = None
    expires_s: int | None = None
    revoked_s: int | None = None

    def proven_until_s(self, hash_token: str, now_s: float) -> float | None:
        """Until when a hash token proves this key, infinity without an end; None if it does not."""
        hashed = sha256(hash_token.encode()).digest()
        # Always both, so that the time tells nothing of what a key has.
        is_secret = compare_digest(hashed, self.secret_hash)
        is_former = compare_digest(hashed, self.former_hash or _NOTHING)
        if is_secret:
            return float("inf")
        return self.former_until_s if is_former and self.former_until_s and now_s < self.former_until_s else None

    def ended(self, now_s: float) -> str | None:
        """Why the key holds no longer: `revoked` or `expired`; None while it does."""
        if self.revoked_s is not None:
            return "revoked"
        return "expired" if self.expires_s is not None and now_s >= self.expires_s else None


class SigningKey(NamedTuple):
    """What tokens are signed with: the id they carry, 32 bytes, and until when it is good for reading (UTC, s)."""

    kid: str
    secret: bytes
    until_s: int | None = None


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys of a moment by their ids, and the signing keys, the one that signs first."""

    keys: Mapping[str, Key]
    signing: tuple[SigningKey, ...] = field(repr=False)


class Proof(NamedTuple):
    """The id of a key and its secret, to be shown once."""

    id: str
    secret: str


_NOTHING = bytes(32)
# Stands in for a key nobody has, so that looking for one takes as long as a wrong secret.
NOBODY = Key(id="", name="", scopes=frozenset(), plan="", created_s=0, secret_hash=_NOTHING)


def hash_token(key_id: str, secret: str) -> str:
    """What stands for a key and its secret in `/appToken`: SHA-1 of `id|secret` in lower case, in hexadecimal."""
    return sha1(f"{key_id}|{secret}".lower().encode(), usedforsecurity=False).hexdigest()


def new_proof(prefix: str, randomness: Randomness = os.urandom) -> Proof:
    """A new id with a prefix, and a secret for it, in lower case."""
    return Proof(prefix + _letters(randomness(10)), new_secret(randomness))


def new_secret(randomness: Randomness = os.urandom) -> str:
    """A new secret of 160 bits."""
    return SECRET + _letters(randomness(20))


def secret_hash(proof: Proof) -> bytes:
    """What is kept of a secret."""
    return sha256(hash_token(*proof).encode()).digest()


def new_signing_key(randomness: Randomness = os.urandom) -> SigningKey:
    """A new key for tokens."""
    return SigningKey(_letters(randomness(5)), randomness(32))


def _letters(random: bytes) -> str:
    return b32encode(random).decode().lower().rstrip("=")
