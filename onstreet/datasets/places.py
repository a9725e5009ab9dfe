"""Place <-> JSON: what a snapshot keeps of where its blocks stand."""

from typing import Any

from ratecards import Calendar, Place

Json = dict[str, Any]


def place_to_json(place: Place) -> Json:
    """A place with its calendars, days counted from 1970-01-01."""
    return {
        "zone": place.zone,
        "currency": place.currency,
        "country": place.country,
        "subdivision": place.subdivision,
        "schoolDays": _calendar_to_json(place.school_days),
        "eventDays": _calendar_to_json(place.event_days),
    }


def place_from_json(stated: Json) -> Place:
    """The place that was written."""
    calendars = (_calendar_from_json(stated[name]) for name in ("schoolDays", "eventDays"))
    return Place(stated["zone"], stated["currency"], stated["country"], stated["subdivision"], *calendars)


def _calendar_to_json(calendar: Calendar | None) -> Json | None:
    if calendar is None:
        return None
    minutes = {str(day): spans for day, spans in calendar.minutes.items()}
    return {"from": calendar.known.start, "to": calendar.known.stop, "minutes": minutes}


def _calendar_from_json(stated: Json | None) -> Calendar | None:
    if stated is None:
        return None
    minutes = {int(day): tuple(tuple(span) for span in spans) for day, spans in stated["minutes"].items()}
    return Calendar(range(stated["from"], stated["to"]), minutes)
