"""Values Salesforce computes from others: full names, and what an opportunity's stage implies."""

from collections.abc import Mapping
from typing import Any

_PEOPLE = frozenset({"Contact", "Lead", "User"})
_STAGES: Mapping[str, tuple[float, str]] = {
    "Prospecting": (10.0, "Pipeline"),
    "Qualification": (10.0, "Pipeline"),
    "Needs Analysis": (20.0, "Pipeline"),
    "Value Proposition": (50.0, "Pipeline"),
    "Id. Decision Makers": (60.0, "Pipeline"),
    "Perception Analysis": (70.0, "Pipeline"),
    "Proposal/Price Quote": (75.0, "Pipeline"),
    "Negotiation/Review": (90.0, "Pipeline"),
    "Closed Won": (100.0, "Closed"),
    "Closed Lost": (0.0, "Omitted"),
}


def derive(sobject: str, values: dict[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return *values* with the computed fields of the object filled in."""
    if sobject in _PEOPLE:
        first, last = values.get("FirstName"), values.get("LastName")
        values["Name"] = f"{first} {last}" if first else last
    elif sobject == "Opportunity" and "StageName" in sent:
        _stage(values, sent)
    elif sobject == "Case" and "Status" in sent:
        values["IsClosed"] = values.get("Status") == "Closed"
    elif sobject == "CampaignMember":
        values["HasResponded"] = values.get("Status") == "Responded"
    elif sobject == "Task":
        values["IsClosed"] = values.get("Status") == "Completed"
    return values


def _stage(values: dict[str, Any], sent: Mapping[str, Any]) -> None:
    stage = str(values.get("StageName"))
    probability, category = _STAGES.get(stage, (0.0, "Pipeline"))
    values["IsWon"] = stage == "Closed Won"
    values["IsClosed"] = stage.startswith("Closed ")
    values["ForecastCategory"] = category
    if "Probability" not in sent:
        values["Probability"] = probability
    if "ForecastCategoryName" not in sent:
        values["ForecastCategoryName"] = category
