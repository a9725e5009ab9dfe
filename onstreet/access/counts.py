"""One rate, counted for each of its subjects by the generic cell rate algorithm, in memory or in Redis.

What is kept of a subject is when its burst is whole again. In memory that is told on a clock which nobody can set.
Redis tells it on the clock of its machine: set forward, it lets every burst pass once more; set back, it would hold up
for as long whoever asked before, so what lies further ahead than a burst can is taken back.
"""

import math
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from onstreet.access.plans import Rate
from onstreet.access.refusals import Share

if TYPE_CHECKING:
    from throttled.store import RedisStore

# What is left, and whether nothing was.
Left = tuple[Share, bool]

# Those that came first are forgotten first.
_MOST_SUBJECTS = 65_536
# What sums of intervals may be off by.
_CLOSE_S = 1e-6
# Which part of what is left a worker counts at once, and how long it waits for the requests.
_PART = 64
_HOLD_S = 1.0
_PREFIX = "onstreet"
_REDIS_TIMEOUT_S = 0.25


class MemoryCount:
    """A rate within one process, which is one of several that share it evenly."""

    def __init__(self, rate: Rate, workers: int, monotonic: Callable[[], float]) -> None:
        self._burst = max(1, rate.burst // workers)
        self._interval_s = rate.period_s * workers / rate.requests
        self._fills_s = self._burst * self._interval_s + _CLOSE_S
        self._monotonic, self._lock = monotonic, Lock()
        self._whole_at_s: dict[str, float] = {}

    def take(self, subject: str) -> Left:
        """What is left after a request of a subject, and whether nothing was before."""
        now_s = self._monotonic()
        with self._lock:
            before_s = max(now_s, self._whole_at_s.get(subject, now_s)) - now_s
            after_s = before_s + self._interval_s
            if after_s > self._fills_s:
                return Share(self._burst, 0, before_s, after_s - self._fills_s), True
            self._whole_at_s[subject] = now_s + after_s
            if len(self._whole_at_s) > _MOST_SUBJECTS:
                self._forget(now_s)
        return Share(self._burst, int((self._fills_s - after_s) / self._interval_s), after_s, 0.0), False

    def look(self, subject: str) -> Left:
        """What is left for a subject, and whether nothing is."""
        now_s = self._monotonic()
        ahead_s = max(0.0, self._whole_at_s.get(subject, now_s) - now_s)
        over_s = max(0.0, ahead_s + self._interval_s - self._fills_s)
        return Share(self._burst, int((self._fills_s - ahead_s) / self._interval_s), ahead_s, over_s), over_s > 0

    def _forget(self, now_s: float) -> None:
        kept = {subject: at_s for subject, at_s in self._whole_at_s.items() if at_s > now_s}
        self._whole_at_s = dict(islice(kept.items(), max(0, len(kept) - _MOST_SUBJECTS // 2), None))


class _Held(NamedTuple):
    """Requests of a subject that were counted before they came, and until when they may."""

    requests: int
    until_s: float
    share: Share


class RedisCount:
    """A rate in Redis, under its name; raises what `throttled` raises while that does not answer.

    Asking Redis takes longer than answering. So a worker counts several requests at once, a small part of what is
    left, and lets that many pass without asking. Those that do not come within a second are lost: then a few too few
    pass, never too many.
    """

    def __init__(self, name: str, rate: Rate, store: "RedisStore", monotonic: Callable[[], float]) -> None:
        # Loads a driver that nobody needs without Redis.
        from throttled import Throttled, rate_limiter

        per = rate_limiter.Rate(timedelta(seconds=rate.period_s), rate.requests)
        quota = rate_limiter.Quota(per, burst=rate.burst)
        self._limited = Throttled(using="gcra", quota=quota, store=store, key_prefix=_PREFIX)
        self._name, self._store, self._interval_s = name, store, quota.emission_interval
        self._fills_s = quota.burst * self._interval_s
        self._monotonic, self._lock = monotonic, Lock()
        self._held: dict[str, _Held] = {}

    def take(self, subject: str) -> Left:
        """What is left after a request of a subject, and whether nothing was before."""
        now_s = self._monotonic()
        with self._lock:
            held = self._held.get(subject)
            if held is not None and held.requests and now_s < held.until_s:
                requests, share = held.requests - 1, held.share
                self._held[subject] = held._replace(requests=requests)
                return share._replace(remaining=share.remaining + requests), False
        several = max(1, held.share.remaining // _PART) if held is not None else 1
        share, is_over = self._ask(subject, several)
        if is_over and several > 1:
            several = 1
            share, is_over = self._ask(subject, 1)
        with self._lock:
            if len(self._held) >= _MOST_SUBJECTS:
                self._held.clear()
            self._held[subject] = _Held(0 if is_over else several - 1, now_s + _HOLD_S, share)
        return share._replace(remaining=share.remaining + several - 1), is_over

    def _ask(self, subject: str, requests: int) -> Left:
        key = f"{self._name}:{subject}"
        result = self._limited.limit(key, requests)
        state = result.state
        if state.reset_after > self._fills_s + 1:
            self._take_back(key, state.reset_after - self._fills_s)
        reset_s, retry_s = min(state.reset_after, self._fills_s), min(state.retry_after, self._interval_s)
        return Share(state.limit, state.remaining, reset_s, retry_s), result.limited

    def look(self, subject: str) -> Left:
        """What is left for a subject, and whether nothing is."""
        state = self._limited.peek(f"{self._name}:{subject}")
        reset_s = min(state.reset_after, self._fills_s)
        retry_s = max(0.0, reset_s + self._interval_s - self._fills_s)
        return Share(state.limit, state.remaining, reset_s, retry_s), state.remaining < 1

    def _take_back(self, key: str, ahead_s: float) -> None:
        """A burst is used up at most: from then on it fills again."""
        key = f"{_PREFIX}:v1:gcra:{key}"
        whole_at_s = self._store.get(key)
        if whole_at_s is not None:
            self._store.set(key, float(whole_at_s) - ahead_s, math.ceil(self._fills_s))


def redis_store(url: str) -> "RedisStore":
    """A Redis server by its URL, which a request waits for shortly and once."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry
    from throttled import RedisStore

    timeouts = {"SOCKET_TIMEOUT": _REDIS_TIMEOUT_S, "SOCKET_CONNECT_TIMEOUT": _REDIS_TIMEOUT_S}
    return RedisStore(url, {**timeouts, "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)}})
