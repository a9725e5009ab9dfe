"""The pictures of README.rst: that the script draws them, of the size they should have, with something on them."""

import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from pages import ROOT

SCRIPT = ROOT / "scripts" / "pictures.py"
SIZES = {"map.png": (1280, 800), "phone.png": (390, 800), "workbench.png": (1280, 900)}
MOST_BYTES = 250_000


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the first chunk."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def lines_of(png: bytes) -> set[bytes]:
    """The different lines of pixels, as they are filtered: a blank picture has two at most."""
    at, data = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    pixels, height = zlib.decompress(data), size_of(png)[1]
    width = len(pixels) // height
    return {pixels[y * width : (y + 1) * width] for y in range(height)}


def check(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == SIZES.keys()
    for name, size in SIZES.items():
        png = (folder / name).read_bytes()
        assert size_of(png) == size
        assert len(png) <= MOST_BYTES
        # Above, below and between the letters there are lines with nothing new.
        assert len(lines_of(png)) > size[1] / 2, name


@pytest.mark.needs_chromium
def test_the_script_draws_the_pictures(tmp_path):
    subprocess.run([sys.executable, SCRIPT, "--to", tmp_path], check=True, capture_output=True)
    check(tmp_path)


def test_the_readme_shows_the_pictures_that_are_there():
    shown = re.findall(r"^\.\. image:: scripts/pictures/(.*)$", (ROOT / "README.rst").read_text(), re.M)
    assert sorted(shown) == sorted(SIZES)
    check(ROOT / "scripts" / "pictures")


def test_the_script_explains_itself():
    printed = subprocess.run([sys.executable, SCRIPT, "--help"], check=True, capture_output=True, text=True).stdout
    assert "Example: scripts/pictures.py --to /tmp/pictures" in printed
