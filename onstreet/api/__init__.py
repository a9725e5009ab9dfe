"""The HTTP service: a file a resource, errors in one place."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter, Rule

from onstreet.access.key_file import FollowedKeys
from onstreet.access.keys import Keyring, new_signing_key
from onstreet.api import (
    access,
    blocks,
    card,
    compression,
    errors,
    filters,
    metrics,
    openapi,
    origins,
    page,
    quote,
    request_log,
    search,
    state,
    tiles,
)
from onstreet.datasets.places import place_from_json
from onstreet.datasets.publish import is_published, open_data, open_store
from onstreet.query import Store
from onstreet.settings import Settings, read_settings
from onstreet.stores.database import Database, require_drivers
from onstreet.stores.live import LiveStore

Clock = Callable[[], datetime]
Stores = Callable[[], Store]
Keys = Callable[[], Keyring]


def utc_now() -> datetime:
    """The moment a question without an entry time is asked."""
    return datetime.now(UTC)


class _NoSessions(SessionInterface):
    """Nobody has a session: each request is told all that it needs."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """The session of everybody, which holds nothing."""
        return self._none


class _Request(Request):
    # What is done before and after a request is done for all of them alike.
    blueprints: list[str] = []  # noqa: RUF012


class _Adapter(MapAdapter):
    """Finds the view of a request; one that stands at a path without variables is looked for once."""

    found: dict[tuple[str, str], Rule]

    def match(self, *asked: Any, **how: Any) -> Any:  # noqa: ANN401
        """The rule of the view, and the values of the variables in the path; raises what is to be answered instead."""
        if asked or how != {"return_rule": True}:
            return super().match(*asked, **how)
        rule = self.found.get((self.path_info, self.default_method))
        if rule is None:
            rule, values = super().match(return_rule=True)
            if values:
                return rule, values
            self.found[self.path_info, self.default_method] = rule
        return rule, {}


class _Service(Flask):
    session_interface = _NoSessions()
    request_class = _Request

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none of ours waits, and looking at each for every request would take its time."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the view of a request by its path alone, whatever host it was sent to."""
        if request is None:
            return super().create_url_adapter(request)
        environ = request.environ
        host = environ.get("HTTP_HOST") or environ["SERVER_NAME"]
        adapter = _Adapter(self.url_map, host, request.root_path, "", request.scheme, request.path, request.method)
        adapter.found = self._found
        return adapter

    @cached_property
    def _found(self) -> dict[tuple[str, str], Rule]:
        return {}


def create_app(
    settings: Settings | None = None,
    stores: Stores | None = None,
    clock: Clock = utc_now,
    keys: Keys | None = None,
) -> Flask:
    """The WSGI application over the store and the keys of the moment, or those that the settings name.

    Settings that are not given are those of the environment.

    Raises SettingsError, SourceError, DatabaseError and KeyFileError where these cannot be used.
    """
    # Who brings stores of their own and says nothing of logs gets none.
    settings = settings or (read_settings() if stores is None else Settings(log="off"))
    stores = stores or open_stores(settings.data)
    doorkeeper = access.Doorkeeper(settings, keys or open_keys(settings.keys), clock)
    app = _Service("onstreet", static_folder=None)
    app.wsgi_app = origins.allowing(app.wsgi_app, settings.origins)  # type: ignore[assignment, method-assign]
    doorkeeper.watch(app)
    request_log.register(app, settings.log)
    # What is done to an answer is done in reverse order.
    counts = metrics.Metrics(stores, clock)
    counts.watch(app)
    compression.register(app)
    errors.register(app)
    app.register_blueprint(access.resource(doorkeeper))
    app.register_blueprint(blocks.resource(stores, clock, counts.looked_up))
    app.register_blueprint(quote.resource(clock))
    app.register_blueprint(card.resource(clock))
    app.register_blueprint(filters.resource(stores))
    app.register_blueprint(state.resource(stores))
    app.register_blueprint(metrics.resource(counts))
    app.register_blueprint(search.resource(stores))
    app.register_blueprint(tiles.resource(stores, clock))
    app.register_blueprint(page.resource(settings.basemap))
    openapi.register(app)
    return app


def open_keys(path: Path | None) -> Keys:
    """The keys of the moment: those of a file, followed, or none; raises KeyFileError."""
    if path is not None:
        return FollowedKeys(path)
    none = Keyring({}, (new_signing_key(),))
    return lambda: none


def open_stores(data: Sequence[Path] | Database) -> Stores:
    """The store of the moment: that of a database or a folder of snapshots, followed, or of some data sets.

    Raises SourceError, DatabaseError.
    """
    if isinstance(data, Database):
        require_drivers()
        # Serving snapshots has no use for it.
        from onstreet.stores.postgis import LivePostgis

        return LivePostgis(data, place_from_json)
    store, findings = open_data(data)
    if findings:
        logging.getLogger("onstreet").warning("%d findings in the data; `onstreet check` lists them", len(findings))
    return LiveStore(data[0], store, open_store) if is_published(data) else lambda: store
