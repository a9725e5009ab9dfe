"""`/`: the map page and the files it is made of, all of them from this host."""

import mimetypes
from collections.abc import Iterator
from hashlib import blake2b
from importlib.metadata import files
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request, send_file
from markupsafe import escape

from onstreet.settings import Basemap
from onstreet.version import VERSION

WEB = Path(__file__).parents[1] / "web"
_MAPLIBRE = ("maplibre-gl.js", "maplibre-gl.css")
_YEAR_S = 365 * 24 * 3600


def resource(basemap: Basemap | None) -> Blueprint:
    """The blueprint of the page; its files stand under a name that changes with any of them, and may be kept."""
    blueprint = Blueprint("page", __name__)
    assets = dict(_assets())
    digest = _digest(assets)
    index = assets.pop("index.html").read_text()
    values = {
        "assets": f"web/{digest}",
        "version": VERSION,
        "basemap": basemap.url if basemap else "",
        "credit": basemap.credit if basemap else "",
    }
    for name, value in values.items():
        index = index.replace("{{" + name + "}}", str(escape(value)))
    policy = _policy(basemap)

    @blueprint.get("/")
    def show_page() -> Response:
        response = Response(index, mimetype="text/html")
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=()"
        response.cache_control.no_cache = True
        response.set_etag(blake2b(index.encode(), digest_size=8).hexdigest())
        response.make_conditional(request)
        return response

    @blueprint.get("/web/<version>/<path:name>")
    def show_asset(version: str, name: str) -> Response:
        if version != digest or name not in assets:
            abort(404, "there is no such file; the page at / names those there are")
        response = send_file(assets[name], mimetypes.guess_type(name)[0], max_age=_YEAR_S)
        response.cache_control.immutable = True
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    return blueprint


def _assets() -> Iterator[tuple[str, Path]]:
    """The files of the page by their names: ours, and MapLibre from its wheel, which nobody needs to import."""
    for path in sorted(WEB.rglob("*")):
        if path.is_file():
            yield path.relative_to(WEB).as_posix(), path
    for file in files("maplibre") or ():
        if file.name in _MAPLIBRE:
            yield file.name, Path(str(file.locate()))


def _digest(assets: dict[str, Path]) -> str:
    read = blake2b(digest_size=8)
    for name, path in assets.items():
        read.update(name.encode() + path.read_bytes())
    return read.hexdigest()


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
