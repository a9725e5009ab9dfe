"""Every knob of the service, read from the environment in one place."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

from onstreet.access.plans import Plan, read_plans
from onstreet.stores.database import Database, is_address

T = TypeVar("T")


class SettingsError(ValueError):
    """A setting that cannot be used: its name, what it must be, what it is."""


class Knob(NamedTuple):
    """A setting's variable in the environment, its default as written there, its unit and what it sets."""

    variable: str
    default: str
    unit: str
    says: str
    read: Callable[[str], object]


class Setting(NamedTuple):
    """A knob, its text in some environment, and whether that states it or it is the default."""

    knob: Knob
    text: str
    stated: bool

    @property
    def shown(self) -> str:
        """The text without the password of a URL."""
        return str(Database(self.text)) if "://" in self.text else self.text


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def _data(text: str) -> tuple[Path, ...] | Database:
    return Database(text) if is_address(text) else tuple(Path(each) for each in text.split(os.pathsep))


def _origins(text: str) -> frozenset[str]:
    origins = frozenset(each.strip() for each in text.split(","))
    if origins != {"*"} and not all(map(re.compile(r"https?://[^/\s,*]+").fullmatch, origins)):
        raise ValueError("* or origins such as https://map.example, joined by commas")
    return origins


def _log(text: str) -> str | Path:
    if text in ("auto", "json", "off"):
        return text
    path = Path(text)
    if "/" not in text or path.is_dir() or not path.parent.is_dir():
        raise ValueError("auto, json, off or the path, with a slash, of a file in a folder that exists")
    return path


def _file(text: str) -> Path | None:
    return Path(text) if text else None


def _redis(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        is_one = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if text and not is_one:
        raise ValueError("a URL like redis://host:6379/0")
    if text and not (find_spec("throttled") and find_spec("redis")):
        raise ValueError("left out until throttled and redis are there (pip install 'onstreet[redis]')")
    return text or None


def _knob(variable: str, default: str, unit: str, says: str, read: Callable[[str], T]) -> T:
    return field(default=read(default), metadata={"knob": Knob(variable, default, unit, says, read)})


class Basemap(NamedTuple):
    """What the map draws below the kerbs: a style, or a template of raster tiles, and whom to credit for it."""

    url: str
    credit: str = ""


def _basemap(text: str) -> Basemap | None:
    if not text:
        return None
    url, _, credit = text.partition(" ")
    if not re.fullmatch(r"https?://[^\s\"'<>;,]+", url):
        raise ValueError(
            "the http(s) URL of a style or of tiles .../{z}/{x}/{y}.png, and behind a blank whom to credit"
        )
    return Basemap(url, credit.strip())


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is told: each field is a knob with its variable, default, unit and meaning."""

    host: str = _knob("ONSTREET_HOST", "127.0.0.1", "address", "where to listen", str)
    port: int = _knob("ONSTREET_PORT", "8000", "port", "where to listen", _whole(1, 65_535))
    workers: int = _knob("ONSTREET_WORKERS", "1", "processes", "how many answer", _whole(1, 256))
    data: tuple[Path, ...] | Database = _knob(
        "ONSTREET_DATA",
        "data",
        "folders, URL",
        "data sets joined like PATH, one folder of snapshots or one database",
        _data,
    )
    origins: frozenset[str] = _knob(
        "ONSTREET_ORIGINS",
        "*",
        "origins",
        "web pages that may ask from a browser, joined by commas; * for all",
        _origins,
    )
    log: str | Path = _knob(
        "ONSTREET_LOG", "auto", "json, off, file", "a JSON line per request; auto where stderr is no terminal", _log
    )
    keys: Path | None = _knob("ONSTREET_KEYS", "", "file", "keys; without it only this machine is answered", _file)
    token_life_s: int = _knob("ONSTREET_TOKENLIFE", "3600", "seconds", "how long a token holds", _whole(1, 86_400))
    plans: tuple[Plan, ...] = _knob(
        "ONSTREET_PLANS", "", "plans", "how often keys and addresses may ask, where not as usual", read_plans
    )
    redis: str | None = _knob("ONSTREET_REDIS", "", "URL", "what counts requests for all workers and machines", _redis)
    proxies: int = _knob("ONSTREET_PROXIES", "0", "hops", "how many proxies name who asks", _whole(0, 16))
    basemap: Basemap | None = _knob(
        "ONSTREET_BASEMAP",
        "",
        "URL, credit",
        "style or raster tiles below the kerbs of the map; none for none",
        _basemap,
    )


def list_settings(environment: Mapping[str, str] = os.environ) -> Iterator[Setting]:
    """Every knob with its text in an environment; one that is set to nothing is its default."""
    for each in fields(Settings):
        knob = cast(Knob, each.metadata["knob"])
        stated = environment.get(knob.variable)
        yield Setting(knob, stated or knob.default, bool(stated))


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an environment; raises SettingsError."""
    values = map(_read, list_settings(environment))
    return Settings(**dict(zip((each.name for each in fields(Settings)), values, strict=True)))  # type: ignore[arg-type]


def _read(setting: Setting) -> object:
    knob = setting.knob
    try:
        return knob.read(setting.text)
    except ValueError as error:
        raise SettingsError(f"{knob.variable} must be {error}, not {setting.shown!r}") from None
