"""Who may use the console: users, and tokens of programs."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from console.web.callers import caller
from console.web.credentials import digest, new_token
from console.web.guard import confirms, needs
from console.web.site import site
from guestlist.domain.errors import Misconfigured
from guestlist.domain.role import Role
from guestlist.store import access as store

access = Blueprint("access", __name__, url_prefix="/access")

LONGEST_NAME = 100


@access.get("")
@needs(Role.ADMIN)
def index() -> str:
    """List users and tokens."""
    return _page()


@access.post("/tokens")
@needs(Role.ADMIN)
@confirms
def add_token() -> str:
    """Make a token and show it, this once."""
    here = site()
    name = request.form.get("name", "").strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadRequest("Give the token a name.")
    role = request.form.get("role", "")
    if role not in list(Role):
        raise BadRequest("Choose a role.")
    token = new_token()
    with here.database.begin() as conn:
        added = store.add_token(
            conn, name, digest=digest(token), role=Role(role), who=caller().who, now=here.clock()
        )
    if not added:
        raise Misconfigured(f"there is a token {name!r} already")
    return _page(token)


@access.post("/tokens/revoke")
@needs(Role.ADMIN)
@confirms
def revoke_token() -> Response:
    """Make a token worthless at once."""
    here = site()
    with here.database.begin() as conn:
        name = request.form.get("name", "")
        store.revoke_token(conn, name, who=caller().who, now=here.clock())
    return redirect(url_for("access.index"), 303)


def _page(token: str | None = None) -> str:
    with site().database.read() as conn:
        users, tokens = store.all_users(conn), store.all_tokens(conn)
    return render_template("access.html", users=users, tokens=tokens, token=token, roles=Role)
