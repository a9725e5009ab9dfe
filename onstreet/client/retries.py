"""Asking again what nobody could answer just now, as late as the service wants it."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import tenacity

from onstreet.client.errors import UnreachableError

# Statuses of a moment.
PASSING = frozenset({429, 502, 503, 504})
MOST_WAIT_S = 60.0


def answered(
    ask: Callable[[], httpx.Response], tries: int, sleep: Callable[[float], None], now: Callable[[], datetime]
) -> httpx.Response:
    """The first answer that is not one of a moment, else the last one; raises UnreachableError where there is none.

    Waits what Retry-After says, and a little longer each time where it says nothing; an answer that wants to be asked
    again later than in a minute is the last.
    """
    backoff = tenacity.wait_exponential(multiplier=0.2, max=10) + tenacity.wait_random(0, 0.2)

    def wait_s(state: tenacity.RetryCallState) -> float:
        wanted_s = _wanted_s(state, now())
        return backoff(state) if wanted_s is None else wanted_s

    def is_passing(state: tenacity.RetryCallState) -> bool:
        response = _response(state)
        return response is None or (response.status_code in PASSING and (_wanted_s(state, now()) or 0) <= MOST_WAIT_S)

    def last(state: tenacity.RetryCallState) -> httpx.Response:
        if response := _response(state):
            return response
        error = state.outcome.exception() if state.outcome else None
        raise UnreachableError(f"no answer after {tries} tries: {error}") from error

    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(tries), wait=wait_s, retry=is_passing, retry_error_callback=last, sleep=sleep
    )
    return retrying(ask)


def _response(state: tenacity.RetryCallState) -> httpx.Response | None:
    """What was answered, None for a connection that failed; raises whatever else went wrong."""
    if state.outcome is None:
        return None
    error = state.outcome.exception()
    if isinstance(error, httpx.HTTPStatusError):
        return error.response
    if isinstance(error, httpx.TransportError):
        return None
    response: httpx.Response = state.outcome.result()
    return response


def _wanted_s(state: tenacity.RetryCallState, now: datetime) -> float | None:
    """How many seconds the answer wants us to wait."""
    response = _response(state)
    text = response.headers.get("Retry-After", "") if response is not None else ""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())
