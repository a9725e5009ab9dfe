"""Pages of the map in Chromium: how they are opened, and what they show."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from pictures import ARGUMENTS  # noqa: E402 - who opens pages for pictures opens them for tests

HOUR = "entry=2026-06-11T10:00&stay=120"
DESK = {"viewport": {"width": 1024, "height": 680}}
PHONE = {"viewport": {"width": 390, "height": 760}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


@contextmanager
def chromium() -> Iterator[object]:
    """A browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def watched(browser, server: str) -> Iterator[Callable]:
    """Opens pages, each for itself; at the end none has complained, or asked anybody but this machine."""
    contexts, faults, hosts = [], [], set()

    def open_page(address: str, ready: str | None = None, **options: object):
        context = browser.new_context(**{**DESK, "locale": "en-GB", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.goto(address)
        if ready:
            page.wait_for_selector(ready)
        return page

    open_page.faults = faults
    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
    assert all(host in ("", urlsplit(server).netloc) or host.startswith("127.0.0.1") for host in hosts), hosts


@contextmanager
def redrawn(page) -> Iterator[None]:
    """Waits until the map has drawn what is asked of it inside."""
    before = int(page.evaluate("document.body.dataset.idle"))
    yield
    page.wait_for_selector(f"body:not([data-idle='{before}'])")


def until(page, condition: str) -> None:
    """Waits for a condition in JavaScript; the page's own policy forbids to evaluate it there in a loop."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(75)
    raise AssertionError(f"never: {condition}")


def kerbs(page) -> dict[str, dict]:
    """What the map shows of each segment, by its id."""
    script = """onstreet.map.queryRenderedFeatures({layers: ['closed', 'permit', 'unknown', 'free', 'paid']
      .map((each) => 'kerb-' + each)}).map((each) => each.properties)"""
    return {each["segment_id"]: each for each in page.evaluate(script)}


def point_of(page, segment: str) -> dict[str, float]:
    """Where on the screen the middle of a segment is."""
    return page.evaluate(
        """(id) => {
          const seen = onstreet.map.queryRenderedFeatures({filter: ['==', ['get', 'segment_id'], id]})
            .find((each) => each.layer.id.startsWith('kerb-'));
          const line = seen.geometry.coordinates.flat(seen.geometry.type === 'MultiLineString' ? 1 : 0);
          const [a, b] = [line[0], line[line.length - 1]];
          return onstreet.map.project([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
        }""",
        segment,
    )
