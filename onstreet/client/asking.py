"""The client: a method a question, over one pool of connections."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Self, TypedDict, TypeVar, Unpack

import httpx

from onstreet.client.answers import Block, Filters, Json, Quote, block_of, filters_of, quote_of, read_json
from onstreet.client.credentials import Credentials, authentication
from onstreet.client.errors import AnswerError, ApiError
from onstreet.client.retries import answered
from onstreet.version import VERSION

# What one question may hold.
MOST_IDS = 250

LatLon = tuple[float, float]
T = TypeVar("T")


class Options(TypedDict, total=False):
    """What can be said of any question about blocks; a naive entry is wall-clock time at each block."""

    entry: datetime
    durations_min: Sequence[int]
    permits: Iterable[str]
    restrictions: Iterable[int]
    fields: Iterable[str]
    locale: str
    page_size: int


class Client:
    """Asks the service at a URL; close it, or use it in a `with`.

    A request that finds the service busy or away is sent again, `tries` times in all, when Retry-After says so.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None = None,
        *,
        timeout_s: float = 30.0,
        tries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        base = httpx.URL(url if url.endswith("/") else url + "/")
        if base.scheme not in ("http", "https") or not base.host:
            raise ValueError(f"the URL must be like https://parking.example, not {url!r}")
        self._base, self._tries, self._sleep, self._now = base, tries, sleep, now
        self._http = httpx.Client(
            auth=authentication(credentials, base, now),
            timeout=timeout_s,
            headers={"Accept": "application/json", "User-Agent": f"onstreet-client/{VERSION}"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def in_box(
        self, north_west: LatLon, south_east: LatLon, *, by_distance: bool = False, **options: Unpack[Options]
    ) -> Iterator[Block]:
        """The blocks in a box, given by two corners, latitude first; sorted from its centre if wanted."""
        box = f"{_point(north_west)},{_point(south_east)}"
        return self._blocks({"box": box} | _sorted(by_distance) | _pairs(options))

    def near(
        self, point: LatLon, radius_m: float, *, by_distance: bool = True, **options: Unpack[Options]
    ) -> Iterator[Block]:
        """The blocks around a point, latitude first, the nearest first unless that does not matter."""
        where = {"point": _point(point), "radius": _decimal(radius_m)}
        return self._blocks(where | _sorted(by_distance) | _pairs(options))

    def by_ids(self, ids: Iterable[str], **options: Unpack[Options]) -> Iterator[Block]:
        """The known ones among these ids, any number of them; raises ApiError where none is."""
        wanted = list(dict.fromkeys(ids))
        unknown: ApiError | None = None
        found = False
        for first in range(0, len(wanted), MOST_IDS):
            try:
                for block in self._blocks({"id": "|".join(wanted[first : first + MOST_IDS])} | _pairs(options)):
                    found = True
                    yield block
            except ApiError as error:
                if error.status != 404:
                    raise
                unknown = error
        if unknown and not found:
            raise unknown

    def by_alias(self, source: str, source_id: str, **options: Unpack[Options]) -> Iterator[Block]:
        """The block that a data source knows by its own id; raises ApiError where there is none."""
        return self._blocks({"alias": f"{source}|{source_id}"} | _pairs(options))

    def quote(
        self,
        rate_cards: Sequence[str],
        *,
        entry: datetime | None = None,
        durations_min: Sequence[int] = (60,),
        permits: Iterable[str] = (),
        **place: str,
    ) -> Quote:
        """What stays on any card cost; `place` is its zone, country, subdivision and currency, as far as known."""
        asked: Json = {"rateCards": list(rate_cards), "duration": list(durations_min), "permits": list(permits)}
        if entry is not None:
            asked["entry_time"] = _entry(entry)
        return _read(quote_of, self._answer("POST", self._base.join("quote"), asked | place))

    def filters_in_box(self, north_west: LatLon, south_east: LatLon) -> Filters:
        """What there is to filter by in a box, given by two corners, latitude first."""
        return self._filters({"box": f"{_point(north_west)},{_point(south_east)}"})

    def filters_near(self, point: LatLon, radius_m: float) -> Filters:
        """What there is to filter by around a point, latitude first."""
        return self._filters({"point": _point(point), "radius": _decimal(radius_m)})

    def version(self) -> str:
        """The version of the service."""
        return _read(lambda answer: str(answer["version"]), self._answer("GET", self._base.join("version")))

    def _filters(self, where: dict[str, str]) -> Filters:
        return _read(filters_of, self._answer("GET", self._base.join("filters").copy_merge_params(where)))

    def _blocks(self, pairs: dict[str, str]) -> Iterator[Block]:
        """The blocks of all pages, each page fetched when it is needed."""
        page: httpx.URL | None = self._base.join("blocks").copy_merge_params(pairs)
        while page is not None:
            response = self._answer("GET", page)
            yield from _read(lambda answer: [block_of(each) for each in answer["result"]], response)
            page = self._next(page, response)

    def _next(self, page: httpx.URL, response: httpx.Response) -> httpx.URL | None:
        """The next page that a Link header names; raises AnswerError for one elsewhere, which is not to see a token."""
        link = response.links.get("next", {}).get("url")
        if link is None:
            return None
        # A service behind a prefix does not know of it: what counts is the question.
        following = page.join(link)
        if (following.scheme, following.host, following.port) != (page.scheme, page.host, page.port):
            raise AnswerError(f"the next page is said to be at {following.host}, not at {page.host}")
        return page.copy_with(query=following.query)

    def _answer(self, method: str, url: httpx.URL, body: Json | None = None) -> httpx.Response:
        """An answer that is no error; raises ApiError, UnreachableError, AnswerError."""
        response = answered(lambda: self._http.request(method, url, json=body), self._tries, self._sleep, self._now)
        if response.is_success:
            return response
        error = _read(lambda answer: answer["error"], response)
        raise ApiError(response.status_code, error)


def _read(read: Callable[[Any], T], response: httpx.Response) -> T:
    try:
        return read(read_json(response.content))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerError(
            f"{response.url.path} answered {response.status_code} with something else: {error!r}"
        ) from None


def _pairs(options: Options) -> dict[str, str]:
    """The parameters of some options, in the published spelling."""
    written: dict[str, Callable[[Any], str]] = {
        "entry": _entry,
        "durations_min": lambda each: "|".join(map(str, each)),
        "permits": ",".join,
        "restrictions": lambda each: ",".join(map(str, each)),
        "fields": ",".join,
        "locale": str,
        "page_size": str,
    }
    names = {"entry": "entry_time", "durations_min": "duration", "fields": "outputfields", "page_size": "limit"}
    if unknown := options.keys() - written.keys():
        raise TypeError(f"unknown option {min(unknown)!r}; known are {', '.join(written)}")
    return {names.get(name, name): written[name](value) for name, value in options.items()}


def _entry(entry: datetime) -> str:
    if entry.tzinfo is None:
        return entry.strftime("%Y-%m-%dT%H:%M")
    return entry.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _sorted(by_distance: bool) -> dict[str, str]:
    return {"sort": "distance"} if by_distance else {}


def _point(point: LatLon) -> str:
    return "|".join(map(_decimal, point))


def _decimal(value: float) -> str:
    """Seven decimals, a centimetre, and never an exponent."""
    return f"{value:.7f}".rstrip("0").rstrip(".")
