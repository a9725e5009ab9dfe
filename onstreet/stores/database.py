"""Where a database is, in words that never show its password, and what can be wrong with it.

Nothing here needs a driver: a service over snapshots loads none.
"""

from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

_SCHEMES = ("postgresql://", "postgres://")
_NEEDED = ("sqlalchemy", "geoalchemy2", "psycopg")


class DatabaseError(RuntimeError):
    """A database that cannot be used now: which one, and what is wrong with it."""


class ReplacedError(DatabaseError):
    """Rows that a store answered with are gone, because their data set was loaded anew: ask again from the start."""


@dataclass(frozen=True, slots=True)
class Database:
    """A PostgreSQL database by its URL, as libpq takes it; what is shown of it has no password."""

    url: str = field(repr=False)

    def __str__(self) -> str:
        """Scheme, user, host and name, or the scheme alone where the rest cannot be told apart."""
        scheme = self.url.partition(":")[0]
        try:
            parts = urlsplit(self.url)
            user, host = parts.username or "", parts.netloc.rpartition("@")[2]
        except ValueError:
            return f"{scheme}://..."
        # A password with a character that ends the host would be shown as a part of the path.
        if "@" in parts.path + parts.query + parts.fragment:
            return f"{scheme}://..."
        return f"{scheme}://{user}{'@' if user else ''}{host}{parts.path}"


def is_address(text: str) -> bool:
    """Whether a text is the URL of a database and no path."""
    return text.startswith(_SCHEMES)


def require_drivers() -> None:
    """Raise DatabaseError where what speaks to databases is not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise DatabaseError(f"{', '.join(missing)} not installed: pip install 'onstreet[postgis]' brings it")
