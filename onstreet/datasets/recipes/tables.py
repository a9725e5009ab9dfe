"""A recipe's tables -> frames: every value a text, the place of each row on WGS 84, only the rows that count."""

import csv
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import geopandas
import numpy as np
import pandas
import pyogrio
import shapely
from pyproj.exceptions import CRSError

from onstreet.datasets.findings import Finding
from onstreet.datasets.recipes.recipe import Table
from onstreet.datasets.source import SourceError

WGS_84 = "EPSG:4326"
# Row numbers as a reader of the file counts them, the first row being 1.
ROW = "__row__"
# Lines over the antimeridian may go on past it.
_MOST_LON = 360
_PAIR = re.compile(r"\(?\s*(-?[0-9.]+)\s*[,;\s]\s*(-?[0-9.]+)\s*\)?")


def read_table(table: Table, on: date, findings: list[Finding]) -> geopandas.GeoDataFrame:
    """The rows that count on a date, in the order of the file, those of a join side by side.

    Columns keep their names without blanks around them, and ROW has the number of each row. Rows that a filter or a
    date leaves out are none of anybody's business; those whose date nobody can read are findings. Raises SourceError
    for a file or a column that is not there.
    """
    frame = _read(table, findings)
    if table.join:
        other = pandas.DataFrame(read_table(table.join, on, findings)).drop(columns=["geometry", ROW])
        ours, theirs = table.join_on
        need(frame, table, [ours])
        need(other, table.join, [theirs])
        # Rows without a key have none in common.
        other = other[other[theirs] != ""]
        frame = frame.merge(other, left_on=ours, right_on=theirs, how="left", suffixes=("", " joined"))
        frame[other.columns.intersection(frame.columns)] = frame[other.columns.intersection(frame.columns)].fillna("")
    frame = frame[_chosen(frame, table)]
    return frame[_in_effect(frame, table, on, findings)].reset_index(drop=True)


def _read(table: Table, findings: list[Finding]) -> geopandas.GeoDataFrame:
    try:
        frame = _frame(table, findings)
    except SourceError:
        raise
    except UnicodeDecodeError as error:
        raise SourceError(f"{table.path}: {error}: state 'encoding' in the recipe") from None
    except (OSError, ValueError, LookupError, csv.Error, CRSError, pyogrio.errors.DataSourceError) as error:
        raise SourceError(f"{table.path}: {' '.join(str(error).split())}") from None
    if not len(frame):
        raise SourceError(f"{table.path}: it has no rows")
    frame.columns = told_apart(str(name).strip() for name in frame.columns)
    if table.empty:
        frame = frame.replace(list(table.empty), "")
    if ROW not in frame.columns:
        frame[ROW] = np.arange(1, len(frame) + 1)
    return _on_earth(frame, table, findings)


def _on_earth(frame: geopandas.GeoDataFrame, table: Table, findings: list[Finding]) -> geopandas.GeoDataFrame:
    """The rows, without the geometries that are no longitudes and latitudes; raises SourceError if none of them is."""
    shapes = frame.geometry.to_numpy()
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    is_nan = np.isnan(points).any(axis=1)
    is_far = (np.abs(points) > [_MOST_LON, 90]).any(axis=1)
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    # A point of a table without coordinates is NaN: that it has none is said where it is placed.
    is_off = np.isin(np.arange(len(frame)), owner[is_far | (is_nan & ~is_point[owner])])
    if not is_off.any():
        return frame
    if is_far[~is_nan].all():
        first = ", ".join(f"{each:.9g}" for each in points[is_far][0])
        raise SourceError(f"{table.path}: {first} is no longitude and latitude: state 'crs' in the recipe")
    for row, shape in frame.loc[is_off, [ROW, "geometry"]].itertuples(index=False):
        finding = Finding(
            table.label, int(row), "geometry", str(shape)[:80], "no longitudes and latitudes: it is nowhere"
        )
        findings.append(finding)
    return frame.set_geometry(np.where(is_off, None, shapes), crs=WGS_84)


def told_apart(names: Iterable[str]) -> list[str]:
    """Names with a number behind those that came before."""
    times: Counter[str] = Counter()
    different = []
    for name in names:
        times[name] += 1
        different.append(name if times[name] == 1 else f"{name} ({times[name]})")
    return different


def _frame(table: Table, findings: list[Finding]) -> geopandas.GeoDataFrame:
    suffix = table.path.suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        return _from_text(table, findings)
    if suffix in (".parquet", ".geoparquet"):
        frame = geopandas.read_parquet(table.path)
    else:
        # What the reader warns of is looked at here: coordinates, ids.
        with warnings.catch_warnings(action="ignore"):
            frame = geopandas.read_file(table.path, encoding=None if table.encoding == "utf-8-sig" else table.encoding)
    if table.crs:
        frame = frame.set_crs(table.crs, allow_override=True)
    if frame.crs is None:
        raise ValueError("the file does not say its coordinate system: state 'crs' in the recipe")
    frame = geopandas.GeoDataFrame(frame.to_crs(WGS_84))
    frame = frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=WGS_84)
    frame = frame.rename_geometry("geometry") if frame.geometry.name != "geometry" else frame
    for name in frame.columns.drop("geometry"):
        frame[name] = _texts(frame[name])
    return frame


def _from_text(table: Table, findings: list[Finding]) -> geopandas.GeoDataFrame:
    rows = _split(table, findings)
    if table.located:
        need(rows, table, [table.located])
        pairs = rows[table.located].str.extract(_PAIR)
        lats, lons = (pandas.to_numeric(pairs[i], errors="coerce").to_numpy() for i in (0, 1))
    elif table.lon:
        need(rows, table, [table.lon, table.lat])
        lons, lats = (pandas.to_numeric(rows[name], errors="coerce").to_numpy() for name in (table.lon, table.lat))
    else:
        lons = lats = np.full(len(rows), np.nan)
    return geopandas.GeoDataFrame(rows, geometry=geopandas.points_from_xy(lons, lats), crs=table.crs or WGS_84).to_crs(
        WGS_84
    )


def _split(table: Table, findings: list[Finding]) -> pandas.DataFrame:
    """The rows of a text; those that do not have the fields of its header are findings and left out.

    Empty fields behind the last column are none; a row over several lines of the file is often a quote left open.
    """
    rows: list[list[str]] = []
    with table.path.open(encoding=table.encoding, newline="") as file:
        reader = csv.reader(file, delimiter=table.delimiter, skipinitialspace=True)
        names = [name.strip() for name in next(reader, [])]
        if not names:
            raise ValueError("no columns in its first line")
        number, line = 0, reader.line_num
        for fields in filter(None, reader):
            number, before, line = number + 1, line, reader.line_num
            if len(fields) < len(names) or any(fields[len(names) :]):
                reason = f"{len(fields)} fields, the header has {len(names)}: the row is left out"
                hint = f"lines {before + 1} to {line}: is a quote not closed?" if line > before + 1 else f"line {line}"
                shown = " ".join(table.delimiter.join(fields).split())[:80]
                findings.append(Finding(table.label, number, "", shown, reason, hint))
                continue
            rows.append([*map(str.strip, fields[: len(names)]), str(number)])
    frame = pandas.DataFrame(rows, columns=[*told_apart(names), ROW], dtype=str)
    frame[ROW] = frame[ROW].astype(np.int64)
    return frame


def _texts(column: "pandas.Series[Any]") -> "pandas.Series[str]":
    """Values as texts, whole numbers without a point, nothing as an empty text."""
    shown = column.map(lambda value: str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    return shown.where(column.notna(), "").str.strip()


def _chosen(frame: pandas.DataFrame, table: Table) -> "pandas.Series[bool]":
    return matching(frame, table.where, table)


def matching(frame: pandas.DataFrame, where: Mapping[str, Any], table: Table) -> "pandas.Series[bool]":
    """The rows whose columns have the texts asked for, or with `not` have none of them."""
    need(frame, table, where)
    chosen = pandas.Series(True, index=frame.index)
    for name, wanted in where.items():
        refused = isinstance(wanted, dict)
        texts = wanted["not"] if refused else wanted
        chosen &= frame[name].isin([texts] if isinstance(texts, str) else texts) ^ refused
    return chosen


def _in_effect(frame: pandas.DataFrame, table: Table, on: date, findings: list[Finding]) -> "pandas.Series[bool]":
    """The rows that hold on a date, the first and the last day included; an open end holds."""
    effective = pandas.Series(True, index=frame.index)
    for bound, name in ((bound, table.effective[bound]) for bound in ("from", "to") if table.effective):
        need(frame, table, [name])
        stated = frame[name] != ""
        days = _days(frame[name].where(stated, None), table)
        for row, value in frame.loc[stated & days.isna(), [ROW, name]].itertuples(index=False):
            hint = f"written as {table.effective['format']!r}"
            findings.append(Finding(table.label, int(row), name, value, "not a date: the row is left out", hint))
        limit = pandas.Timestamp(on)
        effective &= ~stated | (days <= limit if bound == "from" else days >= limit)
    return effective


def _days(texts: "pandas.Series[str]", table: Table) -> "pandas.Series[pandas.Timestamp]":
    try:
        return pandas.to_datetime(texts, format=table.effective["format"], errors="coerce")
    except ValueError as error:
        raise SourceError(f"{table.path}: 'effective': {error}") from None


def need(frame: pandas.DataFrame, table: Table, names: Iterable[str]) -> None:
    """Nothing; raises SourceError where the file lacks one of these columns."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        there = ", ".join(str(name) for name in frame.columns if name not in ("geometry", ROW))
        raise SourceError(f"{table.path}: no column {missing[0]!r}; there are {there}")
