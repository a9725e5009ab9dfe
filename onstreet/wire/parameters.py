"""The parameters of questions about blocks: what each is called, what it may say, and what it means."""

from typing import NamedTuple

from onstreet.model import Amenity
from onstreet.query import ByIds, Query
from onstreet.wire.blocks import ALL_FIELDS
from onstreet.wire.fields import BLOCK, OWN, SEGMENT, Json

MAX_IDS = 250
MAX_ID_CHARS = 100
MAX_PERMITS = 50
MAX_RADIUS_M = 50_000
MAX_LIMIT = 5000
MAX_OFFSET = 1_000_000_000
MAX_DURATIONS = 24
# Blocks times durations whose receipts one answer holds.
MAX_RECEIPTS = 2_500
MAX_DURATION_MIN = 44_640
YEARS = range(2000, 2101)

NUMBER = r"-?[0-9]{1,10}(\.[0-9]+)?"
ENTRY = r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2})(?::[0-5][0-9])?(Z?)"
PERMIT = r"[a-z0-9]{1,40}( [a-z0-9]{1,40}){0,3}"
LOCALE = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}"
POINT = rf"{NUMBER}\|{NUMBER}"

# What a question is that says nothing but where.
DEFAULT = Query(ByIds(()), ALL_FIELDS)


class Parameter(NamedTuple):
    """A parameter of a query string: what it means, the schema of its value, one that it may have, and its separator.

    Values that are lists are written with their separator between them.
    """

    says: str
    schema: Json
    example: object
    separator: str = ""
    is_required: bool = False

    @property
    def written(self) -> str:
        """The example as it stands in a query string."""
        return self.separator.join(map(str, self.example)) if isinstance(self.example, list) else str(self.example)

    def described(self, name: str, is_filled: bool = False) -> Json:
        """The parameter as OpenAPI describes it; pages and tools that try everything at once fill in some values."""
        style = {"|": "pipeDelimited", ",": "form"}.get(self.separator)
        separated = {"style": style, "explode": False} if style else {}
        filled = {"example": self.example} if is_filled else {}
        says = f"{self.says} Such as `{self.written}`."
        required = {"required": True} if self.is_required else {}
        return {
            "name": name,
            "in": "query",
            "description": says,
            "schema": self.schema,
            **required,
            **separated,
            **filled,
        }


def _matches(pattern: str, **more: object) -> Json:
    return {"type": "string", "pattern": f"^{pattern}$", **more}


def _list(items: Json, most: int | None = None) -> Json:
    return {"type": "array", "items": items, "minItems": 1, **({"maxItems": most} if most else {})}


def _between(least: int, most: int, **more: object) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most, **more}


_AMENITIES = ", ".join(f"{int(each)} {each.label}" for each in Amenity)
_FIELD_NAMES = ["all", *BLOCK, *(f"segments.{name}" for name in (*SEGMENT, *OWN)), *(SEGMENT | OWN)]

PLACES = {
    "box": Parameter(
        "A box by its north-west and south-east corners, lat|lon,lat|lon; west beyond east crosses the antimeridian.",
        _matches(f"{POINT},{POINT}"),
        "34.0205|-118.489,34.0175|-118.485",
    ),
    "point": Parameter("The centre of a circle as lat|lon, with `radius`.", _matches(POINT), "34.01903|-118.48715"),
    "radius": Parameter(
        "Metres around `point`.", {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_RADIUS_M}, 120
    ),
}
NAMES = {
    "id": Parameter(
        "Blocks by their ids; the known ones are answered.",
        _list({"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS}, MAX_IDS),
        ["46502752", "900000001"],
        "|",
    ),
    "alias": Parameter(
        "A block by a data source and its own id there, source|id.",
        _matches(r"[^|]+\|.+", maxLength=MAX_ID_CHARS),
        "inrix|46502752",
    ),
}
STAYS = {
    "entry_time": Parameter(
        f"When the stay begins, on the clock of the block, or with Z in UTC, in the years {YEARS.start} to "
        f"{YEARS.stop - 1}; seconds are dropped. Without it now.",
        _matches(ENTRY),
        "2026-06-11T10:00",
    ),
    "duration": Parameter(
        "Minutes of one or more stays.",
        {**_list(_between(1, MAX_DURATION_MIN), MAX_DURATIONS), "default": list(DEFAULT.durations_min)},
        [60, 120],
        "|",
    ),
    "permits": Parameter(
        "What the driver holds, as the signs name it, with or without the word Permit, Label or Vehicle.",
        _list({"type": "string", "pattern": rf"^\s*{PERMIT.replace('a-z', 'A-Za-z')}\s*$"}, MAX_PERMITS),
        ["residential", "zone a"],
        ",",
    ),
}
PAGES = {
    "restrictions": Parameter(
        f"Amenities a segment must have all of: {_AMENITIES}; `/filters` says which there are.",
        _list({"enum": [int(each) for each in Amenity]}),
        [1, 3],
        ",",
    ),
    "outputfields": Parameter(
        "Fields to answer: a bare name is a block's field, or a segment's where only segments have it; `all` is "
        "everything the published service has. What is answered always has its id.",
        _list({"enum": list(dict.fromkeys(_FIELD_NAMES))}),
        ["name", "isOpen", "segments.polyline"],
        ",",
    ),
    "sort": Parameter(
        "`distance` orders by metres from the point or the centre of the box, then by id.",
        {"enum": ["distance"]},
        "distance",
    ),
    "limit": Parameter(
        f"Blocks an answer holds; with `explanation` at most {MAX_RECEIPTS} divided by the number of durations.",
        _between(1, MAX_LIMIT, default=DEFAULT.limit),
        20,
    ),
    "offset": Parameter("Blocks to leave out first.", _between(0, MAX_OFFSET, default=DEFAULT.offset), 20),
    "locale": Parameter(
        "What to print `rateCards` in: en-US, en-GB, de, fr, es, it, nl or one near to them such as de_AT. Without it "
        "cards are answered as stored.",
        _matches(LOCALE),
        "de",
    ),
}
SEARCH = {
    "q": Parameter(
        "Beginnings of words in names and addresses, without regard to case and accents, or the id of a block.",
        {"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS, "pattern": r"\S"},
        "elm 9th",
        is_required=True,
    ),
    "near": Parameter("What is near this point, lat|lon, comes first.", _matches(POINT), "34.019|-118.487"),
}
ONE_STAY = STAYS | {
    "duration": Parameter("Minutes of the stay.", _between(1, MAX_DURATION_MIN, default=DEFAULT.durations_min[0]), 90),
}
PARAMETERS = NAMES | PLACES | STAYS | PAGES
# The published service knows this, and we have no use for it (S7.3c).
ACCEPTED = {"units": Parameter("Has no effect: distances are metres.", {"type": "string"}, "meters")}
# Tokens stand beside the parameters of any question, and are read by whoever lets requests in.
TOKENS = ("accesstoken", "accessToken")
