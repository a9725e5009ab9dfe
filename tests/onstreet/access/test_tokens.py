"""Tokens: what they say, who signed them, until when, and what is none."""

from base64 import urlsafe_b64encode

import jwt
import pytest

from onstreet.access.keys import SigningKey
from onstreet.access.refusals import UnauthorizedError
from onstreet.access.scopes import Scope
from onstreet.access.tokens import Token, read_token, sign

NOW_S = 1_800_000_000
OURS, FORMER, OTHER = SigningKey("b", b"2" * 32), SigningKey("a", b"1" * 32, NOW_S + 3_600), SigningKey("b", b"3" * 32)
TOKEN = Token("os_live_x", frozenset({Scope.READ, Scope.WRITE}), NOW_S + 600)
CLAIMS = {"sub": "os_live_x", "scope": "READ", "exp": NOW_S + 600}


def test_what_is_signed_is_read():
    text = sign(TOKEN, OURS, NOW_S)
    assert read_token(text, [OURS], NOW_S) == TOKEN
    assert jwt.get_unverified_header(text) == {"alg": "HS256", "kid": "b", "typ": "JWT"}
    claims = jwt.decode(text, options={"verify_signature": False})
    assert claims == {"sub": "os_live_x", "scope": "READ WRITE", "iat": NOW_S, "exp": NOW_S + 600}


# The clock jumps back by an hour, stands, comes to the last second, to the end, and jumps ahead by a day.
@pytest.mark.parametrize("after_s, holds", [(-3_600, True), (0, True), (599.9, True), (600, False), (86_400, False)])
def test_a_token_holds_until_it_expires(after_s, holds):
    text = sign(TOKEN, OURS, NOW_S)
    if holds:
        assert read_token(text, [OURS], NOW_S + after_s) == TOKEN
    else:
        with pytest.raises(UnauthorizedError, match="the token has expired: get a new one from /appToken"):
            read_token(text, [OURS], NOW_S + after_s)


def test_a_former_signing_key_reads_for_a_while():
    text = sign(TOKEN._replace(expires_s=NOW_S + 86_400), FORMER, NOW_S)
    assert read_token(text, [OURS, FORMER], NOW_S + 3_599)
    with pytest.raises(UnauthorizedError, match="not one of this service"):
        read_token(text, [OURS, FORMER], NOW_S + 3_600)


def encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


STRANGE = [
    "x",
    "",
    "a.b.c",
    "é.é.é",
    sign(TOKEN, OTHER, NOW_S),
    sign(TOKEN, SigningKey("c", OURS.secret), NOW_S),
    sign(TOKEN, OURS, NOW_S)[:-2] + "xx",
    jwt.encode(CLAIMS, "", "none", headers={"kid": "b"}),
    jwt.encode(CLAIMS, OURS.secret * 2, "HS512", headers={"kid": "b"}),
    jwt.encode({"sub": "os_live_x", "scope": "READ"}, OURS.secret, headers={"kid": "b"}),
    jwt.encode(CLAIMS | {"scope": "ALL"}, OURS.secret, headers={"kid": "b"}),
    jwt.encode(CLAIMS | {"exp": "soon"}, OURS.secret, headers={"kid": "b"}),
    jwt.encode(CLAIMS, OURS.secret),
    encoded('{"kid":' + "[" * 700) + ".x.y",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_anything_else_is_no_token(text):
    with pytest.raises(UnauthorizedError, match="the token is not one of this service"):
        read_token(text, [OURS, FORMER], NOW_S)
