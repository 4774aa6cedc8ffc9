"""Measure what the sandbox itself costs: CPU of single calls, without sockets."""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from sandbox.crm import CRM
from sandbox.seed import seed
from sandbox.wire import Request
from sandbox.world import World

METHOD = (
    "CPU of the process (time.process_time) around World.handle: parsing of the body, every rule "
    "of the seeded org, the journal with its memberships, the answer as bytes; no socket and no "
    "HTTP parsing. Median and 95th percentile over the rounds, after a tenth of them to warm up."
)
READ = [
    *("annualrevenue", "city", "company", "country", "createdate", "email", "firstname"),
    *("hs_lead_status", "hs_object_id", "hubspot_owner_id", "jobtitle", "lastmodifieddate"),
    *("lastname", "lifecyclestage", "mobilephone", "phone", "state", "website", "zip"),
]
BASE = "/services/data/v67.0"
KEY = "HubSpot_Contact_Id__c"
GOALS = {
    "HubSpot: batch read, 100 records": 5.0,
    "Salesforce: upsert of 200, creates": 5.0,
    "Salesforce: upsert of 200, updates": 5.0,
}

Ask = Callable[[int], Request]
"""Builds the request of one round; not measured."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU of one call in milliseconds."""

    call: str
    median_ms: float
    p95_ms: float
    goal_ms: float | None


class Bench:
    """A seeded world and one client of each of its CRMs."""

    def __init__(self, *, contacts: int, seeded: str) -> None:
        self.world = World(seeded)
        seed(self.world, contacts=contacts)
        self.world.lift_limits()
        portal = self.world.portal.store_of("contacts").records.values()
        self.ids = [record.id for record in portal if record.archived_at is None]
        self.hubspot = {"authorization": f"Bearer {self.world.credentials.hubspot_token}"}
        self.salesforce = {"host": "127.0.0.1", "sforce-auto-assign": "FALSE"}
        self.salesforce["authorization"] = f"Bearer {self._token()}"

    def _token(self) -> str:
        held = self.world.credentials
        form = {
            "grant_type": "client_credentials",
            "client_id": held.salesforce_client_id,
            "client_secret": held.salesforce_client_secret,
        }
        asked = Request("POST", "/services/oauth2/token", body=urlencode(form).encode())
        token: str = orjson.loads(self.world.handle(CRM.SALESFORCE, asked).body)["access_token"]
        return token

    def calls(self) -> dict[str, tuple[CRM, Ask]]:
        """Return the calls to measure; the order matters, creates come before updates."""
        return {
            "HubSpot: batch read, 100 records": (CRM.HUBSPOT, self._batch_read),
            "HubSpot: batch update, 100 records": (CRM.HUBSPOT, self._batch_update),
            "HubSpot: page of 250 members": (CRM.HUBSPOT, self._members),
            "HubSpot: lists of 100 records": (CRM.HUBSPOT, self._lists_of),
            "HubSpot: search, page of 100": (CRM.HUBSPOT, self._search),
            "Salesforce: upsert of 200, creates": (CRM.SALESFORCE, self._creates),
            "Salesforce: upsert of 200, updates": (CRM.SALESFORCE, self._updates),
            "Salesforce: query of 1,000 by id": (CRM.SALESFORCE, self._query),
        }

    def _some(self, turn: int, count: int) -> list[str]:
        start = turn * count % (len(self.ids) - count)
        return self.ids[start : start + count]

    def _post(self, path: str, body: Any) -> Request:
        return Request("POST", path, headers=self.hubspot, body=orjson.dumps(body))

    def _batch_read(self, turn: int) -> Request:
        inputs = [{"id": id} for id in self._some(turn, 100)]
        body = {"properties": READ, "inputs": inputs}
        return self._post("/crm/objects/2026-09/contacts/batch/read", body)

    def _batch_update(self, turn: int) -> Request:
        inputs = [
            {"id": id, "properties": {"jobtitle": f"T{turn}", "city": "Bern", "zip": "3011"}}
            for id in self._some(turn, 100)
        ]
        return self._post("/crm/objects/2026-09/contacts/batch/update", {"inputs": inputs})

    def _members(self, _turn: int) -> Request:
        path = f"/crm/lists/2026-09/{self.world.landmarks['lists']['inclusion']}/memberships"
        return Request("GET", path, {"limit": "250"}, self.hubspot)

    def _lists_of(self, turn: int) -> Request:
        inputs = [{"recordId": id, "objectTypeId": "0-1"} for id in self._some(turn, 100)]
        return self._post("/crm/lists/2026-09/records/memberships/batch/read", {"inputs": inputs})

    def _search(self, _turn: int) -> Request:
        recent = {
            "propertyName": "lastmodifieddate",
            "operator": "GTE",
            "value": "2020-01-01T00:00:00Z",
        }
        body = {
            "filterGroups": [{"filters": [recent]}],
            "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
            "properties": READ,
            "limit": 100,
        }
        return self._post("/crm/objects/2026-09/contacts/search", body)

    def _creates(self, turn: int) -> Request:
        """Real contacts, so that the journal has memberships to note; gone if made before."""
        ids, table = self._some(turn, 200), self.world.org.table("Contact")
        for id in ids:
            for record in tuple(table.holding(KEY, id)):
                self.world.org.delete(record.id)
        return self._upsert([_person(id, "new") for id in ids])

    def _updates(self, turn: int) -> Request:
        return self._upsert([_person(id, f"title {turn}") for id in self._some(0, 200)])

    def _upsert(self, records: list[dict[str, Any]]) -> Request:
        return Request(
            "PATCH",
            f"{BASE}/composite/sobjects/Contact/{KEY}",
            headers=self.salesforce,
            body=orjson.dumps({"allOrNone": False, "records": records}),
        )

    def _query(self, turn: int) -> Request:
        keys = ",".join(f"'{id}'" for id in self._some(turn, 1_000))
        soql = f"SELECT Id, LastName, Email FROM Contact WHERE {KEY} IN ({keys})"  # noqa: S608
        url = f"{BASE}/query?{urlencode({'q': soql})}"
        body = {"compositeRequest": [{"method": "GET", "url": url, "referenceId": "q"}]}
        return Request(
            "POST", f"{BASE}/composite", headers=self.salesforce, body=orjson.dumps(body)
        )


def _person(id: str, title: str) -> dict[str, Any]:
    """A contact with the fields that a usual mapping writes."""
    return {
        "attributes": {"type": "Contact"},
        KEY: id,
        "FirstName": f"First {id}",
        "LastName": f"Last {id}",
        "Email": f"person.{id}@bench.example",
        "Phone": f"+41 31 {id}",
        "Title": title,
        "MailingStreet": f"{id} Long Street",
        "MailingCity": "Bern",
        "MailingPostalCode": "3011",
        "MailingCountry": "Switzerland",
    }


def measure(world: World, call: str, crm: CRM, ask: Ask, *, rounds: int) -> Cost:
    """Ask *rounds* times, after a tenth of it unmeasured; an answer above 299 ends it all."""
    spent = []
    for turn in range(rounds + rounds // 10):
        asked = ask(turn)
        before = time.process_time()
        response = world.handle(crm, asked)
        spent.append(time.process_time() - before)
        if response.status > 299 or b'"success":false' in response.body:
            sys.exit(f"{call}: {response.status} {response.body[:300]!r}")
    kept = sorted(1000 * seconds for seconds in spent[rounds // 10 :])
    p95 = kept[len(kept) * 95 // 100]
    return Cost(call, round(statistics.median(kept), 2), round(p95, 2), GOALS.get(call))


def _report(costs: list[Cost], *, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method": METHOD,
        "machine": f"{platform.platform()}, Python {platform.python_version()}",
        **asked,
        "costs": [asdict(cost) for cost in costs],
        "held": all(cost.goal_ms is None or cost.median_ms < cost.goal_ms for cost in costs),
    }


def _print_table(report: Mapping[str, Any]) -> None:
    print(f"method: {report['method']}")
    print(f"machine: {report['machine']}; {report['contacts']:,} contacts")
    print(f"{'call':<38} {'median ms':>10} {'p95 ms':>8} {'goal ms':>8}")
    for cost in report["costs"]:
        goal = cost["goal_ms"] or ""
        print(f"{cost['call']:<38} {cost['median_ms']:>10} {cost['p95_ms']:>8} {goal:>8}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox_speed", description=__doc__)
    parser.add_argument("--contacts", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", default="7")
    parser.add_argument("--json", action="store_true", help="one object instead of a table")
    asked = parser.parse_args()
    bench = Bench(contacts=asked.contacts, seeded=asked.seed)
    costs = [
        measure(bench.world, call, crm, ask, rounds=asked.rounds)
        for call, (crm, ask) in bench.calls().items()
    ]
    size = {"contacts": asked.contacts, "rounds": asked.rounds, "seed": asked.seed}
    report = _report(costs, asked=size)
    if asked.json:
        print(json.dumps(report))
    else:
        _print_table(report)
    if not report["held"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
