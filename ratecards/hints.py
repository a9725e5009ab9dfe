"""Words for what is wrong or lenient: lark's complaint -> RateCardError, text against canonical text -> notices."""

import re
from difflib import SequenceMatcher, get_close_matches
from itertools import accumulate
from typing import NamedTuple

from lark.exceptions import UnexpectedInput

from ratecards import words
from ratecards.errors import Notice, RateCardError

WORD_LIKENESS, PHRASE_LIKENESS = 0.66, 0.72

# What an error calls a terminal, in the order of mention.
_SPOKEN = {
    "NO_PARKING": "No Parking", "FREE": "Free", "SEE_METER": "See Meter", "MONEY": "a price ($1.50)",
    "DAY": "a day (Mon)", "SPECIAL": "Holidays", "CLOCK12": "a time (9am, 09:00)", "_EACH": "Each",
    "NUMBER": "a number", "_HOUR": "Hour", "_MIN": "Min", "_LEAST": "Min", "_MAX": "Max", "_PARKING": "Parking",
    "_ADDL": "Add'l",
    "MONTH": "a month (Jan)", "ORDINAL": "an ordinal (2nd)", "LAST": "Last", "_EVERY": "Every", "_EXCEPT": "Except",
    "REASON": "a reason (Street Cleaning)", "USER": "a user (Residential Permit)", "ONLY": "Only", "_COLON": "':'",
    "_SEMICOLON": "';'", "LPAR": "'('", "RPAR": "')'", "_BAR": "'|'", "_AMP": "'&'", "_DASH": "'-'",
    "$END": "the end of the line",
}  # fmt: skip

# Words a hint may propose, and the terminals that must be wanted where it does.
_TERMINALS = {
    **dict.fromkeys(words.WEEKDAYS, "DAY"), **dict.fromkeys(words.MONTHS, "MONTH"),
    **dict.fromkeys(words.REASONS.values(), "REASON"), **dict.fromkeys(words.USERS.values(), "USER"),
    **dict.fromkeys(["Holidays", "School Days", "Event Days"], "SPECIAL"), "Free": "FREE", "No Parking": "NO_PARKING",
    "See Meter": "SEE_METER", "No Return": "_NO_RETURN", "Each": "_EACH", "Add'l": "_ADDL", "Hour": "_HOUR",
    "Hours": "_HOUR", "Min": "_MIN", "Max": "_MAX", "Parking": "_PARKING", "Disc": "_DISC", "Every": "_EVERY",
    "Last": "LAST", "Only": "ONLY", "Except": "_EXCEPT", "Daily Max": "DAILY_MAX", "Monthly": "MONTHLY", "Plus": "PLUS",
    "Evening": "EVENING", "Early Bird": "EARLY_BIRD", "First": "_FIRST", "Out By": "_OUT_BY", "In After": "_IN_AFTER",
    "With Validation": "VALIDATED", "Billed By": "_BILLED_BY", "Rates Reset At": "_RESET_AT", "Note": "NOTE",
}  # fmt: skip
_LONG_NAMES = dict(zip(words.LONG_WEEKDAYS + words.LONG_MONTHS, words.WEEKDAYS + words.MONTHS, strict=True))
_VOCABULARY = {name: name for name in _TERMINALS} | _LONG_NAMES | {"Additional": "Add'l"}
# A hint must not turn a statement into its opposite.
_NEGATIONS = frozenset("no not non without except".split())

_PHRASE = re.compile(r"[^();:|,&-]*")
_WORD = re.compile(r"(?:[^\s();:|,&-]|[,:]\d)*")
_TIME_LIKE = re.compile(r"\d+(:\d*)?([ap]\.?m\.?)?", re.IGNORECASE)


def explained(text: str, fault: UnexpectedInput) -> RateCardError:
    """Turn lark's complaint into one that a person can act on."""
    token = getattr(fault, "token", None)
    start = len(text) if token is not None and token.type == "$END" else int(fault.pos_in_stream or 0)
    wanted: set[str] = fault.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    found, near = _found(text[start:], wanted)
    spoken = tuple(spoken for name, spoken in _SPOKEN.items() if name in wanted)
    return RateCardError(text, (start, start + len(found)), spoken, near or _hint(found, wanted))


def notices_of(text: str, canonical: str) -> tuple[Notice, ...]:
    """What of a text differs from the canonical text of the line it was read as, word by word (S2.3)."""
    if text == canonical:
        return ()
    theirs, ours = _words(text), _words(canonical)
    said, meant = _said(theirs), _said(ours)
    if said != meant and sorted(said) == sorted(meant):
        # The same words in another order: told word by word, it would read as losses and additions.
        return (Notice(text, (0, len(text)), canonical),)
    ends = list(accumulate(map(len, theirs), initial=0))
    changes: list[tuple[int, int, int, int]] = []
    for kind, i, j, k, m in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        if changes and all(word.isspace() or word in "-|&," for word in theirs[changes[-1][1] : i]):
            # Two changes in one list or range: one notice reads better.
            changes[-1] = (changes[-1][0], j, changes[-1][2], m)
        else:
            changes.append((i, j, k, m))
    return tuple(Notice(text, (ends[i], ends[j]), "".join(ours[k:m])) for i, j, k, m in changes)


def _said(words: list[str]) -> list[str]:
    return [word.lower() for word in words if word[0].isalnum()]


def nearest_user(name: str) -> str:
    """The user of the closed list that a named permit is a misspelling of, or nothing."""
    near = get_close_matches(name.lower(), words.USERS, n=1, cutoff=0.88)
    return words.USERS[near[0]] if near and name not in words.USERS.values() else ""


def _found(rest: str, wanted: set[str]) -> tuple[str, str]:
    """What stands at the fault, a phrase where the language has it or one near it, else a word; and the hint."""
    phrase, word = (match[0].rstrip() if (match := each.match(rest)) else "" for each in (_PHRASE, _WORD))
    if phrase.title() in _VOCABULARY:
        return phrase, ""
    of_phrase, of_word = (_nearest(each, wanted) for each in (phrase, word))
    if of_phrase.likeness > max(of_word.likeness, PHRASE_LIKENESS):
        return phrase, f"did you mean {of_phrase.word}?"
    return word or rest[:1], f"did you mean {of_word.word}?" if of_word.word else ""


def _hint(found: str, wanted: set[str]) -> str:
    if "CLOCK12" in wanted and _TIME_LIKE.fullmatch(found):
        return "times are 1am to 12pm, or 00:00 to 23:59"
    if "MONEY" in wanted and re.search(r"\d,\d", found):
        return "write decimals with a point and thousands without a mark"
    return ""


class _Near(NamedTuple):
    """A word of the language, and how like it a text is, from 0 to 1."""

    likeness: float
    word: str


def _nearest(phrase: str, wanted: set[str]) -> _Near:
    """The word or phrase nearest to a text of those that could stand there; days and months by any spelling."""
    fitting = [name for name, word in _VOCABULARY.items() if _TERMINALS[word] in wanted]
    near = get_close_matches(phrase.title(), fitting, n=1, cutoff=WORD_LIKENESS)
    if not near or _NEGATIONS & (set(phrase.lower().split()) - set(near[0].lower().split())):
        return _Near(0, "")
    return _Near(SequenceMatcher(None, near[0], phrase.title()).ratio(), _VOCABULARY[near[0]])


def _words(text: str) -> list[str]:
    """Words, numbers, blank runs and signs, in order."""
    return re.findall(r"[A-Za-z']+|[0-9.]+|\s+|.", text)
