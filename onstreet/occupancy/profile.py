"""How likely a space is: the profile a data set supplies, and the colours a map gives it (S6.5)."""

from onstreet.model import Profile

HOURS_OF_WEEK = 168


def hour_of_week(weekday: int, minute_of_day: int) -> int:
    """The hour of the week of a wall-clock time, from 0 for the first on Monday; `weekday` is ISO, 1-7."""
    return (weekday - 1) * 24 + minute_of_day // 60


def probability(profile: Profile, hour_of_week: int) -> int:
    """Chance in percent of an open legal space in an hour of the week; a profile has one for each, or one for all."""
    return profile[hour_of_week % len(profile)]


def bucket(chance: int) -> int:
    """3 green from 60 percent, 2 yellow from 40, 1 red below."""
    return 3 if chance >= 60 else 2 if chance >= 40 else 1
