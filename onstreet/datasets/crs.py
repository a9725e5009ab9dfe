"""Whether coordinates that a file states to be in some reference system are the degrees we take them for."""

from pyproj import CRS
from pyproj.exceptions import CRSError

_LONLAT = CRS("OGC:CRS84")


def why_not_lonlat(stated: object) -> str | None:
    """What is wrong with a name, code or PROJJSON as that of longitudes and latitudes on WGS 84, if anything is."""
    try:
        crs = CRS.from_user_input(stated)
    except CRSError:
        return f"nobody knows its coordinate reference system {stated}: longitudes and latitudes on WGS 84 are expected"
    if crs.equals(_LONLAT, ignore_axis_order=True):
        return None
    return f"its coordinates are in {crs.name}: longitudes and latitudes on WGS 84 are expected (EPSG:4326)"
