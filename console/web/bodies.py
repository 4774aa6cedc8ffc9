"""What a request may carry: so many bytes, nothing packed, and for the API nothing but JSON.

Before any view: one that does not read its body must not take a wrong one for none.
"""

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

MOST_BYTES = 1_000_000
"""Of a request's body; a webhook call of HubSpot's hundred events is far below."""


def install(app: Flask) -> None:
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        MAX_FORM_PARTS=1000,
    )
    app.before_request(_check)


def _check() -> None:
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge(f"At most {MOST_BYTES} bytes.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType("Send the body as it is, not packed.")
    if request.path.startswith("/api/") and request.get_data():
        if not request.is_json:
            raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
        request.get_json()
