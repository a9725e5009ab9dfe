"""`/`: the page and its files, what a browser is told to let it load, and the basemap of the settings."""

import gzip
import re

import pytest
from conftest import NOW

from onstreet.api import create_app
from onstreet.settings import Basemap, Settings, SettingsError, read_settings


def app(store, **settings):
    return create_app(Settings(**settings), stores=lambda: store, clock=lambda: NOW).test_client()


def test_all_files_of_the_page_are_here_and_may_be_kept(client):
    page = client.get("/")
    assert page.mimetype == "text/html"
    assert page.headers["Cache-Control"] == "no-cache"
    named = re.findall(r'(?:href|src)="(web/[^"]+)"', page.text)
    assert {name.rpartition("/")[2] for name in named} >= {"maplibre-gl.js", "maplibre-gl.css", "page.js", "page.css"}
    for name in named:
        answer = client.get(f"/{name}")
        assert answer.status_code == 200, name
        assert "immutable" in answer.headers["Cache-Control"]
        assert f"max-age={365 * 24 * 3600}" in answer.headers["Cache-Control"]
        packed = client.get(f"/{name}", headers={"Accept-Encoding": "gzip"})
        if len(answer.data) > 1024:
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(packed.data) == answer.data
    assert client.get(f"/{named[0]}".replace("web/", "web/0")).status_code == 404
    assert client.get(f"{named[0].rpartition('/')[0]}/../page.py").status_code == 404


def test_a_page_that_did_not_change_is_not_sent_again(client):
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_may_load_from_this_host_only(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert "http" not in policy
    assert "unsafe" not in policy


def test_a_basemap_is_let_in_and_credited(store):
    page = app(store, basemap=Basemap("https://tiles.example:8443/{z}/{x}/{y}.png", "© <Mappers>")).get("/")
    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    assert policy["connect-src"] == "'self' https://tiles.example:8443"
    assert policy["img-src"] == "'self' data: blob: https://tiles.example:8443"
    assert policy["script-src"] == "'self'"
    assert 'data-basemap="https://tiles.example:8443/{z}/{x}/{y}.png"' in page.text
    assert 'data-credit="© &lt;Mappers&gt;"' in page.text


# What ONSTREET_BASEMAP says, and what is read of it.
BASEMAPS = [
    ("", None),
    ("https://maps.example/style.json", Basemap("https://maps.example/style.json")),
    (
        "http://t.example/{z}/{x}/{y}.png © Mappers, ODbL",
        Basemap("http://t.example/{z}/{x}/{y}.png", "© Mappers, ODbL"),
    ),
]


@pytest.mark.parametrize("text, basemap", BASEMAPS)
def test_basemaps_are_read(text, basemap):
    assert read_settings({"ONSTREET_BASEMAP": text}).basemap == basemap


@pytest.mark.parametrize(
    "text", ["tiles.example/{z}", "ftp://t.example/", "javascript:alert(1)", "https://a;b", "https://"]
)
def test_what_is_no_basemap_is_refused(text):
    with pytest.raises(SettingsError, match="ONSTREET_BASEMAP must be the http"):
        read_settings({"ONSTREET_BASEMAP": text})


def test_languages_have_the_same_texts(client):
    folder = re.search(r'data-assets="(web/[0-9a-f]+)"', client.get("/").text)[1]
    of_british = client.get(f"/{folder}/languages/en-GB.json").json
    for language in ("de", "fr", "es", "it", "nl"):
        own = client.get(f"/{folder}/languages/{language}.json").json
        assert own.keys() == of_british.keys()
        for name, text in own.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", of_british[name])), (language, name)
    assert client.get(f"/{folder}/languages/en-US.json").json.keys() <= of_british.keys()
