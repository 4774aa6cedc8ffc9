"""What Salesforce knows before any sync: accounts, contacts, leads, and their accidents."""

from collections.abc import Sequence
from random import Random
from typing import Any

from sandbox.hostile import Known
from sandbox.names import INDUSTRIES
from sandbox.people import Person, company_domain, company_name, person
from sandbox.salesforce.org import Org

RULES: dict[str, Any] = {
    "validation_rules": [
        {
            "object": "Contact",
            "message": "Contacts in Liechtenstein need a phone number.",
            "when": {"MailingCountry": "Liechtenstein"},
            "requires": "Phone",
            "field": "Phone",
        },
        {
            "object": "Contact",
            "message": "A professor needs a title.",
            "when": {"Salutation": "Prof."},
            "requires": "Title",
            "field": "Title",
        },
    ],
    "duplicate_rules": [
        {
            "object": "Contact",
            "name": "Same_Name_And_Fax",
            "match_on": ["LastName", "Fax"],
            "action": "Block",
            "message": "We have this person already. Talk to the owner first.",
        }
    ],
}
"""The org's rules. The duplicate rule asks for a fax number, so that few saves cost a search."""

_CONTACT = {
    "FirstName": "firstname",
    "LastName": "lastname",
    "Salutation": "salutation",
    "Email": "email",
    "Phone": "phone",
    "Title": "jobtitle",
    "MailingStreet": "address",
    "MailingCity": "city",
    "MailingState": "state",
    "MailingPostalCode": "zip",
    "MailingCountry": "country",
}
_LEAD = {
    "FirstName": "firstname",
    "LastName": "lastname",
    "Email": "email",
    "Phone": "phone",
    "Title": "jobtitle",
    "Company": "company",
    "City": "city",
    "Country": "country",
}
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")


class Counterparts:
    """Fills *org* with its own view of the contacts that HubSpot has."""

    def __init__(self, org: Org, dice: Random, *, companies: int) -> None:
        self._org = org
        self._dice = dice
        self._companies = companies
        self._accounts = [self._account(number) for number in range(companies)]
        self._owners = [
            record.id
            for record in org.table("User").rows.values()
            if record.values["IsActive"] and record.values.get("Name") != "Integration User"
        ]

    def _account(self, number: int) -> str:
        fields = {
            "Name": company_name(number),
            "Website": company_domain(number),
            "Industry": INDUSTRIES[number % len(INDUSTRIES)],
        }
        return self._org.insert("Account", fields, bypass_rules=True)

    def ordinary(self, known: Person, number: int) -> None:
        """Know the contact or, one in twelve, only the lead; some values differ by now."""
        if number % 12 == 0:
            self._lead(known)
        else:
            self._contact(self._drifted(known))

    def alone(self, number: int) -> None:
        """Add a contact that HubSpot has never heard of."""
        self._contact(person(number, self._dice, companies=self._companies))

    def accident(self, known: Person, role: Known) -> None:
        """Know the contact in the way of *role*."""
        org = self._org
        match role:
            case Known.TWINS:
                self._contact(known)
                self._contact({**known, "jobtitle": "Also " + known.get("jobtitle", "a person")})
            case Known.BOTH:
                self._contact(known)
                self._lead(known)
            case Known.LEAD:
                self._lead(known)
            case Known.CONVERTED:
                org.convert_lead(self._lead(known), account_id=self._draw(self._accounts))
            case Known.DELETED:
                org.delete(self._contact(known))
            case Known.MERGED:
                org.merge(self._contact(known), [self._contact({**known, "firstname": "Old"})])
            case Known.BLOCKED:
                stranger = {"lastname": known["lastname"], "firstname": "Known"}
                self._contact(stranger, Fax=known["fax"])

    def _contact(self, known: Person, **more: str) -> str:
        return self._insert(
            "Contact", known, _CONTACT, AccountId=self._draw(self._accounts), **more
        )

    def _lead(self, known: Person) -> str:
        return self._insert("Lead", known, _LEAD, Status="Open - Not Contacted")

    def _insert(self, sobject: str, known: Person, names: dict[str, str], **more: str) -> str:
        fields = {field: known[name] for field, name in names.items() if name in known}
        fields.update(more, OwnerId=self._draw(self._owners), LeadSource=self._draw(_SOURCES))
        return self._org.insert(sobject, fields, bypass_rules=True)

    def _drifted(self, known: Person) -> Person:
        made = dict(known)
        roll = self._dice.random()
        if roll < 0.2:
            made["jobtitle"] = "Previously " + made.get("jobtitle", "unknown")
        elif roll < 0.4:
            made.pop("phone", None)
        elif roll < 0.5:
            made["email"] = made["email"].title()
        elif roll < 0.6:
            made.pop("city", None)
        return made

    def _draw(self, items: Sequence[str]) -> str:
        return items[int(self._dice.random() * len(items))]
