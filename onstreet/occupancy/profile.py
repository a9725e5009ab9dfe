"""How likely a space is: the profile a data set supplies, and the colours a map gives it (S6.5)."""

from onstreet.model import Profile

HOURS_OF_WEEK = 168


def probability(profile: Profile, weekday: int, minute_of_day: int) -> int:
    """Chance in percent of an open legal space at a wall-clock time; `weekday` is ISO, 1-7."""
    if len(profile) == 1:
        return profile[0]
    return profile[(weekday - 1) * 24 + minute_of_day // 60]


def bucket(chance: int) -> int:
    """3 green from 60 percent, 2 yellow from 40, 1 red below."""
    return 3 if chance >= 60 else 2 if chance >= 40 else 1
