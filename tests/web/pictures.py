"""The pictures of ``docs/console``, taken anew: ``scripts/screenshots``.

A made-up world is synced once by the same fixtures as the tests; nothing leaves this machine.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from console.web import looks
from console.web.looks import Node
from console.web.pulse import Reading
from guestlist.engine import follow, launch
from guestlist.engine.importing import Choice
from guestlist.store import samples
from tests.console.test_brake import EVERYBODY, refilter
from tests.services.processes import wait_until
from tests.web.conftest import Web
from tests.web.test_browser import Person, browser, group_of, person
from tests.web.test_mapping_edit import change, save

__all__ = ["browser"]

FOLDER = Path(__file__).parents[2] / "docs" / "console"
WIDTH, HEIGHT = 1180, 760
WHOLE = {"health", "health-dark"}
"""Pages that are shown to their end."""


@pytest.mark.processes
def test_take_the_pictures(admin: Web, browser: Browser) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    run = admin.ended(run.id)
    people = admin.console.world.landmarks["people"]
    failed = str(people["professor without a title"])
    outside = admin.console.outside()
    launch.start_records(admin.site.services, "contacts", [outside], by="anna")
    save(admin, change(admin), note="marketing keeps titles")
    past(admin)
    follow.turn_on(admin.site.services, "contacts", by="anna")
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    employ(admin)
    drafts = [
        plan(admin, None),
        plan(admin, Choice(("Lead",), "LeadSource = 'Web'")),
    ]
    pages = {
        "health": "/",
        "runs": "/runs",
        "run": f"/runs/{run.id}",
        "record": f"/records?q={outside}",
        "errors": "/errors",
        "error": f"/errors/{group_of(admin, failed)}",
        "list": "/list",
        "list-preview": "/list/2",
        "list-new": "/list/new?property=lifecyclestage",
        "plan": f"/plans/{drafts[0]}",
        "import": "/imports",
        "mapping": "/mapping",
        "mapping-fields": "/mapping/fields",
        "mapping-row": "/mapping/row?was=salutation",
        "mapping-text": "/mapping/text",
        "mapping-versions": "/mapping/versions",
        "settings": "/settings?changed=1",
        "settings-form": "/settings/change/guards",
        "workers": "/workers",
        "audit": "/audit",
        "access": "/access",
    }
    size = {"width": WIDTH, "height": HEIGHT}
    with admin.serving() as url, person(browser, url, viewport=size) as anna:
        for name, path in pages.items():
            take(anna, name, path)
        anna.go("/mapping/row?was=salutation")
        anna.page.get_by_role("combobox", name="Rule").select_option("two_way")
        anna.press("Show what changes")
        anna.sees("What changes")
        shoot(anna, "mapping-review")
        anna.go("/settings/change/guards")
        anna.page.get_by_label("guards.brake_share").fill("0.5")
        anna.press("Show what changes")
        anna.sees("What changes")
        shoot(anna, "settings-review")
    with (
        admin.serving() as url,
        person(browser, url, viewport=size, color_scheme="dark") as anna,
    ):
        take(anna, "health-dark", "/")
    refilter(admin.console, EVERYBODY)
    with admin.serving() as url, person(browser, url, viewport=size) as anna:
        anna.go("/list")
        take(anna, "brake", "/list/brake")


def employ(web: Web) -> None:
    """Let the pulse have seen what a Celery worker answers: here threads of this process work."""
    nodes = [Node(f"celery@worker-{number}", "threads", 8, 0, 34) for number in (1, 2)]
    seen = {looks.WORKERS: Reading(nodes, web.now())}
    web.site.pulse._readings |= seen


def past(web: Web) -> None:
    """Let a day have been written down before: charts need one."""
    now, totals = web.now(), {"created": 0, "updated": 0, "unchanged": 0}
    with web.site.database.begin() as conn:
        for hours in range(24, 0, -1):
            working = 6 <= (now - timedelta(hours=hours)).hour <= 19
            totals["updated"] += (3 + hours * 7 % 11) * (4 if working else 1)
            totals["unchanged"] += hours * 5 % 13
            values = {f"outcome.{name}": n for name, n in totals.items()}
            values |= {"members.contacts": 52 + (24 - hours) // 3, "errors": 3}
            at = now - timedelta(hours=hours)
            samples.put(conn, values, at=at, forget=now - timedelta(days=8))


def plan(web: Web, choice: Choice | None) -> str:
    """Make a plan, and return its id."""
    plans = web.site.plans
    draft = plans.begin("contacts", limit=None, by="anna", choice=choice)

    def ended() -> bool:
        kept = plans.get(draft.id)
        return kept is not None and kept.ended_at is not None

    wait_until(ended, what="the plan")
    return draft.id


def take(anna: Person, name: str, path: str) -> None:
    anna.go(path)
    shoot(anna, name)


def shoot(anna: Person, name: str) -> None:
    anna.page.screenshot(path=FOLDER / f"{name}.png", full_page=name in WHOLE)
