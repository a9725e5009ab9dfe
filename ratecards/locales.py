"""Card -> text for people to read, in seven locales; only canonical text is read back (S2.2).

Names, clocks, numbers and money are Babel's, phrases those of `catalogues/<locale>.toml`, with plain blanks throughout.
en-US is canonical text but for these: times are in the 12-hour clock however written (09:00 is 9am), money stands as
Americans write it (`EUR 2` is €2, `20 kr` is kr 20, $1200 is $1,200), and a line begins with a capital.

    >>> from ratecards import format_card, parse
    >>> format_card(parse(["Each Hour (Mon-Fri; 9am-6pm; 2 Hour Max): $1"]), "de-AT")
    ['Je Stunde (Mo-Fr; 09:00-18:00 Uhr; max. 2 Stunden): 1,00 $']
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from babel import Locale
from babel.core import get_global
from babel.dates import format_skeleton, format_time
from babel.numbers import format_currency, get_currency_symbol

from ratecards import words
from ratecards.formatter import front_of
from ratecards.model import (
    DAY_MIN,
    LAST,
    BilledBy,
    Conditions,
    DayRange,
    Days,
    Limits,
    Line,
    Note,
    Outcome,
    ResetsAt,
    Season,
    SpecialDay,
    Term,
    TermKind,
    User,
    Window,
    YearDay,
)
from ratecards.money import Money, MoneyRange, minor_digits
from ratecards.phrases import LENGTHS, Phrases, forms_of, slug

LOCALES = ("en-US", "en-GB", "de", "fr", "es", "it", "nl")


def nearest(locale: str) -> str:
    """The supported locale of a language: `de` for de_AT, `en-GB` for en-AU; raises ValueError naming all."""
    language, *rest = re.split("[^a-z0-9]+", locale.lower())
    if language == "en":
        # English that CLDR derives from World English (en_001) is written as in Britain.
        is_british = any(f"en_{region.upper()}" in get_global("parent_exceptions") for region in rest)
        return "en-GB" if is_british else "en-US"
    if language not in LOCALES:
        raise ValueError(f"{locale!r} is none of the locales {', '.join(LOCALES)}")
    return language


@lru_cache(maxsize=len(LOCALES))
def speech(locale: str) -> "Speech":
    """How lines are said in one of LOCALES."""
    text = files("ratecards").joinpath("catalogues", f"{locale}.toml").read_text(encoding="utf-8")
    return Speech(Locale.parse(locale, sep="-"), forms_of(text))


class Speech(Phrases):
    """The names and phrases of one locale, made into lines."""

    def line(self, line: Line) -> str:
        """One line for people to read."""
        said = self._statement(line.statement) if line.statement else self._stated(line)
        return said[:1].upper() + said[1:]

    def kind(self, kind: str, hour_price: Money | None) -> str:
        """What a span of a week is, in words: one of the kinds of WeekSpan, and what its first hour costs."""
        if kind in ("free", "closed"):
            return self.say("outcome.free" if kind == "free" else "outcome.no_parking")
        if kind == "paid" and hour_price:
            return self.say("week.priced", price=self._money(hour_price))
        return self.say(f"week.{kind}")

    def weekdays(self) -> list[str]:
        """Short names of the days from Monday on."""
        names = self.locale.days["stand-alone"]["abbreviated"]
        return [names[day] for day in range(7)]

    def day_of_month(self, day: date) -> str:
        """A date without its year: `7 Sep`."""
        return format_skeleton("MMMd", day, locale=self.locale).replace("\xa0", " ")

    def _stated(self, line: Line) -> str:
        parts = dict(self._parts(line))
        front = front_of(line, parts)
        head = self._term(line.term) if line.term else parts.pop(front, "")
        outcome = self._outcome(line.outcome) if line.outcome else ""
        said = head or outcome
        if parts:
            said = self.say("line.scope", head=said, clauses=self.say("list.clauses").join(parts.values()))
        return self.say("line.says", head=said, outcome=outcome) if head and outcome else said

    def _statement(self, statement: BilledBy | ResetsAt | Note) -> str:
        if isinstance(statement, BilledBy):
            return self.say("line.billed_by", statement.step_min)
        if isinstance(statement, ResetsAt):
            return self.say("line.resets_at", time=self._time(statement.time.minute))
        if statement.text == words.SUPERSEDE:
            return self.say("line.supersede")
        return self.say("line.note", text=statement.text)

    def _term(self, term: Term) -> str:
        if term.kind in LENGTHS:
            return self._length(LENGTHS[term.kind], term.minutes)
        if term.kind is TermKind.NTH_HOUR:
            return self.say("nth.hour", term.minutes // 60)
        if term.kind is TermKind.PERIOD_MAX:
            return self._lasting("term.period_max", term.minutes)
        return self.say(f"term.{term.kind.name.lower()}")

    def _parts(self, line: Line) -> Iterator[tuple[str, str]]:
        """Every part that a line states, by its name in `words.PARTS`, in canonical order."""
        scope = line.scope
        if scope.days:
            yield "days", self._days(scope.days)
        if scope.hours:
            yield "hours", self._hours(scope.hours)
        if scope.season:
            yield "season", self._season(scope.season)
        yield from self._conditions(line.conditions or Conditions())
        yield from self._limits(line.limits or Limits(), is_head=line.outcome is None)
        if scope.user:
            yield "user", self._user(scope.user)
        if line.reason:
            yield "reason", self.say(f"reason.{slug(line.reason)}")

    def _days(self, days: Days) -> str:
        said = self.listed("days", [self._day(each) for each in days.ranges])
        if days.nth:
            # Sunday is the one feminine day of Italian.
            gender = "sunday" if days.weekdays() == {7} else "weekday"
            nth = [self._nth(each, gender) for each in days.nth]
            said = self.say("days.nth", days=said, nth=self.listed("and", nth))
        if days.exceptions:
            exceptions = [self.say(f"except.{each.name.lower()}") for each in days.exceptions]
            said = self.say("days.except", days=said, exceptions=self.listed("and", exceptions))
        return said

    def _nth(self, nth: int, gender: str) -> str:
        return self.say(f"last.{gender}") if nth == LAST else self.say(f"nth.{gender}", nth)

    def _day(self, day: DayRange | SpecialDay) -> str:
        if isinstance(day, SpecialDay):
            return self.say(f"special.{day.name.lower()}")
        names = self.locale.days["stand-alone"]["abbreviated"]
        first, last = names[day.first - 1], names[day.last - 1]
        return first if first == last else self.say("days.range", first=first, last=last)

    def _hours(self, windows: Iterable[Window]) -> str:
        said = [
            self.say("clock.window", start=self._clock(each.start_min), end=self._clock(each.end_min))
            for each in windows
        ]
        return self.say("clock.hours", windows=self.listed("and", said))

    def _time(self, minute: int) -> str:
        return self.say("clock.time", clock=self._clock(minute))

    def _clock(self, minute: int) -> str:
        at = time(*divmod(minute % DAY_MIN, 60))
        return format_time(at, self.say("clock.minute" if at.minute else "clock.hour"), locale=self.locale)

    def _season(self, season: Season) -> str:
        first, last = self._year_day(season.first), self._year_day(season.last)
        if season.first == season.last:
            return first
        is_dated = season.first.day or season.last.day
        return self.say("season.dates" if is_dated else "season.months", first=first, last=last)

    def _year_day(self, date: YearDay) -> str:
        month: str = self.locale.months["format" if date.day else "stand-alone"]["abbreviated"][date.month]
        return self.say("season.date", month=month, day=self.say("nth.date", date.day)) if date.day else month

    def _conditions(self, asked: Conditions) -> Iterator[tuple[str, str]]:
        if asked.in_after:
            yield "in_after", self.say("condition.in_after", time=self._time(asked.in_after.minute))
        if asked.in_window:
            yield "in_window", self.say("condition.in_window", hours=self._hours([asked.in_window]))
        if asked.out_by:
            yield "out_by", self.say("condition.out_by", time=self._time(asked.out_by.minute))
        if asked.validated:
            yield "validated", self.say("condition.validated")

    def _limits(self, limits: Limits, *, is_head: bool) -> Iterator[tuple[str, str]]:
        if limits.stay_min is not None:
            yield "stay_min", self._lasting("limit.parking" if is_head else "limit.stay", limits.stay_min)
        if limits.disc_min is not None:
            yield "disc_min", self._lasting("limit.disc", limits.disc_min)
        if limits.no_return_min is not None:
            yield "no_return_min", self._lasting("limit.no_return", limits.no_return_min)

    def _user(self, user: User) -> str:
        section = "only" if user.only else "user"
        if user.name.lower() in words.USERS:
            return self.say(f"{section}.{slug(user.name)}")
        name, _, kind = user.name.rpartition(" ")
        if kind in ("Permit", "Label"):
            return self.say(f"{section}.named_{kind.lower()}", name=name)
        return self.say(f"{section}.named", name=user.name)

    def _outcome(self, outcome: Money | MoneyRange | Outcome) -> str:
        if isinstance(outcome, Outcome):
            return self.say(f"outcome.{outcome.name.lower()}")
        if isinstance(outcome, MoneyRange):
            return self.say("money.range", low=self._money(outcome.low), high=self._money(outcome.high))
        return self._money(outcome)

    def _money(self, money: Money) -> str:
        """An amount as the locale writes it; Babel prints a sign that is no currency code as it is."""
        is_short = money.amount == int(money.amount) and self.say("money.whole") == "short"
        digits = 0 if is_short else minor_digits(money.unit)
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "." * bool(digits) + "0" * digits)
        if get_currency_symbol(money.unit, self.locale)[-1].isalpha():
            pattern = pattern.replace("¤#", "¤ #")
        said = format_currency(money.amount, money.unit, pattern, self.locale, currency_digits=False)
        return said.replace("\xa0", " ").replace("\u202f", " ")

    def _lasting(self, key: str, minutes: int) -> str:
        """A phrase about a duration; American limits use the singular, `2 Hour Max`."""
        return self.say(
            key,
            duration=self._length("duration", minutes),
            singular=self._length("duration", minutes, "one"),
            each=self._length("each", minutes),
        )

    def _length(self, phrase: str, minutes: int, form: str | None = None) -> str:
        """A duration in minutes below 60 and where no half hour fits, else in hours (S2.1)."""
        if minutes < 60 or minutes % 30:
            return self.say(f"{phrase}.minute", minutes, form)
        return self.say(f"{phrase}.hour", Decimal(minutes) / 60, form)
