"""What every page has around it."""

from typing import Any

import structlog
from flask import Flask, g, url_for

from console.exits import tell
from console.web import looks
from console.web.callers import CONFIRMED_FOR
from console.web.paging import here
from console.web.site import site
from guestlist.connectors.salesforce.schema import Organization
from guestlist.domain.role import Role
from guestlist.store import overview

MENU = (
    ("health.index", "Health"),
    ("runs.index", "Runs"),
    ("errors.index", "Errors"),
    ("lists.show", "Inclusion list"),
    ("mapping.show", "Mapping"),
    ("system.settings", "Settings"),
)


def install(app: Flask) -> None:
    app.context_processor(_frame)
    revision = app.config["STATIC_REVISION"] = _revision(app)

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=revision)

    app.jinja_env.globals.update(asset=asset, here=here, Role=Role)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _frame() -> dict[str, Any]:
    """Return what the templates find besides what their view gives them."""
    found = g.get("caller")
    if found is None:
        return {"me": None, "now": site().clock()}
    site().pulse.watch()
    org: Organization | None = site().pulse.value(looks.SALESFORCE)
    return {
        "me": found,
        "csrf": found.session.csrf if found.session else "",
        "menu": MENU,
        "now": site().clock(),
        "environment": site().loaded.settings.environment,
        "production": org is not None and not org.is_sandbox,
        "objects": site().objects,
        "open_errors": _open_errors(),
        "may": lambda role: found.role.may(Role(role)),
        "asks_password": found.session is not None
        and site().clock() - found.session.confirmed_at > CONFIRMED_FOR,
    }


def _open_errors() -> int:
    """Return the number in the menu; 0 while the database does not answer: the page says so."""
    try:
        with site().database.read() as conn:
            return overview.open_count(conn)
    except Exception as error:  # noqa: BLE001
        structlog.get_logger().warning("frame_failed", error=tell(error).message)
        return 0


def _revision(app: Flask) -> str:
    """Return a word that changes with the static files, so that browsers may keep them."""
    import hashlib
    from pathlib import Path

    folder = Path(app.static_folder or "")
    whole = b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
    return hashlib.sha256(whole).hexdigest()[:12]
