"""What CurbLR regulations say to one driver at one minute, straight from the specification; and what a card says.

Written for the tests alone and sharing nothing with the importer: times are looked up minute by minute, a night as the
day before that runs on, and priorities by walking down the hierarchy.
"""

from datetime import date, datetime, timedelta

from holidays import country_holidays

from ratecards import Place, read
from ratecards.calendars import day_number
from ratecards.model import Outcome
from ratecards.timeline import compile_card

PORTLAND = Place("America/Los_Angeles", "USD", "US", "OR")
HOLIDAYS = country_holidays("US", subdiv="OR", years=range(2019, 2028))
DAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"]
# The driver's permit for each class the tests use.
PERMITS = {"taxi": "Taxi", "handicap": "Disabled", "motorcycle": "Motorcycle", "bus": "Bus", "loading": "Loading"}

CLOSED, UNSTATED, UNKNOWN, FREE = "closed", "unstated", "unknown", "free"


def is_day(span: dict, day: date) -> bool:
    days = span.get("daysOfWeek", {})
    if days.get("days") and DAYS[day.weekday()] not in [name.lower() for name in days["days"]]:
        return False
    number = (day.day - 1) // 7 + 1
    names = {f"{number}{['st', 'nd', 'rd', 'th', 'th'][number - 1]}"}
    if (day + timedelta(days=7)).month != day.month:
        names.add("last")
    if days.get("occurrencesInMonth") and not names & set(days["occurrencesInMonth"]):
        return False
    for period in span.get("designatedPeriods", []):
        assert period["name"] == "holidays"
        if (day in HOLIDAYS) != (period["apply"] == "only during"):
            return False
    ranges = span.get("effectiveDates", [])
    return not ranges or any(in_range(each, day) for each in ranges)


def in_range(dates: dict, day: date) -> bool:
    first, last = dates["from"], dates["to"]
    text = day.isoformat() if len(first) == 10 else day.isoformat()[5:]
    return first <= text <= last if first <= last else text >= first or text <= last


def holds(span: dict, now: datetime) -> bool:
    times = span.get("timesOfDay")
    if not times:
        return is_day(span, now.date())
    clock, yesterday = now.strftime("%H:%M"), now.date() - timedelta(days=1)
    for each in times:
        first, last = each["from"], each["to"].replace("23:59", "24:00")
        if first < last:
            if first <= clock < last and is_day(span, now.date()):
                return True
        elif (clock >= first and is_day(span, now.date())) or (clock < last and is_day(span, yesterday)):
            return True
    return False


def classes(regulation: dict) -> list[str]:
    return [name for each in regulation.get("userClasses", []) for name in each.get("classes", [])]


def activity(regulation: dict) -> str:
    stated = regulation["rule"]["activity"]
    return "no parking" if stated == "standing" and not classes(regulation) else stated


def outcome(regulations: list[dict]) -> tuple:
    """Price and limit of those that permit the same driver: where they disagree nobody knows the price."""
    prices = set()
    for each in regulations:
        rates = [rate for rate in each.get("payment", {}).get("rates", []) if rate.get("fees")]
        must_pay = each["rule"].get("payment") or "paid" in each["rule"]["priorityCategory"]
        fees = tuple((rates[0]["durations"][0], rates[0]["fees"][0]) for _ in rates[:1])
        prices.add(fees or (UNKNOWN if must_pay else FREE))
    stays = [each["rule"]["maxStay"] for each in regulations if "maxStay" in each["rule"]]
    return (prices.pop() if len(prices) == 1 else UNKNOWN), min(stays, default=None)


def by_the_feed(regulations: list[dict], hierarchy: list[str], now: datetime, driver: str) -> tuple:
    """What a driver of a class ("" is nobody special) meets: price or CLOSED or UNSTATED, and the longest stay."""
    there = [each for each in regulations if any(holds(span, now) for span in each.get("timeSpans") or [{}])]
    for category in hierarchy:
        said = by_peers([each for each in there if each["rule"]["priorityCategory"] == category], driver)
        if said:
            return said
    return UNSTATED, None


def by_peers(peers: list[dict], driver: str) -> tuple:
    """What regulations of one category say to a driver; nothing where they only ban others."""
    bans = [each for each in peers if activity(each).startswith("no ")]
    permits = [each for each in peers if each not in bans]
    mine = [each for each in permits if driver in classes(each)]
    everybody = [each for each in permits if not classes(each)]
    loading = [each for each in everybody if activity(each) == "loading"]
    if any(driver in classes(each) for each in bans):
        return CLOSED, None
    if mine:
        return outcome(mine)
    if any(not classes(each) for each in bans) or (loading and driver != "loading"):
        return CLOSED, None
    if everybody:
        return outcome(loading or everybody)
    return (CLOSED, None) if permits else ()


def by_the_card(card: tuple[str, ...], now: datetime, driver: str, place: Place = PORTLAND) -> tuple:
    timeline = compile_card(read(card).card, frozenset({PERMITS[driver].lower()} if driver else ()))
    minute = now.hour * 60 + now.minute
    [state] = [s.state for s in timeline.day(day_number(now.date()), place) if s.start <= minute < s.end]
    if state.closed_by:
        return CLOSED, None
    if state.is_unsure:
        return "unread", None
    if state.tariff is None:
        return UNSTATED, None
    lines = state.tariff.lines
    assert len(lines) == 1
    said = {Outcome.FREE: FREE, Outcome.SEE_METER: UNKNOWN}.get(lines[0].outcome)
    price = said or ((lines[0].term.minutes, float(lines[0].outcome.amount)),)
    return price, min((limit.minutes for limit in state.limits), default=None)


def half_hours(days: list[date]) -> list[datetime]:
    """The half hours of some days, and the last minute of each."""
    minutes = [*range(0, 1440, 30), 1439]
    return [datetime.combine(day, datetime.min.time()) + timedelta(minutes=n) for day in days for n in minutes]
