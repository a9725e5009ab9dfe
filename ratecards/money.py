"""Amounts of money as a card prints them, and the decimals each currency has (ISO 4217)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# Active ISO 4217 codes of money that is paid with, by their minor units.
_DIGITS = {
    2: """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
       CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
       JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
       NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
       SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG""",
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
_MINOR_DIGITS = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()} | {"¥": 0}

_SIGNS = {"EUR": "€", "GBP": "£", "JPY": "¥", "CHF": "Fr", "PLN": "zł"}
_SIGNS |= dict.fromkeys("USD CAD AUD NZD MXN SGD HKD TWD CLP COP ARS".split(), "$")
_SIGNS |= dict.fromkeys("SEK NOK DKK ISK".split(), "kr")
BEHIND = ("kr", "Fr", "zł")

# Every unit a price can be printed in.
UNITS = tuple(dict.fromkeys([*_SIGNS.values(), *(unit for unit in _MINOR_DIGITS if unit.isalpha())]))

_PRINTED = re.compile(r"([^0-9. ]*) *([0-9]+(?:\.[0-9]+)?) *([^0-9. ]*)")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its unit as printed: a sign (`$`, `kr`) or an ISO 4217 code (`EUR`)."""

    amount: Decimal
    unit: str

    def is_in(self, currency: str) -> bool:
        """Whether the unit can mean this ISO 4217 currency."""
        return self.unit in (currency, symbol(currency))

    def __str__(self) -> str:
        """The canonical text: `$2.50`, `EUR 2`, `20 kr` (S2)."""
        return self._printed(0 if self.amount == int(self.amount) else minor_digits(self.unit))

    @property
    def in_full(self) -> str:
        """The same with all decimals of the currency, for columns: `$2.00`."""
        return self._printed(minor_digits(self.unit))

    def _printed(self, digits: int) -> str:
        number = f"{self.amount:.{digits}f}"
        if self.unit in BEHIND:
            return f"{number} {self.unit}"
        return f"{self.unit} {number}" if self.unit.isalpha() else f"{self.unit}{number}"


@dataclass(frozen=True, slots=True)
class MoneyRange:
    """A price that is announced between two amounts: `$20-$40`."""

    low: Money
    high: Money

    @property
    def is_rising(self) -> bool:
        """Whether it goes from less to more in one currency."""
        return self.low.unit == self.high.unit and self.low.amount < self.high.amount

    def __str__(self) -> str:
        """The canonical text."""
        return f"{self.low}-{self.high}"


def read_money(text: str) -> Money:
    """The amount of a printed price, unit in front or behind; raises ValueError saying what is wrong with it."""
    match = _PRINTED.fullmatch(text)
    if not match or not (unit := match[1] or match[3]):
        raise ValueError("a price is a number and its currency")
    unit = {sign.lower(): sign for sign in BEHIND}.get(unit.lower(), unit)
    if unit not in _MINOR_DIGITS and unit not in _SIGNS.values():
        raise ValueError(f"{unit} is no currency; use a sign such as $ or an ISO 4217 code such as EUR")
    _, point, decimals = match[2].partition(".")
    if point and len(decimals) != minor_digits(unit):
        raise ValueError(f"{unit} has {minor_digits(unit) or 'no'} decimals: write all of them or none")
    return Money(Decimal(match[2]).normalize() + 0, unit)


def is_currency(code: str) -> bool:
    """Whether it is the ISO 4217 code of money that is paid with."""
    return code in _MINOR_DIGITS and code.isalpha()


def currency_of(units: Iterable[str]) -> str:
    """The ISO 4217 code that prices in these units are most likely in, US dollars where there are none."""
    unit = min(units, default="USD")
    return next((code for code, sign in _SIGNS.items() if sign == unit), unit)


def symbol(currency: str) -> str:
    """The sign a driver reads for an ISO 4217 code: `$` for USD, the code itself where it has none."""
    return _SIGNS.get(currency, currency)


def minor_digits(unit: str) -> int:
    """Decimals of a currency code or sign: 2 for USD and `$`, 0 for JPY and `¥`, 3 for KWD."""
    return _MINOR_DIGITS.get(unit, 2)


def rounded(amount: int | Fraction, currency: str, ticks: int = 1) -> Decimal:
    """An exact amount, in parts of which `ticks` make the unit, rounded half up to the minor unit (S4.5)."""
    digits = minor_digits(currency)
    return Decimal((2 * amount * 10**digits + ticks) // (2 * ticks)).scaleb(-digits)
