"""Who may ask, and how often: the credential of a request, its scope and its rate; and `/appToken`."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import ceil
from urllib.parse import parse_qsl, unquote_plus

from flask import Blueprint, Flask, Response, g, jsonify, request
from werkzeug.middleware.proxy_fix import ProxyFix

from onstreet.access.addresses import counted, is_loopback
from onstreet.access.gate import Bearer, Caller, Credential, Gate, Pair
from onstreet.access.keys import Keyring
from onstreet.access.plans import ADDRESS, FAILED, OPEN
from onstreet.access.quota import Quota
from onstreet.access.refusals import RateLimitError, UnauthorizedError
from onstreet.access.scopes import Scope
from onstreet.settings import Settings
from onstreet.version import VERSION
from onstreet.wire.query import ParameterError

# Answered without a credential, also where keys are needed; all else needs READ.
OPEN_PATHS = frozenset({"/", "/health", "/ready", "/version", "/openapi.json", "/docs", "/appToken", "/favicon.ico"})
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

Clock = Callable[[], datetime]


class Doorkeeper:
    """Lets requests in, or not: with keys those that show one, without keys those from this machine."""

    def __init__(self, settings: Settings, keys: Callable[[], Keyring], clock: Clock) -> None:
        self.gate = Gate(keys, settings.token_life_s)
        self._quota = Quota(settings.plans, settings.workers, settings.redis)
        self._clock, self._proxies, self._is_open = clock, settings.proxies, settings.keys is None

    def watch(self, app: Flask) -> None:
        """Ask every request of the application for what it needs, and say in every answer what is left."""
        if self._proxies:
            app.wsgi_app = ProxyFix(app.wsgi_app, self._proxies, 0, 0, 0, 0)  # type: ignore[method-assign]
        app.before_request(self._admit)
        app.after_request(self._show_share)

    def now(self) -> datetime:
        """The moment it is."""
        return self._clock()

    def issue(self, app_id: str, hash_token: str) -> tuple[str, datetime]:
        """A token and the moment it ends; raises UnauthorizedError, RateLimitError."""
        address, now_s = request.remote_addr or "", self._clock().timestamp()
        self._look(address)
        try:
            token, expires_s = self.gate.token(app_id, hash_token, now_s)
        except UnauthorizedError:
            self._count(counted(address), FAILED)
            raise
        return token, datetime.fromtimestamp(expires_s, UTC)

    def _admit(self) -> None:
        address, path = request.remote_addr or "", request.path
        caller = self._identified(request.environ, address)
        if path in UNCOUNTED_PATHS or request.method == "OPTIONS":
            return
        is_free = path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)
        if caller is not None:
            self._count(caller.key.id, caller.key.plan)
            if not is_free:
                caller.require(Scope.READ)
            return
        is_here = self._is_open and self._is_here(request.environ, address)
        self._count(counted(address), OPEN if is_here else ADDRESS)
        if not (is_free or is_here):
            raise UnauthorizedError(_CLOSED if self._is_open else _NEEDED, is_sent=False)

    def _identified(self, environ: Mapping[str, str], address: str) -> Caller | None:
        """Who shows a credential, if any; whoever shows wrong ones is slowed down, and known ones pass all the same."""
        try:
            credential = _shown(environ)
            if credential is None:
                return None
            now_s = self._clock().timestamp()
            known = self.gate.known(credential, now_s)
            if known is not None:
                return known
            self._look(address)
            return self.gate.check(credential, now_s)
        except UnauthorizedError:
            self._count(counted(address), FAILED)
            raise

    def _is_here(self, environ: Mapping[str, str], address: str) -> bool:
        """Whether a request is from this machine, and no proxy on it passes on what others ask."""
        is_passed_on = "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ
        return is_loopback(address) and (self._proxies > 0 or not is_passed_on)

    def _count(self, subject: str, plan: str) -> None:
        try:
            g.share = self._quota.take(subject, plan, Scope.READ)
        except RateLimitError as error:
            g.share = error.share
            raise

    def _look(self, address: str) -> None:
        try:
            self._quota.look(counted(address), FAILED, Scope.READ)
        except RateLimitError as error:
            g.share = error.share
            raise

    def _show_share(self, response: Response) -> Response:
        share = g.get("share")
        if share is not None:
            headers = response.headers
            headers.add("X-RateLimit-Limit", str(share.limit))
            headers.add("X-RateLimit-Remaining", str(share.remaining))
            headers.add("X-RateLimit-Reset", str(ceil(self._clock().timestamp() + share.reset_after_s)))
        return response


def resource(doorkeeper: Doorkeeper) -> Blueprint:
    """The blueprint of `/appToken`."""
    blueprint = Blueprint("access", __name__)

    @blueprint.get("/appToken")
    def issue_token() -> Response:
        for name in request.args:
            if name not in ("appId", "hashToken"):
                raise ParameterError(name[:100], f"unknown parameter {name[:100]!r}; appId and hashToken are expected")
        token, expiry = doorkeeper.issue(_stated("appId"), _stated("hashToken"))
        response = jsonify(
            versionNumber=VERSION,
            createdDate=_written(doorkeeper.now()),
            responseId=g.request_id,
            result={"token": token, "expiry": _written(expiry)},
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint


def _stated(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0]:
        says = "the id of a key" if name == "appId" else "the SHA-1 of 'appId|appKey' in lower case, as 40 hex digits"
        raise ParameterError(name, f"{name!r} is expected once: {says}")
    return values[0]


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(environ: Mapping[str, str]) -> Credential | None:
    """The credential of a request; raises UnauthorizedError for half of one, ParameterError for several."""
    shown: list[Credential] = [Bearer(each) for each in _tokens(environ.get("QUERY_STRING", ""))]
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
    return [unquote_plus(value) for value in _TOKEN.findall(query) if value]
