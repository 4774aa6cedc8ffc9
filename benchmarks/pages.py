"""Measure what a page of the console costs on a large database: CPU of the thread, and bytes.

``python -m benchmarks.pages``: a million links, a run over a million records, 50,000 open errors,
thousands of runs, a week of samples; everything made up, in a folder that is removed again.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from apiflask import APIFlask
from sqlalchemy import Connection, delete, insert, text

from benchmarks import machine
from console.web.app import create_app
from console.web.credentials import digest, new_token
from console.web.site import EXTENSION, Site
from guestlist.domain.outcome import RunKind, RunState
from guestlist.domain.reason import Reason
from guestlist.domain.role import Role
from guestlist.engine import lists
from guestlist.store import access, tables
from guestlist.store.columns import to_ms
from guestlist.store.database import Database
from guestlist.store.schema import upgrade
from sandbox.mount import serve
from sandbox.seed import seed
from sandbox.world import World
from schemas.records import Crm
from schemas.settings import Lane
from worker.celery import app as celery
from worker.publisher import CeleryPublisher
from worker.settings import load
from worker.wiring import build, now

METHOD = (
    "CPU of the thread that makes the page (time.thread_time around the whole request, through "
    "Flask's test client), median and largest of the rounds after one to warm up; both CRMs are "
    "sandboxes over HTTP in other threads, whose CPU is not in it. SQLite."
)
ROUNDS = 9
GOAL_MS, ERRORS_GOAL_MS, GOAL_BYTES = 100.0, 150.0, 100_000
BIG = "r_big"
CAUSES = 40
RUNS, POLLED = 500, 5_000
AUDITED = 50_000
MINUTES = 8 * 24 * 60
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "


class Cost(NamedTuple):
    """What one address costs."""

    path: str
    median_ms: float
    largest_ms: float
    size: int

    @property
    def met(self) -> bool:
        goal = ERRORS_GOAL_MS if "/errors" in self.path else GOAL_MS
        small = self.size < GOAL_BYTES or self.path.startswith("/api/")
        return self.median_ms < goal and small


def fill(database: Database, *, links: int, errors: int, at: datetime) -> str:
    """Make everything up, and return a fingerprint that many errors have."""
    with database.begin() as conn:
        _runs(conn, links, at)
        _links(conn, links, at)
        _work(conn, links, at)
        _problems(conn, errors, at)
        _samples(conn, at)
        lines = [
            {"at": at, "who": "anna", "what": "run.started", "detail": {"run": f"r_{number}"}}
            for number in range(AUDITED)
        ]
        conn.execute(insert(tables.audit), lines)
        conn.execute(text("ANALYZE"))
    return "cause0"


def _runs(conn: Connection, links: int, at: datetime) -> None:
    kinds = [RunKind.LIST] * RUNS + [RunKind.CHANGES] * POLLED
    rows = [
        {
            "id": f"r_{number:06}",
            "kind": kind,
            "created_at": at - timedelta(minutes=number + 1),
            "enumerated": 40,
            "updated": 20,
            "unchanged": 18,
            "failed": 2,
        }
        for number, kind in enumerate(kinds)
    ]
    failed = links // 20
    big = {
        "id": BIG,
        "kind": RunKind.LIST,
        "created_at": at,
        "enumerated": links,
        "created": links - failed,
        "failed": failed,
    }
    usual = {
        "object": "contacts",
        "lane": "bulk",
        "state": RunState.COMPLETE,
        "requested_by": "anna",
        "finished_at": at,
        "enumerating": False,
        "created": 0,
        "updated": 0,
        "unchanged": 0,
        "failed": 0,
    }
    conn.execute(insert(tables.runs), [{**usual, **row} for row in (*rows, big)])


def _links(conn: Connection, most: int, at: datetime) -> None:
    agreed = orjson.dumps({"email": ["a@example.com", "a@example.com"]}).decode()
    statement = f"""{COUNT} INSERT INTO links
        (object, key, twin_type, twin_id, agreed, linked_at, agreed_at)
        SELECT 'contacts', CAST(i AS TEXT), 'Contact', printf('003%015d', i), :agreed, :at, :at
        FROM n"""  # noqa: S608 - nothing of it comes from outside
    conn.execute(text(statement), {"most": most, "agreed": agreed, "at": to_ms(at)})


def _work(conn: Connection, most: int, at: datetime) -> None:
    changes = orjson.dumps([["salesforce", "Title", None, "CTO"]]).decode()
    statement = f"""{COUNT} INSERT INTO work
        (run_id, key, state, attempts, outcome, reason, changes, twin_type, twin_id, finished_at)
        SELECT :run, CAST(i AS TEXT), 'done', 1,
          CASE WHEN i % 20 THEN 'created' ELSE 'failed' END,
          CASE WHEN i % 20 THEN 'SYNCED' ELSE 'VALIDATION_RULE' END,
          :changes, 'Contact', printf('003%015d', i), :at FROM n"""  # noqa: S608
    values = {"most": most, "run": BIG, "changes": changes, "at": to_ms(at)}
    conn.execute(text(statement), values)


def _problems(conn: Connection, most: int, at: datetime) -> None:
    reasons = [Reason.VALIDATION_RULE, Reason.PICKLIST_VALUE, Reason.REQUIRED_MISSING]
    rows: Iterator[dict[str, Any]] = (
        {
            "object": "contacts",
            "key": str(20 * number),
            "reason": reasons[number % CAUSES % len(reasons)],
            "fingerprint": f"cause{number % CAUSES}",
            "crm": Crm.SALESFORCE,
            "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "message": f"Rule {number % CAUSES}: an account manager needs a phone number here.",
            "fields": ["Phone", "Title"],
            "correlation_id": f"c-{number}",
            "run_id": BIG,
            "first_at": at - timedelta(minutes=number % 4000),
            "last_at": at,
            "attempts": 3,
        }
        for number in range(1, most + 1)
    )
    conn.execute(insert(tables.problems), list(rows))


def _samples(conn: Connection, at: datetime) -> None:
    names = ["errors", "calls.hubspot", "calls.salesforce", "members.contacts"]
    names += [f"outcome.{each}" for each in ("created", "updated", "unchanged", "held", "failed")]
    rows = [
        {"name": name, "at": at - timedelta(minutes=minute), "value": 10 * (MINUTES - minute)}
        for name in names
        for minute in range(MINUTES)
    ]
    conn.execute(insert(tables.samples), rows)


@contextmanager
def installed(folder: Path) -> Iterator[tuple[APIFlask, str]]:
    """Serve a sandbox, and a console beside it with nothing in its database; and a contact."""
    world = World("pages")
    seed(world, contacts=500)
    world.lift_limits()
    with serve(world) as addresses:
        held = world.credentials
        environ = {
            "GUESTLIST_DEVELOPMENT": "true",
            "GUESTLIST_BROKER_URL": "memory://",
            "GUESTLIST_STATE_DIR": str(folder),
            "GUESTLIST_HUBSPOT_BASE_URL": addresses.hubspot,
            "GUESTLIST_HUBSPOT_TOKEN": held.hubspot_token,
            "GUESTLIST_SALESFORCE_LOGIN_URL": addresses.salesforce,
            "GUESTLIST_SALESFORCE_CLIENT_ID": held.salesforce_client_id,
            "GUESTLIST_SALESFORCE_CLIENT_SECRET": held.salesforce_client_secret,
        }
        loaded = load(environ, directory=folder)
        upgrade(loaded.settings.database_url)
        services = build(loaded, CeleryPublisher(celery))
        wanted = str(world.landmarks["lists"]["inclusion"])
        definition = services.hubspot.on(Lane.INTERACTIVE).list(wanted)
        lists.use(services, "contacts", definition, by="benchmark")
        person = next(iter(world.landmarks["people"].values()))
        yield create_app(loaded, services), str(person)
        services.database.dispose()


def paths(cause: str, person: str) -> list[str]:
    """Return every page, and its heavier twins."""
    api = "/api/v1"
    pages = [
        *("/", "/?span=week", "/runs", "/runs?polls=on", f"/runs/{BIG}"),
        *(f"/runs/{BIG}?outcome=failed", f"/runs/{BIG}?after=500000"),
        *("/errors", f"/errors/{cause}", f"/errors/{cause}?after=500000"),
        *(
            f"/records?q={person}",
            "/list",
            "/list/new?property=lifecyclestage",
            "/plans",
            "/imports",
        ),
        *("/mapping", "/mapping/fields", "/mapping/row?was=jobtitle", "/mapping/text"),
        *("/mapping/versions", "/settings", "/audit", "/workers", "/access", "/codes"),
    ]
    twins = ("/health", "/runs", f"/runs/{BIG}", f"/runs/{BIG}/records?limit=200", "/errors")
    return [*pages, *(f"{api}{each}" for each in (*twins, "/errors/records?limit=200"))]


def measured(app: APIFlask, every: Sequence[str]) -> list[Cost]:
    """Ask for each address a few times."""
    here: Site = app.extensions[EXTENSION]
    token, client = new_token(), app.test_client()
    with here.database.begin() as conn:
        made = access.add_token(
            conn, "pages", digest=digest(token), role=Role.ADMIN, who="benchmark", now=now()
        )
    assert made
    header = {"Authorization": f"Bearer {token}"}
    here.pulse.watch()
    here.pulse.beat()
    costs = []
    for path in every:
        spent, size = [], 0
        for _ in range(ROUNDS + 1):
            begun = time.thread_time()
            answer = client.get(path, headers=header)
            spent.append(1000 * (time.thread_time() - begun))
            size = len(answer.data)
            assert answer.status_code == 200, f"{path}: {answer.text[:2000]}"
        costs.append(Cost(path, statistics.median(spent[1:]), max(spent[1:]), size))
    return costs


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--links", type=int, default=1_000_000)
    asked.add_argument("--errors", type=int, default=50_000)
    asked.add_argument("--out", type=Path, help="keep the figures in this file, as JSON")
    options = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        installed(Path(folder)) as (app, person),
    ):
        here: Site = app.extensions[EXTENSION]
        cause = fill(here.database, links=options.links, errors=options.errors, at=now())
        with here.database.begin() as conn:  # the sandbox knows no such twin
            conn.execute(delete(tables.links).where(tables.links.c.key == person))
        costs = measured(app, paths(cause, person))
    for each in costs:
        word = "" if each.met else "  MISSED"
        cpu = f"{each.median_ms:8.1f} ms {each.largest_ms:8.1f} ms"
        print(f"{cpu} {each.size:8,} B  {each.path}{word}")
    if options.out:
        kept = {
            "method": METHOD,
            "machine": machine.described(),
            "load": os.getloadavg()[0],
            "links": options.links,
            "errors": options.errors,
            "pages": [each._asdict() for each in costs],
        }
        options.out.write_text(json.dumps(kept, indent=1) + "\n")
    return 0 if all(each.met for each in costs) else 1


if __name__ == "__main__":
    sys.exit(main())
