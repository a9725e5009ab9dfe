"""City dialects: what a city writes on its signs and in its meter tables -> the lines of a rate card.

Each dialect is one module beside this one: a Lark grammar (`name.lark`), the transformer that turns its tree into
lines, and the table of texts that state no rule. `translate` is the same for all of them.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module

from onstreet.datasets.dialects.dialect import Dialect, NoRuleError, Paid
from ratecards import Card, RateCardError

__all__ = ["DIALECTS", "NoRuleError", "Paid", "RateCardError", "dialect", "translate"]

# The module of each dialect, by the name recipes call it.
DIALECTS: Mapping[str, str] = {
    "boston": "Pay policies of Boston's parking meters",
    "ladot": "Policies of Los Angeles' parking meters",
    "melbourne": "Sign plates of Melbourne's parking bays",
    "nyc": "Texts of New York City's parking signs",
    "osm": "OpenStreetMap's tags of street parking",
    "san_diego": "Configurations of San Diego's parking meters",
    "santa_monica": "Configurations of Santa Monica's parking meters",
}


@lru_cache(maxsize=len(DIALECTS))
def dialect(name: str) -> Dialect:
    """The dialect of that name; raises KeyError for one that is not in DIALECTS."""
    if name not in DIALECTS:
        raise KeyError(name)
    found: Dialect = import_module(f"{__name__}.{name}").DIALECT
    return found


def translate(name: str, text: str, paid: Paid | None = None) -> Card:
    """The card a text of a dialect means; `paid` is the price where the text names none.

    Raises NoRuleError for a text that states no rule, RateCardError with the part that is not understood.
    """
    return dialect(name).translate(text, paid)
