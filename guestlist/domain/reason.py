"""Explain codes: one stable word for every reason, with who can do something about it."""

from enum import StrEnum


class Group(StrEnum):
    """The heading a reason stands under, close to HubSpot's own error cards."""

    IN_STEP = "In step"
    GATE = "Gate"
    WAITING = "Waiting"
    DUPLICATES = "Duplicates"
    VALUES = "Property values"
    MAPPING = "Mapping"
    PERMISSIONS = "Permissions"
    ASSOCIATIONS = "Associations"
    AUTOMATION = "Org automation"
    GONE = "Gone"


class Fixer(StrEnum):
    """Who can change the outcome."""

    NOBODY = "nothing to fix"
    TIME = "waits by itself"
    HUBSPOT_USER = "someone who edits the contact in HubSpot"
    HUBSPOT_ADMIN = "a HubSpot administrator"
    SALESFORCE_ADMIN = "a Salesforce administrator"
    OPERATOR = "whoever runs Guestlist"


class Reason(StrEnum):
    """The stable explain codes."""

    SYNCED = "SYNCED"
    UNCHANGED = "UNCHANGED"
    NOT_IN_LIST = "NOT_IN_LIST"
    LEFT_LIST = "LEFT_LIST"
    LIST_STALE = "LIST_STALE"
    LIST_UNAVAILABLE = "LIST_UNAVAILABLE"
    LIST_NOT_ACTIVE = "LIST_NOT_ACTIVE"
    LIST_HELD = "LIST_HELD"
    NO_EMAIL = "NO_EMAIL"
    BAD_EMAIL = "BAD_EMAIL"
    RULE_EXCLUDED = "RULE_EXCLUDED"
    SF_CREATED_OUTSIDE_LIST = "SF_CREATED_OUTSIDE_LIST"
    EMAIL_ONLY = "EMAIL_ONLY"
    QUEUED = "QUEUED"
    CANCELLED = "CANCELLED"
    SETTINGS_CHANGED = "SETTINGS_CHANGED"
    BUDGET_HELD = "BUDGET_HELD"
    RATE_LIMITED = "RATE_LIMITED"
    RETRY_AT = "RETRY_AT"
    LOCKED_ROW = "LOCKED_ROW"
    DUP_SF_RULE = "DUP_SF_RULE"
    DUP_MANY_MATCHES = "DUP_MANY_MATCHES"
    EMAIL_IN_USE = "EMAIL_IN_USE"
    REQUIRED_MISSING = "REQUIRED_MISSING"
    BAD_FORMAT = "BAD_FORMAT"
    TOO_LONG = "TOO_LONG"
    PICKLIST_VALUE = "PICKLIST_VALUE"
    FIELD_GONE = "FIELD_GONE"
    TYPE_CHANGED = "TYPE_CHANGED"
    CONFLICT_LOST = "CONFLICT_LOST"
    NO_FIELD_ACCESS = "NO_FIELD_ACCESS"
    NO_OBJECT_ACCESS = "NO_OBJECT_ACCESS"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105
    SCOPE_MISSING = "SCOPE_MISSING"
    ACCOUNT_NOT_SYNCED = "ACCOUNT_NOT_SYNCED"
    VALIDATION_RULE = "VALIDATION_RULE"
    FLOW_OR_TRIGGER = "FLOW_OR_TRIGGER"
    DELETED_HS = "DELETED_HS"
    DELETED_SF = "DELETED_SF"
    MERGED_INTO = "MERGED_INTO"
    ERASED = "ERASED"
    UNKNOWN_REFUSAL = "UNKNOWN_REFUSAL"
