"""Sign in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.web.callers import drop_cookie, set_cookie, sign_in, sign_out
from console.web.guard import for_all, needs, refuse_cross_site
from guestlist.domain.role import Role

login = Blueprint("login", __name__)


@login.get("/login")
@for_all
def form() -> str:
    """Ask for name and password."""
    return render_template("login.html", next=_own_page(request.args.get("next")))


@login.post("/login")
@for_all
def enter() -> Response | tuple[str, int]:
    """Begin a session."""
    refuse_cross_site()
    target = _own_page(request.form.get("next"))
    secret = sign_in(request.form.get("name", "").strip(), request.form.get("password", ""))
    if secret is None:
        page = render_template("login.html", next=target, refused=True)
        return page, 403
    answer = redirect(target, 303)
    set_cookie(answer, secret)
    return answer


@login.post("/logout")
@needs(Role.VIEWER)
def leave() -> Response:
    """End the session here and in the store."""
    sign_out()
    answer = redirect(url_for("login.form"), 303)
    drop_cookie(answer)
    return answer


def _own_page(target: str | None) -> str:
    """Return where to go on: a page of ours, whatever was asked for."""
    home = url_for("health.index")
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return home
    parts = urlsplit(target.replace("\\", "/"))
    return target if not parts.netloc and not parts.scheme else home
