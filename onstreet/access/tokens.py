"""Signed tokens that stand for a key for a while: JWT with HS256 (RFC 7519)."""

from collections.abc import Sequence
from typing import NamedTuple

import jwt

from onstreet.access.keys import SigningKey
from onstreet.access.refusals import UnauthorizedError
from onstreet.access.scopes import Scope, format_scopes, parse_scopes

_ALGORITHM = "HS256"
# Ours have some 250; nobody's are worth decoding a book for.
_MAX_CHARS = 1_000
_STRANGE = "the token is not one of this service"
# Whether a token has expired is for the caller's clock to say.
_OPTIONS = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["sub", "scope", "exp"]}


class Token(NamedTuple):
    """The id of a key, what it may do, and until when (UTC, s)."""

    key_id: str
    scopes: frozenset[Scope]
    expires_s: int


def sign(token: Token, signing: SigningKey, now_s: float) -> str:
    """The token as text, with the id of what it is signed with."""
    claims = {"sub": token.key_id, "scope": format_scopes(token.scopes), "iat": int(now_s), "exp": token.expires_s}
    return jwt.encode(claims, signing.secret, _ALGORITHM, headers={"kid": signing.kid})


def read_token(text: str, signing: Sequence[SigningKey], now_s: float) -> Token:
    """The token of a text; raises UnauthorizedError if none of these keys signed it, or if it has expired."""
    if len(text) > _MAX_CHARS:
        raise UnauthorizedError(_STRANGE)
    try:
        claims = _claims(text, signing, now_s)
        token = Token(claims["sub"], parse_scopes(claims["scope"]), int(claims["exp"]))
    # Whoever nests a header deeply enough ends a recursion.
    except (jwt.InvalidTokenError, RecursionError, ValueError):
        raise UnauthorizedError(_STRANGE) from None
    if now_s >= token.expires_s:
        raise UnauthorizedError("the token has expired: get a new one from /appToken")
    return token


def _claims(text: str, signing: Sequence[SigningKey], now_s: float) -> dict[str, str]:
    kid = jwt.get_unverified_header(text).get("kid")
    for each in signing:
        if each.kid == kid and (each.until_s is None or now_s < each.until_s):
            return jwt.decode(text, each.secret, [_ALGORITHM], options=_OPTIONS)  # type: ignore[arg-type]
    raise jwt.InvalidTokenError
