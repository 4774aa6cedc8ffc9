"""The pictures of ``docs/console``, taken anew: ``scripts/screenshots``.

A made-up world is synced once by the same fixtures as the tests; nothing leaves this machine.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from console.web import looks
from console.web.looks import Node
from console.web.pulse import Reading
from guestlist.engine import launch
from tests.web.conftest import Web
from tests.web.test_browser import Person, browser, group_of, person

__all__ = ["browser"]

FOLDER = Path(__file__).parents[2] / "docs" / "console"
WIDTH, HEIGHT = 1180, 760


@pytest.mark.processes
def test_take_the_pictures(admin: Web, browser: Browser) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    run = admin.ended(run.id)
    people = admin.console.world.landmarks["people"]
    failed = str(people["professor without a title"])
    outside = admin.console.outside()
    launch.start_records(admin.site.services, "contacts", [outside], by="anna")
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    employ(admin)
    pages = {
        "health": "/",
        "runs": "/runs",
        "run": f"/runs/{run.id}",
        "record": f"/records?q={outside}",
        "errors": "/errors",
        "error": f"/errors/{group_of(admin, failed)}",
        "list": "/list",
        "list-preview": "/list/2",
        "mapping": "/mapping",
        "settings": "/settings?changed=1",
        "audit": "/audit",
    }
    size = {"width": WIDTH, "height": HEIGHT}
    with admin.serving() as url, person(browser, url, viewport=size) as anna:
        for name, path in pages.items():
            take(anna, name, path)
    with (
        admin.serving() as url,
        person(browser, url, viewport=size, color_scheme="dark") as anna,
    ):
        take(anna, "health-dark", "/")


def employ(web: Web) -> None:
    """Let the pulse have seen what a Celery worker answers: here threads of this process work."""
    nodes = [Node(f"celery@worker-{number}", "threads", 8, 0, 34) for number in (1, 2)]
    seen = {looks.WORKERS: Reading(nodes, web.now())}
    web.site.pulse._readings |= seen


def take(anna: Person, name: str, path: str) -> None:
    anna.go(path)
    anna.page.screenshot(path=FOLDER / f"{name}.png")
