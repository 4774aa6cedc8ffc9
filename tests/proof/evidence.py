"""A load that kept every promise, in small; a test breaks one of them."""

from typing import Any

from benchmarks.proof.evidence import Account, Evidence, Marks

LIST = "1"
LINKED = "HubSpot_Contact_Id__c"
LAG_S, PROOF_AGE_S = 5.0, 30.0


def entry(seq: int, crm: str, id: str, key: str | None, **more: Any) -> dict[str, Any]:
    """A write of ours about a member, a second after the one before it."""
    inside = more.pop("inside", True)
    evaluated = more.pop("evaluated", inside)
    type = "contacts" if crm == "hubspot" else "Lead" if id.startswith("00Q") else "Contact"
    made = {"seq": seq, "at": float(seq), "crm": crm, "type": type, "id": id, "contact_id": key}
    kept = {"operation": "update", "caller": "guestlist", "fields": {}, "changed": True}
    lists = {LIST: {"by_filter": inside, "evaluated": evaluated}}
    return {**made, **kept, "lists": lists, **more}


def user(seq: int, crm: str, id: str, key: str | None, **more: Any) -> dict[str, Any]:
    return entry(seq, crm, id, key, caller="user", **more)


def contact(key: str, **fields: str) -> dict[str, Any]:
    return {"id": key, "fields": fields}


def twin(key: str, **fields: str) -> dict[str, Any]:
    return {"id": f"003{key}", "fields": {LINKED: key, **fields}}


JOURNAL = [
    entry(1, "salesforce", "0031", "1", operation="create"),
    user(2, "hubspot", "1", "1", fields={"phone": "P1"}),
    user(3, "salesforce", "0032", "2", fields={"MailingCity": "C1"}),
    user(4, "salesforce", "0039", "9", operation="create", fields={"Email": "New@x"}, inside=False),
    entry(5, "salesforce", "0031", "1", fields={"Phone": "P1"}),
    entry(6, "hubspot", "2", "2", fields={"city": "C1"}),
    entry(7, "hubspot", "9", "9", operation="create", fields={"email": "new@x"}, inside=False),
]
QUIET_AFTER = 50


def evidence(*, journal: list[dict[str, Any]] | None = None, **changes: Any) -> Evidence:
    """One edit of either side that reached the other, and one entry past the list."""
    kept: dict[str, Any] = {
        "list_id": LIST,
        "lag_s": LAG_S,
        "proof_age_s": PROOF_AGE_S,
        "before": frozenset({"1", "2"}),
        "members": frozenset({"1", "2"}),
        "journal": JOURNAL if journal is None else journal,
        "hubspot": [contact("1", phone="P1"), contact("2", city="C1"), contact("9")],
        "salesforce": [twin("1", Phone="P1"), twin("2", MailingCity="C1")],
        "marks": Marks(edits_after=1, edits_until=40, quiet_after=QUIET_AFTER),
        "accounts": [Account("c_1", 3, 3, 0, finished=True)],
        "looked": {"1": 10.0, "2": 10.0, "0039": 10.0},
        "late": frozenset(),
        "lost": frozenset(),
        "unchanged": 2,
        "refused": 0,
    }
    return Evidence(**{**kept, **changes})
