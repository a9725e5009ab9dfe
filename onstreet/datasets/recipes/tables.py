"""A recipe's tables -> frames: every value a text, the place of each row on WGS 84, only the rows that count."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import geopandas
import numpy as np
import pandas
import pyogrio
import shapely

from onstreet.datasets.findings import Finding
from onstreet.datasets.recipes.recipe import Table
from onstreet.datasets.source import SourceError

WGS_84 = "EPSG:4326"
# Row numbers as a reader of the file counts them, the first row being 1.
ROW = "__row__"
_PAIR = re.compile(r"\(?\s*(-?[0-9.]+)\s*[,;\s]\s*(-?[0-9.]+)\s*\)?")


def read_table(table: Table, on: date, findings: list[Finding]) -> geopandas.GeoDataFrame:
    """The rows that count on a date, in the order of the file, those of a join side by side.

    Columns keep their names without blanks around them, and ROW has the number of each row. Rows that a filter or a
    date leaves out are none of anybody's business; those whose date nobody can read are findings. Raises SourceError
    for a file or a column that is not there.
    """
    frame = _read(table)
    if table.join:
        other = pandas.DataFrame(read_table(table.join, on, findings)).drop(columns=["geometry", ROW])
        ours, theirs = table.join_on
        _need(frame, table, [ours])
        _need(other, table.join, [theirs])
        frame = frame.merge(other, left_on=ours, right_on=theirs, how="left", suffixes=("", " joined"))
        frame[other.columns.intersection(frame.columns)] = frame[other.columns.intersection(frame.columns)].fillna("")
    frame = frame[_chosen(frame, table)]
    return frame[_in_effect(frame, table, on, findings)].reset_index(drop=True)


def _read(table: Table) -> geopandas.GeoDataFrame:
    try:
        frame = _frame(table)
    except (OSError, ValueError, LookupError, pyogrio.errors.DataSourceError) as error:
        raise SourceError(f"{table.path}: {error}") from None
    frame.columns = [str(name).strip() for name in frame.columns]
    if table.empty:
        frame = frame.replace(list(table.empty), "")
    frame[ROW] = np.arange(1, len(frame) + 1)
    return frame


def _frame(table: Table) -> geopandas.GeoDataFrame:
    suffix = table.path.suffix.lower()
    if suffix in (".csv", ".tsv", ".txt"):
        return _from_text(table)
    if suffix in (".parquet", ".geoparquet"):
        frame = geopandas.read_parquet(table.path)
    else:
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


def _from_text(table: Table) -> geopandas.GeoDataFrame:
    rows = pandas.read_csv(
        table.path,
        dtype=str,
        encoding=table.encoding,
        sep=table.delimiter,
        keep_default_na=False,
        skipinitialspace=True,
    )
    rows.columns = [name.strip() for name in rows.columns]
    rows = rows.apply(lambda column: column.str.strip())
    if table.located:
        _need(rows, table, [table.located])
        pairs = rows[table.located].str.extract(_PAIR)
        lats, lons = (pandas.to_numeric(pairs[i], errors="coerce").to_numpy() for i in (0, 1))
    elif table.lon:
        _need(rows, table, [table.lon, table.lat])
        lons, lats = (pandas.to_numeric(rows[name], errors="coerce").to_numpy() for name in (table.lon, table.lat))
    else:
        lons = lats = np.full(len(rows), np.nan)
    return geopandas.GeoDataFrame(rows, geometry=geopandas.points_from_xy(lons, lats), crs=table.crs or WGS_84).to_crs(
        WGS_84
    )


def _texts(column: "pandas.Series[Any]") -> "pandas.Series[str]":
    """Values as texts, whole numbers without a point, nothing as an empty text."""
    shown = column.map(lambda value: str(int(value)) if isinstance(value, float) and value.is_integer() else str(value))
    return shown.where(column.notna(), "").str.strip()


def _chosen(frame: pandas.DataFrame, table: Table) -> "pandas.Series[bool]":
    return matching(frame, table.where, table)


def matching(frame: pandas.DataFrame, where: Mapping[str, Any], table: Table) -> "pandas.Series[bool]":
    """The rows whose columns have the texts asked for, or with `not` have none of them."""
    _need(frame, table, where)
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
        _need(frame, table, [name])
        stated = frame[name] != ""
        days = pandas.to_datetime(frame[name].where(stated, None), format=table.effective["format"], errors="coerce")
        for row, value in frame.loc[stated & days.isna(), [ROW, name]].itertuples(index=False):
            hint = f"written as {table.effective['format']!r}"
            findings.append(Finding(table.label, row, name, value, "not a date: the row is left out", hint))
        limit = pandas.Timestamp(on)
        effective &= ~stated | (days <= limit if bound == "from" else days >= limit)
    return effective


def _need(frame: pandas.DataFrame, table: Table, names: Iterable[str]) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        there = ", ".join(str(name) for name in frame.columns if name not in ("geometry", ROW))
        raise SourceError(f"{table.path}: no column {missing[0]!r}; there are {there}")
