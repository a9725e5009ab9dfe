"""What a card says of some stays -> the values of our segment fields, ready for JSON (S5.2, S5.4, S5.5)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from onstreet.verdicts import Verdict
from ratecards import Card, Item, Line, Outlook, WeekSpan, to_json
from ratecards.formatter import format_line

Json = dict[str, object]


def segment_values(verdict: Verdict, card: Card, locale: str | None = None) -> dict[str, Callable[[], object]]:
    """How to make each value of a segment that depends on the question, or that only our own fields have."""
    ahead = verdict.outlook or Outlook()
    return {
        "isOpen": lambda: verdict.is_open,
        "calculatedRates": lambda: calculated_rates(verdict),
        "until": lambda: _shown(ahead.until),
        "untilReason": lambda: _text(ahead.until_line, locale),
        "freeUntil": lambda: _shown(ahead.free_until),
        "becomesFreeAt": lambda: _shown(ahead.becomes_free_at),
        "explanation": lambda: explanation(verdict, locale),
        "rates": lambda: to_json(card),
        "week": lambda: [week_span(span, locale) for span in verdict.week],
    }


def calculated_rates(verdict: Verdict) -> list[Json] | None:
    """The prices of the legal stays; None where none of them is known (S5.2).

    The type is base (S4.4).
    """
    rates: list[Json] = [
        {"rate_cost": number(quote.cost), "quoted_duration": duration(stay_min), "rate_type": "B"}
        for stay_min, quote in zip(verdict.durations_min, verdict.quotes, strict=True)
        if quote.legal is not False
    ]
    return None if rates and all(rate["rate_cost"] is None for rate in rates) else rates


def explanation(verdict: Verdict, locale: str | None) -> list[Json]:
    """The receipt of every stay asked about, those that may not be made with what forbids them (S4.7)."""
    return [
        {
            "quoted_duration": duration(stay_min),
            "isLegal": quote.legal,
            "rate_cost": number(quote.cost),
            "refusedBy": _text(quote.refused_by, locale),
            "reason": quote.reason.value if quote.reason else None,
            "items": [_item(item, locale) for item in items],
        }
        for stay_min, quote, items in zip(verdict.durations_min, verdict.quotes, verdict.receipts, strict=True)
    ]


@lru_cache(maxsize=4096)
def duration(stay_min: int) -> str:
    """A length of time as h:mm:ss, never days (S5.4)."""
    hours, minutes = divmod(stay_min, 60)
    return f"{hours}:{minutes:02}:00"


def number(value: float | Decimal | None) -> float | None:
    """Whole numbers without a point: 1, 2.5, 2.25 (S4.5)."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _item(item: Item, locale: str | None) -> Json:
    return {
        "start": _shown(item.start),
        "end": _shown(item.end),
        "rateCard": _text(item.line, locale),
        "minutes": item.minutes,
        "units": item.units,
        "amount": number(item.amount),
        "total": number(item.total),
        "cappedBy": _text(item.capped_by, locale),
    }


def week_span(span: WeekSpan, locale: str | None) -> Json:
    """Hours of a week of one kind."""
    return {
        "start": _shown(span.start),
        "end": _shown(span.end),
        "state": span.kind,
        "hourPrice": number(span.hour_price),
        "rateCard": _text(span.line, locale),
    }


def _shown(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@lru_cache(maxsize=65_536)
def _text(line: Line | None, locale: str | None) -> str | None:
    return format_line(line, locale) if line else None
