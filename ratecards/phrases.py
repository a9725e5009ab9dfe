"""The phrases of a locale: catalogues/<locale>.toml -> checked forms -> text with its placeholders filled.

A phrase is a text, or a table of forms by number: an exact number, a plural category, else `other`. For the phrases
of `nth` the categories are those of ordinals. A catalogue has every phrase, so none is ever said in another language.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import Formatter

from babel import Locale
from babel.numbers import format_decimal

from ratecards import words
from ratecards.model import Outcome, SpecialDay, TermKind

Forms = Mapping[str, str]

LENGTHS = {TermKind.EACH: "each", TermKind.ADDED: "added", TermKind.TIER: "duration", TermKind.FIRST: "first"}
_COUNTED = (*LENGTHS, TermKind.NTH_HOUR, TermKind.PERIOD_MAX)


def slug(name: str) -> str:
    """What a catalogue calls a user or reason: `Bus Stop` is bus_stop."""
    return name.lower().replace(" ", "_")


# Every phrase with the placeholders it must use, a/b meaning one of them; a catalogue has exactly these.
_PHRASES = {
    "line.scope": "head clauses", "line.says": "head outcome", "line.note": "text", "line.supersede": "",
    "line.resets_at": "time", "line.billed_by": "number",
    "list.clauses": "", "list.days": "", "list.days_last": "", "list.and": "", "list.and_last": "",
    "clock.hour": "", "clock.minute": "", "clock.time": "clock", "clock.window": "start end", "clock.hours": "windows",
    "days.range": "first last", "days.nth": "nth days", "days.except": "days exceptions",
    "nth.hour": "number", "nth.weekday": "number", "nth.sunday": "number", "nth.date": "number",
    "last.weekday": "", "last.sunday": "",
    "season.date": "day month", "season.months": "first last", "season.dates": "first last",
    "money.whole": "", "money.range": "low high",
    "limit.parking": "duration/singular", "limit.stay": "duration/singular", "limit.disc": "duration/singular",
    "limit.no_return": "duration", "term.period_max": "each/singular",
    "condition.in_after": "time", "condition.in_window": "hours", "condition.out_by": "time",
    "condition.validated": "",
    "week.priced": "price", "week.paid": "", "week.reserved": "", "week.unknown": "",
}  # fmt: skip
_PHRASES |= {f"{length}.{unit}": "number" for length in LENGTHS.values() for unit in ("hour", "minute")}
_PHRASES |= {f"outcome.{outcome.name.lower()}": "" for outcome in Outcome}
_PHRASES |= {f"term.{kind.name.lower()}": "" for kind in TermKind if kind not in _COUNTED}
_PHRASES |= {f"{section}.{day.name.lower()}": "" for section in ("special", "except") for day in SpecialDay}
_PHRASES |= {f"reason.{slug(reason)}": "" for reason in words.REASONS}
_PHRASES |= {f"{section}.{slug(user)}": "" for section in ("user", "only") for user in words.USERS}
_PHRASES |= {f"{section}.named{kind}": "name" for section in ("user", "only") for kind in ("", "_permit", "_label")}


def forms_of(catalogue: str) -> dict[str, Forms]:
    """The phrases of a catalogue by `section.name`; raises ValueError naming what is missing, unknown or malformed."""
    phrases: dict[str, Forms] = {
        f"{section}.{name}": {"other": forms} if isinstance(forms, str) else forms
        for section, names in tomllib.loads(catalogue).items()
        for name, forms in names.items()
    }
    wrong = phrases.keys() ^ _PHRASES.keys()
    wrong |= {key for key, forms in phrases.items() if key in _PHRASES and not _fits(forms, _PHRASES[key])}
    if wrong:
        raise ValueError(f"missing, unknown or malformed: {', '.join(sorted(wrong))}")
    return phrases


def _fits(forms: Forms, placeholders: str) -> bool:
    """Whether a phrase uses only these placeholders, and its general form one of each group."""
    used = {form: {name for _, name, _, _ in Formatter().parse(text) if name} for form, text in forms.items()}
    groups = [set(group.split("/")) for group in placeholders.split()]
    known = set().union(*groups)
    if "other" not in used or not all(names <= known for names in used.values()):
        return False
    return all(group & used["other"] for group in groups)


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of a catalogue by `section.name`, and the locale whose numbers choose among their forms."""

    locale: Locale
    forms: Mapping[str, Forms]

    def say(self, key: str, number: int | Decimal | None = None, form: str | None = None, **said: str) -> str:
        """A phrase with its placeholders filled, in the form that is named or fits the number."""
        forms = self.forms[key]
        if number is None:
            return forms["other"].format(**said)
        category = self.locale.ordinal_form if key.startswith("nth.") else self.locale.plural_form
        wanted = (form,) if form else (f"{number}", category(number))
        text = next((forms[each] for each in wanted if each in forms), forms["other"])
        return text.format(number=format_decimal(number, "0.#", self.locale), **said)

    def listed(self, kind: str, items: Sequence[str]) -> str:
        """`Mo-Di, Do und Sa`: a list of days, or of other things (`and`)."""
        *front, last = items
        return self.say(f"list.{kind}").join(front) + self.say(f"list.{kind}_last") + last if front else last
