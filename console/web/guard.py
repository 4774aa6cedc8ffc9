"""Who may call which view.  What is not allowed is refused; a view that says nothing is for admins.

Runs before every view, so an error in here stops the request: nothing is let through by mistake.
"""

import hmac
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden, MisdirectedRequest, Unauthorized
from werkzeug.wrappers import Response

from console.web.callers import Caller, confirmed, identify
from console.web.site import site
from guestlist.domain.role import Role

F = TypeVar("F", bound=Callable[..., Any])
NEEDS = "_guestlist_needs"
CONFIRMS = "_guestlist_confirms"
OPEN = "open"
"""For views that anybody may call."""
_LIBRARY = {"static": OPEN, "openapi.spec": Role.VIEWER}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def needs(role: Role) -> Callable[[F], F]:
    """Let only callers of that role and above call a view."""

    def mark(view: F) -> F:
        setattr(view, NEEDS, role)
        return view

    return mark


def for_all(view: F) -> F:
    """Let anybody call a view."""
    setattr(view, NEEDS, OPEN)
    return view


def confirms(view: F) -> F:
    """Let a view pass only shortly after the password was given."""
    setattr(view, CONFIRMS, True)
    return view


def needed(app: Flask, endpoint: str) -> Role | str:
    """Return who may call a view; a view that does not say so is for admins."""
    view = app.view_functions[endpoint]
    own: Role | str = getattr(view, NEEDS, _LIBRARY.get(endpoint, Role.ADMIN))
    return own


def install(app: Flask) -> None:
    app.before_request(lambda: _check(app))


def _check(app: Flask) -> Response | None:
    if request.endpoint is None:
        return None  # no view, so 404 or 405
    role = needed(app, request.endpoint)
    probing = request.endpoint.startswith("probes.")
    if not probing:
        _refuse_foreign_host()
    if role == OPEN:
        g.caller = None if probing or request.endpoint == "static" else identify()
        return None
    found = identify()
    if found is None:
        return _ask_who()
    if not found.role.may(Role(role)):
        raise Forbidden(f"This needs the role {role}; you are {found.role}.")
    if request.method not in SAFE and found.session:
        _refuse_forged(found)
    g.caller = found
    if getattr(app.view_functions[request.endpoint], CONFIRMS, False) and not confirmed():
        raise Forbidden("Give your password again for this.")
    return None


def _ask_who() -> Response:
    if request.path.startswith("/api/") or request.endpoint == "probes.metrics":
        raise Unauthorized("Send a token: Authorization: Bearer gl_...")
    if request.method not in SAFE:
        raise Unauthorized("You are not signed in, or no longer. Sign in and do it again.")
    target = request.full_path.rstrip("?")
    return redirect(url_for("login.form", next=None if target == "/" else target))


def _refuse_forged(found: Caller) -> None:
    refuse_cross_site()
    given = request.form.get("csrf") or request.headers.get("X-CSRF-Token", "")
    expected = found.session.csrf if found.session else ""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Forbidden("The form is not one of this session. Load the page again.")


def refuse_cross_site() -> None:
    """Refuse what another site's page sends: the origin has to be ours, and has to be told."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("Another site sent this.")
    told = request.headers.get("Origin") or request.headers.get("Referer") or ""
    ours = {request.host, urlsplit(site().settings.public_url).netloc}
    if urlsplit(told).netloc not in ours - {""}:
        raise Forbidden("Another site sent this, or a browser that does not say where from.")


def _refuse_foreign_host() -> None:
    """Answer to our own names only, so that no foreign name can be bound to this machine."""
    settings = site().settings
    public = urlsplit(settings.public_url).hostname
    ours = _LOOPBACK | {settings.host} | ({public} if public else set())
    if (urlsplit(f"//{request.host}").hostname or "") not in ours:
        raise MisdirectedRequest("This console does not go by that name: set console.public_url.")
