"""The map page in a browser: what it shows is what the API says, for everybody."""

import json
import re
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

import pytest
from conftest import NOW
from flask import Flask
from pages import HOUR, PHONE, chromium, kerbs, point_of, redrawn, until, watched
from werkzeug.serving import make_server

from onstreet.access.keys import LIVE, Key, Keyring, new_proof, new_signing_key, secret_hash
from onstreet.access.plans import STANDARD
from onstreet.access.scopes import Scope
from onstreet.api import create_app
from onstreet.settings import Basemap, Settings

pytestmark = pytest.mark.needs_chromium

METER = "46502752/826357f3-9897-45c4-bd40-a0783aec3950"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, server):
    """Opens a page of the map at a hash, and waits until it is drawn."""
    with watched(browser, server) as visit:

        def open_page(said: str = HOUR, address: str = server, wait: bool = True, **options: object):
            return visit(f"{address}/#{said}", "body[data-idle]" if wait else None, **options)

        open_page.faults = visit.faults
        yield open_page


def fetch(url: str) -> tuple[dict, str]:
    """The JSON of an address as people write it, and how many blocks there are in all."""
    with urlopen(quote(url, safe=":/?&=,%")) as answer:
        return json.loads(answer.read()), answer.headers["X-Total-Count"]


def segments_of(server: str, query: str) -> dict[str, dict]:
    body, _ = fetch(f"{server}/blocks?{query}&outputfields=isOpen,calculatedRates&limit=5000")
    return {segment["segmentID"]: segment for block in body["result"] for segment in block["segments"]}


def test_the_first_picture_is_of_kerbs_and_their_prices(opened, server):
    page = opened()
    shown = kerbs(page)
    stated = segments_of(server, "box=34.1|-119,33.9|-118&entry_time=2026-06-11T10:00&duration=120")
    assert len(shown) > 100
    for name, each in shown.items():
        rates = stated[name]["calculatedRates"]
        assert each.get("cost") == (rates[0]["rate_cost"] if rates else None)
    assert page.locator("#keys li").count() == 9
    assert page.locator("#keys").inner_text().startswith("Free\nup to $1\n$1 – $2")


def test_another_hour_has_other_colours(opened):
    page = opened()
    ten = {name: each["state"] for name, each in kerbs(page).items()}
    picture = page.locator("#map canvas").screenshot()
    with redrawn(page):
        page.fill("#time", "22:00")
        page.dispatch_event("#time", "change")
    until(page, "location.hash.includes('entry=2026-06-11T22:00')")
    night = {name: each["state"] for name, each in kerbs(page).items()}
    assert night.keys() == ten.keys()
    assert list(night.values()).count("free") > list(ten.values()).count("free") + 20
    assert page.locator("#map canvas").screenshot() != picture


# A state, and what the panel says of it where there is no price.
SAID = {"paid": None, "free": "Free", "closed": "Not allowed", "permit": "Permit holders"}


def test_a_click_shows_what_the_api_says(opened, server):
    page = opened()
    shown = kerbs(page)
    for state, said in SAID.items():
        points = ((name, point_of(page, name)) for name, each in shown.items() if each["state"] == state)
        # Between the cards and where the panel is going to be.
        name, at = next((name, at) for name, at in points if 370 < at["x"] < 620 and 100 < at["y"] < 480)
        page.mouse.click(at["x"], at["y"])
        page.wait_for_selector(f"#panel:not([aria-busy]) .verdict.{state}")
        picked = page.evaluate("onstreet.state.chosen")
        stated = segments_of(server, f"id={picked['block']}&entry_time=2026-06-11T10:00&duration=120")
        rates = stated[picked["segment"]]["calculatedRates"]
        assert (picked["block"], picked["segment"]) == (shown[name]["block_id"], name)
        assert page.locator("#price").inner_text() == (said or printed(rates[0]["rate_cost"]))


def printed(cost: float) -> str:
    return f"${cost}" if cost == int(cost) else f"${cost:.2f}"


def test_the_panel_has_the_sign_the_day_the_curve_the_receipt_and_what_is_cheaper(opened, server):
    page = opened(f"{HOUR}&kerb={METER}")
    page.wait_for_selector("#nearby li")
    signs = page.locator("#sign li").all_inner_texts()
    body, _ = fetch(f"{server}/blocks?id=46502752&locale=en-GB&outputfields=rateCards")
    assert signs == body["result"][0]["segments"][0]["rateCards"]
    assert page.locator("#panel .chart").count() == 2
    assert page.locator(".receipt tfoot .amount").inner_text() == "$2"
    assert "Until" in page.locator("#verdict").inner_text()
    assert "no parking" in page.locator("#verdict").inner_text()
    page.select_option("#language", "de")
    page.wait_for_selector("#sign li:has-text('Je Stunde')")
    assert page.evaluate("document.documentElement.lang") == "de"
    assert page.locator("#price").inner_text() == "2\u00a0$"


def test_a_drawn_box_is_the_call_shown_and_its_answer(opened):
    page = opened()
    page.click("#draw-box")
    page.mouse.move(500, 250)
    page.mouse.down()
    page.mouse.move(700, 400, steps=4)
    page.mouse.move(800, 500, steps=4)
    page.mouse.up()
    assert page.evaluate("onstreet.state.chosen") is None
    call = page.locator("#call").inner_text()
    corners = page.evaluate(
        "[onstreet.map.unproject([500, 250]), onstreet.map.unproject([800, 500])].map(({lat, lng}) => [lat, lng])"
    )
    box = [
        [float(each) for each in corner.split("|")] for corner in parse_qs(urlsplit(call).query)["box"][0].split(",")
    ]
    for asked, drawn in zip(box, corners, strict=True):
        assert asked == pytest.approx(drawn, abs=2e-6)
    page.wait_for_selector("#area-total")
    body, total = fetch(call)
    assert page.locator("#area-total").inner_text() == total
    assert int(total) > 5
    assert page.locator("#area-segments").inner_text() == str(sum(len(block["segments"]) for block in body["result"]))


def test_a_circle_needs_no_mouse(opened):
    page = opened()
    page.focus("#draw-circle")
    page.keyboard.press("Enter")
    page.wait_for_selector("#area-total")
    call = page.locator("#call").inner_text()
    assert re.search(r"/blocks\?point=34\.\d+\|-118\.\d+&radius=\d+&entry_time=2026-06-11T10:00&duration=120", call)
    assert page.locator("#area-total").inner_text() == fetch(call)[1]
    page.keyboard.press("Escape")
    assert page.get_attribute("#draw-circle", "aria-pressed") == "false"


def test_a_link_restores_what_was_shown(opened):
    page = opened(f"map=16.5/34.0188/-118.4869&{HOUR}&permits=residential&kerb={METER}")
    page.wait_for_selector("#price")
    page.click("#draw-box")
    page.wait_for_selector("#area-total")
    page.keyboard.press("Escape")
    until(page, "location.hash.includes('box=') && !onstreet.map.isMoving()")
    state = page.evaluate("JSON.stringify(onstreet.state)")
    other = opened(page.url.partition("#")[2])
    other.wait_for_selector("#price")
    other.wait_for_selector("#area-total")
    assert other.url == page.url
    assert json.loads(other.evaluate("JSON.stringify(onstreet.state)")) == json.loads(state)
    assert other.locator("#price").inner_text() == page.locator("#price").inner_text()
    assert other.locator("#area-total").inner_text() == page.locator("#area-total").inner_text()
    assert other.input_value("#permits") == "residential"


def test_on_a_phone_nothing_is_out_of_reach(opened):
    page = opened(f"map=16.2/34.0190/-118.4871&{HOUR}", **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for each in ("#sought", "#play", "#date", "#time", "#stay", "#permits", "#now", "#minute", "#locate", "#draw-box"):
        box = page.locator(each).bounding_box()
        assert box["x"] >= 0, each
        assert box["x"] + box["width"] <= 390, each
        assert box["y"] + box["height"] <= 760, each
    name = next(
        name for name in kerbs(page) if 200 < point_of(page, name)["y"] < 480 and 20 < point_of(page, name)["x"] < 320
    )
    at = point_of(page, name)
    page.touchscreen.tap(at["x"], at["y"])
    page.wait_for_selector("#price")
    assert page.locator("#panel").bounding_box()["height"] <= 0.63 * 760
    page.tap("#panel .close")
    assert page.locator("#panel").is_hidden()


def test_everything_is_reached_by_keyboard(opened):
    page = opened(f"map=17/34.01903/-118.48715&{HOUR}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    controls = "sought language locate draw-box draw-circle share play date time stay permits now minute".split()
    assert {*controls, "CANVAS"} <= seen
    page.focus("#map canvas")
    page.keyboard.press("Enter")
    page.wait_for_selector("#price")
    assert page.evaluate("onstreet.state.chosen.block") == "46502752"
    assert page.evaluate("document.activeElement.id") == "panel"
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"


# What is typed, and where the map is then: lat, lon.
SOUGHT = [
    ("34.0171, -118.4842", (34.0171, -118.4842)),
    ("46502752", (34.01903, -118.48715)),
    ("elm av", (34.016739, -118.485294)),
]


def test_places_are_found(opened):
    here = {"latitude": 34.0182, "longitude": -118.4881}
    page = opened(geolocation=here, permissions=["geolocation"])
    page.click("#locate")
    until(page, "Math.abs(onstreet.map.getCenter().lat - 34.0182) < 1e-5")
    for text, where in SOUGHT:
        page.fill("#sought", text)
        page.wait_for_selector("#found li[id]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_selector("#found", state="hidden")
        assert page.evaluate("(({lat, lng}) => [lat, lng])(onstreet.map.getCenter())") == pytest.approx(where, abs=2e-4)
        assert page.evaluate("onstreet.map.getZoom()") >= 16
    assert page.input_value("#sought") == "Elm Avenue"


def test_the_day_plays(opened):
    page = opened()
    page.click("#play")
    until(page, "onstreet.state.entry > '2026-06-11T10:15'")
    page.click("#play")
    assert page.evaluate("onstreet.state.entry")[14:] in ("00", "15", "30", "45")
    assert page.get_attribute("#play", "aria-pressed") == "false"
    page.click("#now")
    assert page.evaluate("onstreet.state.entry") is None


def test_where_nothing_is_one_is_led_to_something(opened):
    page = opened(f"map=15/10/10&{HOUR}")
    page.wait_for_selector("#empty:not([hidden])")
    with redrawn(page):
        page.click("#home")
    page.wait_for_selector("#empty", state="hidden")
    assert kerbs(page)


def test_a_block_that_is_gone_says_so(opened):
    page = opened(f"{HOUR}&kerb=nobody")
    page.wait_for_selector("#panel [role=alert]")
    assert "no block has any of the ids" in page.locator("#panel").inner_text()
    # The browser itself notes the 404.
    assert all("404" in each for each in opened.faults)
    opened.faults.clear()


@pytest.fixture
def serve():
    """Serves applications in threads of this process; their addresses."""
    running = []

    def start(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def guarded(store, serve):
    """The address of a server over the shipped data that wants a key, and one that it knows."""
    proof = new_proof(LIVE)
    key = Key(
        id=proof.id,
        name="x",
        scopes=frozenset({Scope.READ}),
        plan=STANDARD,
        created_s=0,
        secret_hash=secret_hash(proof),
    )
    ring = Keyring({key.id: key}, (new_signing_key(),))
    settings = Settings(keys=Path("keys"), log="off")
    return serve(create_app(settings, lambda: store, lambda: NOW, lambda: ring)), proof


def test_a_basemap_lies_below_the_kerbs(opened, store, serve):
    """A style of its own, on another host, with a label in a font that nobody sends."""
    spot = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [-118.487, 34.019]}}
    layout = {"text-field": "Museum", "text-font": ["Noto Sans Bold"], "text-allow-overlap": True}
    label = {"id": "label", "type": "symbol", "source": "spots", "layout": layout}
    style = {"version": 8, "sources": {"spots": {"type": "geojson", "data": spot}}, "layers": [label]}
    answer = json.dumps(style), {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
    maps = Flask("maps")
    maps.add_url_rule("/style.json", view_func=lambda: answer)
    basemap = Basemap(f"{serve(maps)}/style.json", "© Mappers")
    page = opened(address=serve(create_app(Settings(basemap=basemap), stores=lambda: store, clock=lambda: NOW)))
    assert page.evaluate("onstreet.map.queryRenderedFeatures({layers: ['below-label']}).length") == 1
    assert "© Mappers" in page.locator(".maplibregl-ctrl-attrib").text_content()
    assert len(kerbs(page)) > 100


def test_a_key_is_asked_for_and_sent_with_tiles_too(opened, guarded):
    address, proof = guarded
    page = opened(address=address, wait=False)
    for secret in ("wrong", proof.secret):
        page.wait_for_selector("#keys-asked[open]")
        page.fill("#key-id", proof.id)
        page.fill("#key-secret", secret)
        page.click("#keys-asked .strong")
    page.wait_for_selector("body[data-idle]")
    until(page, "onstreet.map.areTilesLoaded()")
    assert len(kerbs(page)) > 100
    assert proof.secret not in page.url
    assert page.evaluate("localStorage.length") == 0
    assert all("401" in each for each in opened.faults)
    opened.faults.clear()


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_there_is_nothing_that_shuts_people_out(opened, options):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(f"{HOUR}&kerb={METER}", **options)
    page.wait_for_selector("#nearby li")
    found = Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    page.evaluate("document.getElementById('draw-box').click()")
    page.wait_for_selector("#area-total")
    page.keyboard.press("Escape")
    found += Axe().run(page).response["violations"]
    serious = [
        (each["id"], [node["html"][:200] for node in each["nodes"]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
