"""The page of a report in a browser: it loads nothing, shows its map large and small, and shuts nobody out."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from pages import DESK, PHONE, chromium

from onstreet.cli import main

pytestmark = pytest.mark.needs_chromium

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """The report on the shipped data."""
    path = tmp_path_factory.mktemp("report") / "page.html"
    outcome = CliRunner().invoke(main, ["report", str(DATA), "--to", str(path), "--entry", "2026-06-10T11:00"])
    assert outcome.exit_code == 0
    return path


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def opened(browser, written):
    """Opens the report without scripts, and at the end looks at what it asked for and what went wrong."""
    contexts, faults, asked = [], [], []

    def open_page(**options: object):
        context = browser.new_context(**{**DESK, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: faults.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(written.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
    assert set(asked) == {written.as_uri()}


def test_the_map_can_be_looked_at_closely_without_a_script(opened):
    page = opened(java_script_enabled=False)
    whole = page.locator(".view svg").bounding_box()["width"]
    page.check(".x3")
    assert page.locator(".view svg").bounding_box()["width"] > 2.5 * whole
    assert page.locator(".view").bounding_box()["width"] < 1.5 * whole


@pytest.mark.parametrize("options", [DESK, PHONE], ids=["desk", "phone"])
def test_it_fits_the_screen(opened, options):
    page = opened(**options)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_prints(opened):
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 35, 41)"
    assert not page.locator(".zoom").is_visible()
    assert page.locator(".kerb").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_shuts_nobody_out(opened, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"]][:3])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
