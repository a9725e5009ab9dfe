"""GeoJSON geometries as data sets state them -> points."""

from onstreet.geometry import LonLat


def line_points(geojson: object) -> list[LonLat]:
    """The points of a LineString, altitudes left out; raises ValueError saying what is wrong with it."""
    if not (isinstance(geojson, dict) and geojson.get("type", "LineString") == "LineString"):
        raise ValueError("no LineString")
    return _points(geojson.get("coordinates"))


def outline_points(geojson: object) -> list[LonLat]:
    """The points of the outer ring of a Polygon; raises ValueError saying what is wrong with it."""
    if not (isinstance(geojson, dict) and geojson.get("type", "Polygon") == "Polygon"):
        raise ValueError("no Polygon")
    rings = geojson.get("coordinates")
    if not (isinstance(rings, list) and rings):
        raise ValueError("'coordinates' must be a list of rings")
    return _points(rings[0])


def point(lon: object, lat: object) -> LonLat:
    """A point of two numbers; raises ValueError where they are no degrees."""
    if not (_is_number(lon, 180) and _is_number(lat, 90)):
        raise ValueError(f"{lon}, {lat} is no lon, lat")
    return LonLat(float(lon), float(lat))  # type: ignore[arg-type]


def _points(stated: object) -> list[LonLat]:
    if not (isinstance(stated, list) and all(isinstance(each, list) and len(each) in (2, 3) for each in stated)):
        raise ValueError("'coordinates' must be a list of points")
    return [point(*each[:2]) for each in stated]


def _is_number(value: object, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
