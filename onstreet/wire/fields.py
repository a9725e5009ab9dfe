"""The fields of blocks and segments: their names in the order of an answer, each with the JSON schema of its value."""

from collections.abc import Mapping

from onstreet.model import Amenity, Side
from ratecards.legality import Reason

Json = dict[str, object]

# Where the schemas that fields share stand in the contract.
_SCHEMAS = "#/components/schemas/"


def text(says: str, **more: object) -> Json:
    """The schema of a text."""
    return {"type": "string", "description": says, **more}


def whole(says: str, **more: object) -> Json:
    """The schema of a whole number."""
    return {"type": "integer", "description": says, **more}


def shared(name: str) -> Json:
    """A schema of the contract by its name."""
    return {"$ref": _SCHEMAS + name}


def array(says: str, items: Json, **more: object) -> Json:
    """The schema of a list."""
    return {"type": "array", "description": says, "items": items, **more}


def nullable(schema: Json) -> Json:
    """The same schema, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def record(says: str, properties: Mapping[str, Json], required: tuple[str, ...] | None = None) -> Json:
    """The schema of an object of these properties and no others; all of them are required unless some are named."""
    return {
        "type": "object",
        "description": says,
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def moment(says: str) -> Json:
    """The schema of a moment on the clock of the block."""
    return text(says, format="date-time", examples=["2026-06-11T10:00:00-07:00"])


_TEXTS: Json = {"type": "string"}
_METRES = {"type": "number", "minimum": 0}
_ACCURACY = "encoded polyline of the Google format with {} decimals of a degree"

BLOCK: dict[str, Json] = {
    "blockID": text("The block, from one intersection to the next.", examples=["46502752"]),
    "name": text("The street.", examples=["10th Street"]),
    "address": text("The streets it goes from and to.", examples=["9th Street to 10th Street"]),
    "operator": text("Who runs the parking there.", examples=["City of Santa Monica"]),
    "currency": text("The symbol of the currency of its prices.", examples=["$"]),
    "pmtTypes": array("How parking can be paid for.", _TEXTS, examples=[["Coins", "MC/Visa"]]),
    "photoThumbs": array("Addresses of photos.", _TEXTS),
    "reservations": array("Always empty: the published service has it.", {}),
    "polyline": text(f"The line of the block, {_ACCURACY.format(5)}.", examples=["_nsnEnderUbGqH"]),
    "geojson": record(
        "The line of the block; the first point is its beginning.",
        {
            "type": {"const": "LineString"},
            "coordinates": array(
                "Longitude, latitude of each point.",
                array("Degrees.", {"type": "number"}, minItems=2, maxItems=2),
                minItems=2,
            ),
        },
    ),
    "amenities": array("What any of its segments offers.", shared("Amenity")),
    "note": text("Always empty: the published service has it."),
    "i_flag": whole("Always 0: the published service has it."),
    "offset": whole("How far the clock of the block is ahead of UTC at the entry, in seconds.", examples=[-25200]),
    "distance": nullable(
        whole("Metres from the point, or from the centre of the box; null for questions by id.", minimum=0)
    ),
    "probability": nullable(
        whole("Chance of a free legal space in percent; null where none is known or all is closed.", maximum=100)
    ),
    "bucket": {
        "enum": [1, 2, 3, None],
        "description": "The chance of a space in three classes: 1 unlikely, 2 roughly one half, 3 likely.",
    },
    "segments": array(
        "The stretches of kerb with one card each; `restrictions` may leave some out.", shared("Segment")
    ),
}

SEGMENT: dict[str, Json] = {
    "segmentID": text("The segment.", examples=["826357f3-9897-45c4-bd40-a0783aec3950"]),
    "side": {"enum": [each.value for each in Side], "description": "Which kerb, seen along the line of the block."},
    "start": {**_METRES, "description": "Where it begins, in metres from the first point of the block."},
    "end": {**_METRES, "description": "Where it ends, in metres."},
    "spacesTotal": nullable(whole("How many spaces it has, whatever the hour; null where nobody says.", minimum=0)),
    "polyline": text(f"The line of the kerb, {_ACCURACY.format(5)}."),
    "polyline6": text(f"The line of the kerb, {_ACCURACY.format(6)}."),
    "rateCards": array("The card: restrictions and prices, line by line.", _TEXTS, examples=[["Sun: Free"]]),
    "structuredRates": array("The rates of the card in parameters.", shared("StructuredRate")),
    "amenities": array("What the segment offers.", shared("Amenity")),
    "paymentID": array("Meters or zones to pay for, the same as `paymentIDs`.", _TEXTS),
    "paymentIDs": array("Meters or zones to pay for.", _TEXTS, examples=[["1041", "1043"]]),
    "isOpen": {
        "type": ["boolean", "null"],
        "description": "Whether one of the stays may be made; null where nobody can tell.",
    },
    "calculatedRates": {
        **array("The price of each stay that may be made, in the order asked.", shared("CalculatedRate")),
        "type": ["array", "null"],
    },
}

# What the published service does not have; answered when asked for by name (S5.5).
OWN: dict[str, Json] = {
    "until": nullable(
        moment("The latest departure that is allowed, looking 14 days ahead; null if none is, or nobody can tell.")
    ),
    "untilReason": nullable(text("The line of the card that ends it; null if none does within 14 days.")),
    "freeUntil": nullable(moment("The latest departure that costs nothing; null if the first minute costs.")),
    "becomesFreeAt": nullable(moment("When the next free hours begin, offers aside; null if it is free already.")),
    "explanation": array("The receipt of each stay asked about.", shared("Receipt")),
    "rates": shared("RateCard"),
    "week": array("The week of the entry, span by span.", shared("WeekSpan")),
}

_LINE = nullable(text("The line of the card that rules."))
_AMOUNT: Json = {"type": ["number", "null"], "minimum": 0}

# What these fields hold, by the names of the contract.
PARTS: dict[str, Json] = {
    "Amenity": record(
        "Something a segment offers; the id is one of `restrictions`.",
        {"id": {"enum": [int(each) for each in Amenity]}, "name": {"enum": [each.label for each in Amenity]}},
    ),
    "CalculatedRate": record(
        "The price of a stay.",
        {
            "rate_cost": {**_AMOUNT, "description": "The price; null where the sign does not tell."},
            "quoted_duration": text("The stay as h:mm:ss.", pattern="^[0-9]+:[0-5][0-9]:00$", examples=["1:00:00"]),
            "rate_type": {"const": "B", "description": "A base rate."},
        },
    ),
    "Receipt": record(
        "Why a stay costs what it costs, or may not be made.",
        {
            "quoted_duration": text("The stay as h:mm:ss."),
            "isLegal": {"type": ["boolean", "null"], "description": "Whether it may be made."},
            "rate_cost": {**_AMOUNT, "description": "The price; null where nobody can tell or it may not be made."},
            "refusedBy": nullable(text("The line that forbids it.")),
            "reason": {"enum": [*(each.value for each in Reason), None], "description": "Why it is forbidden."},
            "items": array("What was charged from when to when.", shared("ReceiptItem")),
        },
    ),
    "ReceiptItem": record(
        "A part of a stay and what it costs.",
        {
            "start": moment("Its beginning."),
            "end": moment("Its end."),
            "rateCard": _LINE,
            "minutes": whole("How long it is.", minimum=0),
            "units": nullable(whole("How many units of the line were charged; null where it sells none.", minimum=0)),
            "amount": {**_AMOUNT, "description": "What it adds."},
            "total": {**_AMOUNT, "description": "What the stay has come to."},
            "cappedBy": nullable(text("The line that limits the amount.")),
        },
    ),
    "WeekSpan": record(
        "Hours of one kind.",
        {
            "start": moment("Its beginning."),
            "end": moment("Its end."),
            "state": {"enum": ["free", "paid", "closed", "reserved", "unknown"], "description": "What holds there."},
            "hourPrice": {**_AMOUNT, "description": "What the first hour of its tariff costs, caps and fees aside."},
            "rateCard": _LINE,
        },
    ),
    "Segment": record(
        "A stretch of kerb with one card. Which fields it has says `outputfields`.",
        SEGMENT | OWN,
        required=("segmentID",),
    ),
    "Block": record(
        "A street from one intersection to the next. Which fields it has says `outputfields`.",
        BLOCK,
        required=("blockID",),
    ),
}
