"""Who asks: a token, a pair of key and secret, or an application whose tokens are fetched and renewed."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import httpx

from onstreet.client.errors import AnswerError, ApiError

# A token is renewed so long before it ends.
EARLY = timedelta(minutes=1)


@dataclass(frozen=True)
class Token:
    """A token as it is."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class KeyPair:
    """A key with its secret, sent along with each request."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class App:
    """An application and its key, with which `/appToken` gives a token for some time."""

    app_id: str
    app_key: str = field(repr=False)

    @property
    def hash_token(self) -> str:
        """What is sent in place of the key: SHA-1 of both in lower case, as hex."""
        return sha1(f"{self.app_id}|{self.app_key}".lower().encode()).hexdigest()


Credentials = Token | KeyPair | App


def authentication(
    credentials: Credentials | None, base: httpx.URL, now: Callable[[], datetime]
) -> Callable[[httpx.Request], httpx.Request] | httpx.Auth | None:
    """How requests to the service at `base` show who asks."""
    if isinstance(credentials, App):
        return _AppTokens(credentials, base, now)
    headers: dict[str, str] = {}
    if isinstance(credentials, Token):
        headers = {"Authorization": f"Bearer {credentials.token}"}
    elif isinstance(credentials, KeyPair):
        headers = {"X-API-Key": credentials.key, "X-API-Secret": credentials.secret}

    def show(request: httpx.Request) -> httpx.Request:
        request.headers.update(headers)
        return request

    return show


class _AppTokens(httpx.Auth):
    """Fetches a token when there is none, when it is about to end, and when it is refused."""

    requires_response_body = True

    def __init__(self, app: App, base: httpx.URL, now: Callable[[], datetime]) -> None:
        self._app, self._now = app, now
        self._address = base.join("appToken").copy_merge_params({"appId": app.app_id, "hashToken": app.hash_token})
        self._token = ""
        self._ends = datetime.min.replace(tzinfo=UTC)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with a token, behind one for the token where it is needed."""
        is_new = self._now() + EARLY > self._ends
        if is_new:
            self._take((yield httpx.Request("GET", self._address)))
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401 and not is_new:
            self._take((yield httpx.Request("GET", self._address)))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _take(self, response: httpx.Response) -> None:
        """Read a token and its end; raises ApiError, AnswerError, and HTTPStatusError where it is worth another try."""
        if response.status_code in (429, 502, 503, 504):
            response.raise_for_status()
        try:
            answer = response.json()
            if response.is_error:
                raise ApiError(response.status_code, answer["error"])
            self._token, ends = answer["result"]["token"], datetime.fromisoformat(answer["result"]["expiry"])
        except (KeyError, TypeError, ValueError):
            # Its body is none of anybody's business: there may be a token in it.
            raise AnswerError(f"/appToken answered {response.status_code} without a token and its expiry") from None
        self._ends = ends if ends.tzinfo else ends.replace(tzinfo=UTC)
