"""How many requests still pass, for a key or an address, by the plan it has."""

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from onstreet.access.counts import Left, MemoryCount, RedisCount, redis_store
from onstreet.access.plans import STANDARD, Plan
from onstreet.access.refusals import RateLimitError, Share
from onstreet.access.scopes import Scope

if TYPE_CHECKING:
    from throttled.store import RedisStore

# How long Redis is left alone after it did not answer.
_PAUSE_S = 2.0
_LOG = logging.getLogger("onstreet")

_Counts = tuple[MemoryCount, RedisCount | None]


class Quota:
    """The rates of some plans, counted for subjects: the id of a key, or an address.

    Without Redis each of the workers counts for itself, with its part of the rates. While Redis does not answer they
    do too; it is asked again after a pause.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        workers: int = 1,
        redis: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        store = redis_store(redis) if redis else None
        self._monotonic, self._ask_at_s = monotonic, -math.inf
        self._is_redis_gone = False
        self._counts = {plan.name: tuple(self._of(plan, workers, store)) for plan in plans}

    def take(self, subject: str, plan: str, scope: Scope) -> Share:
        """Count one request of a subject and say what is left; raises RateLimitError where nothing was.

        A plan that is not in the table counts as the standard one.
        """
        own, shared = self._of_scope(plan, scope)
        left = self._from_redis(shared.take, subject) if shared else None
        return _passed(left or own.take(subject))

    def look(self, subject: str, plan: str, scope: Scope) -> Share:
        """What is left, counting nothing; raises RateLimitError where nothing is."""
        own, shared = self._of_scope(plan, scope)
        left = self._from_redis(shared.look, subject) if shared else None
        return _passed(left or own.look(subject))

    def _of_scope(self, plan: str, scope: Scope) -> _Counts:
        return self._counts.get(plan, self._counts[STANDARD])[scope is Scope.WRITE]

    def _of(self, plan: Plan, workers: int, store: "RedisStore | None") -> Iterator[_Counts]:
        """How a plan counts what reads, and what writes."""
        for name, rate in ((f"{plan.name}:read", plan.read), (f"{plan.name}:write", plan.write)):
            shared = RedisCount(name, rate, store, self._monotonic) if store else None
            yield MemoryCount(rate, workers, self._monotonic), shared

    def _from_redis(self, ask: Callable[[str], Left], subject: str) -> Left | None:
        """What Redis says, None while it does not answer."""
        # Here, as it loads a driver that nobody needs without Redis.
        from throttled.exceptions import StoreUnavailableError

        now_s = self._monotonic()
        if now_s < self._ask_at_s:
            return None
        if self._is_redis_gone:
            # The other threads of this process need not wait for it.
            self._ask_at_s = now_s + _PAUSE_S
        try:
            left = ask(subject)
        except StoreUnavailableError as error:
            self._lose_redis(error)
            return None
        self._find_redis()
        return left

    def _lose_redis(self, error: Exception) -> None:
        self._ask_at_s = self._monotonic() + _PAUSE_S
        if not self._is_redis_gone:
            self._is_redis_gone = True
            why = type(error.__cause__).__name__
            _LOG.error("Redis does not answer, so each worker counts requests for itself: %s", why)

    def _find_redis(self) -> None:
        if self._is_redis_gone:
            self._is_redis_gone, self._ask_at_s = False, -math.inf
            _LOG.warning("Redis answers again, and counts requests for all workers")


def _passed(left: Left) -> Share:
    share, is_over = left
    if is_over:
        raise RateLimitError(share)
    return share
