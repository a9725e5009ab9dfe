"""How often who may ask: the syntax of plans, and what is said of one that is wrong."""

import pytest

from onstreet.access.plans import DEFAULT_PLANS, Plan, Rate, read_plans
from onstreet.settings import Settings, SettingsError, read_settings

SLOW = Rate(1, 86_400, 5)

PLANS = [
    ("gold=read:10/s:50,write:1/d:5", "gold", Plan("gold", Rate(10, 1, 50), SLOW)),
    ("gold=read:10/min:50,write:1/d:5", "gold", Plan("gold", Rate(10, 60, 50), SLOW)),
    ("  gold-2=read:7/h:1,write:1/d:5  ", "gold-2", Plan("gold-2", Rate(7, 3_600, 1), SLOW)),
    ("a=read:1/s:1,write:1/d:5 standard=read:2/s:3,write:1/d:5", "standard", Plan("standard", Rate(2, 1, 3), SLOW)),
    ("", "failed", Plan("failed", Rate(1, 1, 20), Rate(1, 1, 20))),
]


@pytest.mark.parametrize("text, name, plan", PLANS)
def test_plans_are_read(text, name, plan):
    assert {each.name: each for each in read_plans(text)}[name] == plan


def test_what_is_not_named_is_as_usual():
    names = [each.name for each in read_plans("gold=read:10/s:50,write:1/d:5")]
    assert names == ["address", "demo", "failed", "gold", "open", "standard"]
    assert read_plans("") == read_plans(DEFAULT_PLANS) == Settings().plans


FAULTS = [
    ("gold", "('gold' is none)"),
    ("gold=read:10/s:50", "('gold=read:10/s:50' is none)"),
    ("gold=read:0/s:50,write:1/s:5", "is none)"),
    ("gold=read:10/s:0,write:1/s:5", "is none)"),
    ("gold=read:10/w:50,write:1/s:5", "is none)"),
    ("gold=read:10:50,write:1/s:5", "is none)"),
    ("a=read:1/s:1,write:1/s:1 a=read:1/s:1,write:1/s:1", "plans of different names ('a' comes twice)"),
]


@pytest.mark.parametrize("text, says", FAULTS)
def test_a_plan_that_is_none_is_said(text, says):
    with pytest.raises(SettingsError) as caught:
        read_settings({"ONSTREET_PLANS": text})
    assert str(caught.value).startswith("ONSTREET_PLANS must be plans ")
    assert says in str(caught.value)


@pytest.mark.parametrize("url", ["http://:hidden@host", "redis://", "redis://host:x", "localhost:6379"])
def test_redis_is_a_url_of_redis_and_its_password_is_not_shown(url):
    with pytest.raises(SettingsError, match="ONSTREET_REDIS must be a URL like redis://host:6379/0") as caught:
        read_settings({"ONSTREET_REDIS": url})
    assert "hidden" not in str(caught.value)


def test_access_is_settled_in_the_environment():
    read = read_settings(
        {
            "ONSTREET_KEYS": "/k",
            "ONSTREET_TOKENLIFE": "60",
            "ONSTREET_REDIS": "redis://:p@h:1/2",
            "ONSTREET_PROXIES": "1",
        }
    )
    assert (str(read.keys), read.token_life_s, read.redis, read.proxies) == ("/k", 60, "redis://:p@h:1/2", 1)
