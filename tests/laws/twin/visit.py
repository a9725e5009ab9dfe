"""A card seen by one driver from one moment on: which lines speak at each minute, and which governs (S3)."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ratecards.model import BilledBy, Card, Outcome, ResetsAt
from twin.calendars import Place
from twin.rules import Cover, Role, Rule, TariffKey, is_doubtful, times

# Days after entry within which a stay and what it looks ahead to end.
HORIZON_DAYS = 100

Wall = tuple[date, int]


@dataclass(eq=False)
class Clock:
    """Minutes counted for a tariff, a limit or a First, and the last minute it covered."""

    count: int = 0
    last: int = 0


class Moment(NamedTuple):
    """What a card says at one minute: the lines that cover it, the special ones, the one that governs, the doubted."""

    covering: tuple[Rule, ...]
    special: frozenset[Rule]
    governor: Rule | None
    doubted: tuple[Rule, ...]


@dataclass(eq=False)
class Visit:
    """A card, a driver, a place and the moment of entry."""

    card: Card
    entry: datetime
    place: Place
    holder: frozenset[str]
    _walls: dict[int, Wall] = field(default_factory=dict)
    _dates: dict[date, list[Rule]] = field(default_factory=dict)
    _moments: dict[Wall, Moment] = field(default_factory=dict)

    @cached_property
    def lines(self) -> list[Rule]:
        """All lines of the card in their order."""
        return [Rule(e, not e.scope.user or e.scope.user.key in self.holder, times(e.scope)) for e in self.card.lines]

    @cached_property
    def rules(self) -> list[Rule]:
        """The lines that may cover a minute of the driver's stay; a users line without `Only` is for them alone."""
        return [rule for rule in self.lines if rule.role in (Role.GOVERNS, Role.EXTRA) and rule.speaks]

    @cached_property
    def step_min(self) -> int | None:
        """The step clocks are rounded up to, if the card is billed so."""
        steps = [e.statement.step_min for e in self.card.lines if isinstance(e.statement, BilledBy)]
        return steps[0] if steps else None

    @cached_property
    def begun(self) -> datetime:
        """The instant of entry: a skipped time moves forward by the gap, of a doubled one it is the first (S3.5)."""
        return self.instant(self.entry)

    def instant(self, local: datetime) -> datetime:
        """The instant of a local time."""
        return local.replace(tzinfo=ZoneInfo(self.place.zone), fold=0).astimezone(UTC)

    def wall(self, minute: int) -> Wall:
        """The calendar day and the minute of the day that clocks show at a minute of the stay (S3.5)."""
        if minute not in self._walls:
            shown = (self.begun + timedelta(minutes=minute)).astimezone(ZoneInfo(self.place.zone))
            self._walls[minute] = shown.date(), shown.hour * 60 + shown.minute
        return self._walls[minute]

    def each_day_at(self, of_day: int) -> list[int]:
        """The minute, from the day before entry on, of each date's instant that shows a minute of the day."""
        shown = datetime(self.entry.year, self.entry.month, self.entry.day) + timedelta(minutes=of_day)
        instants = [self.instant(shown + timedelta(days=n)) for n in range(-1, HORIZON_DAYS)]
        return [(each - self.begun) // timedelta(minutes=1) for each in instants]

    @cached_property
    def resets(self) -> list[int]:
        """The minutes at which days of the card begin: at midnight unless it says otherwise (S4.1)."""
        stated = [e.statement.time.minute for e in self.card.lines if isinstance(e.statement, ResetsAt)]
        return self.each_day_at(stated[0] if stated else 0)

    def days_begun(self, minute: int) -> int:
        """How many of these beginnings are not after a minute."""
        return bisect_right(self.resets, minute)

    def restarts(self, last: int, minute: int) -> bool:
        """Whether the break between two minutes contains a reset or ends at it (S4.1)."""
        return minute > last + 1 and self.days_begun(last) < self.days_begun(minute)

    def moment(self, minute: int) -> Moment:
        """What the card says at a minute."""
        wall = self.wall(minute)
        if wall not in self._moments:
            self._moments[wall] = self._moment(*wall)
        return self._moments[wall]

    def _moment(self, day: date, of_day: int) -> Moment:
        if day not in self._dates:
            self._dates[day] = [rule for rule in self.rules if (day.month, day.day) in rule.times.dates]
        covers = {r: self.cover(r, day, of_day) for r in self._dates[day] if of_day in r.times.minutes}
        known = {rule: cover for rule, cover in covers.items() if cover in (Cover.ORDINARY, Cover.SPECIAL)}
        covering = tuple(rule for rule in known if not is_doubtful(rule.line))
        special = frozenset(rule for rule in covering if known[rule] is Cover.SPECIAL)
        governor = next(iter(self._ranked(covering, special)), None)
        doubted = tuple(r for r, cover in covers.items() if cover is not Cover.NO and r not in covering)
        return Moment(covering, special, governor, doubted)

    def cover(self, rule: Rule, day: date, of_day: int) -> Cover:
        """How a line covers a minute of its season and hours."""
        ways = self.covers(rule, day, of_day)
        return ways.pop() if len(ways) == 1 else Cover.OPEN

    def covers(self, rule: Rule, day: date, of_day: int) -> set[Cover]:
        """The ways a line may cover a minute of its season and hours: one, where the calendars it names are known."""
        words = rule.times.special | rule.times.exceptions
        return rule.covers(day, {word: self.place.names(word, day, of_day) for word in words})

    def covering(self, minute: int) -> tuple[Rule, ...]:
        """The lines that are known to cover a minute, in card order."""
        return self.moment(minute).covering

    def governor(self, minute: int) -> Rule | None:
        """The line that rules a minute, a ban or a reservation included; None where no line speaks (S3.3)."""
        return self.moment(minute).governor

    def sure_minutes(self, stay_min: int) -> int:
        """The minutes of a stay up to the first at which a line is in doubt; a line nobody can read is so at all."""
        if self.card.unread:
            return 0
        return next((minute for minute in range(stay_min) if self.moment(minute).doubted), stay_min)

    def surely_open_minutes(self, stay_min: int) -> int:
        """The minutes of a stay up to the first at which a line is in doubt that could refuse it."""
        if self.card.unread:
            return 0
        doubted = ((minute, rule) for minute in range(stay_min) for rule in self.moment(minute).doubted)
        return next((minute for minute, rule in doubted if self.closes(rule) or is_limit(rule)), stay_min)

    def _ranked(self, covering: tuple[Rule, ...], special: frozenset[Rule]) -> list[Rule]:
        """Bans, then reservations; then users' lines first; then special ones first, then the smallest share."""
        governing = [rule for rule in covering if rule.role is Role.GOVERNS]
        closing = [rule for rule in governing if self.closes(rule)]
        closing.sort(key=lambda rule: (rule.line.outcome is not Outcome.NO_PARKING, rule not in special, rule.share))
        mine = [rule for rule in governing if rule.mine]
        mine.sort(key=lambda rule: (rule.user is None, rule not in special, rule.share))
        stated = [rule for rule in mine if rule.line.outcome is not None]
        return [*closing, *stated, *mine]

    def closes(self, rule: Rule) -> bool:
        """Whether a line forbids the driver its times: a ban, or a reservation for others (S3.3, S5.1)."""
        if rule.line.outcome is Outcome.NO_PARKING:
            return True
        return not rule.mine and not any(self.opens(each, rule) for each in self.rules)

    def opens(self, rule: Rule, reserved: Rule) -> bool:
        """Whether a line with the same times, for everybody or `Only` for the driver, lets the driver in."""
        shared = rule.mine and (rule.user is None or rule.reserved)
        priced = rule.role is Role.GOVERNS and not is_doubtful(rule.line) and rule.line.outcome is not None
        return shared and priced and rule.times == reserved.times

    def tariff(self, key: TariffKey) -> list[Rule]:
        """The price lines of a tariff in card order."""
        governing = [rule for rule in self.rules if rule.role is Role.GOVERNS and not is_doubtful(rule.line)]
        return [rule for rule in governing if rule.mine and rule.line.outcome is not None and rule.key == key]


def is_limit(rule: Rule) -> bool:
    """Whether a line limits the stay of the driver."""
    limits = rule.line.limits
    return rule.mine and limits is not None and bool(limits.stay_min or limits.disc_min)
