"""The body of a request, as long as it says to be."""

from flask import abort, request


def read_body(most_bytes: int) -> bytes:
    """The body of the request; answers 411 where its length is not stated and 413 where it is above `most_bytes`."""
    length = request.content_length
    if length is None:
        # Chunks of a byte each would take a worker seconds, and where they end too late nobody sees it.
        abort(411, "the body must come with its length: Content-Length")
    if length > most_bytes:
        abort(413, f"the body must have at most {most_bytes:,} bytes, not {length:,}")
    return request.get_data()
