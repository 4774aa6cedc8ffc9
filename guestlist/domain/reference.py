"""What a person types to name a record: an id, an e-mail address, or its page in either CRM."""

import re
from typing import NamedTuple

from guestlist.domain.errors import Misconfigured
from schemas.records import Crm

_HUBSPOT_PAGE = re.compile(
    r"^https://[\w.-]*hubspot\.com/contacts/\d+/(?:record/[\w-]+|contact|company|deal)/(\d+)"
)
_SALESFORCE_PAGE = re.compile(
    r"^https://[\w.-]+\.(?:force|salesforce)\.com/(?:lightning/r/(?:\w+/)?)?([a-zA-Z0-9]+)(?:/|$|\?)"
)
_SALESFORCE_ID = re.compile(r"^[a-zA-Z0-9]{15}(?:[A-Z0-5]{3})?$")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


class RecordId(NamedTuple):
    """An id in one CRM; Salesforce ids in their 18-character form."""

    crm: Crm
    id: str


class Email(NamedTuple):
    """An address to look for in both CRMs."""

    address: str


def crm_of(key: str) -> Crm:
    """Tell whose id a work row's key is: HubSpot's are numbers, Salesforce's never are."""
    return Crm.HUBSPOT if key.isdecimal() else Crm.SALESFORCE


def read_reference(text: str) -> RecordId | Email | None:
    """Return what *text* names; ``None`` when it names nothing."""
    text = text.strip()
    if page := _HUBSPOT_PAGE.match(text):
        return RecordId(Crm.HUBSPOT, page[1])
    if page := _SALESFORCE_PAGE.match(text):
        return _salesforce(page[1])
    if text.isdecimal():
        return RecordId(Crm.HUBSPOT, text)
    local, at, host = text.rpartition("@")
    return Email(text) if at and local and host else _salesforce(text)


def _salesforce(text: str) -> RecordId | None:
    """Return a Salesforce id; Salesforce refuses a whole query for one with a wrong checksum."""
    right = _SALESFORCE_ID.match(text) and long_id(text) == long_id(text[:15])
    return RecordId(Crm.SALESFORCE, long_id(text)) if right else None


def salesforce_ids(text: str) -> list[str]:
    """Return the ids in the first column of a text, each once, such as those of a report.

    Blank lines and the heading of the column are left out.  Raises ``Misconfigured`` for anything
    else, and for a text without any id.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.split(",")[0].strip().strip('"')
        match read_reference(word):
            case RecordId(Crm.SALESFORCE, id):
                found.append(id)
            case _ if not word or (number == 1 and not word[:1].isdigit()):
                continue
            case _:
                raise Misconfigured(f"line {number}: {word[:100]!r} is no Salesforce id")
    if not found:
        raise Misconfigured("there is no Salesforce id in it")
    return list(dict.fromkeys(found))


def long_id(salesforce_id: str) -> str:
    """Return the 18-character form: three characters say which letters are upper case.

    Salesforce: case-insensitive checksum over three blocks of five characters.
    """
    if len(salesforce_id) != 15:
        return salesforce_id
    blocks = (salesforce_id[start : start + 5] for start in (0, 5, 10))
    return salesforce_id + "".join(
        _CHECKSUM[sum(1 << bit for bit, letter in enumerate(block) if letter.isupper())]
        for block in blocks
    )
