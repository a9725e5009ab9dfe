"""The words of the language and their other spellings: days, months, users, reasons, times (S2, S2.3)."""

WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
LONG_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_LONG = dict(zip(WEEKDAYS, (day.lower() for day in LONG_WEEKDAYS), strict=True))
LONG_MONTHS = "January February March April May June July August September October November December".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
SUPERSEDE = "Event Rates Supersede Other Rates"
EVENT = "Event"

REASONS = {
    name.lower(): name
    for name in (
        "Street Cleaning", "Construction", "Bus Stop", "Street Cafe", "Tow Away", "Rush Hour", "Snow Emergency", EVENT,
        "Market", "Fire Lane", "Driveway", "Crosswalk",
    )
}  # fmt: skip
USERS = {
    name.lower(): name
    for name in (
        "Residential Permit", "Disabled", "Commercial Vehicle", "Loading", "Passenger Loading", "Taxi", "Bus",
        "Car Share", "Carpool", "EV Charging", "Motorcycle", "Bicycle", "Government", "Press", "Valet", "Customers",
        "Oversize",
    )
}  # fmt: skip

# Words that turn a permit's name into another statement, and words that begin another clause.
_STATEMENTS = frozenset("no not non without except only by parking all any other others".split())
_OPENINGS = frozenset(
    "each every max min daily plus monthly evening early first last in out with see free billed rates note holidays "
    "school noon midnight to from until".split()
)

# What a part of a line is called where it is stated twice.
PARTS = {
    "days": "days", "hours": "hours", "season": "the season", "user": "the user", "in_after": "the entry time",
    "in_window": "the entry time", "out_by": "the exit time", "validated": "validation", "stay_min": "the limit",
    "disc_min": "the disc", "no_return_min": "no return", "reason": "the reason",
}  # fmt: skip


def weekday(name: str) -> int:
    """ISO weekday 1-7 of any spelling of a day: `Mon`, `M`, `Tu`, `Thursdays`."""
    return 1 + next(i for i, known in enumerate(WEEKDAYS) if _begins(known, name))


def month(name: str) -> int:
    """Month 1-12 of any spelling."""
    return 1 + MONTHS.index(name[:3].title())


def why_no_name(name: str) -> str:
    """Why a permit cannot be called so, or nothing: its name would read as something else."""
    first, *_ = said = name.lower().split()
    if name in USERS.values():
        return ""
    if _STATEMENTS & set(said):
        return "a permit's name says what it is, not who has none"
    is_day = any(_begins(day, first) and _LONG[day].startswith(first) for day in WEEKDAYS)
    is_month = len(first) >= 3 and any(month.lower().startswith(first) for month in LONG_MONTHS)
    if first in _OPENINGS or is_day or is_month:
        return f"{first!r} cannot begin the name of a permit; call it Zone {name.split(maxsplit=1)[0]} Permit"
    return ""


def plain(text: str) -> str:
    """A phrase with single blanks and capitals as in titles."""
    return " ".join(text.title().split())


def user(name: str) -> str:
    """The printed name of a user: canonical for the closed list, else as written (S2.1)."""
    singular = " ".join(name.split())
    if singular.lower() not in USERS:
        singular = singular.removesuffix("s")
    head, _, last = singular.rpartition(" ")
    return USERS.get(singular.lower()) or f"{head} {last.title()}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def time(text: str) -> tuple[int, int]:
    """Minute of the day, and the clock it is written in; below 0 for Noon, Midnight and 24:00, which fit either."""
    plain = text.lower().replace(".", "").replace(" ", "")
    if plain in ("noon", "midnight", "24:00"):
        return (720 if plain == "noon" else 0), (-24 if plain == "24:00" else -12)
    hour, _, minute = plain.rstrip("apm").partition(":")
    if plain.endswith("m"):
        return (int(hour) % 12 + 12 * plain.endswith("pm")) * 60 + int(minute or 0), 12
    return int(hour) * 60 + int(minute), 24


def _begins(known: str, name: str) -> bool:
    return name.lower()[:3] == known.lower()[: min(len(name), 3)]
