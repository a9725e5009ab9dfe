"""Values of a city's tables as words of a card, and lines that name them."""

import pytest

from onstreet.datasets.recipes.values import UnreadableError, filled_line, read_value
from ratecards import RateCardError

HOURS = [
    # how it is read, from, to, hours of a card
    ({"unit": "minute", "last_is_included": True}, "480", "659", "8am-11am"),
    ({"unit": "minute"}, "480", "660", "8am-11am"),
    ({"unit": "minute", "last_is_included": True}, "0", "1439", ""),
    ({"unit": "hour"}, "8", "10", "8am-10am"),
    ({"unit": "hour"}, "22", "24", "10pm-12am"),
    ({"unit": "hhmm"}, "0900", "1830", "9am-6:30pm"),
    ({"unit": "hhmm"}, "2200", "600", "10pm-6am"),
    ({}, "07:30:00", "18:30:00", "7:30am-6:30pm"),
    ({}, "0001-01-01 07:30:00", "0001-01-01 23:59:00", "7:30am-12am"),
    ({}, "00:00:00", "23:59:00", ""),
    ({}, "8am", "6pm", "8am-6pm"),
    ({}, "08AM", "12PM", "8am-12pm"),
    ({}, "12am", "6 am", "12am-6am"),
    ({}, "", "", ""),
]


@pytest.mark.parametrize("how, first, last, expected", HOURS)
def test_hours(how, first, last, expected):
    assert read_value({"read": "hours", "from": ["a", "b"], **how}, {"a": first, "b": last}) == expected


def test_hours_of_one_column():
    assert read_value({"read": "hours", "from": "a", "unit": "hhmm"}, {"a": "800-1800"}) == "8am-6pm"


VALUES = [
    ({"read": "days", "from": "a"}, {"a": "M-F"}, "Mon-Fri"),
    ({"read": "days", "from": "a"}, {"a": "Tuesday"}, "Tue"),
    ({"read": "days", "from": "a", "map": {"Holiday": "Holidays"}}, {"a": "Holiday"}, "Holidays"),
    ({"read": "day_range", "from": ["a", "b"], "map": {"1": "Mon", "5": "Fri"}}, {"a": "1", "b": "5"}, "Mon-Fri"),
    ({"read": "day_range", "from": ["a", "b"], "map": {"0": "Sun"}}, {"a": "0", "b": "0"}, "Sun"),
    ({"read": "weeks", "from": list("abcde")}, dict(zip("abcde", "10100", strict=True)), " Every 1st & 3rd"),
    ({"read": "weeks", "from": list("abcde")}, dict(zip("abcde", "11111", strict=True)), ""),
    ({"read": "limit", "from": "a"}, {"a": "120"}, "2 Hour Max"),
    ({"read": "limit", "from": "a"}, {"a": "20"}, "20 Min Max"),
    ({"read": "limit", "from": "a", "unit": "hour"}, {"a": "1.5"}, "1.5 Hour Max"),
    ({"read": "limit", "from": "a"}, {"a": "0"}, ""),
    ({"read": "money", "from": "a"}, {"a": "2.5"}, "2.50"),
    ({"read": "money", "from": "a"}, {"a": "$4.00"}, "4"),
    ({"read": "text", "from": ["a", "b"]}, {"a": "x", "b": "y"}, "x y"),
]


@pytest.mark.parametrize("stated, row, expected", VALUES)
def test_values(stated, row, expected):
    assert read_value(stated, row) == expected


UNREADABLE = [
    ({"read": "hours", "from": ["a", "b"], "unit": "minute"}, {"a": "480", "b": "480"}, "begin and end are the same"),
    ({"read": "hours", "from": ["a", "b"], "unit": "minute"}, {"a": "480", "b": "1500"}, "not within a day"),
    ({"read": "hours", "from": ["a", "b"]}, {"a": "8", "b": "10"}, "neither minutes nor am or pm"),
    ({"read": "hours", "from": ["a", "b"]}, {"a": "13pm", "b": "4pm"}, "no time of a 12-hour clock"),
    ({"read": "hours", "from": ["a", "b"]}, {"a": "9:75", "b": "10:00"}, "75 is too large"),
    ({"read": "hours", "from": ["a", "b"], "unit": "minute"}, {"a": "480", "b": "noon"}, "'noon' is no whole number"),
    ({"read": "days", "from": "a"}, {"a": "Someday"}, "no days of the week"),
    ({"read": "days", "from": "a"}, {"a": "9am-5pm"}, "no days of the week"),
    ({"read": "text", "from": "a", "map": {"Grey": ""}}, {"a": "Mauve"}, "not one of 'Grey'"),
    ({"read": "weeks", "from": list("abcde")}, dict(zip("abcde", "00000", strict=True)), "in no week of the month"),
    ({"read": "weeks", "from": list("abcde")}, dict(zip("abcde", "1001x", strict=True)), "not 0 or 1"),
    ({"read": "limit", "from": "a"}, {"a": "soon"}, "no limit"),
    ({"read": "money", "from": "a"}, {"a": "0"}, "no price above 0"),
    ({"read": "money", "from": "a"}, {"a": "NaN"}, "no price above 0"),
    ({"read": "money", "from": "a"}, {"a": "1e500"}, "no price above 0"),
    ({"read": "money", "from": "a"}, {"a": "0.001"}, "a price of parts of a cent"),
    ({"read": "money", "from": "a"}, {"a": "1.125"}, "a price of parts of a cent"),
]


@pytest.mark.parametrize("stated, row, reason", UNREADABLE)
def test_values_that_cannot_be_read(stated, row, reason):
    with pytest.raises(UnreadableError) as caught:
        read_value(stated, row)
    assert reason in str(caught.value)
    assert caught.value.column


LINES = [
    ("1 Hour ({h}; {l?}): ${p}", {"h": "9am-6pm", "l": "2 Hour Max", "p": "1"}, "1 Hour (9am-6pm; 2 Hour Max): $1"),
    ("Each Hour ({h}; {l?}): ${p}", {"h": "9am-6pm", "l": "", "p": "1"}, "Each Hour (9am-6pm): $1"),
    ("Each Hour ({h?}): ${p}", {"h": "", "p": "1.50"}, "Each Hour: $1.50"),
    ("{d}{w?} ({h}): No Parking", {"d": "Tue", "w": "", "h": "8am-10am"}, "Tue (8am-10am): No Parking"),
]  # fmt: skip


@pytest.mark.parametrize("template, row, expected", LINES)
def test_lines(template, row, expected):
    assert filled_line(template, row) == expected


def test_a_value_that_must_be_there():
    with pytest.raises(UnreadableError, match="nothing stands there"):
        filled_line("Each Hour ({h}): $1", {"h": ""})


def test_a_line_that_is_none():
    with pytest.raises(RateCardError):
        filled_line("Each Hour ({h}): $1", {"h": "whenever"})
