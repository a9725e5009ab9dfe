"""Every knob of the service, read from the environment in one place."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onstreet.stores.database import Database, is_address


class SettingsError(ValueError):
    """A setting that cannot be used: its name, what it must be, what it is."""


@dataclass(frozen=True, slots=True)
class Settings:
    """ONSTREET_HOST, ONSTREET_PORT, ONSTREET_WORKERS (processes), ONSTREET_DATA (folders joined like PATH; a URL)."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    data: tuple[Path, ...] | Database = (Path("data"),)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of an environment; raises SettingsError."""
    default = Settings()
    data = environment.get("ONSTREET_DATA")
    return Settings(
        host=environment.get("ONSTREET_HOST", default.host),
        port=_whole(environment, "ONSTREET_PORT", default.port, 1, 65_535),
        workers=_whole(environment, "ONSTREET_WORKERS", default.workers, 1, 256),
        data=_data(data) if data else default.data,
    )


def _data(text: str) -> tuple[Path, ...] | Database:
    return Database(text) if is_address(text) else tuple(Path(each) for each in text.split(os.pathsep))


def _whole(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)
