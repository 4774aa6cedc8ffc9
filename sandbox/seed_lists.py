"""The lists of the seeded portal: one to include by, and three that must not be used for it."""

from typing import Any

from sandbox.hubspot.portal import Portal

INCLUSION_LIST = "Salesforce inclusion"
SYNCING_STAGES = ("marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")


def add_lists(portal: Portal) -> dict[str, str]:
    """Create the lists and return their ids by landmark."""
    stage_is = {"operationType": "ENUMERATION", "operator": "IS_ANY_OF"}
    was_once = {**stage_is, "operator": "HAS_EVER_BEEN_ANY_OF"}
    known = {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"}
    stages = _filter("lifecyclestage", {**stage_is, "values": list(SYNCING_STAGES)})
    customers = _filter("lifecyclestage", {**was_once, "values": ["customer"]})
    return {
        "inclusion": portal.create_list(INCLUSION_LIST, _branch(stages, _filter("email", known))),
        "history": portal.create_list("Ever a customer", _branch(customers)),
        "companies": portal.create_list(
            "Companies with a domain", _branch(_filter("domain", known)), object_type_id="0-2"
        ),
        "static": portal.create_list("Trade fair 2025", None, processing_type="MANUAL"),
    }


def _filter(property: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {"filterType": "PROPERTY", "property": property, "operation": operation}


def _branch(*filters: dict[str, Any]) -> dict[str, Any]:
    inner = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filterBranches": [],
        "filters": list(filters),
    }
    return {
        "filterBranchType": "OR",
        "filterBranchOperator": "OR",
        "filterBranches": [inner],
        "filters": [],
    }
