"""Rates: what passes at once and after a while, in memory and in Redis, whatever clocks and Redis do."""

import time

import pytest
from redis_server import redis_server

from onstreet.access import counts
from onstreet.access.counts import MemoryCount
from onstreet.access.plans import Rate, read_plans
from onstreet.access.quota import Quota
from onstreet.access.refusals import RateLimitError
from onstreet.access.scopes import Scope

READ, WRITE = Scope.READ, Scope.WRITE
PLANS = read_plans(
    "slow=read:1/h:3,write:1/h:2 quick=read:20/s:5,write:20/s:5 standard=read:1/h:7,write:1/h:7 "
    "ten=read:10/s:10,write:1/h:1"
)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def passed(quota: Quota, times: int, subject: str = "a", plan: str = "slow", scope: Scope = READ) -> int:
    """How many of so many requests pass."""
    found = 0
    for _ in range(times):
        try:
            quota.take(subject, plan, scope)
        except RateLimitError:
            continue
        found += 1
    return found


@pytest.fixture
def redis():
    with redis_server() as server:
        yield server


@pytest.fixture
def patience(monkeypatch):
    """Redis may take its time, on a busy machine, where what it says is all that matters."""
    monkeypatch.setattr(counts, "_REDIS_TIMEOUT_S", 10)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.needs_redis)])
def quota(request, patience):
    """Both ways to count, which tell the same."""
    if request.param == "memory":
        return Quota(PLANS)
    return Quota(PLANS, redis=request.getfixturevalue("redis").url)


def test_a_burst_passes_and_no_more(quota):
    shares = [quota.take("a", "slow", READ) for _ in range(3)]
    assert [(each.limit, each.remaining) for each in shares] == [(3, 2), (3, 1), (3, 0)]
    assert [round(each.reset_after_s / 60) for each in shares] == [60, 120, 180]
    with pytest.raises(RateLimitError) as caught:
        quota.take("a", "slow", READ)
    share = caught.value.share
    assert (share.limit, share.remaining, round(share.retry_after_s / 60)) == (3, 0, 60)
    assert "at most 3 at once; the next one passes in 3.6e+03 s" in str(caught.value)


def test_subjects_plans_and_scopes_count_apart(quota):
    assert passed(quota, 9) == 3
    assert passed(quota, 9, subject="b") == 3
    assert passed(quota, 9, plan="quick") >= 5
    assert passed(quota, 9, scope=WRITE) == 2


def test_a_plan_nobody_knows_is_the_standard_one(quota):
    assert passed(quota, 9, plan="gold") == 7
    assert passed(quota, 9, plan="standard") == 0


def test_looking_counts_nothing(quota):
    assert {quota.look("a", "slow", READ).remaining for _ in range(9)} == {3}
    assert passed(quota, 3) == 3
    with pytest.raises(RateLimitError) as caught:
        quota.look("a", "slow", READ)
    assert round(caught.value.share.retry_after_s / 60) == 60


def test_what_is_used_up_comes_back_evenly(quota):
    begun = time.monotonic()
    found = passed(quota, 5, plan="quick")
    while time.monotonic() < begun + 1:
        found += passed(quota, 1, plan="quick")
        time.sleep(0.005)
    # A machine that is busy may let a request come late, and the burst be full by then.
    assert 5 + 10 <= found <= 5 + 20 * (time.monotonic() - begun)


# Seconds after a burst of ten at ten a second, and how many pass then.
LATER = [(0, 0), (0.099, 0), (0.1001, 1), (0.25, 2), (0.9999, 9), (1, 10), (1_000, 10)]


@pytest.mark.parametrize("after_s, count", LATER)
def test_by_the_clock(after_s, count):
    clock = Clock()
    quota = Quota(PLANS, monotonic=clock)
    assert passed(quota, 20, plan="ten") == 10
    clock.now_s += after_s
    assert passed(quota, 20, plan="ten") == count


@pytest.mark.parametrize(
    "workers, plan, each", [(2, "standard", 3), (3, "standard", 2), (16, "slow", 1), (5, "ten", 2)]
)
def test_each_worker_has_its_part_of_the_burst_one_at_least(workers, plan, each):
    assert passed(Quota(PLANS, workers, monotonic=Clock()), 20, plan=plan) == each


def test_each_worker_has_its_part_of_the_rate():
    clock = Clock()
    quota = Quota(PLANS, 4, monotonic=clock)
    passed(quota, 20, plan="quick")
    found = 0
    for _ in range(100):
        clock.now_s += 0.1
        found += passed(quota, 9, plan="quick")
    assert found == 10 * 20 / 4


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(counts, "_MOST_SUBJECTS", 10)
    clock = Clock()
    count = MemoryCount(Rate(1, 1, 1), 1, clock)
    for number in range(100):
        clock.now_s += 0.01
        count.take(str(number))
        assert len(count._whole_at_s) <= 10
    assert count.take("99")[1]


@pytest.mark.needs_redis
def test_workers_share_what_redis_counts(redis, patience):
    quotas = [Quota(PLANS, 2, redis.url) for _ in range(2)]
    assert [passed(quota, 1, plan="standard") for quota in quotas * 5] == [1] * 7 + [0] * 3


@pytest.mark.needs_redis
@pytest.mark.parametrize("burst", [63, 64, 1_000, 20_000])
def test_workers_that_count_ahead_let_pass_what_one_would(redis, patience, burst):
    plans = read_plans(f"standard=read:1/d:{burst},write:1/d:1")
    quotas = [Quota(plans, 2, redis.url, Clock()) for _ in range(3)]
    assert sum(passed(quota, burst // 8, plan="standard") for quota in quotas * 10) == burst


@pytest.mark.needs_redis
def test_what_was_counted_ahead_and_did_not_come_is_lost(redis, patience):
    clock = Clock()
    quota = Quota(read_plans("standard=read:1/d:1280,write:1/d:1"), 1, redis.url, clock)
    # The first of these is asked alone, the second counts a 64th of 1,279 at once.
    assert [quota.take("a", "standard", READ).remaining for _ in range(3)] == [1279, 1278, 1277]
    clock.now_s += 1
    assert quota.take("a", "standard", READ).remaining == 1279 - 19 - 1
    other = Quota(read_plans("standard=read:1/d:1280,write:1/d:1"), 1, redis.url, clock)
    assert other.look("a", "standard", READ).remaining == 1279 - 19 - 19


@pytest.mark.needs_redis
def test_redis_may_go_and_come_back(redis, caplog):
    clock = Clock()
    quota = Quota(PLANS, 2, redis.url, clock)
    assert passed(quota, 2, plan="standard") == 2
    redis.kill()
    assert passed(quota, 9, plan="standard") == 3
    assert caplog.text.count("Redis does not answer, so each worker counts requests for itself: ConnectionError") == 1
    redis.start()
    assert passed(quota, 9, plan="standard") == 0
    clock.now_s += 2
    assert passed(quota, 9, plan="standard") == 7
    assert caplog.text.count("Redis answers again") == 1


@pytest.mark.needs_redis
def test_redis_that_is_gone_costs_no_time(redis):
    quota = Quota(PLANS, 1, redis.url)
    redis.kill()
    begun = time.monotonic()
    passed(quota, 1_000, plan="quick")
    assert time.monotonic() - begun < 1


@pytest.mark.needs_redis
def test_redis_that_hangs_is_left_alone_after_a_quarter_of_a_second(redis):
    quota = Quota(PLANS, 1, redis.url)
    quota.take("a", "quick", READ)
    redis.stop()
    begun = time.monotonic()
    assert passed(quota, 1_000, plan="standard") == 7
    assert 0.2 < time.monotonic() - begun < 2


# By how many seconds the clock of Redis is set back after one of three requests of an hour each; what passes then.
@pytest.mark.needs_redis
@pytest.mark.parametrize("back_s, count", [(1_000, 1), (86_400, 0), (1e9, 0)])
def test_a_clock_of_redis_that_is_set_back_locks_nobody_out(redis, patience, back_s, count):
    import redis as driver

    quota, client = Quota(PLANS, 1, redis.url), driver.Redis.from_url(redis.url)
    quota.take("a", "slow", READ)
    [key] = client.keys()
    # The moments that it keeps are further ahead then.
    client.set(key, float(client.get(key)) + back_s)
    assert passed(quota, 5) == count
    with pytest.raises(RateLimitError) as caught:
        quota.take("a", "slow", READ)
    assert caught.value.share.retry_after_s <= 3_600
    # An hour later one passes, but no burst.
    client.set(key, float(client.get(key)) - 3_601)
    assert passed(quota, 5) == 1


@pytest.mark.needs_redis
def test_a_clock_of_redis_that_is_set_ahead_lets_a_burst_pass(redis, patience):
    import redis as driver

    quota, client = Quota(PLANS, 1, redis.url), driver.Redis.from_url(redis.url)
    assert passed(quota, 5) == 3
    [key] = client.keys()
    client.set(key, float(client.get(key)) - 86_400)
    assert passed(quota, 5) == 3
