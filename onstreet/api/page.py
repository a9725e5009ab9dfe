"""`/` and `/workbench`: the pages, and the files they are made of, all of them from this host."""

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from importlib.metadata import files
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request
from markupsafe import escape

from onstreet.settings import Basemap
from onstreet.version import VERSION

WEB = Path(__file__).parents[1] / "web"
_MAPLIBRE = ("maplibre-gl.js", "maplibre-gl.css")
# The file of each page, and whether it has a map.
_PAGES = {"/": ("index.html", True), "/workbench": ("workbench.html", False)}
_YEAR_S = 365 * 24 * 3600


def resource(basemap: Basemap | None) -> Blueprint:
    """The blueprint of the pages; their files stand under a name that changes with any of them, and may be kept."""
    blueprint = Blueprint("page", __name__)
    assets = {name: path.read_bytes() for name, path in _assets()}
    digest = blake2b(b"".join(name.encode() + body for name, body in assets.items()), digest_size=8).hexdigest()
    values = {
        "assets": f"web/{digest}",
        "version": VERSION,
        "basemap": basemap.url if basemap else "",
        "credit": basemap.credit if basemap else "",
    }
    for path, (file, is_map) in _PAGES.items():
        shown = _page(_filled(assets.pop(file).decode(), values), _policy(basemap if is_map else None))
        blueprint.add_url_rule(path, file.partition(".")[0], shown)

    @blueprint.get("/web/<version>/<path:name>")
    def show_asset(version: str, name: str) -> Response:
        if version != digest or name not in assets:
            abort(404, "there is no such file; the page at / names those there are")
        response = Response(assets[name], mimetype=mimetypes.guess_type(name)[0])
        # By its name a file is compressed once.
        response.set_etag(f"{digest}-{name}", weak=True)
        response.vary.add("Accept-Encoding")
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR_S
        response.cache_control.immutable = True
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return blueprint


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A page with its values in their places."""
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", str(escape(value)))
    return text


def _page(text: str, policy: str) -> Callable[[], Response]:
    """The view of a page that may load what its policy says."""
    tag = blake2b(text.encode(), digest_size=8).hexdigest()

    def show_page() -> Response:
        response = Response(text, mimetype="text/html")
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=()"
        response.cache_control.no_cache = True
        response.set_etag(tag)
        response.make_conditional(request)
        return response

    return show_page


def _assets() -> Iterator[tuple[str, Path]]:
    """The files of the page by their names: ours, and MapLibre from its wheel, which nobody needs to import."""
    for path in sorted(WEB.rglob("*")):
        if path.is_file():
            yield path.relative_to(WEB).as_posix(), path
    for file in files("maplibre") or ():
        if file.name in _MAPLIBRE:
            yield file.name, Path(str(file.locate()))


def _policy(basemap: Basemap | None) -> str:
    """What the page may load and whom it may ask: this host, and that of the basemap."""
    parts = urlsplit(basemap.url) if basemap else None
    other = f" {parts.scheme}://{parts.netloc}" if parts else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            f"img-src 'self' data: blob:{other}",
            f"connect-src 'self'{other}",
            "worker-src blob:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
