"""Amounts: symbols, decimals, rounding half up (S4.5)."""

from decimal import Decimal
from fractions import Fraction

import pytest

from ratecards.money import Money, rounded, symbol

ROUNDED = [
    ("1/3", "USD", "0.33"),
    ("5/1000", "USD", "0.01"),
    ("4999/1000000", "USD", "0.00"),
    ("1/2", "JPY", "1"),
    ("3/2", "JPY", "2"),
    ("1/8", "KWD", "0.125"),
    ("1/16", "KWD", "0.063"),
    ("9", "EUR", "9.00"),
]


@pytest.mark.parametrize("amount, currency, expected", ROUNDED)
def test_rounded_half_up_to_the_minor_unit(amount, currency, expected):
    assert rounded(Fraction(amount), currency) == Decimal(expected)


@pytest.mark.parametrize("code, expected", [("USD", "$"), ("CAD", "$"), ("EUR", "€"), ("KWD", "KWD")])
def test_symbol(code, expected):
    assert symbol(code) == expected


def test_a_symbol_fits_the_currencies_that_use_it():
    dollar = Money(Decimal(1), "$")
    assert dollar.is_in("USD")
    assert dollar.is_in("CAD")
    assert not dollar.is_in("EUR")
    assert Money(Decimal(1), "EUR").is_in("EUR")


@pytest.mark.parametrize("unit, whole, in_full", [
    ("$", "$2", "$2.00"), ("EUR", "EUR 2", "EUR 2.00"), ("kr", "2 kr", "2.00 kr"), ("¥", "¥2", "¥2"),
    ("KWD", "KWD 2", "KWD 2.000"),
])  # fmt: skip
def test_an_amount_has_no_decimals_or_all_of_them(unit, whole, in_full):
    money = Money(Decimal(2), unit)
    assert (str(money), money.in_full) == (whole, in_full)
