"""Profiles as data sets write them: one number, or 168 of them."""

from onstreet.model import Profile
from onstreet.occupancy.profile import HOURS_OF_WEEK


def read_profile(value: object) -> Profile:
    """The profile of a number or a list of 168 (Monday 00:00 first), percent; raises ValueError."""
    numbers = value if isinstance(value, list) else [value]
    if len(numbers) not in (1, HOURS_OF_WEEK) or not all(_is_percent(number) for number in numbers):
        raise ValueError(f"a probability must be a whole number from 0 to 100, or {HOURS_OF_WEEK} of them")
    return tuple(numbers)


def _is_percent(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= 100
