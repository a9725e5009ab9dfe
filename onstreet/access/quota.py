"""How many requests still pass: GCRA per key and per address, in memory or shared in Redis."""

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from throttled import MemoryStore, Throttled, rate_limiter
from throttled.exceptions import StoreUnavailableError
from throttled.store import BaseStore

from onstreet.access.plans import STANDARD, Plan, Rate
from onstreet.access.refusals import RateLimitError, Share
from onstreet.access.scopes import Scope

# Who asked least lately is forgotten first.
_MOST_SUBJECTS = 65_536
_REDIS_TIMEOUT_S = 0.1
# How long Redis is left alone after it did not answer.
_PAUSE_S = 2.0
_PREFIX = "onstreet"
_LOG = logging.getLogger("onstreet")

_Scoped = tuple[str, Scope]


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
        self._plans = {plan.name for plan in plans}
        self._memory = _counts(plans, MemoryStore(options={"MAX_SIZE": _MOST_SUBJECTS}), workers)
        self._redis = _counts(plans, _redis_store(redis), 1) if redis else None
        self._monotonic, self._ask_at_s = monotonic, -math.inf
        self._is_redis_gone = False

    def take(self, subject: str, plan: str, scope: Scope) -> Share:
        """Count one request of a subject and say what is left; raises RateLimitError where nothing was.

        A plan that is not in the table counts as the standard one.
        """
        share, is_over = self._asked(plan, scope, lambda count: count.take(subject))
        if is_over:
            raise RateLimitError(share)
        return share

    def look(self, subject: str, plan: str, scope: Scope) -> Share:
        """What is left, counting nothing; raises RateLimitError where nothing is."""
        share, is_over = self._asked(plan, scope, lambda count: count.look(subject))
        if is_over:
            raise RateLimitError(share)
        return share

    def _asked(self, plan: str, scope: Scope, ask: "Callable[[_Count], tuple[Share, bool]]") -> tuple[Share, bool]:
        at = (plan if plan in self._plans else STANDARD, scope)
        if self._redis is not None and (now_s := self._monotonic()) >= self._ask_at_s:
            if self._is_redis_gone:
                # The other threads of this process need not wait for it.
                self._ask_at_s = now_s + _PAUSE_S
            try:
                found = ask(self._redis[at])
            except StoreUnavailableError as error:
                self._lose_redis(error)
            else:
                self._find_redis()
                return found
        return ask(self._memory[at])

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


class _Count:
    """One rate of a plan, counted in a store; a worker's part of it where each counts for itself."""

    def __init__(self, name: str, rate: Rate, store: BaseStore, workers: int) -> None:
        per = rate_limiter.Rate(timedelta(seconds=rate.period_s * workers), rate.requests)
        quota = rate_limiter.Quota(per, burst=max(1, rate.burst // workers))
        self._limited = Throttled(using="gcra", quota=quota, store=store, key_prefix=_PREFIX)
        self._name, self._store, self._fills_s = name, store, quota.burst * quota.emission_interval

    def take(self, subject: str) -> tuple[Share, bool]:
        """What is left after a request of a subject, and whether nothing was before."""
        key = f"{self._name}:{subject}"
        result = self._limited.limit(key)
        state = result.state
        if state.reset_after > self._fills_s + 1:
            self._mend(key, state.reset_after - self._fills_s)
        return Share(state.limit, state.remaining, state.reset_after, state.retry_after), result.limited

    def look(self, subject: str) -> tuple[Share, bool]:
        """What is left for a subject, and whether nothing is."""
        state = self._limited.peek(f"{self._name}:{subject}")
        return Share(state.limit, state.remaining, state.reset_after, state.retry_after), state.remaining < 1

    def _mend(self, key: str, ahead_s: float) -> None:
        """Take back by how much a clock that was set back is behind: what is used up is used up, and fills again."""
        key = f"{_PREFIX}:v1:gcra:{key}"
        full_at = self._store.get(key)
        if full_at is not None:
            self._store.set(key, float(full_at) - ahead_s, math.ceil(self._fills_s))


def _counts(plans: Sequence[Plan], store: BaseStore, workers: int) -> Mapping[_Scoped, _Count]:
    return {
        (plan.name, scope): _Count(f"{plan.name}:{scope}", plan.rate(scope), store, workers)
        for plan in plans
        for scope in Scope
    }


def _redis_store(url: str) -> BaseStore:
    # Loads the driver.
    from redis.backoff import NoBackoff
    from redis.retry import Retry
    from throttled import RedisStore

    # Who waits is a request: once, shortly, or not at all.
    timeouts = {"SOCKET_TIMEOUT": _REDIS_TIMEOUT_S, "SOCKET_CONNECT_TIMEOUT": _REDIS_TIMEOUT_S}
    return RedisStore(url, {**timeouts, "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)}})
