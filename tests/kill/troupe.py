"""People who edit both CRMs in rounds, and what has to be true of every edit once it is quiet."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.kill.stage import Stage

MEMBERS = 30
PAIRS = {"jobtitle": "Title", "city": "MailingCity"}
"""What people edit, by HubSpot property: both sides may."""


@dataclass
class Troupe:
    """A small world's people: each round moves others, so that no two edits meet in one field."""

    it: Stage
    members: list[str] = field(default_factory=list)
    wanted: dict[tuple[str, str], str] = field(default_factory=dict)
    """The last edit of each member's property."""
    outside: dict[str, float] = field(default_factory=dict)
    """Who left, and how many entries the journal had then."""
    _rounds: int = 0

    def gather(self) -> None:
        """Fill the list."""
        made = [self._person(number) for number in range(MEMBERS)]
        found = self._edit("hubspot", "contacts", "create", made)
        self.members = [each["id"] for each in found]

    def stir(self) -> None:
        """Four edits, one who joins, and one who leaves and is edited after that."""
        self._rounds += 1
        n, twins = self._rounds, self.twins()
        linked = [each for each in self.members if each in twins]
        here, there, both, leaver = (linked[(n * 4 + k) % len(linked)] for k in range(4))
        self._write(here, jobtitle=f"Title {n} of HubSpot")
        self._set(twins[there]["id"], there, "jobtitle", f"Title {n} of Salesforce")
        self._write(both, jobtitle=f"Title {n} of both")
        self._set(twins[both]["id"], both, "city", f"City {n}")
        self._leave(leaver, f"Outside {n}")
        (newcomer,) = self._edit("hubspot", "contacts", "create", [self._person(MEMBERS + n)])
        self.members.append(newcomer["id"])

    def settled(self) -> bool:
        """Tell whether every edit is on both sides and everybody in the list has a twin."""
        twins, contacts = self.twins(), self.contacts()
        if any(each not in twins for each in self.members):
            return False
        return all(
            contacts[key]["fields"].get(name) == value
            and twins[key]["fields"].get(PAIRS[name]) == value
            for (key, name), value in self.wanted.items()
        )

    def complaints(self, since: int) -> Iterator[str]:
        """Yield what the journal holds, behind entry *since*, that may not be."""
        inclusion = self.it.sandbox["lists"]["inclusion"]
        journal = self.it.journal()
        for entry in journal:
            inside = entry["lists"].get(inclusion, {})
            if entry["seq"] > since and not (inside.get("by_filter") and inside.get("evaluated")):
                yield f"I1: {entry['contact_id']} was written outside the list: {entry}"
            if entry["seq"] > since and not entry["changed"]:
                yield f"I4: a write of what was there already: {entry}"
        created = Counter(e["contact_id"] for e in journal if e["operation"] == "create")
        yield from (f"I3: {key} was created {n} times" for key, n in created.items() if n > 1)
        carried = Counter(row["fields"]["HubSpot_Contact_Id__c"] for row in self._rows())
        yield from (f"I3: {key} has {n} twins" for key, n in carried.items() if n > 1)
        if not self.settled():
            yield f"I2: an edit is not on both sides: {self.missing()}"

    def missing(self) -> list[tuple[str, str, str]]:
        """Return the edits that did not arrive, and whoever has no twin."""
        twins, contacts = self.twins(), self.contacts()
        lost = [(key, "twin", "") for key in self.members if key not in twins]
        return lost + [
            (key, name, value)
            for (key, name), value in self.wanted.items()
            if contacts[key]["fields"].get(name) != value
            or twins.get(key, {"fields": {}})["fields"].get(PAIRS[name]) != value
        ]

    def twins(self) -> dict[str, Mapping[str, Any]]:
        """Return the Salesforce records by the contact they carry."""
        return {row["fields"]["HubSpot_Contact_Id__c"]: row for row in self._rows()}

    def contacts(self) -> dict[str, Mapping[str, Any]]:
        return {row["id"]: row for row in self.it.rows("hubspot", "contacts")}

    def _rows(self) -> list[Mapping[str, Any]]:
        rows = self.it.records("Contact") + self.it.records("Lead")
        return [row for row in rows if row["fields"].get("HubSpot_Contact_Id__c")]

    def _person(self, number: int) -> Mapping[str, Any]:
        name = {"firstname": f"Given{number}", "lastname": f"Family{number}"}
        stage = {"email": f"p{number}@example.com", "lifecyclestage": "customer"}
        return {"properties": name | stage}

    def _write(self, key: str, **properties: str) -> None:
        self._edit("hubspot", "contacts", "update", {"id": key, "properties": properties})
        self.wanted |= {(key, name): value for name, value in properties.items()}

    def _set(self, twin: str, key: str, name: str, value: str) -> None:
        given = {"id": twin, "fields": {PAIRS[name]: value}}
        self._edit("salesforce", "Contact", "update", given)
        self.wanted[key, name] = value

    def _leave(self, key: str, title: str) -> None:
        """Let a member leave; what they are given after that stays where it is."""
        self.members.remove(key)
        self.wanted = {of: value for of, value in self.wanted.items() if of[0] != key}
        out = {"id": key, "properties": {"lifecyclestage": "lead"}, "bypass_rules": True}
        self._edit("hubspot", "contacts", "update", out)
        self._edit("hubspot", "contacts", "update", {"id": key, "properties": {"jobtitle": title}})

    def _edit(self, crm: str, type: str, verb: str, given: Any) -> Any:
        url = f"{self.it.sandbox[crm]}/sandbox/{crm}/{type}/{verb}"
        answer = requests.post(url, json=given, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()
