#!/usr/bin/env python
"""Draw the pictures of README.rst: pages of a running server, as Chromium shows them."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import click
from bench_http import free_port, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
DATA = HERE.parent / "data"
# WebGL is drawn by the processor: a server has no display.
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]  # fmt: skip
CARD = """Each Hour (Mon-Sat; 9am-6pm; 2 Hour Max): $2
Each Hour (Mon-Sat; 6pm-10pm): $3
Mon-Sat (10pm-9am): Free
Sun | Holidays: Free
Tue Every 1st & 3rd (8am-10am; Street Cleaning): No Parking
Wed (7:30am-9am): no parking"""
CARD_IN_LINK = f"card={quote(CARD)}&zone=America/Los_Angeles&country=US&subdivision=CA&date=2026-06-11"
HOUR = "entry=2026-06-11T10:00&stay=120"
KERB = "900000027/eeebffe4-d486-4dd8-a79e-4ec2f1dc6310"


class Picture(NamedTuple):
    """A page: its file, address at the server, size in pixels and colours, and what it has when it is ready."""

    file: str
    link: str
    size: tuple[int, int]
    scheme: str
    ready: str


PICTURES = [
    Picture(
        "map.png", f"#map=16.8/34.0172/-118.4862&{HOUR}&kerb={KERB}", (1280, 800), "light", "body[data-idle] #nearby li"
    ),
    Picture("phone.png", f"#map=16.2/34.0190/-118.4871&{HOUR}", (390, 800), "dark", "body[data-idle]"),
    Picture("workbench.png", f"workbench#{CARD_IN_LINK}", (1280, 900), "light", "#prices[data-drawn]"),
]


@click.command(epilog="Example: scripts/pictures.py --to /tmp/pictures")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), default=HERE / "pictures", help="Folder.")
def main(to: Path) -> None:
    """Serve the shipped data and write a PNG of each page into the folder, scripts/pictures unless --to names another.

    Needs Chromium and the package playwright; hours and places are fixed, so that the pictures stay as they are.
    """
    from playwright.sync_api import sync_playwright

    to.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with serving(DATA, port, workers=1), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for picture in PICTURES:
            _draw(browser, f"http://127.0.0.1:{port}", picture, to)
        browser.close()


def _draw(browser: "Browser", address: str, picture: Picture, to: Path) -> None:
    width, height = picture.size
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-US",
    )
    page.goto(f"{address}/{picture.link}")
    page.wait_for_selector(picture.ready)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=to / picture.file)
    page.close()
    click.echo(f"{to / picture.file}: {(to / picture.file).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
