"""Words for what is wrong or lenient: lark's complaint -> RateCardError, text against canonical text -> notices."""

import re
from difflib import SequenceMatcher, get_close_matches
from itertools import accumulate

from lark.exceptions import UnexpectedInput

from ratecards import words
from ratecards.errors import Notice, RateCardError

# What an error calls a terminal, in the order of mention.
_SPOKEN = {
    "NO_PARKING": "No Parking", "FREE": "Free", "SEE_METER": "See Meter", "MONEY": "a price ($1.50)",
    "DAY": "a day (Mon)", "SPECIAL": "Holidays", "CLOCK12": "a time (9am, 09:00)", "_EACH": "Each",
    "NUMBER": "a number", "_HOUR": "Hour", "_MIN": "Min", "_MAX": "Max", "_PARKING": "Parking", "_ADDL": "Add'l",
    "MONTH": "a month (Jan)", "ORDINAL": "an ordinal (2nd)", "LAST": "Last", "_EVERY": "Every", "_EXCEPT": "Except",
    "REASON": "a reason (Street Cleaning)", "USER": "a user (Residential Permit)", "ONLY": "Only", "_COLON": "':'",
    "_SEMICOLON": "';'", "LPAR": "'('", "RPAR": "')'", "_BAR": "'|'", "_AMP": "'&'", "_DASH": "'-'",
    "$END": "the end of the line",
}  # fmt: skip

_LONG_DAYS = dict(zip("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(), words.WEEKDAYS, strict=True))
_VOCABULARY = {
    name: name
    for name in (
        *words.WEEKDAYS, *words.MONTHS, *words.REASONS.values(), *words.USERS.values(), "Free", "Each", "Hour", "Hours",
        "Min", "Max", "Parking", "Disc", "Every", "Last", "Only", "Except", "Holidays", "School Days", "Event Days",
        "No Parking", "See Meter", "No Return", "Daily Max", "Monthly", "Plus", "Evening", "Early Bird", "First",
        "Out By", "In After", "With Validation", "Billed By", "Rates Reset At", "Note",
    )
} | _LONG_DAYS  # fmt: skip

_PHRASE = re.compile(r"[^();:|,&-]*")
_WORD = re.compile(r"(?:[^\s();:|,&-]|,\d)*")
_TIME_LIKE = re.compile(r"\d+(:\d*)?([ap]\.?m\.?)?", re.IGNORECASE)


def explained(text: str, fault: UnexpectedInput) -> RateCardError:
    """Turn lark's complaint into one that a person can act on."""
    token = getattr(fault, "token", None)
    start = len(text) if token is not None and token.type == "$END" else int(fault.pos_in_stream or 0)
    wanted: set[str] = fault.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    found, near = _found(text[start:])
    spoken = tuple(spoken for name, spoken in _SPOKEN.items() if name in wanted)
    return RateCardError(text, (start, start + len(found)), spoken, near or _hint(found, wanted))


def notices_of(text: str, canonical: str) -> tuple[Notice, ...]:
    """What of a text differs from the canonical text of the line it was read as, word by word (S2.3)."""
    if text == canonical:
        return ()
    theirs, ours = _words(text), _words(canonical)
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


def nearest_user(name: str) -> str:
    """The user of the closed list that a named permit is a misspelling of, or nothing."""
    near = get_close_matches(name.lower(), words.USERS, n=1, cutoff=0.88)
    return words.USERS[near[0]] if near and name not in words.USERS.values() else ""


def _found(rest: str) -> tuple[str, str]:
    """What stands at the fault, a phrase where a phrase of the language is near it, else a word; and the hint."""
    phrases = [match[0].rstrip() for pattern in (_PHRASE, _WORD) if (match := pattern.match(rest))]
    for phrase in phrases:
        if near := _nearest(phrase):
            return phrase, f"did you mean {near}?" if near != phrase else ""
    return phrases[-1] or rest[:1], ""


def _hint(found: str, wanted: set[str]) -> str:
    if "CLOCK12" in wanted and _TIME_LIKE.fullmatch(found):
        return "times are 1am to 12pm, or 00:00 to 23:59"
    if "MONEY" in wanted and re.search(r"\d,\d", found):
        return "write decimals with a point and thousands without a mark"
    return ""


def _nearest(phrase: str) -> str:
    """The nearest word or phrase of the language, where one is near; days by any spelling."""
    near = get_close_matches(phrase.title(), _VOCABULARY, n=1, cutoff=0.74)
    return _VOCABULARY[near[0]] if near else ""


def _words(text: str) -> list[str]:
    """Words, numbers, blank runs and signs, in order."""
    return re.findall(r"[A-Za-z']+|[0-9.]+|\s+|.", text)
