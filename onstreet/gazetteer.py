"""The names of streets, and the blocks that some words mean: every word begins one of the name or of the address."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from onstreet.geometry import Floats, LonLat, degree_m, length_m, line_of
from onstreet.index import Rows
from onstreet.query import Store

MOST_PLACES = 10
# Blocks whose names are read at a time.
_BATCH = 50_000
# No prefix of a word begins with this.
_LAST = "\U0010ffff"


class Place(NamedTuple):
    """A block that was meant, how many blocks its street has, and metres from where the question was asked."""

    row: int
    name: str
    address: str
    middle: LonLat
    blocks: int
    metres: float | None


class Gazetteer:
    """The words in the names and addresses of all blocks of a store."""

    def __init__(self, store: Store) -> None:
        self._rows, self._middles = store.middles()
        texts: dict[str, int] = {}
        pairs = (
            (texts.setdefault(name, len(texts)), texts.setdefault(address, len(texts)))
            for first in range(0, len(self._rows), _BATCH)
            for name, address in store.names(self._rows[first : first + _BATCH])
        )
        self._names = np.array(list(pairs), dtype=np.int32).reshape(-1, 2)
        self._texts = list(texts)
        words: dict[str, list[int]] = {}
        for text, number in texts.items():
            for word in set(words_of(text)):
                words.setdefault(word, []).append(number)
        self._words = sorted(words)
        self._texts_of = [words[word] for word in self._words]

    def find(self, asked: str, near: LonLat | None = None) -> list[Place]:
        """At most MOST_PLACES streets with all the words asked for, those near a point first, else as they come.

        Words may be cut short; case and accents do not matter. A street with all of them in its name comes before a
        block that has some in its address.
        """
        words = list(words_of(asked))
        if not words:
            return []
        masks = np.array([self._has(word) for word in words])
        is_named = np.logical_and.reduce(masks)[self._names[:, 0]]
        found = np.flatnonzero(np.logical_and.reduce(masks[:, self._names].any(axis=2)))
        order = found[np.lexsort((self._rank(found, near), ~is_named[found]))]
        return [self._place(each, near) for each in self._first_of_each(order, is_named)]

    def of_rows(self, rows: Rows, near: LonLat | None = None) -> list[Place]:
        """The same of some rows, rising or not."""
        return [self._place(int(each), near) for each in np.searchsorted(self._rows, rows)]

    def _has(self, prefix: str) -> NDArray[np.bool_]:
        """Which texts have a word that begins so."""
        has = np.zeros(len(self._texts), dtype=np.bool_)
        for texts in self._texts_of[bisect_left(self._words, prefix) : bisect_left(self._words, prefix + _LAST)]:
            has[texts] = True
        return has

    def _rank(self, blocks: NDArray[np.int64], near: LonLat | None) -> Floats:
        """What rises with the distance of blocks from a point, near it; without one their order in the data."""
        if near is None:
            return blocks.astype(np.float64)
        away = self._middles[blocks] - np.array(near)
        away[:, 0] -= 360 * np.round(away[:, 0] / 360)
        return np.asarray(np.square(away) @ np.square(degree_m(near.lat)))

    def _first_of_each(self, blocks: Rows, is_named: NDArray[np.bool_]) -> Iterable[int]:
        """The first block of each street that is meant by its name, and of each name and address otherwise."""
        seen: set[tuple[int, int]] = set()
        for block in blocks.tolist():
            name, address = self._names[block].tolist()
            key = (name, -1 if is_named[block] else address)
            if key not in seen:
                seen.add(key)
                yield block
            if len(seen) == MOST_PLACES:
                return

    def _place(self, block: int, near: LonLat | None) -> Place:
        name, address = self._names[block].tolist()
        middle = LonLat(*self._middles[block].tolist())
        return Place(
            int(self._rows[block]),
            self._texts[name],
            self._texts[address],
            middle,
            int((self._names[:, 0] == name).sum()),
            None if near is None else length_m(line_of([near, middle])),
        )


def words_of(text: str) -> Sequence[str]:
    """The words of a text without accents, in lower case."""
    if text.isascii():
        return re.findall(r"\w+", text.lower())
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return re.findall(r"\w+", plain)
