"""What every explain code means, who can change it, and what would."""

from types import MappingProxyType
from typing import NamedTuple

from guestlist.domain.reason import Fixer, Group, Reason


class Explanation(NamedTuple):
    """One code in words."""

    group: Group
    sentence: str
    fixer: Fixer
    remedy: str
    """What would change it."""
    retried: bool
    """True when the record comes back by itself."""


def describe(reason: Reason) -> Explanation:
    return _EXPLANATIONS[reason]


def _by_itself(group: Group, sentence: str, remedy: str) -> Explanation:
    return Explanation(group, sentence, Fixer.TIME, remedy, retried=True)


def _by_hand(group: Group, sentence: str, fixer: Fixer, remedy: str) -> Explanation:
    return Explanation(group, sentence, fixer, remedy, retried=False)


_NOTHING = "Nothing to do."

_EXPLANATIONS = MappingProxyType(
    {
        Reason.SYNCED: _by_hand(
            Group.IN_STEP, "At least one side was written and both agree.", Fixer.NOBODY, _NOTHING
        ),
        Reason.UNCHANGED: _by_hand(
            Group.IN_STEP,
            "Both sides agreed already, so nothing was written.",
            Fixer.NOBODY,
            _NOTHING,
        ),
        Reason.NOT_IN_LIST: _by_hand(
            Group.GATE,
            "The record is not in the inclusion list, so it does not sync in either direction.",
            Fixer.HUBSPOT_USER,
            "Change the record so that it meets the list's filters, or the filters themselves.",
        ),
        Reason.LEFT_LIST: _by_hand(
            Group.GATE,
            "The record was in the inclusion list and left it; its link is kept and nothing is "
            "deleted.",
            Fixer.HUBSPOT_USER,
            "It syncs again, from where it stopped, as soon as it meets the list's filters.",
        ),
        Reason.LIST_STALE: _by_itself(
            Group.GATE,
            "The membership may be older than the record's last change, or it contradicts the "
            "list's own filters.",
            "HubSpot re-evaluates the list; the record is looked at again after that.",
        ),
        Reason.LIST_UNAVAILABLE: _by_itself(
            Group.GATE,
            "The inclusion list is gone, holds other objects or could not be read; without a fresh "
            "proof of membership nothing is written.",
            "Restore the list in HubSpot within 90 days, or choose another one.",
        ),
        Reason.LIST_NOT_ACTIVE: _by_hand(
            Group.GATE,
            "The inclusion list is static, and only an active list can be an inclusion list.",
            Fixer.HUBSPOT_ADMIN,
            "Choose an active list.",
        ),
        Reason.LIST_HELD: _by_hand(
            Group.GATE,
            "The inclusion list changed more than it may without a person's approval: nobody new "
            "comes in, and those who are linked go on while they are members.",
            Fixer.OPERATOR,
            "See `guestlist list show`; `guestlist list approve` lets them in, `reject` does not.",
        ),
        Reason.NO_EMAIL: _by_hand(
            Group.GATE,
            "The record has no e-mail address.",
            Fixer.HUBSPOT_USER,
            "Give it an e-mail address.",
        ),
        Reason.BAD_EMAIL: _by_hand(
            Group.GATE,
            "The e-mail address is not one that Salesforce takes.",
            Fixer.HUBSPOT_USER,
            "Correct the e-mail address.",
        ),
        Reason.RULE_EXCLUDED: _by_hand(
            Group.GATE,
            "The record has no twin, and the settings say that none is created on that side.",
            Fixer.OPERATOR,
            "Allow it with `create_in_hubspot` or `create_in_salesforce` of the object.",
        ),
        Reason.SF_CREATED_OUTSIDE_LIST: _by_hand(
            Group.GATE,
            "Salesforce created the record, so it could enter HubSpot without being in the "
            "inclusion list; later updates wait until it is.",
            Fixer.HUBSPOT_USER,
            "Change the contact so that it meets the list's filters.",
        ),
        Reason.EMAIL_ONLY: _by_hand(
            Group.GATE,
            "The import brought the e-mail address; everything else follows once the contact is in "
            "the inclusion list.",
            Fixer.HUBSPOT_USER,
            "Change the contact so that it meets the list's filters.",
        ),
        Reason.QUEUED: _by_itself(
            Group.WAITING,
            "The record waits for its turn.",
            "A worker takes it.",
        ),
        Reason.CANCELLED: _by_hand(
            Group.WAITING,
            "The run was cancelled before the record's turn.",
            Fixer.OPERATOR,
            "Start another run.",
        ),
        Reason.SETTINGS_CHANGED: _by_itself(
            Group.WAITING,
            "The settings changed while the record was being looked at; nothing was written.",
            "It is looked at again under the new settings.",
        ),
        Reason.BUDGET_HELD: _by_itself(
            Group.WAITING,
            "The API calls this system may use are used up for now.",
            "The allowance frees up, or somebody raises it.",
        ),
        Reason.RATE_LIMITED: _by_itself(
            Group.WAITING,
            "The CRM asked for a slower pace.",
            "The limit passes within seconds.",
        ),
        Reason.RETRY_AT: _by_itself(
            Group.WAITING,
            "The CRM did not answer, or not usably, and the record is tried again.",
            "The next try, at the time shown.",
        ),
        Reason.LOCKED_ROW: _by_itself(
            Group.WAITING,
            "Another change in Salesforce holds the record or its account.",
            "The other change ends.",
        ),
        Reason.DUP_SF_RULE: _by_hand(
            Group.DUPLICATES,
            "A Salesforce duplicate rule found an existing record in the way.",
            Fixer.SALESFORCE_ADMIN,
            "Merge the duplicates, or let the rule pass the integration user.",
        ),
        Reason.DUP_MANY_MATCHES: _by_hand(
            Group.DUPLICATES,
            "Several Salesforce records could be the twin, and none is chosen by guessing.",
            Fixer.SALESFORCE_ADMIN,
            "Merge them, or write the HubSpot id into the one that is meant.",
        ),
        Reason.EMAIL_IN_USE: _by_hand(
            Group.DUPLICATES,
            "The e-mail address, or the twin it finds, belongs to another record already.",
            Fixer.HUBSPOT_USER,
            "Merge the two records, or give one of them another address.",
        ),
        Reason.REQUIRED_MISSING: _by_hand(
            Group.VALUES,
            "A field that the other CRM requires has no value.",
            Fixer.HUBSPOT_USER,
            "Fill the field, or set `when_blank` in its mapping.",
        ),
        Reason.BAD_FORMAT: _by_hand(
            Group.VALUES,
            "A value is not of the kind that the other CRM's field takes.",
            Fixer.HUBSPOT_USER,
            "Correct the value, or map the field with another converter.",
        ),
        Reason.TOO_LONG: _by_hand(
            Group.VALUES,
            "A value is longer than the other CRM's field.",
            Fixer.HUBSPOT_USER,
            "Shorten the value, or let an administrator lengthen the field.",
        ),
        Reason.PICKLIST_VALUE: _by_hand(
            Group.VALUES,
            "A value is not among the options of the other CRM's field.",
            Fixer.SALESFORCE_ADMIN,
            "Add the option, or name its counterpart under `values` in the mapping.",
        ),
        Reason.FIELD_GONE: _by_hand(
            Group.MAPPING,
            "A mapped field is no longer there, or hidden from the integration user: it is held, "
            "and so is every record that can not do without it.",
            Fixer.SALESFORCE_ADMIN,
            "Bring the field back, or take it out of the mapping.",
        ),
        Reason.TYPE_CHANGED: _by_hand(
            Group.MAPPING,
            "A mapped field's type no longer fits its counterpart: the field is held.",
            Fixer.OPERATOR,
            "Map the field anew; `guestlist mapping check` says what fits.",
        ),
        Reason.CONFLICT_LOST: _by_hand(
            Group.MAPPING,
            "Each side had a value of its own in a two-way field, edited since they agreed or "
            "before they first met; the later one won, and the other is kept.",
            Fixer.OPERATOR,
            "See `guestlist conflicts ls`; `guestlist conflicts restore` brings it back.",
        ),
        Reason.NO_FIELD_ACCESS: _by_hand(
            Group.PERMISSIONS,
            "The integration user may not write a mapped field: the field is held.",
            Fixer.SALESFORCE_ADMIN,
            "Grant edit access to the field, or choose a rule that does not write it.",
        ),
        Reason.NO_OBJECT_ACCESS: _by_hand(
            Group.PERMISSIONS,
            "The integration user may not read or write the record or its object.",
            Fixer.SALESFORCE_ADMIN,
            "Grant the access, or check who owns and shares the record.",
        ),
        Reason.TOKEN_EXPIRED: _by_hand(
            Group.PERMISSIONS,
            "A CRM no longer accepts our credentials.",
            Fixer.OPERATOR,
            "Renew them with `guestlist connect`.",
        ),
        Reason.SCOPE_MISSING: _by_hand(
            Group.PERMISSIONS,
            "The HubSpot token lacks a scope.",
            Fixer.HUBSPOT_ADMIN,
            "Grant the scope and renew the token.",
        ),
        Reason.ACCOUNT_NOT_SYNCED: _by_hand(
            Group.ASSOCIATIONS,
            "A record that this one refers to is missing or not visible in Salesforce.",
            Fixer.SALESFORCE_ADMIN,
            "Sync or repair the record it refers to.",
        ),
        Reason.VALIDATION_RULE: _by_hand(
            Group.AUTOMATION,
            "A Salesforce validation rule refused the values.",
            Fixer.SALESFORCE_ADMIN,
            "Correct the values as the rule's own message asks, or change the rule.",
        ),
        Reason.FLOW_OR_TRIGGER: _by_hand(
            Group.AUTOMATION,
            "A flow, trigger, approval or other automation in Salesforce refused the write.",
            Fixer.SALESFORCE_ADMIN,
            "Repair the automation; its own message is shown with the error.",
        ),
        Reason.DELETED_HS: _by_hand(
            Group.GONE,
            "The record was deleted in HubSpot; its twin goes by `on_hubspot_delete`: unless told "
            "otherwise it is left as it is.",
            Fixer.HUBSPOT_USER,
            "Restore it in HubSpot within 90 days.",
        ),
        Reason.DELETED_SF: _by_hand(
            Group.GONE,
            "The twin was deleted in Salesforce, or hidden from the integration user, and is not "
            "created again.",
            Fixer.SALESFORCE_ADMIN,
            "Restore it from the recycle bin, or let the integration user see it.",
        ),
        Reason.MERGED_INTO: _by_hand(
            Group.GONE,
            "The record lives on in another one: it was merged, or the lead was converted.",
            Fixer.SALESFORCE_ADMIN,
            "Write the HubSpot id into the record it lives on in. Before another lead can take its "
            "place, the converted one, which keeps the id, has to be deleted.",
        ),
        Reason.ERASED: _by_hand(
            Group.GONE,
            "The contact was deleted for good in HubSpot; what was known of it here is erased, and "
            "it is not created again.",
            Fixer.NOBODY,
            _NOTHING,
        ),
        Reason.UNKNOWN_REFUSAL: _by_hand(
            Group.VALUES,
            "The CRM refused the record in words this system does not know.",
            Fixer.OPERATOR,
            "Read the CRM's own words, shown with the error.",
        ),
    }
)
