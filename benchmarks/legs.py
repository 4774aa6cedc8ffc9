"""One leg of the way each: read everybody, read a list, read what changed, write back."""

import time
from collections.abc import Iterator

from benchmarks.peers import BATCHED, CLIENTS, Let, Peer, run
from benchmarks.row import Row
from benchmarks.site import Sandbox

SETTLED_S = 1.0
"""Until the next change has a time of its own."""
READ = Peer(
    "hubspot-api-client",
    "benchmarks.peer.read_all",
    CLIENTS,
    whole=False,
    lacks="reads only; keeps nothing",
)
READ_LIST = Peer(
    "hubspot-api-client",
    "benchmarks.peer.read_list",
    CLIENTS,
    whole=False,
    lacks="reads only; keeps nothing",
)
WRITE_BACK = Peer(
    "script, batched",
    "benchmarks.peer.write_back",
    CLIENTS,
    whole=False,
    lacks="no state, no gate, no conflicts, no retries",
)
DLT = Peer(
    "dlt 1.31 to DuckDB",
    "benchmarks.peer.dlt_read",
    ("dlt[duckdb]==1.31.0",),
    whole=False,
    lacks="reads only; no list, no Salesforce; keeps a copy",
)
TAP = Peer(
    "tap-hubspot 4.5",
    "benchmarks.peer.tap_read",
    ("tap-hubspot==4.5.0",),
    whole=False,
    lacks="reads only; no Salesforce; its target counts and keeps nothing",
)
LISTS = {"PEER_STREAMS": "contact_lists,list_memberships"}


def legs(contacts: int, *, of_list: int, at_once: int) -> Iterator[Row]:
    """Let the peers do the legs they can do."""
    for peer in (READ, TAP, DLT):
        yield run(peer, contacts, "read all contacts")
    yield run(DLT, contacts, "limits on, read all contacts", limits=True)
    yield run(TAP, contacts, "limits on, read all contacts", limits=True)
    yield run(TAP, contacts, "1 % changed", first=_one_per_cent)
    yield run(WRITE_BACK, contacts, "changed in Salesforce, to HubSpot", first=_changed_back)
    yield run(READ_LIST, of_list, "list read whole", everybody=True)
    yield run(TAP, of_list, "list read whole", everybody=True, environ=LISTS)
    yield run(TAP, at_once, "changed in one millisecond", first=_one_moment)


def _one_per_cent(sandbox: Sandbox, let: Let) -> int:
    ids = _read_and_settled(sandbox, let)
    changed = ids[: len(ids) // 100]
    sandbox.change(changed, jobtitle="Somebody Else")
    return len(changed)


def _read_and_settled(sandbox: Sandbox, let: Let) -> list[str]:
    """Let the tap get past the moment in which all of this world was made: it reads that again."""
    ids = [each["id"] for each in sandbox.control.records("hubspot", "contacts")]
    for _ in range(2):
        let(TAP)
        time.sleep(SETTLED_S)
        sandbox.change(ids[:1], jobtitle="Somebody New")
    return ids


def _one_moment(sandbox: Sandbox, let: Let) -> int:
    ids = _read_and_settled(sandbox, let)
    sandbox.freeze()
    sandbox.change(ids, jobtitle="Moved")
    sandbox.thaw()
    return len(ids)


def _changed_back(sandbox: Sandbox, let: Let) -> int:
    let(BATCHED)
    rows = [each["id"] for each in sandbox.control.records("salesforce", "Contact")]
    number = len(rows) // 5
    sandbox.change_rows(rows[:number], Title="Somebody There")
    return number
