"""What Guestlist does in each workload; every function runs in a process of its own."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import redis

from benchmarks import machine
from benchmarks.row import Row
from benchmarks.site import BY, FREE, OBJECT, Site, installed
from benchmarks.world import SALESFORCE, save
from guestlist.engine import follow
from guestlist.engine.launch import start_list
from guestlist.store import members
from tests.services.postgres_server import fresh_database, postgres_binaries, running_postgres

POLLS = ("tasks.producers.poll_hubspot", "tasks.producers.poll_salesforce")
JOINS = "tasks.producers.poll_joins"
LEAVES = "tasks.producers.poll_leaves"
TICK_S = 3.0
"""A poll reads up to the last whole second that is over: what changed waits for the next."""
QUIET_S = 1800.0
"""Longer than any poll reaches back: what was written before is not read once more."""


def list_syncs(world: Path, contacts: int) -> list[Row]:
    """Cold, unchanged, one per cent changed, and nothing changed at all."""
    save(world, contacts)
    with installed(world, FREE) as site:
        sizes = [site.database_bytes()]
        cold = replace(site.measured("cold list sync", lambda: whole(site)), correct=exact(site))
        sizes.append(site.database_bytes())
        unchanged = site.measured("unchanged list sync", lambda: whole(site))
        sizes.append(site.database_bytes())
        cold, unchanged = (
            replace(row, more={"database_bytes_per_record": round((after - before) / row.records)})
            for row, before, after in zip((cold, unchanged), sizes, sizes[1:], strict=False)
        )
        follow.turn_on(site.services, OBJECT, by=BY)
        poll(site, *POLLS, JOINS)
        return [
            cold,
            unchanged,
            *quiet(site, contacts),
            changed(site, contacts),
            changed_back(site, contacts // 10),
        ]


def on_postgresql(world: Path, contacts: int) -> list[Row]:
    """Cold and unchanged with the state in PostgreSQL; no row where it is not installed."""
    if postgres_binaries() is None:
        return []
    save(world, contacts)
    with running_postgres() as sockets, fresh_database(sockets) as url:
        pid = int((sockets / "data" / "postmaster.pid").read_text().split()[0])
        with installed(world, {**FREE, "database_url": url}) as site:
            site.others["postgresql"] = pid
            cold = site.measured("cold list sync, PostgreSQL", lambda: whole(site))
            unchanged = site.measured("unchanged list sync, PostgreSQL", lambda: whole(site))
            return [replace(cold, correct=exact(site)), unchanged]


def whole(site: Site, *, watch: Callable[[], object] = lambda: None) -> int:
    """Sync the list; its number of members."""
    run = site.ended(start_list(site.services, OBJECT, by=BY), watch=watch)
    if run.failed or run.held:
        raise SystemExit(f"a plain world does not sync: {run}")
    return run.enumerated


def exact(site: Site) -> bool:
    """Tell whether Salesforce holds each member once, with HubSpot's values, and nobody else."""
    return holds(
        site.sandbox.control.records("hubspot", "contacts"),
        site.sandbox.control.records("salesforce", "Contact"),
        site.sandbox.control.members(site.sandbox.list_id),
    )


def holds(contacts: list[Any], rows: list[Any], members: frozenset[str]) -> bool:
    wanted = {
        each["id"]: {field: _fields(each)[name] for name, field in SALESFORCE.items()}
        for each in contacts
        if each["id"] in members
    }
    found = {row["HubSpot_Contact_Id__c"]: row for row in map(_fields, rows)}
    if len(found) != len(rows) or found.keys() != wanted.keys():
        return False
    return all(
        found[id][field] == value for id, held in wanted.items() for field, value in held.items()
    )


def _fields(row: Any) -> Any:
    return row["fields"]


def poll(site: Site, *tasks: str) -> None:
    """Beat, again if one look is not enough, and wait for the end of what it found."""
    began = site.services.clock()
    for task in tasks:
        site.send(task)
    streams = tuple(task.rpartition("poll_")[2] for task in tasks)
    site.wait(lambda: _looked(site, streams, began) and site.quiet(), beat=tasks, every_s=1)


def _looked(site: Site, streams: tuple[str, ...], since: datetime) -> bool:
    """Tell whether each of the streams was looked at since then."""
    (followed,) = follow.status(site.services)
    places = [place for place in followed.places if place.stream.startswith(streams)]
    return len(places) >= len(streams) and all(
        place.looked_at and place.looked_at > since for place in places
    )


def quiet(site: Site, contacts: int) -> list[Row]:
    """Ten looks at both CRMs and at who joined, with nothing changed."""
    looks = 10
    site.sandbox.move(QUIET_S)
    poll(site, *POLLS, JOINS)

    def look() -> int:
        for _ in range(looks):
            poll(site, *POLLS, JOINS)
        return looks

    row = site.measured("quiet poll", look, note=f"a look, {contacts:,} contacts")
    return [replace(row, more={"contacts": contacts})]


def changed(site: Site, contacts: int) -> Row:
    """One contact in a hundred gets another title; half of them are members."""
    records = site.sandbox.control.records("hubspot", "contacts")
    ids = [each["id"] for each in records[: contacts // 100]]
    site.sandbox.change(ids, jobtitle="Somebody Else")
    time.sleep(TICK_S)
    inside = len(site.sandbox.control.members(site.sandbox.list_id).intersection(ids))

    def look() -> int:
        poll(site, *POLLS)
        return len(ids)

    row = site.measured("1 % changed", look, note=f"{inside} of them members")
    titles = [
        _fields(each)["Title"] for each in site.sandbox.control.records("salesforce", "Contact")
    ]
    return replace(row, correct=titles.count("Somebody Else") == inside)


def changed_back(site: Site, number: int) -> Row:
    """So many contacts get another title in Salesforce: HubSpot is written."""
    rows = [each["id"] for each in site.sandbox.control.records("salesforce", "Contact")]
    site.sandbox.change_rows(rows[:number], Title="Somebody There")
    time.sleep(TICK_S)

    def look() -> int:
        poll(site, POLLS[1])
        return number

    row = site.measured("changed in Salesforce, to HubSpot", look)
    titles = [
        _fields(each)["jobtitle"] for each in site.sandbox.control.records("hubspot", "contacts")
    ]
    return replace(row, correct=titles.count("Somebody There") == number)


def list_only(world: Path, contacts: int) -> list[Row]:
    """A list of everybody is read whole, to see who left: nobody did."""
    save(world, contacts, everybody=True)
    with installed(world, FREE) as site:
        follow.turn_on(site.services, OBJECT, by=BY)
        poll(site, *POLLS, JOINS)

        def look() -> int:
            poll(site, LEAVES)
            return contacts

        row = site.measured("list read whole", look, note="kept: who is in it")
        with site.services.database.read() as connection:
            known = members.count(connection, OBJECT, site.sandbox.list_id)
        return [replace(row, correct=known == contacts)]


def quiet_only(world: Path, contacts: int) -> list[Row]:
    """A quiet poll of a portal of another size, whose list nobody synced."""
    save(world, contacts)
    with installed(world, FREE) as site:
        follow.turn_on(site.services, OBJECT, by=BY)
        poll(site, *POLLS, JOINS)
        return quiet(site, contacts)


def same_moment(world: Path, contacts: int) -> list[Row]:
    """All contacts are changed in one millisecond; HubSpot's search ends at 10,000."""
    save(world, contacts)
    with installed(world, FREE) as site:
        follow.turn_on(site.services, OBJECT, by=BY)
        poll(site, *POLLS, JOINS)
        site.sandbox.freeze()
        ids = [each["id"] for each in site.sandbox.control.records("hubspot", "contacts")]
        site.sandbox.change(ids, jobtitle="Moved")
        site.sandbox.thaw()
        time.sleep(TICK_S)

        def look() -> int:
            poll(site, POLLS[0])
            return contacts

        row = site.measured("changed in one millisecond", look, note="every one seen")
        return [replace(row, correct=exact(site))]


def latency(world: Path, contacts: int) -> list[Row]:
    """Every call takes 80 ms, as over a real network."""
    save(world, contacts)
    with installed(world, FREE) as site:
        site.sandbox.delay(0.08)
        row = site.measured("80 ms a call, cold", lambda: whole(site))
        return [replace(row, correct=exact(site))]


def large(world: Path, contacts: int) -> list[Row]:
    """A list of very many: memory of the workers and the broker, and what the database grows."""
    save(world, contacts, everybody=True)
    with installed(world, FREE) as site:
        before = site.database_bytes()
        row = site.measured("list of very many, cold", lambda: whole(site))
        with redis.Redis.from_url(site.broker.url) as client:
            memory: Any = client.info("memory")
        told = {
            "redis_peak_mb": round(memory["used_memory_peak"] / 2**20, 1),
            "database_bytes_per_record": round((site.database_bytes() - before) / contacts),
            "workers_mb": [round(machine.peak_mb(pid), 1) for pid in site.pids()["workers"]],
        }
        return [replace(row, more=told)]
