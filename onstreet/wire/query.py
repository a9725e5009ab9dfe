"""Query <-> query string, in the published spelling (S7)."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import numpy as np

from onstreet.geometry import Circle, GeoBox, LonLat, Region
from onstreet.model import Amenity
from onstreet.query import ByAlias, ByIds, Fields, Query, Where
from onstreet.wire.blocks import BLOCK_FIELDS, NAMED_FIELDS, SEGMENT_FIELDS
from onstreet.wire.parameters import (
    ACCEPTED,
    DEFAULT,
    ENTRY,
    LOCALE,
    MAX_DURATION_MIN,
    MAX_DURATIONS,
    MAX_ID_CHARS,
    MAX_IDS,
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_PERMITS,
    MAX_RADIUS_M,
    MAX_RECEIPTS,
    NUMBER,
    PARAMETERS,
    PERMIT,
    PLACES,
    POINT,
    TOKENS,
    YEARS,
)
from ratecards.model import User

KNOWN = tuple(PARAMETERS)
_NUMBER, _POINT, _ENTRY, _PERMIT, _LOCALE = map(re.compile, (NUMBER, POINT, ENTRY, PERMIT, LOCALE))
_WHOLE = re.compile(r"[0-9]{1,10}")
_ENTRY_WANTED = f"yyyy-mm-ddTHH:MM, with Z for UTC, in the years {YEARS.start} to {YEARS.stop - 1}"

T = TypeVar("T")
V = TypeVar("V")


class ParameterError(ValueError):
    """A query parameter that cannot be used: which one, what is wrong, what is accepted; `details` say where in it."""

    def __init__(self, param: str, message: str, details: Sequence[Mapping[str, object]] = ()) -> None:
        super().__init__(message)
        self.param, self.message, self.details = param, message, details


def parse_query(pairs: Sequence[tuple[str, str]]) -> Query:
    """The query of decoded name-value pairs; raises ParameterError naming the parameter."""
    given = read_names(pairs)
    where = _where(given)
    stated: dict[str, Any] = {
        field: read_given(given, name, read, None) for name, (field, read) in _STATED.items() if name in given
    }
    query = DEFAULT._replace(where=where, **stated)
    if query.by_distance and not isinstance(query.where, Region):
        raise ParameterError("sort", "'sort=distance' needs 'box', or 'point' with 'radius', to measure from")
    most = MAX_RECEIPTS // len(query.durations_min)
    if "explanation" in query.fields.segment and query.limit > most:
        if "limit" in given:
            raise ParameterError("limit", f"'limit' must be at most {most} where so many durations are explained")
        query = query._replace(limit=most)
    return query


def parse_region(pairs: Sequence[tuple[str, str]]) -> Region:
    """The area that decoded name-value pairs ask about; raises ParameterError naming the parameter."""
    where = _where(read_names(pairs, tuple(PLACES)), ("box", "point"))
    assert isinstance(where, Region)
    return where


def format_query(query: Query) -> str:
    """The percent-encoded query string that asks for the same."""
    pairs = _where_pairs(query.where)
    if query.entry is not None:
        is_utc = query.entry.tzinfo is not None
        pairs["entry_time"] = query.entry.strftime("%Y-%m-%dT%H:%M") + ("Z" if is_utc else "")
    if query.durations_min != DEFAULT.durations_min:
        pairs["duration"] = "|".join(map(str, query.durations_min))
    if query.fields != DEFAULT.fields:
        pairs["outputfields"] = ",".join(_field_names(query.fields))
    if query.restrictions:
        pairs["restrictions"] = ",".join(str(int(each)) for each in sorted(query.restrictions))
    if query.permits:
        pairs["permits"] = ",".join(sorted(query.permits))
    if query.by_distance:
        pairs["sort"] = "distance"
    for name in ("limit", "offset", "locale"):
        if getattr(query, name) != getattr(DEFAULT, name):
            pairs[name] = str(getattr(query, name))
    return urlencode(pairs, safe=",:", quote_via=quote)


def read_names(pairs: Sequence[tuple[str, str]], known: Collection[str] = PARAMETERS.keys()) -> dict[str, str]:
    """The parameters of a resource by their names; raises ParameterError for others, and for one that comes twice."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known and name not in ACCEPTED and name not in TOKENS:
            raise ParameterError(name[:100], f"unknown parameter {name[:100]!r}{nearest(name, tuple(known))}")
        if name in given:
            raise ParameterError(name, f"{name!r} is given twice")
        if "\N{REPLACEMENT CHARACTER}" in value:
            raise ParameterError(name, f"{name!r} must be UTF-8, percent-encoded, not {quoted(value)}")
        given[name] = value
    return given


def read_given(given: Mapping[str, V], name: str, read: Callable[[V], T], default: T) -> T:
    """The value of a parameter or field, with its name put to whatever is wrong with it; None is as good as nothing."""
    if given.get(name) is None:
        return default
    try:
        return read(given[name])
    except ValueError as error:
        raise ParameterError(name, f"{name!r} must be {error}, not {quoted(given[name])}") from None


def _where(given: Mapping[str, str], places: Sequence[str] = ("id", "alias", "box", "point")) -> Where:
    named = [name for name in places if name in given]
    if "radius" in given and not named:
        raise ParameterError("point", "'radius' needs a 'point', lat|lon")
    if len(named) != 1:
        what = " and ".join(repr(name) for name in named) + " exclude each other" if named else "no place is given"
        known = ", ".join(map(repr, places[:-1]))
        use = f"{'one of ' if len(places) > 2 else ''}{known}, or 'point' with 'radius'"
        raise ParameterError(named[1] if named else places[0], f"{what}; use {use}")
    if "radius" in given and named != ["point"]:
        raise ParameterError("radius", f"'radius' goes with 'point', not with {named[0]!r}")
    if named == ["point"] and "radius" not in given:
        raise ParameterError("radius", "'point' needs a 'radius' in metres")
    if named == ["point"]:
        return Circle(read_given(given, "point", read_point, LonLat(0, 0)), read_given(given, "radius", _radius, 0.0))
    readers: dict[str, Callable[[str], Where]] = {"id": _ids, "alias": _alias, "box": _box}
    nowhere: Where = ByIds(())
    return read_given(given, named[0], readers[named[0]], nowhere)


def _where_pairs(where: Where) -> dict[str, str]:
    if isinstance(where, ByIds):
        return {"id": "|".join(where.block_ids)}
    if isinstance(where, ByAlias):
        return {"alias": f"{where.source}|{where.source_id}"}
    if isinstance(where, Circle):
        return {"point": _pair(where.centre), "radius": _decimal(where.radius_m)}
    corners = LonLat(where.west, where.north), LonLat(where.east, where.south)
    return {"box": ",".join(map(_pair, corners))}


def _ids(text: str) -> ByIds:
    ids = tuple(text.split("|"))
    if len(ids) > MAX_IDS or not all(0 < len(block_id) <= MAX_ID_CHARS for block_id in ids):
        raise ValueError(f"1 to {MAX_IDS} block ids separated by '|', each of at most {MAX_ID_CHARS} characters")
    return ByIds(ids)


def _alias(text: str) -> ByAlias:
    source, bar, source_id = text.partition("|")
    if not (source and bar and source_id) or len(text) > MAX_ID_CHARS:
        raise ValueError(f"a data source and its block id, source|id, at most {MAX_ID_CHARS} characters")
    return ByAlias(source, source_id)


def _box(text: str) -> GeoBox:
    corners = text.split(",")
    if len(corners) != 2:
        raise ValueError("two corners, north-west then south-east: lat|lon,lat|lon")
    north_west, south_east = map(read_point, corners)
    if north_west.lat < south_east.lat:
        raise ValueError("the north-west corner first, then the south-east: lat|lon,lat|lon")
    return GeoBox(north_west.lon, south_east.lat, south_east.lon, north_west.lat)


def read_point(text: str) -> LonLat:
    """A point as lat|lon; raises ValueError saying what is accepted."""
    if not _POINT.fullmatch(text):
        raise ValueError("degrees as lat|lon, such as 34.0194|-118.4879")
    lat, lon = map(float, text.split("|"))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("degrees as lat|lon with lat from -90 to 90 and lon from -180 to 180")
    return LonLat(lon, lat)


def _radius(text: str) -> float:
    if not _NUMBER.fullmatch(text) or not 0 < float(text) <= MAX_RADIUS_M:
        raise ValueError(f"metres above 0, at most {MAX_RADIUS_M}")
    return float(text)


# Many ask about the same minutes.
@lru_cache(maxsize=16_384)
def read_entry(text: str) -> datetime:
    """An entry time, naive unless it says Z; raises ValueError saying what is accepted."""
    match = _ENTRY.fullmatch(text)
    if not match:
        raise ValueError(_ENTRY_WANTED)
    try:
        # Seconds are allowed and dropped: stays begin on the minute.
        entry = datetime.fromisoformat(match[1]).replace(tzinfo=UTC if match[2] else None)
    except ValueError:
        raise ValueError(_ENTRY_WANTED) from None
    if entry.year not in YEARS:
        raise ValueError(_ENTRY_WANTED)
    return entry


# A client asks for the same ones again and again.
@lru_cache
def _durations(text: str) -> tuple[int, ...]:
    parts = text.split("|")
    if len(parts) > MAX_DURATIONS:
        raise ValueError(f"at most {MAX_DURATIONS} durations separated by '|'")
    try:
        return tuple(read_whole(part, 1, MAX_DURATION_MIN) for part in parts)
    except ValueError:
        raise ValueError(f"whole minutes from 1 to {MAX_DURATION_MIN}, several separated by '|'") from None


def read_whole(text: str, least: int, most: int) -> int:
    """A whole number between two others; raises ValueError saying what is accepted."""
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise ValueError(f"a whole number from {least} to {most}")
    return int(text)


def read_permits(text: str) -> frozenset[str]:
    """Names of permits separated by commas; raises ValueError saying what is accepted."""
    names = [name.strip().lower() for name in text.split(",")]
    if len(names) > MAX_PERMITS or not all(map(_PERMIT.fullmatch, names)):
        raise ValueError(f"at most {MAX_PERMITS} names of permits separated by ',', such as residential,zone a")
    return frozenset(User(name).key for name in names)


def _restrictions(text: str) -> frozenset[Amenity]:
    wanted = ", ".join(f"{int(each)} {each.label}" for each in Amenity)
    try:
        return frozenset(Amenity(read_whole(part, 1, len(Amenity))) for part in text.split(","))
    except ValueError:
        raise ValueError(f"ids separated by ',' out of {wanted}") from None


def _sort(text: str) -> bool:
    if text != "distance":
        raise ValueError("'distance'")
    return True


def read_locale(text: str) -> str:
    """The nearest of our locales; raises ValueError saying which there are."""
    if not _LOCALE.fullmatch(text):
        raise ValueError("a locale such as en-US")
    # Babel comes with it, and most questions name no locale.
    from ratecards import locales

    try:
        return locales.nearest(text)
    except ValueError:
        raise ValueError(f"one of {', '.join(locales.LOCALES)}, or near to one of them such as de-AT") from None


def _fields(text: str) -> Fields:
    """Block fields by bare name, segment fields by bare name where blocks have none, or as segments.name (S7.3a)."""
    block, segment = {"blockID"}, {"segmentID"}
    for name in map(str.strip, text.split(",")):
        if name == "all":
            block.update(BLOCK_FIELDS)
            segment.update(SEGMENT_FIELDS)
        elif name == "segments":
            block.add(name)
            segment.update(SEGMENT_FIELDS)
        elif name in BLOCK_FIELDS:
            block.add(name)
        elif name.removeprefix("segments.") in NAMED_FIELDS:
            block.add("segments")
            segment.add(name.removeprefix("segments."))
        else:
            known = tuple(dict.fromkeys(("all", *BLOCK_FIELDS, *NAMED_FIELDS)))
            raise ValueError(f"names of fields separated by ','; {quoted(name)} is none{nearest(name, known)}")
    return Fields(
        tuple(name for name in BLOCK_FIELDS if name in block),
        tuple(name for name in NAMED_FIELDS if name in segment),
    )


# Which field of a query each parameter besides the place states, and how it is read.
_STATED: dict[str, tuple[str, Callable[[str], object]]] = {
    "outputfields": ("fields", _fields),
    "entry_time": ("entry", read_entry),
    "duration": ("durations_min", _durations),
    "permits": ("permits", read_permits),
    "restrictions": ("restrictions", _restrictions),
    "sort": ("by_distance", _sort),
    "limit": ("limit", lambda text: read_whole(text, 1, MAX_LIMIT)),
    "offset": ("offset", lambda text: read_whole(text, 0, MAX_OFFSET)),
    "locale": ("locale", read_locale),
}


def _field_names(fields: Fields) -> list[str]:
    names = [name for name in fields.block if name != "segments"]
    return names + [f"segments.{name}" for name in fields.segment] if "segments" in fields.block else names


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint at the known name that was meant, or at all of them."""
    by_folded = {each.lower(): each for each in known}
    near = get_close_matches(name[:100].lower(), by_folded, n=1)
    return f" (did you mean {by_folded[near[0]]!r}?)" if near else f"; known are {', '.join(known)}"


def _pair(point: LonLat) -> str:
    return f"{_decimal(point.lat)}|{_decimal(point.lon)}"


def _decimal(value: float) -> str:
    """The shortest plain decimal that reads back the same; never an exponent."""
    return str(np.format_float_positional(value, trim="-"))


def quoted(value: object) -> str:
    """A value as an error shows it, at most 60 characters."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
