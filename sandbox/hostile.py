"""The people a sync breaks on: each role is laid over an ordinary contact.

Roles of ``REFUSED`` cannot be saved in Salesforce as they are; those of ``AWKWARD`` can.
"""

from collections.abc import Mapping
from enum import StrEnum

from sandbox.people import Person

Overlay = Mapping[str, str]
"""Property -> new value; ``{name}`` is the property's old value, an empty text removes it."""

_MEMBER = "customer"

REFUSED: Mapping[str, Overlay] = {
    "missing last name": {"lastname": ""},
    "invalid e-mail": {"email": "{firstname}.at.home@", "lastname": "Import"},
    "e-mail without a dot": {"email": "office@intranet-{number}"},
    "e-mail over 80 characters": {"email": "x" * 60 + "{number}@long-mail-domain.example"},
    "title over 128 characters": {"jobtitle": "Senior Vice President of " + "Everything, " * 12},
    "first name over 40 characters": {"firstname": "Wolfeschlegelsteinhausenbergerdorff " * 8},
    "last name over 80 characters": {"lastname": "Taumatawhakatangihangakoauauotamatea" * 3},
    "address over 255 characters": {"address": "Building C, third door on the left, " * 9},
    "no phone where one is required": {"country": "Liechtenstein", "phone": ""},
    "professor without a title": {"salutation": "Prof.", "jobtitle": ""},
}
AWKWARD: Mapping[str, Overlay] = {
    "no e-mail": {"email": ""},
    "unknown salutation": {"salutation": "Hochwohlgeboren"},
    "unknown industry": {"industry": "Underwater Basket Weaving"},
    "emoji": {"firstname": "🦊 {firstname} 👩🏽\u200d🚀", "jobtitle": "Chief 🎉 Officer"},
    "right to left marks": {"lastname": "\u202e{lastname}\u202c", "city": "\u200fالقدس\u200e"},
    "apostrophes": {"firstname": "Ma'isah", "lastname": "O'Brien-D’Arcy"},
    "commas and quotes": {"lastname": 'Smith, "Bob" \\ Jr.', "company": "Acme, Inc. 'Best' \"Co\""},
    "spaces around": {"firstname": "  {firstname} ", "lastname": "\t{lastname}\u00a0"},
    "upper-case e-mail": {"email": "UPPER.{number}@EXAMPLE.COM"},
    "plus address": {"email": "news+{number}@gmail.example"},
    "international domain": {"email": "info-{number}@xn--mller-kva.example"},
    "top-level domain inc": {"email": "ceo{number}@big.inc"},
    "formula": {"company": "=HYPERLINK(1)", "jobtitle": "@SUM(1+1)", "city": "-2+3"},
    "markup": {"lastname": "<b>{lastname}</b>", "jobtitle": "100% _real_ & <script>"},
    "line breaks": {"address": "Floor 3\r\nRoom 12\nBack door"},
    "decomposed accents": {"lastname": "Nu\u0301n\u0303ez", "firstname": "A\u030asa"},
    "letters past the basic plane": {"lastname": "𠮷野𝔘𝔫𝔦", "firstname": "𝕵"},
    "invisible letters": {"lastname": "Gho\u200bst\ufeff", "firstname": "\u00ad{firstname}"},
    "numbers as names": {"firstname": "007", "lastname": "1e5", "zip": "00501"},
    "words that mean nothing": {"firstname": "Null", "lastname": "None", "company": "N/A"},
    "one letter": {"firstname": "X", "lastname": "Æ"},
}


class Known(StrEnum):
    """What Salesforce holds already, or had, under the contact's e-mail."""

    TWINS = "two contacts"
    BOTH = "a contact and a lead"
    LEAD = "a lead"
    CONVERTED = "a converted lead and its contact"
    DELETED = "a deleted contact"
    MERGED = "a contact merged into another"
    BLOCKED = "a contact that a duplicate rule defends"


class Gone(StrEnum):
    """What has happened to the contact in HubSpot since."""

    ARCHIVED = "archived"
    MERGED = "merged into the next one"


Role = str | Known | Gone
ROLES: tuple[Role, ...] = (*REFUSED, *AWKWARD, *Known, *Gone)


def role_of(number: int, *, contacts: int) -> Role | None:
    """Return the role of contact *number*; each role comes up once in at most 1,000 contacts."""
    cycle = max(len(ROLES), min(contacts, 1000))
    place, rest = divmod(number % cycle, cycle // len(ROLES))
    return ROLES[place] if rest == 0 and place < len(ROLES) else None


def cast(ordinary: Person, role: Role, number: int) -> Person:
    """Return *ordinary* in a role, always as one who qualifies for the inclusion list."""
    overlay = REFUSED.get(role) or AWKWARD.get(role) or {}
    texts = {**ordinary, "number": str(number)}
    changed = {name: value.format_map(texts) for name, value in overlay.items()}
    made = {**ordinary, "phone": "+1 512 555 0100", "lifecyclestage": _MEMBER, **changed}
    if role is Known.BLOCKED:
        made["fax"] = f"+1 512 555 {number:04d}"
    return {name: value for name, value in made.items() if value}
