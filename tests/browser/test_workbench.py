"""The workbench in a browser: what it shows is what POST /card and POST /quote say."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import Request, urlopen

import pytest
from pages import PHONE, chromium, watched

from onstreet.api.page import WEB
from ratecards.locales import LOCALES

pytestmark = pytest.mark.needs_chromium

CARD = ["Each Hour (Mon-Sat; 9am-6pm; 4 Hour Max): $2", "Mon-Sat (6pm-9am): Free", "Sun: Free"]
SWEPT = [*CARD, "Wed (7:30am-9am; Street Cleaning): No Parking", "Thu (Residential Permit Only): Free"]
PLACE = {"zone": "America/Los_Angeles", "country": "US", "subdivision": "CA"}
DAY = "2026-06-11"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def address(lines, **stated) -> str:
    """What stands behind the # of a link to a card."""
    said = {"card": "\n".join(lines), "date": DAY, **PLACE, **stated}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in said.items())


@pytest.fixture
def opened(browser, server):
    """Opens the workbench at a link, and waits until the card is read."""
    with watched(browser, server) as visit:

        def open_page(said: str, **options: object):
            return visit(f"{server}/workbench#{said}", "body[data-read]", **options)

        open_page.faults = visit.faults
        yield open_page


def post(server: str, path: str, **body) -> dict:
    request = Request(f"{server}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        return json.loads(answer.read())


@contextmanager
def reread(page) -> Iterator[None]:
    """Waits until the service has answered what is changed inside."""
    before = page.evaluate("document.body.dataset.read")
    yield
    page.wait_for_selector(f"body:not([data-read='{before}'])")


def type_card(page, text: str) -> None:
    """Replace the text of the card, and wait until it is read."""
    with reread(page):
        page.fill("#text", text)


FAULTS = [
    ("Sun: Free\nMon (9am-6pm): Fre", 2, 16, "               ~~^"),
    ("Mondy: Free", 1, 1, "~~~~^"),
    ("Sun: Free\n\nMon (9am", 3, 9, "        ^"),
    ("Note: 🚗\nNote: ok\nMon: €2.5", 3, 6, "     ~~~^"),
]


@pytest.mark.parametrize("text, line, column, caret", FAULTS)
def test_a_caret_stands_under_what_cannot_be_read(opened, text, line, column, caret):
    page = opened(address(CARD))
    assert page.locator("#faults li").count() == 0
    type_card(page, text)
    fault = page.locator("#faults li.fault")
    assert (fault.get_attribute("data-line"), fault.get_attribute("data-column")) == (str(line), str(column))
    stated, drawn = fault.locator("pre").text_content().split("\n")
    assert stated == text.split("\n")[line - 1]
    assert drawn == caret
    assert page.locator("#text").get_attribute("aria-invalid") == "true"
    assert page.locator("#prices td").count() == 0


def test_a_fault_is_marked_in_the_text_and_the_cursor_goes_there(opened):
    page = opened(address(["Sun: Free", "Mon (9am-6pm): Fre"]))
    assert page.locator("#mirror mark.fault").all_text_contents() == ["Fre"]
    page.click("#faults .jump")
    chosen = page.evaluate("[document.activeElement.id, text.selectionStart, text.selectionEnd]")
    assert chosen == ["text", 25, 28]


def test_relaxed_spellings_are_said_and_can_be_tidied(opened):
    page = opened(address(["mon thru sat (9 a.m.-6 p.m.): free", "Sunn: Free"]))
    assert page.locator("#faults li.notice").count() == 1
    page.click("#tidy")
    page.wait_for_selector("#faults li.notice", state="detached")
    assert page.input_value("#text") == "Mon-Sat (9am-6pm): Free\nSunn: Free"
    type_card(page, "sun: free")
    page.check("#strict")
    page.wait_for_selector("#faults li.fault")


def spans(week: list[dict]) -> list[list[tuple]]:
    """The hours of each day, by their minutes."""
    days = [[] for _ in range(7)]
    monday = int(week[0]["start"][8:10])
    for span in week:
        first, last = (int(span[end][8:10]) - monday for end in ("start", "end"))
        start, end = (int(span[each][11:13]) * 60 + int(span[each][14:16]) for each in ("start", "end"))
        price = "" if span["hourPrice"] is None else f"{span['hourPrice']:g}"
        for day in range(first, last + 1):
            hours = start if day == first else 0, end if day == last else 1440
            if hours[0] < hours[1]:
                days[day].append((*map(str, hours), span["state"], price))
    return days


@pytest.mark.parametrize("permits", ["", "residential"])
@pytest.mark.parametrize("lines", [CARD, SWEPT, ["Each Hour: $1", "Sat: No Parking"], ["1 Hour: $5", "Event: $20-$40"]])
def test_the_week_is_that_of_the_api(opened, server, lines, permits):
    page = opened(address(lines, permits=permits))
    held = {"permits": [permits]} if permits else {}
    stated = post(server, "card", rateCards=lines, entry_time=f"{DAY}T00:00", **PLACE, **held)
    shown = page.evaluate(
        """[...document.querySelectorAll('.strip')].map((day) => [...day.children].map(({ dataset }) =>
          [dataset.start, dataset.end, dataset.state, dataset.price]))"""
    )
    assert [[tuple(each) for each in day] for day in shown] == spans(stated["week"])
    assert page.locator("#doubts li[data-code]").count() == len(stated["findings"])
    assert json.loads(page.locator("#json").text_content()) == stated["rates"]
    assert json.loads(page.locator("#structured").text_content()) == stated["structuredRates"]


def test_hours_lie_where_they_are(opened):
    page = opened(address(SWEPT))
    strip = page.locator(".strip").nth(2)
    banned = strip.locator(".closed").bounding_box()
    whole = strip.bounding_box()
    assert (banned["x"] - whole["x"]) / whole["width"] == pytest.approx(7.5 / 24, abs=0.005)
    assert banned["width"] / whole["width"] == pytest.approx(1.5 / 24, abs=0.005)
    assert "$2" in strip.locator(".paid b").inner_text()


@pytest.mark.parametrize("lines", [CARD, SWEPT])
def test_prices_are_those_of_the_api(opened, server, lines):
    page = opened(address(lines))
    page.wait_for_selector("#prices td")
    cells = page.evaluate(
        "[...document.querySelectorAll('#prices td')].map(({ dataset, className }) => ({ ...dataset, className }))"
    )
    assert len(cells) == 63
    durations = sorted({int(cell["minutes"]) for cell in cells})
    for entry in {cell["entry"] for cell in cells}:
        stated = post(server, "quote", rateCards=lines, entry_time=entry, duration=durations, **PLACE)
        costs = {int(cell["minutes"]): cell["cost"] for cell in cells if cell["entry"] == entry}
        for minutes, receipt in zip(durations, stated["explanation"], strict=True):
            assert costs[minutes] == ("" if receipt["rate_cost"] is None else f"{receipt['rate_cost']:g}")


def test_a_price_says_why(opened):
    page = opened(address(CARD))
    page.click(f"#prices td[data-entry='{DAY}T16:00'][data-minutes='240'] button")
    assert page.locator("#receipt-of h3").inner_text() == "$4 for 4 hrs from Thu 16:00"
    rows = page.locator("#receipt-of tr").all_inner_texts()
    assert rows[0].split("\t")[1:] == ["2 × Each Hour (Mon-Sat; 9am-6pm; 4 Hour Max): $2", "$4"]
    page.click(f"#prices td[data-entry='{DAY}T08:00'][data-minutes='480'] button")
    assert page.locator("#receipt-of .refused").inner_text().startswith("Too long:")


def test_a_link_restores_everything(opened):
    page = opened(address(CARD))
    type_card(page, "Each Hour (Mon; 9am-6pm): €2\nSun | Holidays: Free & + # 🚗")
    page.fill("#date", "2026-12-25")
    page.fill("#zone", "Europe/Amsterdam")
    page.fill("#subdivision", "")
    page.fill("#country", "NL")
    page.fill("#permits", "zone a, residential")
    page.check("#strict")
    page.select_option("#language", "de")
    page.wait_for_url("**language=de*")
    page.wait_for_timeout(300)
    again = opened(page.url.partition("#")[2])
    for name in ("#text", "#date", "#zone", "#subdivision", "#country", "#permits", "#language"):
        assert again.input_value(name) == page.input_value(name)
    assert again.is_checked("#strict")
    assert again.locator("#week").inner_text() == page.locator("#week").inner_text()
    assert parse_qs(urlsplit(again.url).fragment)["permits"] == ["zone a, residential"]


@pytest.mark.parametrize("said", ["card=", "card=Sun%3A%20Free&date=yesterday&zone=", "nothing=1", "%"])
def test_odd_links_open(opened, said):
    page = opened(said)
    assert page.locator(".strip").count() == 7


def test_what_cannot_be_used_of_a_place_is_said(opened):
    page = opened(address(CARD))
    page.fill("#zone", "Mars/Olympus")
    page.wait_for_selector("#where-fault:has-text('Mars/Olympus')")
    # The browser tells of the 400 that the service answered with.
    opened.faults[:] = [each for each in opened.faults if "400" not in each]
    with reread(page):
        page.fill("#zone", "UTC")
    assert page.locator("#where-fault").text_content() == ""


def test_days_nobody_knows_are_named(opened):
    page = opened(address([*CARD[:2], "Sun | Holidays: Free"], country="", subdivision=""))
    assert "Holidays" in page.locator("#doubts li[data-code='unknown-days']").inner_text()


@pytest.mark.parametrize("language, heading, line", [
    ("de", "Was sagt dieses Schild?", "Je Stunde (Mo-Sa; 09:00-18:00 Uhr; max. 4 Stunden): 2,00 $"),
    ("en-US", "What does this sign say?", "Each Hour (Mon-Sat; 9am-6pm; 4 Hour Max): $2"),
    ("fr", "Que dit ce panneau ?", None), ("es", "¿Qué dice este letrero?", None),
    ("it", "Che cosa dice questo cartello?", None), ("nl", "Wat zegt dit bord?", None),
])  # fmt: skip
def test_it_speaks_the_locales_of_cards(opened, language, heading, line):
    page = opened(address(CARD, language=language))
    assert page.locator("h1").inner_text() == heading
    assert page.locator("#printed li").count() == len(CARD)
    assert line is None or page.locator("#printed li").first.inner_text() == line
    texts = page.locator("body").inner_text()
    assert "bench." not in texts
    assert "{" not in page.locator("#writing").inner_text()


def test_every_locale_has_every_text():
    texts = {path.stem: json.loads(path.read_text()) for path in (WEB / "languages" / "workbench").glob("*.json")}
    assert texts.keys() == set(LOCALES)
    for locale, said in texts.items():
        # American texts are the British ones but for those that differ.
        assert said.keys() == texts["en-GB"].keys() or (locale == "en-US" and said.keys() <= texts["en-GB"].keys())
        for name, text in said.items():
            assert re.findall(r"{[a-z]+}", text) == re.findall(r"{[a-z]+}", texts["en-GB"][name])


def test_examples_can_be_read(opened):
    page = opened(address(CARD))
    for number in range(page.locator("#examples option").count() - 1):
        with reread(page):
            page.select_option("#examples", str(number))
        is_faulty = page.locator("#faults li.fault").count() > 0
        assert is_faulty == (number == 5)
        if not is_faulty:
            page.wait_for_selector("#prices td.paid, #prices td.free")


def test_it_works_by_keyboard(opened):
    page = opened(address(CARD))
    page.wait_for_selector("#prices td")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.locator("#prices td button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator("#receipt-of h3").inner_text() == "$2 for 30 mins from Thu 10:00"


def test_a_phone_shows_it_in_one_column(opened):
    page = opened(address(SWEPT), **PHONE)
    page.wait_for_selector("#prices td")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#writing").bounding_box()["width"] <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lines", [SWEPT, ["mon: free", "Mondy: Free", "1 Hour: $5", "2 Hours: $3"]])
def test_everybody_can_use_it(opened, scheme, lines):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(address(lines), color_scheme=scheme)
    if lines is SWEPT:
        page.click("#prices td button >> nth=0")
    page.click("#forms summary")
    found = Axe().run(page).response["violations"]
    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_the_page_may_load_from_this_host_only(server):
    with urlopen(f"{server}/workbench") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
