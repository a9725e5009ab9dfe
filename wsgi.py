"""For any WSGI server: `wsgi:app`, configured by the environment."""

from onstreet.api import create_app

app = create_app()
