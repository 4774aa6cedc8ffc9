"""How somebody whom only Salesforce knows enters HubSpot: the e-mail address first."""

from guestlist.domain import canonical
from guestlist.domain.draft import Draft
from guestlist.domain.mapping import CompiledMapping, FieldPair
from guestlist.domain.merge import merge
from guestlist.domain.reason import Reason
from guestlist.domain.write import HubSpotWrite, Plan, Sides, Skip
from schemas.records import SalesforceRecord


def entry(
    key: str, origin: SalesforceRecord, mapping: CompiledMapping, *, email_only: bool
) -> Plan | Skip:
    """Return the creation of *origin*'s HubSpot record, or why there can be none.

    HubSpot knows people by their e-mail address: without a usable one nobody enters.
    """
    match_field = mapping.types[origin.type].match_field
    email = mapping.found_by(origin)
    if mapping.match_property is None or match_field is None or email is None:
        return Skip(key, Reason.NO_EMAIL, {"type": origin.type, "id": origin.id})
    if mapping.email_property and not canonical.is_email(email):
        return Skip(key, Reason.BAD_EMAIL, {"field": match_field, "value": email})
    draft = Draft(key, hubspot={mapping.match_property: email})
    draft.agreed[mapping.match_property] = Sides(email, email)
    if not email_only:
        for pair in mapping.types[origin.type].pairs:
            if pair.hubspot != mapping.match_property:
                _carry(draft, pair, pair.read_salesforce(origin.fields.get(pair.salesforce)))
    decided = draft.finish(
        salesforce=None,
        hubspot=HubSpotWrite(None, draft.hubspot),
        twin=(origin.type, origin.id),
    )
    if isinstance(decided, Skip) or not email_only:
        return decided
    return decided._replace(because=Reason.EMAIL_ONLY)


def _carry(draft: Draft, pair: FieldPair, salesforce: str | None) -> None:
    """Bring a value along if the field's rule gives Salesforce's value to a blank in HubSpot."""
    if salesforce is None or salesforce == pair.when_blank:
        return
    alone = Sides(None, salesforce)
    wanted = merge(pair.rule, alone, None, hubspot_newer=False)
    if pair.within:
        wanted = pair.within(alone, None, wanted)
    hubspot = None
    if wanted.hubspot not in {None, pair.blank} and pair.hubspot_writable:
        hubspot = draft.write_hubspot(pair, before=None, after=wanted.hubspot)
    draft.agreed[pair.hubspot] = Sides(hubspot, salesforce)
