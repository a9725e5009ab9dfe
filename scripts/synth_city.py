"""Makes a deterministic synthetic city of parking blocks on a rotated street grid.

Every block depends only on the seed and its place in the grid, so the same seed gives the same bytes, and
blocks are streamed: a city of a million blocks needs no more memory than one of a hundred.
"""

import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice
from math import fsum, sqrt
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

import click
import orjson
from pyproj import Geod

T = TypeVar("T")
Point = tuple[float, float]
Json = dict[str, object]

GEOD = Geod(ellps="WGS84")

# The grid continues the published block 46502752: u is that block, v is 110 m to its left; all in degrees.
ORIGIN = (-118.48792, 34.01968)
ALONG = (0.00153, -0.00129)
ACROSS = (0.000847, 0.000697)
WOBBLE = 3e-5

# fmt: off
TREES = (
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Katsura",
    "Linden", "Maple", "Nutmeg", "Oak", "Pine", "Quince", "Redwood", "Sycamore", "Tulip", "Ulmo", "Viburnum",
    "Walnut", "Xylosma", "Yew", "Zelkova",
)
SECONDS = (
    "", " Ridge", " Park", " Grove", " Hill", " Glen", " Creek", " Hollow", " Meadow", " Spring", " Bluff",
    " Mill", " Bend", " Canyon", " Crest", " Garden", " Harbor", " Lake", " Mesa", " Orchard", " Valley",
)
KINDS = ("Avenue", "Boulevard", "Drive", "Place")
CITY = ("City of Santa Monica", "SM")
OPERATORS = (*[CITY] * 18, ("Ninebark Curb Company", "NB"), ("Tidewater Meter Partners", "TM"))
PAYMENTS = (
    ["Amex", "Coins", "Debit card", "Discover", "MC/Visa"],
    ["Amex", "Coins", "Debit card", "Discover", "MC/Visa", "Phone"],
    ["Amex", "Contactless", "Debit card", "Discover", "MC/Visa", "Phone"],
    ["Coins", "MC/Visa", "Phone"], ["Coins"],
)

# What varies between the cards of one template; lengths differ so that combinations rarely come again.
WEEKS = (("Mon-Sat", "Sun"), ("Mon-Sat", "Sun"), ("Mon-Fri", "Sat-Sun"))
HOURS = (("9am", "6pm"), ("8am", "6pm"), ("8am", "8pm"), ("8:30am", "6pm"), ("10am", "7pm"))
LATE = (("8am", "2am"), ("10am", "12am"), ("7am", "2am"), ("9am", "10pm"))
SWEPT = (
    ("Wed", "Mon-Tue | Thu-Sat", "Mon-Tue | Thu-Sun"), ("Tue", "Mon | Wed-Sat", "Mon | Wed-Sun"),
    ("Thu", "Mon-Wed | Fri-Sat", "Mon-Wed | Fri-Sun"), ("Mon", "Tue-Sat", "Tue-Sun"),
    ("Fri", "Mon-Thu | Sat", "Mon-Thu | Sat-Sun"),
)
SWEEPING = (("7am", "9am"), ("8am", "10am"), ("10am", "12pm"), ("12pm", "2pm"))
ORDINALS = ("2nd & 4th", "1st & 3rd")
LIMITS = ("9", "2", "3", "4", "5", "1", "8")
STAYS = ("2", "1", "3", "4")
CENTS = (100, 125, 150, 200, 250, 75, 300, 175, 400, 225, 350)

NIGHT = ("{week} ({close}-{open}): Free", "{rest}: Free")
# How common a template is, its greatest length in metres, and its lines. Those of length 0 are rules, which
# fill whole sides of streets; the others are exceptions, the short pieces between them.
TEMPLATES: tuple[tuple[int, int, *tuple[str, ...]], ...] = (
    (60, 0, "Each Hour ({others}; 9am-{close}; {limit} Hour Max): {price}",
            "1 Hour ({day}; 9am-10am): {price}", "{day} (10am-12pm): No Parking",
            "Each Hour ({day}; 12pm-{close}; 6 Hour Max): {price}",
            "Mon-Sat ({close}-9am): Free", "Sun: Free"),
    (120, 0, "Each Hour ({week}; {open}-{close}; {limit} Hour Max): {price}", *NIGHT),
    (30, 0, "Each 15 Min ({week}; {open}-{close}; 2 Hour Max): {quarter}", *NIGHT),
    (30, 0, "1 Hour ({week}; {open}-{close}): {price}", "2 Hours ({week}; {open}-{close}): {two}",
            "4 Hours ({week}; {open}-{close}): {four}", *NIGHT),
    (20, 0, "1 Hour ({week}; {open}-{close}): {price}",
            "Each Add'l 30 Min ({week}; {open}-{close}): {extra}", *NIGHT),
    (80, 0, "{others7} (7am-2am; Residential Permit Only): Free",
            "{day} (7am-10am; Residential Permit Only): Free", "{day} (10am-12pm): No Parking",
            "{day} (12pm-2am; Residential Permit Only): Free", "2am-7am: Free"),
    (25, 0, "15 Min ({week}; {open}-{close}): Free", "Each Hour ({week}; {open}-{close}): {price}", *NIGHT),
    (30, 0, "Each Hour ({week}; {open}-{close}; {limit} Hour Max): {price}",
            "Each Hour ({week}; {close}-10pm): {evening}", "{week} (10pm-{open}): Free", "{rest}: Free"),
    (20, 0, "Each Hour (Mon-Sun; {open}-{close}; {limit} Hour Max): {price}",
            "Mon-Sun ({close}-11pm): {evening}", "11pm-{open}: Free"),
    (50, 0, "Each Hour (Mon-Sun; {late}-{end}; {limit} Hour Max): {price}", "{end}-{late}: Free"),
    (45, 0, "{week} ({open}-{close}; Zone {zone} Permit Only): Free", *NIGHT),
    (70, 0, "{stay} Hour Parking ({week}; {open}-{close})", *NIGHT), (40, 0, "Mon-Sun: Free"),
    (80, 0, "{day} ({sweep}-{swept}; Street Cleaning): No Parking",
            "{day} ({swept}-{sweep}): Free", "{others7}: Free"),
    (30, 0, "{day} Every {nth} ({sweep}-{swept}; Street Cleaning): No Parking", "Mon-Sun: Free"),
    (25, 0, "Mon-Fri (7am-9am & 4pm-6pm; Tow Away): No Parking",
            "Each Hour (Mon-Fri; 9am-4pm; {stay} Hour Max): {price}",
            "Mon-Fri (6pm-7am): Free", "Sat-Sun: Free"),
    (45, 20, "Mon-Sat (7am-10am; Commercial Vehicle Only): Free",
             "Each Hour (Mon-Sat; 10am-{close}; 2 Hour Max): {price}",
             "Mon-Sat ({close}-7am): Free", "Sun: Free"),
    (30, 30, "Bus Stop: No Parking"), (16, 12, "Fire Lane: No Parking"), (12, 40, "Construction: No Parking"),
    (30, 16, "Mon-Sun (Passenger Loading Only): Free"), (30, 7, "Disabled Only: Free"),
    (60, 22, "No Parking"), (14, 25, "Taxi Only: Free"), (10, 60, "See Meter"),
    (20, 60, "Each 15 Min ({week}; {open}-{close}; 1 Hour Max): {quarter}", *NIGHT),
    (16, 25, "Each Hour (Mon-Sun; 4 Hour Max; EV Charging Only): {price}"),
    (14, 10, "Each Hour (Mon-Sun; {stay} Hour Max; Motorcycle Only): {quarter}"),
)

WORKDAY = (84, 86, 88, 89, 89, 86, 78, 64, 50, 42, 36, 31, 27, 26, 29, 33, 36, 38, 40, 44, 52, 62, 71, 79)
SATURDAY = (80, 83, 86, 88, 88, 87, 83, 76, 66, 54, 43, 35, 29, 27, 28, 30, 33, 34, 33, 35, 42, 52, 62, 70)
SUNDAY = (74, 79, 84, 87, 88, 88, 86, 82, 75, 65, 54, 46, 41, 39, 40, 43, 47, 51, 55, 60, 66, 72, 78, 82)
# fmt: on


class Card(NamedTuple):
    """A rate card's lines, whether it takes money, and its greatest length in metres (0: no limit)."""

    lines: list[str]
    metered: bool
    reach: int


class Place(NamedTuple):
    """A block's place in the grid: the intersection it starts from, and whether it runs along an avenue."""

    i: int
    j: int
    avenue: bool


@dataclass(frozen=True, eq=False)
class Town:
    """What all blocks of one city share: the seed, and its cards, each repeated as often as it is common."""

    seed: int
    rules: list[Card]
    exceptions: list[Card]


PUBLISHED = Place(2, 10, False)
BARE = Card(["No Parking"], False, 0)


def pick(rng: Random, options: Sequence[T]) -> T:
    """Picks one option, the same one on every Python version."""
    return options[int(rng.random() * len(options))]


def between(rng: Random, low: int, high: int) -> int:
    """Picks a whole number from low to high, both included."""
    return low + int(rng.random() * (high - low + 1))


def dice(town: Town, kind: int, i: int, j: int) -> Random:
    """Gives a place of the grid its own random numbers; kind tells apart what is made there."""
    return Random(((town.seed << 24 | j) << 24 | i) << 3 | kind)


def money(cents: int) -> str:
    """Writes an amount as a sign does: $2, $1.25."""
    return f"${cents // 100}" + (f".{cents % 100:02d}" if cents % 100 else "")


def variant(k: int) -> dict[str, str]:
    """Fills the blanks of a card template in the k-th way."""
    week, rest = WEEKS[k % len(WEEKS)]
    open_, close = HOURS[k % len(HOURS)]
    late, end = LATE[k % len(LATE)]
    day, others, others7 = SWEPT[k % len(SWEPT)]
    sweep, swept = SWEEPING[k % len(SWEEPING)]
    cents = CENTS[k % len(CENTS)]
    return {
        "week": week, "rest": rest, "open": open_, "close": close, "late": late, "end": end,
        "day": day, "others": others, "others7": others7, "sweep": sweep, "swept": swept,
        "nth": ORDINALS[k % len(ORDINALS)], "limit": LIMITS[k % len(LIMITS)], "stay": STAYS[k % len(STAYS)],
        "zone": "ABCDEFGH"[k % 8], "price": money(cents), "evening": money(2 * cents),
        "extra": money(cents // 50 * 25 + 25), "quarter": money(cents // 20 * 5),
        "two": money(3 * cents), "four": money(8 * cents),
    }  # fmt: skip


def cards(template: Sequence[str], weight: int, reach: int, blanks: Sequence[dict[str, str]]) -> list[Card]:
    """Writes a template's cards, each repeated as often as it is common: the k-th one weight / k times."""
    texts = dict.fromkeys("\n".join(template).format(**blank) for blank in blanks)
    bag: list[Card] = []
    for rank, text in enumerate(texts, 1):
        bag += [Card(text.split("\n"), "$" in text or "Meter" in text, reach)] * max(1, weight // rank)
    return bag


def found(seed: int, variants: int) -> Town:
    """Founds a town whose card templates come in at most so many variants each."""
    bag: list[Card] = []
    for first, (weight, reach, *template) in enumerate(TEMPLATES):
        bag += cards(template, weight, reach, [variant(first + k) for k in range(variants)])
    return Town(seed, [card for card in bag if not card.reach], [card for card in bag if card.reach])


def street(j: int) -> str:
    """Names the j-th numbered street."""
    ending = "th" if j // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(j % 10, "th")
    return f"{j}{ending} Street"


def avenue(i: int) -> str:
    """Names the i-th avenue, from 0; names repeat after 2184."""
    rest, tree = divmod(i, len(TREES))
    kind, second = divmod(rest, len(SECONDS))
    return f"{TREES[tree]}{SECONDS[second]} {KINDS[kind % len(KINDS)]}"


def naming(place: Place) -> tuple[str, str, str]:
    """Gives a block's name, the cross streets at its two ends, and its alias: the name and the hundred."""
    i, j = place.i, place.j
    name = avenue(i) if place.avenue else street(j)
    ends = [street(j), street(j + 1)] if place.avenue else [avenue(i), avenue(i + 1)]
    hundred = 100 * (j if place.avenue else i + 9)
    return name, " to ".join(ends), f"{name.lower().replace(' ', '-')}-{hundred}"


@lru_cache(maxsize=10_000)
def corner(town: Town, i: int, j: int) -> Point:
    """Places an intersection, a few metres off the regular grid except at the published block's ends."""
    rng = dice(town, 0, i, j)
    wobble = 0 if j == PUBLISHED.j and i in (PUBLISHED.i, PUBLISHED.i + 1) else WOBBLE
    u, v = i - PUBLISHED.i, j - PUBLISHED.j
    return offset(rng, wobble, *(ORIGIN[axis] + u * ALONG[axis] + v * ACROSS[axis] for axis in (0, 1)))


def offset(rng: Random, reach: float, lon: float, lat: float) -> Point:
    """Moves a point by at most so many degrees each way and rounds it as it is published."""
    return round(lon + reach * (2 * rng.random() - 1), 6), round(lat + reach * (2 * rng.random() - 1), 6)


def course(town: Town, place: Place) -> list[Point]:
    """Draws a block's line from corner to corner, with a slight bend or two in some."""
    rng = dice(town, 1 + place.avenue, place.i, place.j)
    a = corner(town, place.i, place.j)
    b = corner(town, place.i + (not place.avenue), place.j + place.avenue)
    legs = pick(rng, (1, 1, 1, 1, 2, 2, 3))
    shares = [k / legs for k in range(1, legs)]
    bends = [offset(rng, WOBBLE, a[0] + (b[0] - a[0]) * f, a[1] + (b[1] - a[1]) * f) for f in shares]
    return [a, *bends, b]


def lengths(lines: Sequence[list[Point]]) -> Iterator[int]:
    """Measures lines in whole metres on the ellipsoid, rounded down, in one call for speed."""
    starts = [point for line in lines for point in line[:-1]]
    ends = [point for line in lines for point in line[1:]]
    (lon1, lat1), (lon2, lat2) = zip(*starts, strict=True), zip(*ends, strict=True)
    metres = iter(GEOD.inv(lon1, lat1, lon2, lat2)[2])
    # sum() rounds floats differently from Python 3.12 on.
    return (int(fsum(islice(metres, len(line) - 1))) for line in lines)


@lru_cache(maxsize=10_000)
def district(town: Town, i: int, j: int) -> list[Card]:
    """Picks the three rules that most blocks of a district, six of the grid's cells, live under."""
    rng = dice(town, 3, i, j)
    return [pick(rng, town.rules) for _ in range(3)]


def sequence(rng: Random, town: Town, place: Place) -> list[Card]:
    """Picks the cards along one side; rule and exception take turns, so neighbours always differ."""
    if rng.random() < 0.04:
        return [BARE]
    home = district(town, place.i // 2, place.j // 3) if rng.random() < 0.7 else town.rules
    rule = pick(rng, home)
    row = [rule, pick(rng, town.exceptions), rule, pick(rng, town.exceptions), rule]
    number = pick(rng, (0, 1, 1, 2, 2, 3) if place.avenue else (0, 1, 2, 2, 3, 3, 4, 4, 4))
    first = pick(rng, (0, 0, 1))
    return row[first : first + number]


def widths(rng: Random, row: Sequence[Card], room: int) -> list[int]:
    """Gives every exception its own length and shares what is left of the room among the rules."""
    fixed = [between(rng, 6, card.reach) if card.reach else 0 for card in row]
    shares = [0 if card.reach else between(rng, 50, 150) for card in row]
    free = room - sum(fixed)
    return [width or free * share // sum(shares) for width, share in zip(fixed, shares, strict=True)]


def stretches(rng: Random, row: Sequence[Card], length: int) -> Iterator[tuple[Card, int, int]]:
    """Lays cards along a side, clear of the intersections, with a driveway between some of them."""
    at, stop = between(rng, 5, 10), length - between(rng, 5, 10)
    gaps = [between(rng, 3, 25) if rng.random() < 0.5 else 0 for _ in row]
    for card, width, gap in zip(row, widths(rng, row, stop - at - sum(gaps[:-1])), gaps, strict=True):
        if width < 6 or at + width > stop:
            return
        yield card, at, at + width
        at += width + gap


def side(rng: Random, name: str, meters: Iterator[str], row: Sequence[Card], length: int) -> Iterator[Json]:
    """Writes the segments of one kerb, taking meter ids as it goes: one pay station for eight spaces."""
    for card, start, end in stretches(rng, row, length):
        spaces = max(1, int((end - start) / 6.2))
        yield {
            "segmentID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "side": name,
            "start": start,
            "end": end,
            "spacesTotal": spaces,
            "rateCards": card.lines,
            "paymentIDs": list(islice(meters, 1 + spaces // 8)) if card.metered else [],
        }


def block(town: Town, number: int, place: Place, line: list[Point], length: int) -> Json:
    """Writes one block: its names, its line, and the segments of both its kerbs."""
    rng = dice(town, 4 + place.avenue, place.i, place.j)
    name, address, alias = naming(place)
    operator, prefix = pick(rng, OPERATORS)
    meters = (f"{prefix}{1000 + number}-{k:02d}" for k in count(1))
    sides = {kerb: sequence(rng, town, place) for kerb in ("LEFT", "RIGHT")}
    segments = [part for kerb, row in sides.items() for part in side(rng, kerb, meters, row, length)]
    metered = any(part["paymentIDs"] for part in segments)
    return {
        "blockID": str(900_000_001 + number),
        "name": name,
        "address": address,
        "operator": operator if metered else CITY[0],
        "pmtTypes": pick(rng, PAYMENTS) if metered else [],
        "alias": alias,
        "geojson": {"type": "LineString", "coordinates": line},
        "segments": segments,
    }


def blocks(town: Town, rows: Iterable[Sequence[Place]]) -> Iterator[Json]:
    """Writes the blocks of a town row by row, numbered in order."""
    numbers = count()
    for row in rows:
        lines = [course(town, place) for place in row]
        for place, line, length in zip(row, lines, lengths(lines), strict=True):
            yield block(town, next(numbers), place, line, length)


def grid_row(columns: int, j: int) -> list[Place]:
    """Lists the places of one row: blocks of the j-th street, then of the avenues up to the next."""
    return [Place(i, j, False) for i in range(columns)] + [Place(i, j, True) for i in range(columns + 1)]


def neighbourhood(seed: int) -> Iterator[Json]:
    """Makes the streets around the published block, and leaves out that block."""
    rows = [grid_row(5, j) for j in range(7, 13)] + [[Place(i, 13, False) for i in range(5)]]
    return blocks(found(seed, 1), [[place for place in row if place != PUBLISHED] for row in rows])


def city(seed: int, number: int) -> Iterator[Json]:
    """Makes so many blocks on a grid about as wide as it is long."""
    # A column is about 201 m wide and a row 110 m deep, and each cell has two blocks.
    columns = max(1, round(sqrt(number / 2 * 110 / 201)))
    return islice(blocks(found(seed, 22), (grid_row(columns, j) for j in count(1))), number)


def source(seed: int, number: int) -> Json:
    """Describes a city for the data set reader, with a week of chances of an open space."""
    file = {
        "path": "blocks.jsonl", "source": "synthetic", "kind": "synthetic",
        "origin": f"scripts/synth_city.py --blocks {number} --seed {seed}",
        "licence": "CC0-1.0", "date": "2026-06-01", "profile": [*WORKDAY * 5, *SATURDAY, *SUNDAY],
    }  # fmt: skip
    name = f"Synthetic city of {number} blocks"
    return {
        "name": name,
        "zone": "America/Los_Angeles",
        "currency": "USD",
        "country": "US",
        "subdivision": "CA",
        "files": [file],
    }


def write(path: Path, made: Iterable[Json], number: int) -> None:
    """Writes blocks to a file, one a line, showing progress."""
    bar = click.progressbar(made, number, path.name, file=sys.stderr, update_min_steps=max(1, number // 100))
    with path.open("wb") as out, bar as progressing:
        for row in progressing:
            out.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


@click.command(epilog="Example: synth_city.py /tmp/city --blocks 10000 --seed 7")
@click.argument("out_dir", type=click.Path(file_okay=False, path_type=Path))
@click.option("--blocks", "number", type=click.IntRange(1, 10_000_000), help="Make a city of so many.")
@click.option("--neighbourhood", "small", is_flag=True, help="Make the small shipped neighbourhood instead.")
@click.option("--seed", type=click.IntRange(0), default=8, show_default=True, help="Same seed, same city.")
def main(out_dir: Path, number: int | None, small: bool, seed: int) -> None:
    """Make a synthetic city of parking blocks in OUT_DIR."""
    if small == (number is not None):
        raise click.ClickException("give either --blocks or --neighbourhood")
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        if number is None:
            write(out_dir / "neighbourhood.jsonl", neighbourhood(seed), 70)
        else:
            write(out_dir / "blocks.jsonl", city(seed, number), number)
            described = orjson.dumps(source(seed, number), option=orjson.OPT_INDENT_2)
            (out_dir / "source.json").write_bytes(described + b"\n")
    except OSError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
