"""`onstreet card explain --week`: the picture says what `ratecards.week` does."""

import pytest
from click.testing import CliRunner

from onstreet.cli import main

STREET = [
    "Each Hour (Mon-Sat; 9am-6pm): $1.50",
    "Each 15 Min (Mon-Sat; 6pm-10pm): $1",
    "Mon-Sat (10pm-9am): Free",
    "Wed (7am-8am; Street Cleaning): No Parking",
    "Sun (Residential Permit Only): Free",
]
FREE, DAY, EVENING = "·" * 18, "a" * 18, "b" * 8
HEAD = "0     3     6     9     12    15    18    21    24"


def rows(*arguments: str, color: bool = False) -> list[str]:
    outcome = CliRunner().invoke(main, ["card", "explain", "--week", *arguments], color=color)
    assert outcome.exit_code == 0
    return outcome.stdout.splitlines()


def test_a_row_a_day_and_a_column_each_half_hour():
    assert rows(*STREET)[len(STREET) :] == [
        f"     {HEAD}",
        f"Mon  {FREE}{DAY}{EVENING}····",
        f"Tue  {FREE}{DAY}{EVENING}····",
        f"Wed  ··············xx··{DAY}{EVENING}····",
        f"Thu  {FREE}{DAY}{EVENING}····",
        f"Fri  {FREE}{DAY}{EVENING}····",
        f"Sat  {FREE}{DAY}{EVENING}····",
        "Sun  rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr",
        "·  Free (3)",
        "a  first hour $1.50 (1)",
        "b  first hour $4 (2)",
        "x  No Parking (4)",
        "r  reserved (5)",
    ]


def test_every_row_fits_eighty_columns():
    assert all(len(row) <= 80 for row in rows("--at", "2026-09-10", "--locale", "de", *STREET))


@pytest.mark.parametrize("card, drawn", [
    (["Mon-Sun: Free", "Mon (8:10am-8:20am): No Parking"], "················x"),
    (["Mon-Sun: Free", "Mon (8:40am-9:10am): No Parking"], "·················xx"),
    (["Mon-Sun (12am-12:10am): Free", "Mon-Sun (12:10am-12am): $1"], "aa"),
    (["Each Hour (Mon; 12am-12:10am): $1", "Each Hour (Mon; 12:10am-12am): $2"], "bb"),
])  # fmt: skip
def test_half_hours_show_the_strictest_and_say_so(card, drawn):
    found = rows(*card)
    assert found[3].startswith(f"Mon  {drawn}")
    assert found[-1] == "A half hour in which several follow each other shows the strictest."


def test_holidays_are_those_of_a_country_or_none():
    card = ["Each Hour (Mon-Sun): $1", "Holidays: Free"]
    [monday] = [row for row in rows(*card, "--at", "2026-09-10", "--country", "US") if row.startswith("Mon Sep 7")]
    assert monday.endswith("·" * 48)
    assert not any("·" in row for row in rows(*card))


def test_an_unread_line_leaves_all_but_bans_unknown():
    outcome = CliRunner().invoke(main, ["card", "explain", "--week", "Mon: No Parking", "Tue: Fre"])
    assert outcome.exit_code == 1
    assert outcome.stdout.splitlines()[2:4] == ["Mon  " + "x" * 48, "Tue  " + "?" * 48]


def test_it_speaks_the_locales_of_cards():
    found = rows(*STREET, "--locale", "fr_CA")
    assert found[0].endswith(": 1,50 $")
    assert [row for row in found if row.startswith(("a ", "x ", "r "))] == [
        "a  première heure 1,50 $ (1)", "x  stationnement interdit (4)", "r  réservé (5)",
    ]  # fmt: skip
    assert found[6].startswith("lun")


def test_colours_are_for_terminals_and_marks_for_all():
    plain, coloured = rows(*STREET), rows(*STREET, color=True)
    assert not any("\x1b" in row for row in plain)
    assert any("\x1b[31m" in row for row in coloured)


@pytest.mark.parametrize("option, value, said", [
    ("--locale", "xx", "Error: --locale: 'xx' is none of the locales en-US"),
    ("--country", "XX", "Error: --country: no holidays are known of a country 'XX'"),
    ("--subdivision", "CA", "Error: --country: no holidays are known of a country ''"),
])  # fmt: skip
def test_what_cannot_be_used_is_said(option, value, said):
    outcome = CliRunner().invoke(main, ["card", "explain", "--week", option, value, "Sun: Free"])
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith(said)


def test_without_a_picture_hours_are_told_with_their_dates():
    outcome = CliRunner().invoke(main, ["card", "explain", "--at", "2026-09-10", "--country", "US", "Mon-Sun: $1"])
    assert outcome.stdout.splitlines()[1] == "Mon Sep 7   all day line 1"
