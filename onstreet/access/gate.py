"""Who asks: the credential of a request, checked against the keys of the moment."""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from onstreet.access.keys import NOBODY, Key, Keyring, hash_token
from onstreet.access.refusals import ForbiddenError, UnauthorizedError
from onstreet.access.scopes import Scope, format_scopes
from onstreet.access.tokens import Token, read_token, sign

_MOST_KNOWN = 10_000
_WRONG = "the key is not known, or its secret is wrong"


class Bearer(NamedTuple):
    """A token, as it was sent."""

    token: str

    def digest(self) -> bytes:
        """What it is remembered by."""
        return sha256(self.token.encode("utf-8", "replace")).digest()


class Pair(NamedTuple):
    """The id of a key and its secret, as they were sent."""

    key_id: str
    secret: str

    def digest(self) -> bytes:
        """What it is remembered by."""
        # Headers have no line ends.
        return sha256(f"{self.key_id}\n{self.secret}".encode()).digest()


Credential = Bearer | Pair


class Caller(NamedTuple):
    """A key, what the credential at hand lets it do, and until when it holds (UTC, s)."""

    key: Key
    scopes: frozenset[Scope]
    until_s: float

    def require(self, scope: Scope) -> None:
        """Raise ForbiddenError without a scope."""
        if scope not in self.scopes:
            has = format_scopes(self.scopes) or "nothing"
            raise ForbiddenError(f"this needs the scope {scope}, and key {self.key.id} has {has}")


class Gate:
    """Checks credentials; those that hold are remembered, by their digests, until they end or any key changes."""

    def __init__(self, keys: Callable[[], Keyring], token_life_s: int) -> None:
        self._keys, self._token_life_s = keys, token_life_s
        self._moment: tuple[Keyring | None, dict[bytes, Caller]] = (None, {})

    def known(self, credential: Credential, now_s: float) -> Caller | None:
        """Who sent a credential that was checked before and still holds."""
        _, known = self._now()
        caller = known.get(credential.digest())
        return caller if caller is not None and now_s < caller.until_s else None

    def check(self, credential: Credential, now_s: float) -> Caller:
        """Who sent a credential; raises UnauthorizedError."""
        ring, known = self._now()
        if isinstance(credential, Bearer):
            caller = _of_token(ring, credential.token, now_s)
        else:
            caller = _of_proof(ring, credential.key_id, hash_token(*credential), now_s)
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[credential.digest()] = caller
        return caller

    def token(self, key_id: str, hashed: str, now_s: float) -> tuple[str, int]:
        """A token for a key that a hash token proves, and until when it holds (UTC, s); raises UnauthorizedError."""
        ring = self._keys()
        caller = _of_proof(ring, key_id, hashed.lower(), now_s)
        expires_s = int(min(now_s + self._token_life_s, caller.key.expires_s or float("inf")))
        return sign(Token(key_id, caller.scopes, expires_s), ring.signing[0], now_s), expires_s

    def _now(self) -> tuple[Keyring, dict[bytes, Caller]]:
        """The keys of the moment, and who was found by them so far."""
        ring = self._keys()
        of, known = self._moment
        if of is not ring:
            known = {}
            self._moment = (ring, known)
        return ring, known


def _of_token(ring: Keyring, text: str, now_s: float) -> Caller:
    token = read_token(text, ring.signing, now_s)
    key = ring.keys.get(token.key_id)
    if key is None:
        raise UnauthorizedError("the key of this token is gone")
    return _caller(key, token.scopes & key.scopes, token.expires_s, now_s)


def _of_proof(ring: Keyring, key_id: str, hashed: str, now_s: float) -> Caller:
    key = ring.keys.get(key_id, NOBODY)
    until_s = key.proven_until_s(hashed, now_s)
    if until_s is None:
        raise UnauthorizedError(_WRONG)
    return _caller(key, key.scopes, until_s, now_s)


def _caller(key: Key, scopes: frozenset[Scope], until_s: float, now_s: float) -> Caller:
    ended = key.ended(now_s)
    if ended:
        raise UnauthorizedError(f"key {key.id} is {ended}")
    return Caller(key, scopes, min(until_s, key.expires_s or until_s))
