"""What an error looks like: a page for people, problem+json (RFC 9457) for programs."""

from http import HTTPStatus
from typing import Any

import orjson
import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, render_template, request
from werkzeug.exceptions import HTTPException

from console.exits import Exit, Told, tell

CODES = {
    Exit.USAGE: HTTPStatus.NOT_FOUND,
    Exit.CONFIG: HTTPStatus.CONFLICT,
    Exit.NOT_ALLOWED: HTTPStatus.CONFLICT,
    Exit.UNREACHABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Exit.TRY_LATER: HTTPStatus.SERVICE_UNAVAILABLE,
}
TRY_AGAIN_S = "10"


def install(app: APIFlask) -> None:
    app.error_processor(_of_api)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(RecursionError, _of_depth)
    app.register_error_handler(Exception, _of_engine)


def for_program() -> bool:
    """Return whether a program asked: it gets JSON."""
    return request.path.startswith(("/api/", "/webhooks/", "/metrics", "/healthz", "/readyz"))


def problem(status: int, detail: str, **more: Any) -> Response:
    """Return problem+json."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **{name: value for name, value in more.items() if value},
    }
    # What is wrong in a list is told by the number of its place.
    content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status, content_type="application/problem+json")


def _of_api(error: HTTPError) -> Response:
    """Answer what APIFlask refused: input that does not fit its schema."""
    detail = error.detail if isinstance(error.detail, dict) else {}
    return problem(error.status_code, str(error.message), errors=detail)


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    answer = _answer(status, Told(Exit.OK, error.description or ""))
    for name, text in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = text
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="guestlist"'
    return answer


def _of_depth(_error: RecursionError) -> Response:
    """Answer a body that is nested without end: Python's JSON reader gives up on it."""
    structlog.get_logger().warning("nested_too_deeply", view=request.endpoint)
    return _answer(HTTPStatus.BAD_REQUEST, Told(Exit.USAGE, "The body is nested too deeply."))


def _of_engine(error: Exception) -> Response:
    """Answer an error of the engine, of the database or of Redis in its own words; a bug in none.

    What a bug says may hold a person's data: it goes to no page.
    """
    told = tell(error)
    status = CODES.get(told.code, HTTPStatus.INTERNAL_SERVER_ERROR)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        structlog.get_logger().error("view_failed", view=request.endpoint, exc_info=error)
        told = Told(Exit.BUG, "Something went wrong here; the log says what.")
    answer = _answer(status, told)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = TRY_AGAIN_S
    return answer


def _answer(status: int, told: Told) -> Response:
    if for_program():
        return problem(status, told.message, problems=list(told.problems), fix=told.fix)
    page = render_template("failure.html", status=HTTPStatus(status), told=told)
    return Response(page, status)
