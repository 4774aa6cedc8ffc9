import os
import re
from pathlib import Path

import pytest

from guestlist.domain.reason import Fixer, Group, Reason
from guestlist.domain.refusals import SALESFORCE, Recovery
from guestlist.domain.verdict import of_hubspot, of_salesforce
from guestlist.domain.write import Refused

RECOVERY_WORDS = {
    "retry": Recovery.RETRY,
    "wait for quota": Recovery.HOLD,
    "refresh token": Recovery.RETRY,
    "relink": Recovery.RELINK,
    "reject: needs a person": Recovery.REJECT,
    "misconfigured": Recovery.MISCONFIGURED,
}


@pytest.mark.parametrize(
    ("code", "recovery", "reason"),
    [
        ("UNABLE_TO_LOCK_ROW", Recovery.RETRY, Reason.LOCKED_ROW),
        ("SERVER_UNAVAILABLE", Recovery.RETRY, Reason.RETRY_AT),
        ("REQUEST_LIMIT_EXCEEDED", Recovery.HOLD, Reason.BUDGET_HELD),
        ("DUPLICATES_DETECTED", Recovery.RELINK, Reason.DUP_SF_RULE),
        ("ENTITY_IS_DELETED", Recovery.RELINK, Reason.DELETED_SF),
        ("CANNOT_UPDATE_CONVERTED_LEAD", Recovery.RELINK, Reason.MERGED_INTO),
        ("REQUIRED_FIELD_MISSING", Recovery.REJECT, Reason.REQUIRED_MISSING),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Recovery.REJECT, Reason.VALIDATION_RULE),
        ("CANNOT_EXECUTE_FLOW_TRIGGER", Recovery.REJECT, Reason.FLOW_OR_TRIGGER),
        ("INVALID_FIELD", Recovery.REREAD, Reason.FIELD_GONE),
        ("string_too_long ", Recovery.REJECT, Reason.TOO_LONG),
        ("SOMETHING_NEW", Recovery.REJECT, Reason.UNKNOWN_REFUSAL),
        ("", Recovery.REJECT, Reason.UNKNOWN_REFUSAL),
    ],
)
def test_a_salesforce_code_has_one_meaning(code, recovery, reason):
    verdict = of_salesforce(Refused(code, "words"))
    assert (verdict.recovery, verdict.reason) == (recovery, reason)


@pytest.mark.parametrize(
    ("code", "message", "recovery", "reason"),
    [
        (
            "CONFLICT",
            "Contact already exists. Existing ID: 9",
            Recovery.RELINK,
            Reason.EMAIL_IN_USE,
        ),
        (
            "VALIDATION_ERROR",
            "Cannot set email on 5. 9 already has that value.",
            Recovery.REJECT,
            Reason.EMAIL_IN_USE,
        ),
        ("PROPERTY_DOESNT_EXIST", "", Recovery.REREAD, Reason.FIELD_GONE),
        ("INVALID_OPTION", "", Recovery.REJECT, Reason.PICKLIST_VALUE),
        ("INVALID_EMAIL", "", Recovery.REJECT, Reason.BAD_EMAIL),
        ("OBJECT_NOT_FOUND", "", Recovery.RELINK, Reason.DELETED_HS),
        ("MISSING_SCOPES", "", Recovery.MISCONFIGURED, Reason.SCOPE_MISSING),
        ("NEW_CATEGORY", "", Recovery.REJECT, Reason.UNKNOWN_REFUSAL),
    ],
)
def test_a_hubspot_code_has_one_meaning(code, message, recovery, reason):
    verdict = of_hubspot(Refused(code, message))
    assert (verdict.recovery, verdict.reason) == (recovery, reason)


def test_a_verdict_says_who_can_change_it():
    verdict = of_salesforce(Refused("REQUIRED_FIELD_MISSING", ""))
    assert (verdict.fixer, verdict.group) == (Fixer.HUBSPOT_USER, Group.VALUES)


def test_every_code_of_the_reference_has_the_recovery_it_names():
    shared = Path(os.environ.get("GUESTLIST_SHARED", "../shared"))
    reference = shared / "reference" / "salesforce_api.md"
    if not reference.exists():
        pytest.skip("the reference is not here")
    appendix = reference.read_text().split("## Appendix A", 1)[1]
    rows = re.findall(r"^\| `([A-Z_]+)`[^|]*\|[^|]*\| ([^|]+?) \|", appendix, re.MULTILINE)
    named = {code: RECOVERY_WORDS[word] for code, word in rows}
    assert len(named) > 90
    ours = {code: SALESFORCE[code][0] for code in named if code in SALESFORCE}
    reread = {code for code, recovery in ours.items() if recovery is Recovery.REREAD}
    assert ours | dict.fromkeys(reread, Recovery.MISCONFIGURED) == named, (
        "a schema that is read again is our first answer to a wrong configuration"
    )
