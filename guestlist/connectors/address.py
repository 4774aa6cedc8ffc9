"""Addresses as they may be called: checked, and cut down to their origin."""

from guestlist.domain.errors import Misconfigured
from schemas.address import refusal
from schemas.records import Crm


def checked(address: str, crm: Crm, *, development: bool) -> str:
    """Return the origin; raises ``Misconfigured`` for one that is not the vendor's own."""
    problem = refusal(address, crm, development=development)
    if problem:
        raise Misconfigured(f"the address of {crm} {problem}")
    return address.rstrip("/")
