"""A card that went through CurbLR forbids what it forbade and is never cheaper; if nothing is lost it is the same."""

from conftest import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from law_cases import Case, cases
from test_twin import engine_place

from onstreet.datasets.curblr_cards import HIERARCHY, regulations_of
from onstreet.datasets.curblr_rules import Feed, plain, rules_of
from onstreet.datasets.regulation_cards import card_of
from ratecards import Card, format_card, parse, price_stays, read


def through_curblr(card: Card, currency: str) -> tuple[Card | None, tuple]:
    """The card that is read from the regulations of a card, none where it has none, and what is lost."""
    carried = regulations_of((*format_card(card), *card.unread), currency)
    if carried.regulations is None:
        return None, carried.losses
    told = [rules_of(plain(each), Feed(HIERARCHY, None, currency)) for each in carried.regulations]
    lines = card_of(tuple(dict.fromkeys(rule for each in told for rule in each.rules)))
    return read(lines).card, carried.losses


def check(case: Case) -> None:
    card, losses = through_curblr(case.card, case.place.currency)
    event("not carried" if card is None else "named losses" if losses else "the same")
    assert losses or card is not None
    if card is None:
        return
    place = engine_place(case.place)
    quotes = (price_stays(each, case.entry, case.stays, place, case.holder) for each in (case.card, card))
    for stay, before, after in zip(case.stays, *quotes, strict=True):
        said = stay, format_card(case.card), format_card(card), losses
        if not losses:
            assert (after.legal, after.cost) == (before.legal, before.cost), said
        assert after.legal is not True or before.legal, said
        assert after.legal is not None or before.legal is not False, said
        if after.cost is not None:
            assert before.cost is not None, said
            assert after.cost >= before.cost, said


WINDOWS = ["9am-6pm", "8am-12pm & 1pm-6pm", "6pm-9am", "10am-12pm", "7am-2am", "9am-10am", "6pm-11pm"]
DAYS = [
    "Mon-Sat",
    "Mon-Fri",
    "Sun",
    "Wed",
    "Mon-Tue | Thu-Sat",
    "Tue Every 2nd & 4th",
    "Mon-Fri Except Holidays",
    "Holidays",
]
ENDS = ["", "; 2 Hour Max", "; 1 Hour Max; No Return 1 Hour", "; 1 Hour Disc", "; Nov-Mar", "; Nov 15-Mar 31"]
PRICES = [
    ["Each Hour{}: $1"],
    ["Each 15 Min{}: $0.50"],
    ["1 Hour{}: $2", "Each Add'l 30 Min{}: $1.50"],
    ["1st Hour{}: $2", "2nd Hour{}: $3"],
    ["1 Hour{}: $3", "2 Hours{}: $9", "4 Hours{}: $24"],
    ["15 Min{}: Free", "Each Hour{}: $3"],
    ["1 Hour{}: $1"],
]
PLAIN = ["{}: Free", "{}: No Parking", "{}: $5", "{}: See Meter"]
USERS = ["Residential Permit", "Disabled", "Loading", "Zone A Permit", "Customers"]
LAST = [
    "Free",
    "Mon-Sun: Free",
    "Each Hour: $1",
    "2 Hour Parking (Mon-Sat; 8am-6pm)",
    "Daily Max: $8",
    "Note: ask",
    None,
]


@st.composite
def signs(draw: st.DrawFn) -> Card:
    """Cards as signs say them: a few windows with prices, bans and users, and what holds else."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        days, hours, end = (draw(st.sampled_from(each)) for each in (DAYS, WINDOWS, ENDS))
        if draw(st.integers(0, 2)):
            lines += [each.format(f" ({days}; {hours}{end})") for each in draw(st.sampled_from(PRICES))]
            continue
        user = draw(st.sampled_from(["", "", *(f"; {name}{only}" for name in USERS for only in ("", " Only"))]))
        lines.append(draw(st.sampled_from(PLAIN)).format(f"{days} ({hours}{end}{user})"))
    last = draw(st.sampled_from(LAST))
    return parse([*lines, *([last] if last else [])])


MANY = settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@MANY
@given(cases(), signs())
def test_signs_that_went_through_curblr_promise_no_more(case: Case, card: Card) -> None:
    check(case._replace(card=card))


@MANY
@given(cases())
def test_cards_that_get_in_each_others_way_promise_no_more(case: Case) -> None:
    check(case)
