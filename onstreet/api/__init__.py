"""The HTTP service: a file a resource, errors in one place."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask

from onstreet.api import blocks, errors, index, quote
from onstreet.datasets.publish import open_data
from onstreet.query import Store
from onstreet.settings import Settings, read_settings

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The moment a question without an entry time is asked."""
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, store: Store | None = None, clock: Clock = utc_now) -> Flask:
    """The WSGI application over a store, or over the data sets that the settings (else the environment) name.

    Raises SettingsError and SourceError where these cannot be used.
    """
    if store is None:
        settings = settings or read_settings()
        store, findings = open_data(settings.data)
        if findings:
            logging.getLogger("onstreet").warning("%d findings in the data; `onstreet check` lists them", len(findings))
    app = Flask("onstreet", static_folder=None)
    errors.register(app)
    app.register_blueprint(index.resource(store))
    app.register_blueprint(blocks.resource(store, clock))
    app.register_blueprint(quote.resource(clock))
    return app
