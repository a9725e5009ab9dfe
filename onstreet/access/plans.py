"""How often a key, or an address without one, may ask: `standard=read:50/s:500,write:5/s:50`."""

import re
from typing import NamedTuple

PERIODS_S = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}

# Requests from this machine where no keys are needed, also with the demo key of the run.
OPEN = "open"
# Requests without a key where keys are needed, by address.
ADDRESS = "address"
# Credentials that do not hold, by address.
FAILED = "failed"
# What a key has of which nobody says more.
STANDARD = "standard"
DEMO = "demo"

DEFAULT_PLANS = (
    "open=read:100000/s:100000,write:100000/s:100000 "
    "address=read:50/s:500,write:5/s:50 "
    "failed=read:1/s:20,write:1/s:20 "
    "standard=read:200/s:2000,write:20/s:200 "
    "demo=read:50/s:500,write:1/s:5"
)

_RATE = r"([1-9][0-9]{0,8})/(s|min|h|d):([1-9][0-9]{0,8})"
_PLAN = re.compile(rf"([a-z][a-z0-9-]*)=read:{_RATE},write:{_RATE}")


class Rate(NamedTuple):
    """So many requests in so many seconds, evenly, and up to `burst` of them at once."""

    requests: int
    period_s: int
    burst: int


class Plan(NamedTuple):
    """A name, and the rates of what reads and of what writes."""

    name: str
    read: Rate
    write: Rate


def read_plans(text: str) -> tuple[Plan, ...]:
    """The plans of a text, and those of DEFAULT_PLANS that it does not name, by name; raises ValueError."""
    plans = _plans(DEFAULT_PLANS) | _plans(text)
    return tuple(plans[name] for name in sorted(plans))


def _plans(text: str) -> dict[str, Plan]:
    found: dict[str, Plan] = {}
    for part in text.split():
        match = _PLAN.fullmatch(part)
        if match is None:
            raise ValueError(f"plans like standard=read:50/s:500,write:5/s:50, parted by spaces ({part!r} is none)")
        name, *numbers = match.groups()
        if name in found:
            raise ValueError(f"plans of different names ({name!r} comes twice)")
        found[name] = Plan(name, _rate(*numbers[:3]), _rate(*numbers[3:]))
    return found


def _rate(requests: str, period: str, burst: str) -> Rate:
    return Rate(int(requests), PERIODS_S[period], int(burst))
