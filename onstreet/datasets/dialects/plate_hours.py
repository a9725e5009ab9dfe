"""The hours of a plate whose times say am and pm, or one of them, or nothing: `7.30 - 8.30PM`, `9.30-3.00`.

Times follow the clock they are written in. Where a plate leaves two readings:

- Without am and pm, an end before a start of 6 to 9 o'clock is in the afternoon (`7.30-6.30`), and one at twelve is
  midday. Two times with colons from seven o'clock on are of a 24-hour clock (`7:30-9:30`).
- A start without a mark before an end in the afternoon is in the morning from seven o'clock on (`7.30 - 8.30PM`), else
  in the afternoon too (`3-4.30PM`).
- 23:59 is midnight.

Any other pair that could be of both halves of the day (`4:00-6:30`, `7.30-8.30`, `0.00 TO 11.59`) is refused, and so
are nights, since no plate says whose morning they end in.
"""

import re
from typing import NamedTuple

from ratecards.formatter import window
from ratecards.model import Window

HOUR = 60
NOON = 12 * HOUR
MIDNIGHT = 24 * HOUR
TIME = re.compile(r"(\d{1,2})[.:]?(\d\d)?\s*(AM|PM|MD)?", re.IGNORECASE)


class Moment(NamedTuple):
    """A time as it is written: minutes on the face of the clock, `am`, `pm` or nothing, and the text."""

    face: int
    half: str
    text: str

    @property
    def is_24_hour(self) -> bool:
        """Whether only a 24-hour clock shows it: `18:30`, `0.00`, `07.30`."""
        return not self.half and (self.face < HOUR or self.face >= NOON + HOUR or self.text[0] == "0")

    @property
    def of_day(self) -> int:
        """Minutes since midnight; a time without a half is read on the 24-hour clock."""
        return self.face % NOON + NOON * (self.half == "pm") if self.half else self.face


def moment(text: str) -> Moment:
    """A time of any spelling, `7.30am`, `1500`, `12MD`; raises ValueError for one that no clock shows."""
    found = TIME.fullmatch(text)
    hour, minute, half = found.groups("") if found else ("", "", "")
    face = int(hour or MIDNIGHT) * HOUR + int(minute or 0)
    if int(minute or 0) >= HOUR or face > MIDNIGHT or (half and not HOUR <= face < NOON + HOUR):
        raise ValueError(f"no clock shows {text}")
    if half.upper() == "MD" and face != NOON:
        raise ValueError("midday is at 12")
    return Moment(face, "pm" if half.upper() == "MD" else half.lower(), text)


def hours(start: Moment, end: Moment) -> str:
    """The hours as a card writes them, empty for the whole day; raises ValueError where they can mean two things."""
    first, last = _read(start, end)
    opening, closing = first.of_day, last.of_day or MIDNIGHT
    if closing == MIDNIGHT - 1:
        closing = MIDNIGHT
    if opening >= closing:
        raise ValueError("the hours of a plate end on the day they begin")
    if (opening, closing) == (0, MIDNIGHT):
        return ""
    return window(Window(opening, closing % MIDNIGHT, 12 if first.half and last.half else 24))


def _read(start: Moment, end: Moment) -> tuple[Moment, Moment]:
    """Both times, with the halves of the day they mean or on the 24-hour clock."""
    if (start.half and (end.half or end.is_24_hour)) or (start.is_24_hour and end.half):
        return start, end
    if start.half:
        raise ValueError("am or pm at the end too?")
    if end.half:
        return start._replace(half=_half_before(start.face % NOON, end)), end
    if start.is_24_hour or end.is_24_hour:
        if NOON - 1 in (start.face, end.face):
            raise ValueError("11:59 before midday or before midnight?")
        return start, end
    return _unmarked(start, end)


def _half_before(face: int, end: Moment) -> str:
    """The half of the day of a start that has no mark; `face` in minutes after twelve."""
    shown = end.face % NOON
    if end.half == "am":
        if face >= shown:
            raise ValueError("a night, or a morning?")
        return "am"
    return "am" if face >= min(shown, 7 * HOUR) else "pm"


def _unmarked(start: Moment, end: Moment) -> tuple[Moment, Moment]:
    """Two times between 1:00 and 12:59 of which neither says its half of the day."""
    if start.face < NOON <= end.face:
        return start, end
    if end.face < start.face and 6 * HOUR <= start.face < 10 * HOUR:
        return start._replace(half="am"), end._replace(half="pm")
    if 7 * HOUR <= start.face < end.face and ":" in start.text and ":" in end.text:
        return start, end
    raise ValueError("am or pm?")
