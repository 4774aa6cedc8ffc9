"""What a CRM's refusal of one record means for the work: try again, link, or ask a person."""

from collections.abc import Mapping
from typing import NamedTuple

from guestlist.domain.explain import describe
from guestlist.domain.reason import Fixer, Group, Reason
from guestlist.domain.refusals import HUBSPOT, SALESFORCE, Meaning, Recovery
from guestlist.domain.write import Refused, WriteResult

__all__ = ["Recovery", "Verdict", "of_hubspot", "of_salesforce", "outdated"]

UNKNOWN: Meaning = (Recovery.REJECT, Reason.UNKNOWN_REFUSAL)
"""The lists of codes are not closed; a code nobody knows needs a person."""


class Verdict(NamedTuple):
    """What to do about one refused record, and who can change it."""

    recovery: Recovery
    reason: Reason
    fixer: Fixer
    group: Group


def of_salesforce(refused: Refused) -> Verdict:
    return _verdict(_meaning(SALESFORCE, refused.code))


def of_hubspot(refused: Refused) -> Verdict:
    """HubSpot tells a duplicate value of an update only in words."""
    if "already has that value" in refused.message:
        return _verdict((Recovery.REJECT, Reason.EMAIL_IN_USE))
    return _verdict(_meaning(HUBSPOT, refused.code))


def outdated(salesforce: WriteResult | None, hubspot: WriteResult | None) -> bool:
    """Tell whether a write was refused because a field is not what we took it for."""
    judged = (
        of_salesforce(salesforce) if isinstance(salesforce, Refused) else None,
        of_hubspot(hubspot) if isinstance(hubspot, Refused) else None,
    )
    return any(each and each.recovery is Recovery.REREAD for each in judged)


def _meaning(table: Mapping[str, Meaning], code: str) -> Meaning:
    return table.get(code.strip().upper(), UNKNOWN)


def _verdict(meaning: Meaning) -> Verdict:
    recovery, reason = meaning
    explanation = describe(reason)
    return Verdict(recovery, reason, explanation.fixer, explanation.group)
