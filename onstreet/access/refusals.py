"""Why a request is turned away: nobody we know, not allowed to, or too often."""

from typing import NamedTuple

# Where in the dictionary of a WSGI request stands why it is refused.
REFUSED = "onstreet.refused"


class UnauthorizedError(Exception):
    """No credential where one is needed, or one that does not hold; `challenge` is what WWW-Authenticate says."""

    def __init__(self, message: str, *, is_sent: bool = True) -> None:
        super().__init__(message)
        self.challenge = 'Bearer realm="onstreet"' + (', error="invalid_token"' if is_sent else "")


class ForbiddenError(Exception):
    """A credential that holds, of a key without the scope that is needed."""


class Share(NamedTuple):
    """What is left of a rate: its burst, how many pass at once now, seconds until all do, and until the next does."""

    limit: int
    remaining: int
    reset_after_s: float
    retry_after_s: float


class RateLimitError(Exception):
    """A rate that is used up, and when the next request passes."""

    def __init__(self, share: Share) -> None:
        after = f"the next one passes in {share.retry_after_s:.3g} s"
        super().__init__(f"too many requests: at most {share.limit} at once; {after}")
        self.share = share
