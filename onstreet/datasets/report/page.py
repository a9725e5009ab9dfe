"""Facts -> one HTML page that needs nothing else: no network, no script, its pictures within."""

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from math import ceil

from jinja2 import Environment, StrictUndefined, Template

from onstreet.datasets.price_summary import Summary
from onstreet.datasets.report.classes import PriceClass
from onstreet.datasets.report.facts import Facts
from onstreet.version import VERSION
from ratecards.money import Money, symbol
from ratecards.words import WEEKDAYS

STATE_WORDS = {
    "free": "free", "paid": "paid", "limit": "longer than allowed", "reserved": "reserved for others",
    "closed": "no parking", "unknown": "price unknown",
}  # fmt: skip
_SHADES = 5


def html(facts: Facts) -> str:
    """The page, UTF-8."""
    text = _template().render(
        facts=facts, words=STATE_WORDS, days=WEEKDAYS, heat=[_heat(each) for each in facts.prices], version=VERSION
    )
    return "\n".join(line for line in text.splitlines() if line.strip()) + "\n"


def priced(classed: PriceClass, sign: str) -> str:
    """A class of prices in words: `$1`, `$1.50–$3`."""
    low, high = (str(Money(each, sign)) for each in classed)
    return low if low == high else f"{low}–{high}"


def length(metres: float) -> str:
    """`850 m`, `2 km`, `12.4 km`, `1,240 km`."""
    if metres < 1000:
        return f"{metres:,.0f} m"
    is_rough = metres >= 100_000 or metres % 1000 == 0
    return f"{metres / 1000:,.0f} km" if is_rough else f"{metres / 1000:,.1f} km"


def share(part: float) -> str:
    """`12.5%`; what is little is not nothing."""
    return "<0.1%" if 0 < part < 0.0005 else f"{part:.1%}"


class Heat:
    """The mean prices of a week as rows of a table, each hour with a shade from 0 (free) to 5 (the dearest)."""

    def __init__(self, summary: Summary) -> None:
        self.currency = symbol(summary.currency)
        self.shares = summary.shares
        means = summary.means
        most = max((mean for mean in means if mean is not None), default=0.0)
        self.rows = [[_hour(mean, most) for mean in means[24 * day : 24 * day + 24]] for day in range(7)]


def _heat(summary: Summary) -> Heat:
    return Heat(summary)


def _hour(mean: float | None, most: float) -> tuple[str, str]:
    """The shade of an hour, and its mean price in words."""
    if mean is None:
        return "none", "–"
    return str(ceil(_SHADES * mean / most) if most else 0), f"{mean:.2f}" if mean else "0"


@lru_cache(maxsize=1)
def _template() -> Template:
    folder = files("onstreet.datasets.report")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    named: dict[str, Callable[..., str]] = {"priced": priced, "metres": length, "share": share}
    environment.filters.update(named)
    environment.globals["style"] = folder.joinpath("page.css").read_text(encoding="utf-8")
    return environment.from_string(folder.joinpath("page.html.jinja").read_text(encoding="utf-8"))
