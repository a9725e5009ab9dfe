"""Amounts of money as a card prints them, and the decimals each currency has (ISO 4217)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

# ISO 4217 minor units that are not two.
_MINOR_UNITS = dict.fromkeys(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
) | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)

_SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥"} | dict.fromkeys(
    "USD CAD AUD NZD MXN SGD HKD TWD CLP COP ARS".split(), "$"
)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its unit as printed: a symbol (`$`) or an ISO 4217 code (`EUR`)."""

    amount: Decimal
    unit: str

    def is_in(self, currency: str) -> bool:
        """Whether the unit can mean this ISO 4217 currency."""
        return self.unit in (currency, symbol(currency))


def symbol(currency: str) -> str:
    """The sign a driver reads for an ISO 4217 code: `$` for USD, the code itself where it has none."""
    return _SYMBOLS.get(currency, currency)


def minor_digits(unit: str) -> int:
    """Decimals of a currency code or symbol: 2 for USD and `$`, 0 for JPY and `¥`, 3 for KWD."""
    return 0 if unit == "¥" else _MINOR_UNITS.get(unit, 2)


def rounded(amount: Fraction, currency: str) -> Decimal:
    """The exact amount rounded half up to the currency's minor unit (S4.5)."""
    digits = minor_digits(currency)
    return Decimal(floor(amount * 10**digits + Fraction(1, 2))).scaleb(-digits)
