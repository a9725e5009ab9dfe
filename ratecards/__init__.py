"""The language of parking signs: text -> Card -> timeline -> Quote.

    >>> import ratecards
    >>> card = ratecards.parse(["Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $1", "Mon-Sat (6pm-9am): Free", "Sun: Free"])

Importing the package loads no parser; `parse` and `read` bring it in when they are first used.
"""

from typing import TYPE_CHECKING

from ratecards.calendars import Calendar, Place
from ratecards.errors import Notice, RateCardError
from ratecards.findings import Finding
from ratecards.formatter import format_card, format_line
from ratecards.jsonform import CardJsonError, from_json, to_json
from ratecards.linting import lint
from ratecards.model import Card, Line
from ratecards.outlook import Outlook, Step, WeekSpan, cheapest_start, cost_curve, outlook, week
from ratecards.pricing import Quote, price, price_many, price_stays
from ratecards.receipts import Item
from ratecards.structured import structured_rates

if TYPE_CHECKING:
    from ratecards.parser import parse, read

__all__ = [
    "Calendar",
    "Card",
    "CardJsonError",
    "Finding",
    "Item",
    "Line",
    "Notice",
    "Outlook",
    "Place",
    "Quote",
    "RateCardError",
    "Step",
    "WeekSpan",
    "cheapest_start",
    "cost_curve",
    "format_card",
    "format_line",
    "from_json",
    "lint",
    "outlook",
    "parse",
    "price",
    "price_many",
    "price_stays",
    "read",
    "structured_rates",
    "to_json",
    "week",
]


def __getattr__(name: str) -> object:
    """Fetch `parse` and `read` on first use (PEP 562)."""
    if name in ("parse", "read"):
        from ratecards import parser

        return getattr(parser, name)
    raise AttributeError(f"module 'ratecards' has no attribute {name!r}")
