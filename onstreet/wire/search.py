"""A search for streets: the question in an address, places as JSON."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from onstreet.gazetteer import MOST_PLACES, Gazetteer
from onstreet.geometry import LonLat
from onstreet.query import Store
from onstreet.wire.parameters import MAX_ID_CHARS, SEARCH
from onstreet.wire.query import ParameterError, read_given, read_names, read_point


class Search(NamedTuple):
    """The words asked for, and where they were."""

    words: str
    near: LonLat | None


def parse_search(pairs: Sequence[tuple[str, str]]) -> Search:
    """The search of decoded name-value pairs; raises ParameterError naming the parameter."""
    given = read_names(pairs, tuple(SEARCH))
    if not given.get("q", "").strip():
        raise ParameterError("q", "'q' is missing: words of a street's name, or the id of a block")
    return Search(read_given(given, "q", _words, ""), read_given(given, "near", read_point, None))


def places_json(store: Store, gazetteer: Gazetteer, asked: Search) -> list[dict[str, object]]:
    """The block of this id, then streets, nearest first; points as lat, lon and distances in whole metres."""
    own = gazetteer.of_rows(store.by_ids([asked.words]), asked.near)
    places = [*own, *gazetteer.find(asked.words, asked.near)][:MOST_PLACES]
    ids = store.ids(np.array([each.row for each in places], dtype=np.int64))
    return [
        {
            "blockID": block_id,
            "name": each.name,
            "address": each.address,
            "point": [round(each.middle.lat, 6), round(each.middle.lon, 6)],
            "distance": None if each.metres is None else round(each.metres),
            "blocks": each.blocks,
        }
        for block_id, each in zip(ids, places, strict=True)
    ]


def _words(text: str) -> str:
    if len(text) > MAX_ID_CHARS:
        raise ValueError(f"at most {MAX_ID_CHARS} characters")
    return text.strip()
