"""D2 to D9 of the catalogue: what the CRMs take away half-way comes back without a loss."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from structlog.typing import EventDict

from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.engine.changes import poll_hubspot
from guestlist.engine.follow import turn_on
from guestlist.engine.launch import start_records
from guestlist.store.runs import Run
from sandbox.crm import CRM
from sandbox.fault_bodies import Limit
from sandbox.faults import Kind
from schemas.settings import Secret
from tests.engine.conftest import Install
from tests.engine.crash import Killed, Tripwire, doomed
from tests.engine.judge import accounted, nobody_outside_was_written, nothing_is_there_twice
from tests.engine.world import Installation

MINUTE = 60.0
MEMBERS = 6
WIDTH = 2
Record = Callable[[str, object], None]


def _all_arrived(here: Installation, run: Run) -> None:
    done = here.the_run(run)
    assert (done.state, done.created, done.failed) == (RunState.COMPLETE, MEMBERS, 0)
    accounted(here, done)
    nobody_outside_was_written(here)
    nothing_is_there_twice(here)


@pytest.mark.parametrize("crm", CRM)
def test_D2_a_day_used_up_at_any_call_is_waited_for_and_resumed_within_a_minute(
    install: Install, crm: CRM, record_property: Record
) -> None:
    slowest = 0.0
    for step in count():
        here = install(lanes__bulk__width=WIDTH)
        here.contacts(MEMBERS)
        run = here.start()
        fault = here.fault(crm, Kind.QUOTA_SPENT, after=step)
        here.work()
        if here.the_run(run).state is RunState.COMPLETE:
            here.close()
            break
        here.move(300)
        here.sweep()
        here.work()
        writes = len(here.writes())
        here.world.faults.remove(fault)
        reset = here.now()
        here.settle()
        _all_arrived(here, run)
        assert len(here.writes()) > writes
        slowest = max(slowest, (here.now() - reset).total_seconds())
        here.close()
    assert step > 3
    assert slowest <= MINUTE
    record_property("figure", f"resumed within {slowest:.0f} s of the reset")


def test_D2_what_salesforce_took_counts_though_hubspot_takes_nothing_today(
    install: Install,
) -> None:
    here = install()
    here.row("Contact", Email="ada@example.com", FirstName="Ada")
    ada = here.contact("ada@example.com")
    others = here.contacts(3)
    fault = here.fault(CRM.HUBSPOT, Kind.QUOTA_SPENT, "POST */batch/update")
    run = here.start()
    here.work()
    calls = sum(here.calls().values())
    assert {key: row.outcome for key, row in here.rows(run).items()} == {
        ada: None,
        **dict.fromkeys(others, Outcome.CREATED),
    }
    assert here.rows(run)[ada].reason is Reason.BUDGET_HELD
    here.world.faults.remove(fault)
    here.settle()
    done = here.the_run(run)
    assert (done.state, done.created, done.failed) == (RunState.COMPLETE, 3, 0)
    assert sum(here.calls().values()) > calls, "only Ada is looked at again"
    accounted(here, done)
    nothing_is_there_twice(here)


@pytest.mark.parametrize("revoked", [CRM.HUBSPOT, CRM.SALESFORCE])
def test_D4_revoked_credentials_cost_two_further_calls_and_lose_nothing(
    install: Install, revoked: CRM, record_property: Record
) -> None:
    here = install(lanes__bulk__width=WIDTH)
    here.contacts(MEMBERS)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.carry_out(here.post.waiting.popleft())
    kept = _revoke(here, revoked)
    before = _asked(here, revoked)
    here.work()
    here.move(30)
    here.sweep()
    here.work()
    further = _asked(here, revoked) - before
    assert further <= 2, f"{further} calls after the credentials were revoked"
    waiting = {row.reason for row in here.rows(run).values() if not row.outcome}
    assert waiting == {Reason.TOKEN_EXPIRED}
    record_property("figure", f"{further} further calls")
    kept()
    here.settle()
    _all_arrived(here, run)


def _revoke(here: Installation, crm: CRM) -> Callable[[], object]:
    """Take our credentials away; what gives them back."""
    held, portal, org = here.world.credentials, here.world.portal, here.world.org
    if crm is CRM.HUBSPOT:
        fault = here.fault(CRM.HUBSPOT, Kind.UNAUTHORIZED)
        return lambda: here.world.faults.remove(fault)
    client = org.clients.pop(held.salesforce_client_id)
    org.sessions.clear()
    assert portal
    return lambda: org.clients.update({held.salesforce_client_id: client})


def _asked(here: Installation, crm: CRM) -> int:
    """How often the CRM was asked anything, a token too."""
    return here.services.hubspot.calls if crm is CRM.HUBSPOT else here.services.salesforce.calls


@pytest.mark.parametrize(
    "step", ["after POST /services/oauth2/token", "before POST /services/data"]
)
def test_D5_a_process_killed_around_its_token_leaves_nothing_that_another_needs(
    install: Install, step: str
) -> None:
    """No token is kept at rest: the next process asks for one of its own, once."""
    here = install(lanes__bulk__width=WIDTH)
    here.contacts(MEMBERS)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    asked: list[str] = []
    here.watches.append(lambda _m, url, _b: asked.append(url) if "oauth2/token" in url else None)
    wire = _AtToken(step)
    with pytest.raises(Killed):
        here.work(doomed(here, wire))
    assert wire.sprung, "no token was asked for"
    assert len(asked) == 1
    here.move(here.loaded.settings.flow.lease_s + 1)
    here.settle(here.worker())
    _all_arrived(here, run)
    assert len(asked) == 2


class _AtToken(Tripwire):
    """Springs at the first step of that kind once a token was asked for."""

    def __init__(self, step: str) -> None:
        super().__init__(-1)
        self._step = step
        self._asked = False

    def step(self, where: str) -> None:
        self._asked |= "oauth2/token" in where and where.startswith("after")
        if self.sprung or (self._asked and where.startswith(self._step)):
            self.sprung, self.where = True, where
            raise Killed
        super().step(where)


def test_D9_a_poison_record_is_isolated_in_few_calls_and_the_others_keep_their_pace(
    install: Install, record_property: Record
) -> None:
    """A batch that a CRM refuses as a whole is halved: 2 log2(n) + 1 calls find the one."""
    size = 64
    here = install(lanes__bulk__width=size)
    for n in range(size):
        here.contact(f"p{n}@example.com", jobtitle="")
        here.row("Contact", Email=f"p{n}@example.com", Title="Countess")
    poison = sorted(here.world.portal.store_of("contacts").records)[42]
    calls: list[int] = []

    def refuse(_method: str, url: str, body: bytes) -> None:
        if "batch/update" in url:
            calls.append(body.count(b'"objectWriteTraceId"'))
            if f'"id":"{poison}"'.encode() in body:
                here.fault(CRM.HUBSPOT, Kind.STATUS, "POST */batch/update", status=400, times=1)

    here.watches.append(refuse)
    run = here.run()
    assert (run.updated, run.failed) == (size - 1, 1)
    assert here.outcomes(run)[poison] is Outcome.FAILED
    assert len(calls) <= 2 * math.log2(size) + 1
    record_property("figure", f"isolated among {size} in {len(calls)} calls, {size - 1} applied")


def test_D9_a_record_that_ends_its_worker_leaves_the_others_their_pace(
    install: Install, record_property: Record
) -> None:
    """Of a hundred, all but the batch of the poison one end in their first try."""
    here = install(retries__attempts=5, lanes__bulk__width=5)
    keys = here.contacts(100)
    poison = keys[42]

    def strike(_method: str, url: str, body: bytes) -> None:
        if "batch/read" in url and f'"{poison}"'.encode() in body:
            raise KeyboardInterrupt

    here.watches.append(strike)
    run = here.start()
    here.work(unexpected=KeyboardInterrupt)
    first = here.the_run(run).created
    assert first >= 95
    here.settle(unexpected=KeyboardInterrupt)
    done = here.the_run(run)
    assert (done.created, done.failed) == (99, 1)
    assert here.rows(run)[poison].attempts <= 6
    record_property("figure", f"{first} of 99 others at their usual pace")


def test_D1_refused_calls_name_their_end_and_nobody_calls_before_it(install: Install) -> None:
    here = install(lanes__bulk__width=WIDTH)
    here.contacts(MEMBERS)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.fault(CRM.HUBSPOT, Kind.STATUS, "*", status=429, limit=Limit.BURST, times=1)
    here.work()
    refused_at, sent = here.now(), []
    here.watches.append(lambda _m, url, _b: sent.append(here.now()) if "hubspot" in url else None)
    start_records(here.services, "contacts", [*here.rows(run)], by="tester")
    here.settle()
    assert sent
    assert (sent[0] - refused_at).total_seconds() >= 9
    assert here.the_run(run).state is RunState.COMPLETE


def test_D6_a_session_of_another_org_writes_nothing_and_the_own_one_goes_on(
    install: Install,
) -> None:
    """An org that is split or moved answers at another address, and may be another one."""
    here = install(lanes__bulk__width=WIDTH)
    here.contacts(MEMBERS)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.carry_out(here.post.waiting.popleft())
    org = here.world.org
    ours, org.organization_id = org.organization_id, "00D000000000001AAA"
    org.sessions.clear()
    before = len(here.writes())
    assert before
    here.work()
    here.move(301)
    here.sweep()
    here.work()
    assert len(here.writes()) == before
    told = {row.facts["message"] for row in here.rows(run).values() if not row.outcome}
    assert all(ours in each and org.organization_id in each for each in told)
    assert told
    org.organization_id = ours
    org.sessions.clear()
    here.settle()
    _all_arrived(here, run)


def test_D10_credentials_of_another_portal_write_nothing_and_poll_nothing(
    install: Install, logged: list[EventDict]
) -> None:
    here = install(lanes__bulk__width=WIDTH)
    here.contacts(MEMBERS)
    turn_on(here.services, "contacts", by="tester")
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    portal = here.world.portal
    ours, portal.portal_id = portal.portal_id, 99
    other = Secret(here.world.credentials.hubspot_user_token)
    settings = here.loaded.settings
    swapped = replace(settings, hubspot=replace(settings.hubspot, token=other))
    stranger = here.worker(loaded=replace(here.loaded, settings=swapped))
    here.work(stranger)
    here.move(MINUTE)
    poll_hubspot(stranger)
    assert here.writes() == []
    assert {row.reason for row in here.rows(run).values()} == {Reason.TOKEN_EXPIRED}
    assert {"event": "poll_waits", "error": "OtherAccount"}.items() <= logged[-1].items()
    portal.portal_id = ours
    here.move(301)
    here.sweep()
    here.settle(stranger)
    _all_arrived(here, run)


def test_E9_a_claim_that_finds_no_room_writes_nothing_and_is_made_once_there_is(
    install: Install, database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("a full disk is staged on SQLite")
    here = install(lanes__bulk__width=WIDTH)
    here.contacts(MEMBERS)
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    full = here.worker()
    event.listen(full.database.engine, "begin", _out_of_room)
    here.work(full, unexpected=OperationalError)
    assert here.writes() == []
    here.move(here.loaded.settings.flow.lease_s)
    here.sweep()
    here.settle()
    _all_arrived(here, run)


def _out_of_room(connection: Connection) -> None:
    """Let the next page that is needed find the disk full."""
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS filling (x)")
    connection.exec_driver_sql("INSERT INTO filling VALUES (randomblob(1000000))")
