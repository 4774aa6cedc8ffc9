"""Short ways to write a list's filterBranch."""

from typing import Any


def any_of(*groups: list[dict[str, Any]]) -> dict[str, Any]:
    """An OR of AND groups of filters."""
    return {
        "filterBranchType": "OR",
        "filterBranchOperator": "OR",
        "filters": [],
        "filterBranches": [
            {
                "filterBranchType": "AND",
                "filterBranchOperator": "AND",
                "filterBranches": [],
                "filters": filters,
            }
            for filters in groups
        ],
    }


def property_filter(name: str, kind: str, operator: str, **operation: Any) -> dict[str, Any]:
    """One PROPERTY filter."""
    return {
        "filterType": "PROPERTY",
        "property": name,
        "operation": {
            "operationType": kind,
            "operator": operator,
            "includeObjectsWithNoValueSet": False,
            **operation,
        },
    }


def where(name: str, kind: str, operator: str, **operation: Any) -> dict[str, Any]:
    """A definition of one PROPERTY filter."""
    return any_of([property_filter(name, kind, operator, **operation)])


def nested(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


CUSTOMERS = where("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=["customer"])
