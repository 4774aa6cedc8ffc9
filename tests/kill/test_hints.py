"""Webhooks of both CRMs through real processes: changes cross over with no poll to find them."""

import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from sandbox.hubspot.webhooks import signed
from tests.kill.stage import Stage, stage
from tests.services.processes import free_port, wait_until

HUBSPOT_SECRET = "made-up-client-secret"
SALESFORCE_SECRET = "made-up-made-up-made-up-made-up-made-up"
RUN = "from console.cli import main; main()"
EDITS = 12
TWO_WAY = """
[[objects.contacts.fields]]
hubspot = "jobtitle"
rule = "two_way"
"""
Edit = tuple[str, str, str, float]
"""The record, its twin, the new value, and when a person wrote it."""

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A worker and the console, and both CRMs sending to it; a list is synced, nothing followed."""
    folder = tmp_path_factory.mktemp("hints")
    with stage(folder, f"sqlite:///{folder / 'state.db'}") as it:
        (folder / "guestlist.toml").write_text(TWO_WAY)
        it.start_redis()
        it.start_sandbox("--contacts", "150")
        it.environ |= {
            "GUESTLIST_HUBSPOT_WEBHOOK_SECRET": HUBSPOT_SECRET,
            "GUESTLIST_SALESFORCE_OUTBOUND_SECRET": SALESFORCE_SECRET,
            "GUESTLIST_SALESFORCE_ORGANIZATION_ID": organization(it),
        }
        it.guestlist("database", "upgrade")
        it.guestlist("list", "use", str(it.sandbox["lists"]["inclusion"]), "--yes")
        it.worker("one")
        it.environ["GUESTLIST_CONSOLE_PORT"] = str(port := free_port())
        address = f"http://127.0.0.1:{port}"
        it._run("web", [sys.executable, "-c", RUN, "web"])
        wait_until(lambda: answers(f"{address}/healthz"), what="the console")
        it.guestlist("sync", "start", "--wait", "--yes", code=1)
        control(it, "hubspot/webhook", url=f"{address}/webhooks/hubspot", secret=HUBSPOT_SECRET)
        path = f"{address}/webhooks/salesforce/{SALESFORCE_SECRET}"
        control(it, "salesforce/outbound-message", url=path, repeat=0.5)
        yield it


def organization(it: Stage) -> str:
    """Return the org's id as its token endpoint tells it."""
    form = {
        "grant_type": "client_credentials",
        "client_id": it.sandbox["salesforce_client_id"],
        "client_secret": it.sandbox["salesforce_client_secret"],
    }
    url = f"{it.sandbox['salesforce']}/services/oauth2/token"
    told = requests.post(url, data=form, timeout=30).json()
    return str(told["id"]).split("/")[-2]


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def control(it: Stage, route: str, **body: Any) -> Any:
    answer = requests.post(f"{it.sandbox['hubspot']}/sandbox/{route}", json=body, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def linked(it: Stage) -> list[tuple[str, str]]:
    """Return (contact, Salesforce contact) pairs that the sync made."""
    return [
        (each["fields"]["HubSpot_Contact_Id__c"], each["id"])
        for each in it.rows("salesforce", "Contact")
        if each["fields"].get("HubSpot_Contact_Id__c")
    ][:EDITS]


def ours(it: Stage, crm: str, id: str, name: str, value: str) -> float | None:
    """Return when our own write of a value was accepted, by the sandbox's clock."""
    for entry in it.journal():
        if (entry["crm"], entry["id"]) == (crm, id) and entry["fields"].get(name) == value:
            return float(entry["at"])
    return None


def seconds(
    it: Stage, edits: list[tuple[str, str, str, float]], crm: str, name: str
) -> list[float]:
    """Return how long each edit took to the other CRM, once all are there."""

    def all_there() -> bool:
        written = {
            (entry["id"], entry["fields"].get(name))
            for entry in it.journal()
            if entry["crm"] == crm
        }
        return all((twin, value) in written for _, twin, value, _ in edits)

    wait_until(all_there, what=f"every edit in {crm}", patience=90)
    took = []
    for _, twin, value, at in edits:
        written_at = ours(it, crm, twin, name, value)
        assert written_at is not None
        took.append(written_at - at)
    return took


def told(took: list[float]) -> str:
    p95 = statistics.quantiles(took, n=20)[-1]
    return f"p50 {statistics.median(took):.2f} s, p95 {p95:.2f} s, of {len(took)} edits"


def test_a_change_in_hubspot_is_in_salesforce_by_its_webhook_alone(
    it: Stage, record_property: Any
) -> None:
    edits = []
    for number, (contact, twin) in enumerate(linked(it)):
        value = f"By webhook {number}"
        control(it, "hubspot/contacts/update", id=contact, properties={"jobtitle": value})
        edits.append((contact, twin, value, time.time()))
        time.sleep(0.2)  # edits come one by one, as people make them
    took = seconds(it, edits, "salesforce", "Title")
    record_property("hubspot_to_salesforce", told(took))
    print(f"HubSpot to Salesforce by webhook: {told(took)}")  # noqa: T201


def test_a_change_in_salesforce_is_in_hubspot_by_its_outbound_message_alone(
    it: Stage, record_property: Any
) -> None:
    edits = []
    for number, (contact, twin) in enumerate(linked(it)):
        value = f"By message {number}"
        control(it, "salesforce/Contact/update", id=twin, fields={"Title": value})
        edits.append((twin, contact, value, time.time()))
        time.sleep(0.2)
    took = seconds(it, edits, "hubspot", "jobtitle")
    record_property("salesforce_to_hubspot", told(took))
    print(f"Salesforce to HubSpot by outbound message: {told(took)}")  # noqa: T201


def test_ten_thousand_events_cost_what_their_records_cost(it: Stage) -> None:
    """HubSpot makes up to ten calls at once; each is answered well before its five seconds."""
    contacts = [contact for contact, _ in linked(it)]
    url = f"http://127.0.0.1:{it.environ['GUESTLIST_CONSOLE_PORT']}/webhooks/hubspot"
    before = {run["id"] for run in hinted(it)}

    def send(call: int) -> tuple[int, float]:
        events = [
            {
                "eventId": call * 100 + at,
                "subscriptionType": "contact.propertyChange",
                "objectId": int(contacts[at % len(contacts)]),
                "propertyName": "jobtitle",
                "propertyValue": "never read",
            }
            for at in range(100)
        ]
        body, headers = signed(url, HUBSPOT_SECRET, events, at=time.time())
        started = time.monotonic()
        status = requests.post(url, data=body, headers=headers, timeout=30).status_code
        return status, time.monotonic() - started

    began = time.monotonic()
    with ThreadPoolExecutor(10) as pool:
        answered = list(pool.map(send, range(100)))
    lasted = time.monotonic() - began
    assert {status for status, _ in answered} == {204}
    runs: list[dict[str, Any]] = []

    def done() -> bool:
        runs[:] = [run for run in hinted(it) if run["id"] not in before]
        return bool(runs) and all(run["finished_at"] for run in runs)

    wait_until(done, what="the runs of the burst", patience=60)
    assert all(run["enumerated"] <= len(contacts) for run in runs)
    assert len(runs) <= lasted + 2, "once a second, however many events"
    assert all(run["outcomes"].get("updated", 0) == 0 for run in runs), "no value was believed"
    slowest = max(took for _, took in answered)
    print(  # noqa: T201
        f"10,000 events in {lasted:.1f} s: {len(runs)} runs, "
        f"{sum(run['enumerated'] for run in runs)} looks, slowest answer {slowest:.2f} s"
    )


def hinted(it: Stage) -> list[dict[str, Any]]:
    found = it.guestlist("runs", "ls", "--kind", "changes")["runs"]
    return [run for run in found if run["requested_by"] == "webhook"]
