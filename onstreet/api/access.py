"""Who may ask, and how often: the credential of a request, its scope and its rate; and `/appToken`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import parse_qsl, unquote_plus

from flask import Blueprint, Flask, Response, g, jsonify, request
from werkzeug.middleware.proxy_fix import ProxyFix

from onstreet.access.addresses import counted, is_loopback
from onstreet.access.gate import Bearer, Caller, Credential, Gate, Pair
from onstreet.access.keys import Keyring
from onstreet.access.plans import ADDRESS, FAILED, OPEN
from onstreet.access.quota import Quota
from onstreet.access.refusals import REFUSED, RateLimitError, Share, UnauthorizedError
from onstreet.access.scopes import Scope
from onstreet.api.contract import Answer, operation
from onstreet.api.request_log import KEY_ID
from onstreet.settings import Settings
from onstreet.version import VERSION
from onstreet.wire.fields import Json, record, text
from onstreet.wire.parameters import Parameter
from onstreet.wire.query import ParameterError

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# Answered without a credential, also where keys are needed; all else needs READ.
OPEN_PATHS = frozenset(
    {"/", "/workbench", "/health", "/ready", "/version", "/openapi.json", "/docs", "/appToken", "/favicon.ico"}
)
OPEN_FOLDERS = ("/static/", "/web/", "/docs/")
# Never counted: what watches a service must not take one that limits others for one that is ill.
UNCOUNTED_PATHS = frozenset({"/health", "/ready"})

_NEEDED = (
    "a credential is needed: a token from /appToken, as 'accesstoken' in the address or as 'Authorization: Bearer "
    "TOKEN', or the headers X-API-Key and X-API-Secret"
)
_CLOSED = (
    "without keys only this machine is answered: whoever runs this service makes keys with `onstreet keys create "
    "NAME` and names their file in ONSTREET_KEYS"
)
_TOKEN = re.compile(r"(?:^|&)access[tT]oken=([^&]*)")
# Names in which a letter is written as %61.
_ENCODED_LETTER = re.compile(r"%(?:[46][1-9a-f]|[57][0-9a])", re.I)

# Where in the dictionary of a request stands what is left of the rate it was counted to.
_SHARE = "onstreet.share"

Clock = Callable[[], datetime]
T = TypeVar("T")


class Issued(NamedTuple):
    """A token, and the moments it ends and was made, in UTC as text."""

    token: str
    expiry: str
    created: str


class Doorkeeper:
    """Lets requests in, or not: with keys those that show one, without keys those from this machine.

    It stands before the application, where a request is a dictionary yet and costs least to look at. What it refuses
    goes on as well, so that the refusal is answered like any other error.
    """

    def __init__(self, settings: Settings, keys: Callable[[], Keyring], clock: Clock) -> None:
        self._gate = Gate(keys, settings.token_life_s)
        self._quota = Quota(settings.plans, settings.workers, settings.redis)
        self._clock, self._proxies, self._is_open = clock, settings.proxies, settings.keys is None

    def watch(self, app: Flask) -> None:
        """Stand before an application, and say in every answer what is left of the rate it was counted to."""
        inner = app.wsgi_app

        def watched(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            now_s = 0.0
            try:
                now_s = self._clock().timestamp()
                share = self._admit(environ, now_s)
            # Failures of our own are answered there, too.
            except Exception as error:
                environ[REFUSED] = error
                share = environ.get(_SHARE)
            return inner(environ, start_response if share is None else _showing(share, now_s, start_response))

        app.wsgi_app = watched  # type: ignore[method-assign]
        if self._proxies:
            app.wsgi_app = ProxyFix(watched, self._proxies, 0, 0, 0, 0)  # type: ignore[method-assign]

    def issue(self, app_id: str, hash_token: str) -> Issued:
        """A token for a key that a hash token proves; raises UnauthorizedError, RateLimitError."""
        now_s = self._clock().timestamp()
        issue = partial(self._gate.token, app_id, hash_token, now_s)
        token, expires_s = self._tried(request.environ, issue)
        return Issued(token, _moment(expires_s), _moment(now_s))

    def _admit(self, environ: WSGIEnvironment, now_s: float) -> Share | None:
        """What is left of the rate that a request is counted to, if it is; raises what refuses it."""
        path = environ.get("PATH_INFO", "")
        caller = self._identified(environ, now_s)
        if path in UNCOUNTED_PATHS or environ["REQUEST_METHOD"] == "OPTIONS":
            return None
        is_free = path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)
        if caller is not None:
            environ[KEY_ID] = caller.key.id
            share = self._counted(environ, caller.key.id, caller.key.plan)
            if not is_free:
                caller.require(Scope.READ)
            return share
        is_here = self._is_open and self._is_here(environ)
        share = self._counted(environ, counted(environ.get("REMOTE_ADDR", "")), OPEN if is_here else ADDRESS)
        if not (is_free or is_here):
            raise UnauthorizedError(_CLOSED if self._is_open else _NEEDED, is_sent=False)
        return share

    def _identified(self, environ: WSGIEnvironment, now_s: float) -> Caller | None:
        """Who shows a credential, if any."""
        try:
            credential = _shown(environ)
        except UnauthorizedError:
            self._counted(environ, counted(environ.get("REMOTE_ADDR", "")), FAILED)
            raise
        if credential is None:
            return None
        known = self._gate.known(credential, now_s)
        return known or self._tried(environ, partial(self._gate.check, credential, now_s))

    def _tried(self, environ: WSGIEnvironment, check: Callable[[], T]) -> T:
        """What a check of something unknown gives; whoever shows wrong ones is slowed down."""
        address = counted(environ.get("REMOTE_ADDR", ""))
        try:
            self._quota.look(address, FAILED, Scope.READ)
            return check()
        except RateLimitError as error:
            environ[_SHARE] = error.share
            raise
        except UnauthorizedError:
            self._counted(environ, address, FAILED)
            raise

    def _counted(self, environ: WSGIEnvironment, subject: str, plan: str) -> Share:
        try:
            share = self._quota.take(subject, plan, Scope.READ)
        except RateLimitError as error:
            environ[_SHARE] = error.share
            raise
        environ[_SHARE] = share
        return share

    def _is_here(self, environ: WSGIEnvironment) -> bool:
        """Whether a request is from this machine, and no proxy on it passes on what others ask."""
        is_passed_on = "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ
        return is_loopback(environ.get("REMOTE_ADDR", "")) and (self._proxies > 0 or not is_passed_on)


def _showing(share: Share, now_s: float, start_response: StartResponse) -> StartResponse:
    def start(
        status: str, headers: list[tuple[str, str]], problem: OptExcInfo | None = None
    ) -> Callable[[bytes], object]:
        headers += (
            ("X-RateLimit-Limit", str(share.limit)),
            ("X-RateLimit-Remaining", str(share.remaining)),
            ("X-RateLimit-Reset", str(ceil(now_s + share.reset_after_s))),
        )
        return start_response(status, headers, problem)

    return start


def resource(doorkeeper: Doorkeeper) -> Blueprint:
    """The blueprint of `/appToken`."""
    blueprint = Blueprint("access", __name__)

    @blueprint.get("/appToken")
    def issue_token() -> Response:
        for name in request.args:
            if name not in ("appId", "hashToken"):
                raise ParameterError(name[:100], f"unknown parameter {name[:100]!r}; appId and hashToken are expected")
        issued = doorkeeper.issue(_stated("appId"), _stated("hashToken"))
        response = jsonify(
            versionNumber=VERSION,
            createdDate=issued.created,
            responseId=g.request_id,
            result={"token": issued.token, "expiry": issued.expiry},
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint


# How a credential is sent, and which of these go together; without keys none is needed on the machine itself.
CREDENTIALS: Json = {
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of `/appToken`."},
    "tokenInAddress": {"type": "apiKey", "in": "query", "name": "accesstoken", "description": "The same token."},
    "keyID": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The id of a key."},
    "keySecret": {"type": "apiKey", "in": "header", "name": "X-API-Secret", "description": "Its secret."},
}
WAYS_IN: list[dict[str, list[str]]] = [{"token": []}, {"tokenInAddress": []}, {"keyID": [], "keySecret": []}, {}]

_GIVEN: Json = {"type": "string", "minLength": 1}


def paths() -> Json:
    """What `/appToken` answers, as OpenAPI describes it."""
    token = {
        "token": text("What is sent as `accesstoken`, or as `Authorization: Bearer`."),
        "expiry": text("Until when it holds, in UTC.", format="date-time"),
    }
    envelope = {
        "versionNumber": text("The version of the service."),
        "createdDate": text("Now, in UTC.", format="date-time"),
        "responseId": text("The id of the request."),
        "result": record("The token.", token),
    }
    shown = operation(
        "A token for a key",
        "Tokens hold for an hour, or as long as the service is told; a key that is revoked takes its tokens along.",
        Answer("The token.", record("As the published service wraps it.", envelope)),
        {
            "appId": Parameter("The id of the key.", _GIVEN, "os_live_abc", is_required=True),
            "hashToken": Parameter(
                "The SHA-1 of `appId|appKey` in lower case, in hexadecimal.", _GIVEN, "0" * 40, is_required=True
            ),
        },
        tag="operation",
    )
    return {"/appToken": {"get": shown | {"security": []}}}


def _stated(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0]:
        says = "the id of a key" if name == "appId" else "the SHA-1 of 'appId|appKey' in lower case, as 40 hex digits"
        raise ParameterError(name, f"{name!r} is expected once: {says}")
    return values[0]


def _moment(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(environ: Mapping[str, str]) -> Credential | None:
    """The credential of a request; raises UnauthorizedError for half of one, ParameterError for several."""
    query = environ.get("QUERY_STRING", "")
    # Most addresses have none, and a closer look would cost more than all the rest.
    shown: list[Credential] = []
    if "oken=" in query or "%" in query:
        shown += map(Bearer, _tokens(query))
    authorization = environ.get("HTTP_AUTHORIZATION")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise UnauthorizedError("the header Authorization is read as 'Bearer TOKEN' only")
        # The published example has an empty one beside the token in the address.
        shown += [Bearer(token.strip())] if token.strip() else []
    key_id, secret = environ.get("HTTP_X_API_KEY"), environ.get("HTTP_X_API_SECRET")
    if key_id or secret:
        if not (key_id and secret):
            raise UnauthorizedError("the headers X-API-Key and X-API-Secret are read together only, and one is missing")
        shown.append(Pair(key_id, secret))
    if len(shown) > 1 and len(set(shown)) > 1:
        raise ParameterError("accesstoken", "two different credentials: send one token, or one key with its secret")
    return shown[0] if shown else None


def _tokens(query: str) -> list[str]:
    """The tokens in a query string that are not empty."""
    if _ENCODED_LETTER.search(query):
        pairs = parse_qsl(query, encoding="utf-8", errors="replace")
        return [value for name, value in pairs if name in ("accesstoken", "accessToken")]
    found = filter(None, _TOKEN.findall(query))
    return [unquote_plus(value) if "%" in value else value for value in found]
