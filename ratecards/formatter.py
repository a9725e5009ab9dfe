"""Card -> canonical text (S2.1): one spelling each, so that parse(format(card)) == card. locales.py has the others."""

from collections.abc import Callable, Container, Iterator

from ratecards import words
from ratecards.model import (
    DAY_MIN,
    LAST,
    BilledBy,
    Card,
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


def format_card(card: Card, locale: str | None = None) -> list[str]:
    """The lines of a card in canonical text, or for people in a locale such as de or en_GB; unread ones as they are.

    Raises ValueError for a locale of a language we do not speak.
    """
    return [*map(_printer(locale), card.lines), *card.unread]


def format_line(line: Line, locale: str | None = None) -> str:
    """One line in canonical text, or for people in a locale; raises ValueError for a language we do not speak."""
    return _printer(locale)(line)


def _printer(locale: str | None) -> Callable[[Line], str]:
    """What prints a line, canonically or in a locale."""
    if locale is None:
        return _canonical
    from ratecards.locales import nearest, speech

    return speech(nearest(locale)).line


def _canonical(line: Line) -> str:
    if line.statement:
        return _statement(line.statement)
    parts = dict(_parts(line))
    front = front_of(line, parts)
    head = _term(line.term) if line.term else parts.pop(front, "")
    if front == "stay_min":
        head = head.removesuffix("Max") + "Parking"
    scope = f" ({'; '.join(parts.values())})" if parts else ""
    if line.outcome is None:
        return head + scope
    return f"{head}{scope}: {_outcome(line)}" if head else f"{_outcome(line)}{scope}"


def front_of(line: Line, parts: Container[str]) -> str:
    """Which part stands in front of a line's parentheses (S2.1); none where a term or a bare outcome does."""
    if line.term:
        return ""
    limits = ("stay_min", "disc_min", "no_return_min")
    order = limits if line.outcome is None else ("days", "hours", "user", "reason", "season")
    return next((name for name in order if name in parts), "")


def duration(minutes: int, *, is_counted: bool = True) -> str:
    """`15 Min`, `1 Hour`, `1.5 Hours`: minutes below 60 and where no half hour fits, else hours (S2.1)."""
    if minutes < 60 or minutes % 30:
        return f"{minutes} Min"
    return f"{minutes / 60:g} Hour{'s' if is_counted and minutes != 60 else ''}"


def _statement(statement: BilledBy | ResetsAt | Note) -> str:
    if isinstance(statement, BilledBy):
        return "Billed By Minute" if statement.step_min == 1 else f"Billed By {statement.step_min} Minutes"
    if isinstance(statement, ResetsAt):
        return f"Rates Reset At {clock(*statement.time)}"
    return statement.text if statement.text == words.SUPERSEDE else f"Note: {statement.text}"


def _term(term: Term) -> str:
    length = "Hour" if term.minutes == 60 else duration(term.minutes)
    heads = {
        TermKind.EACH: f"Each {length}",
        TermKind.ADDED: f"Each Add'l {length}",
        TermKind.TIER: duration(term.minutes),
        TermKind.NTH_HOUR: f"{words.ordinal(term.minutes // 60)} Hour",
        TermKind.FIRST: f"First {duration(term.minutes)}",
        TermKind.PERIOD_MAX: f"{duration(term.minutes, is_counted=False)} Max",
    }
    return heads.get(term.kind, term.kind.value)


def _parts(line: Line) -> Iterator[tuple[str, str]]:
    """Every part that a line states, by its name in `words.PARTS`, in canonical order."""
    scope = line.scope
    if scope.days:
        yield "days", _days(scope.days)
    if scope.hours:
        yield "hours", " & ".join(map(window, scope.hours))
    if scope.season:
        yield "season", _season(scope.season)
    yield from _conditions(line.conditions or Conditions())
    yield from _limits(line.limits or Limits())
    if scope.user:
        yield "user", _user(scope.user)
    if line.reason:
        yield "reason", line.reason


def _days(days: Days) -> str:
    text = " | ".join(map(_day_item, days.ranges))
    if days.nth:
        text += " Every " + " & ".join("Last" if nth == LAST else words.ordinal(nth) for nth in days.nth)
    if days.exceptions:
        text += " Except " + " & ".join(each.value for each in days.exceptions)
    return text


def _day_item(item: DayRange | SpecialDay) -> str:
    if isinstance(item, SpecialDay):
        return item.value
    first, last = words.WEEKDAYS[item.first - 1], words.WEEKDAYS[item.last - 1]
    return first if first == last else f"{first}-{last}"


def _season(season: Season) -> str:
    first, last = _year_day(season.first), _year_day(season.last)
    return first if first == last else f"{first}-{last}"


def _year_day(day: YearDay) -> str:
    month = words.MONTHS[day.month - 1]
    return month if day.day is None else f"{month} {day.day}"


def _conditions(conditions: Conditions) -> Iterator[tuple[str, str]]:
    if conditions.in_after:
        yield "in_after", f"In After {clock(*conditions.in_after)}"
    if conditions.in_window:
        yield "in_window", f"In {window(conditions.in_window)}"
    if conditions.out_by:
        yield "out_by", f"Out By {clock(*conditions.out_by)}"
    if conditions.validated:
        yield "validated", "With Validation"


def _limits(limits: Limits) -> Iterator[tuple[str, str]]:
    if limits.stay_min is not None:
        yield "stay_min", f"{duration(limits.stay_min, is_counted=False)} Max"
    if limits.disc_min is not None:
        yield "disc_min", f"{duration(limits.disc_min, is_counted=False)} Disc"
    if limits.no_return_min is not None:
        yield "no_return_min", f"No Return {duration(limits.no_return_min)}"


def _user(user: User) -> str:
    return f"{user.name} Only" if user.only else user.name


def _outcome(line: Line) -> str:
    return line.outcome.value if isinstance(line.outcome, Outcome) else str(line.outcome)


def window(hours: Window) -> str:
    """`9am-6:30pm` or `09:00-18:30`."""
    return f"{clock(hours.start_min, hours.clock)}-{clock(hours.end_min, hours.clock)}"


def clock(minute: int, style: int) -> str:
    """A minute of the day in the 12-hour clock, `9am`, `9:30am`, `12am`, or the 24-hour one, `09:00`."""
    hour, past = divmod(minute % DAY_MIN, 60)
    if style == 24:
        return f"{hour:02}:{past:02}"
    minutes = f":{past:02}" if past else ""
    return f"{(hour - 1) % 12 + 1}{minutes}{'am' if hour < 12 else 'pm'}"
