"""The words of the language and their other spellings: days, months, users, reasons, times (S2, S2.3)."""

WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
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


def time(text: str) -> tuple[int, int | None]:
    """Minute of the day, and the clock it is written in (None for Noon, Midnight and 24:00, which fit either)."""
    plain = text.lower().replace(".", "").replace(" ", "")
    if plain in ("noon", "midnight", "24:00"):
        return (720 if plain == "noon" else 0), None
    hour, _, minute = plain.rstrip("apm").partition(":")
    if plain.endswith("m"):
        return (int(hour) % 12 + 12 * plain.endswith("pm")) * 60 + int(minute or 0), 12
    return int(hour) * 60 + int(minute), 24


def _begins(known: str, name: str) -> bool:
    return name.lower()[:3] == known.lower()[: min(len(name), 3)]
