"""The codes by which both CRMs refuse, and what each one means.  Tables, nothing else."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from guestlist.domain.reason import Reason


class Recovery(StrEnum):
    """What the engine does about a refused record."""

    RETRY = "retry"
    """Back off and send the same again, a bounded number of times."""
    HOLD = "hold"
    """An allowance of the CRM is used up: wait for it, without counting an attempt."""
    RELINK = "relink"
    """Read the target again, repair the link, then decide anew."""
    REREAD = "reread"
    """A field is not what it was: read the schema again, then decide anew."""
    REJECT = "reject"
    """A sync error: a person has to change a value, a record or a rule."""
    MISCONFIGURED = "misconfigured"
    """Every record with this mapping or connection will be refused until a person changes it."""


Meaning = tuple[Recovery, Reason]


def _table(rows: Iterable[tuple[Recovery, Reason, str]]) -> Mapping[str, Meaning]:
    return MappingProxyType(
        {code: (recovery, reason) for recovery, reason, codes in rows for code in codes.split()}
    )


SALESFORCE = _table(
    (
        (Recovery.RETRY, Reason.LOCKED_ROW, "UNABLE_TO_LOCK_ROW"),
        (
            Recovery.RETRY,
            Reason.RETRY_AT,
            (
                "ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED QUERY_TIMEOUT "
                "REQUEST_RUNNING_TOO_LONG INTERNAL_ERROR UNKNOWN_EXCEPTION MATCH_SERVICE_TIMED_OUT "
                "MATCH_SERVICE_UNAVAILABLE_ERROR FIND_DUPLICATES_ERROR "
                "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE TERRITORY_REALIGN_IN_PROGRESS "
                "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE API_CURRENTLY_DISABLED "
                "SERVER_UNAVAILABLE FUNCTIONALITY_TEMPORARILY_UNAVAILABLE ORG_IN_MAINTENANCE "
                "BATCH_PROCESSING_HALTED INVALID_QUERY_LOCATOR INVALID_REPLICATION_DATE MODIFIED "
                "TXN_SECURITY_METERING_ERROR"
            ),
        ),
        (Recovery.RETRY, Reason.TOKEN_EXPIRED, "INVALID_SESSION_ID INVALID_ACCESS_TOKEN"),
        (
            Recovery.HOLD,
            Reason.BUDGET_HELD,
            (
                "TOO_MANY_APEX_REQUESTS LIMIT_EXCEEDED STORAGE_LIMIT_EXCEEDED "
                "SINGLE_EMAIL_LIMIT_EXCEEDED REQUEST_LIMIT_EXCEEDED TOO_MANY_JOBS"
            ),
        ),
        (Recovery.RELINK, Reason.DUP_SF_RULE, "DUPLICATES_DETECTED"),
        (Recovery.RELINK, Reason.EMAIL_IN_USE, "DUPLICATE_VALUE"),
        (
            Recovery.RELINK,
            Reason.DUP_MANY_MATCHES,
            "DUPLICATE_EXTERNAL_ID MULTIPLE_RECORDS_FOUND",
        ),
        (Recovery.RELINK, Reason.DELETED_SF, "ENTITY_IS_DELETED MISSING_RECORD RECORD_NOT_FOUND"),
        (Recovery.RELINK, Reason.MERGED_INTO, "CANNOT_UPDATE_CONVERTED_LEAD"),
        (Recovery.RELINK, Reason.ACCOUNT_NOT_SYNCED, "INVALID_CROSS_REFERENCE_KEY"),
        (Recovery.REJECT, Reason.REQUIRED_MISSING, "REQUIRED_FIELD_MISSING"),
        (
            Recovery.REJECT,
            Reason.VALIDATION_RULE,
            (
                "FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_INTEGRITY_EXCEPTION "
                "FIELD_FILTER_VALIDATION_EXCEPTION"
            ),
        ),
        (Recovery.REJECT, Reason.TOO_LONG, "STRING_TOO_LONG MAX_TASK_DESCRIPTION_EXCEEEDED"),
        (Recovery.REJECT, Reason.PICKLIST_VALUE, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (Recovery.REJECT, Reason.BAD_EMAIL, "INVALID_EMAIL_ADDRESS"),
        (
            Recovery.REJECT,
            Reason.BAD_FORMAT,
            "NUMBER_OUTSIDE_VALID_RANGE TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET INVALID_CURRENCY_ISO",
        ),
        (
            Recovery.REJECT,
            Reason.FLOW_OR_TRIGGER,
            (
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY CUSTOM_APEX_ERROR "
                "CANNOT_EXECUTE_FLOW_TRIGGER FLOW_EXCEPTION SELF_REFERENCE_FROM_TRIGGER "
                "ENTITY_IS_LOCKED MIXED_DML_OPERATION"
            ),
        ),
        (
            Recovery.REJECT,
            Reason.ACCOUNT_NOT_SYNCED,
            (
                "CANNOT_REPARENT_RECORD DELETE_FAILED DEPENDENCY_EXISTS "
                "INVALID_PERSON_ACCOUNT_OPERATION"
            ),
        ),
        (
            Recovery.REJECT,
            Reason.NO_OBJECT_ACCESS,
            "INACTIVE_OWNER_OR_USER TRANSFER_REQUIRES_READ",
        ),
        (Recovery.REREAD, Reason.FIELD_GONE, "INVALID_FIELD"),
        (
            Recovery.REREAD,
            Reason.NO_FIELD_ACCESS,
            "INVALID_FIELD_FOR_INSERT_UPDATE FIELD_NOT_UPDATABLE",
        ),
        (
            Recovery.REREAD,
            Reason.TYPE_CHANGED,
            "INVALID_TYPE_ON_FIELD_IN_RECORD INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD",
        ),
        (
            Recovery.MISCONFIGURED,
            Reason.NO_OBJECT_ACCESS,
            (
                "INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY "
                "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY UNAVAILABLE_RECORDTYPE_EXCEPTION "
                "INVALID_TYPE TXN_SECURITY_NO_ACCESS"
            ),
        ),
        (
            Recovery.MISCONFIGURED,
            Reason.TOKEN_EXPIRED,
            (
                "INVALID_AUTH_HEADER CLIENT_NOT_ACCESSIBLE_FOR_USER INVALID_LOGIN PASSWORD_LOCKOUT "
                "INVALID_OPERATION_WITH_EXPIRED_PASSWORD LOGIN_DURING_RESTRICTED_TIME "
                "LOGIN_DURING_RESTRICTED_DOMAIN API_DISABLED_FOR_ORG ORG_LOCKED"
            ),
        ),
        (
            Recovery.MISCONFIGURED,
            Reason.UNKNOWN_REFUSAL,
            (
                "INVALID_ASSIGNMENT_RULE INVALID_ENTITY_FOR_UPSERT MALFORMED_ID MALFORMED_QUERY "
                "INVALID_TYPE_FOR_OPERATION QUERY_TOO_COMPLICATED EXCEEDED_ID_LIMIT "
                "EXCEEDED_MAX_SIZE_REQUEST OPERATION_TOO_LARGE JSON_PARSER_ERROR "
                "UNSUPPORTED_API_VERSION NOT_FOUND"
            ),
        ),
    )
)
"""statusCode or errorCode -> meaning.  Duplicates are looked at again, since the record in the
way may be the twin; what is still in the way then is the reason shown."""

HUBSPOT = _table(
    (
        (Recovery.RELINK, Reason.EMAIL_IN_USE, "CONFLICT OBJECT_ALREADY_EXISTS"),
        (Recovery.RELINK, Reason.DELETED_HS, "OBJECT_NOT_FOUND"),
        (Recovery.HOLD, Reason.RATE_LIMITED, "RATE_LIMITS RATE_LIMIT"),
        (Recovery.REJECT, Reason.BAD_EMAIL, "INVALID_EMAIL"),
        (Recovery.REJECT, Reason.PICKLIST_VALUE, "INVALID_OPTION"),
        (
            Recovery.REJECT,
            Reason.BAD_FORMAT,
            "INVALID_LONG INVALID_INTEGER INVALID_DATE VALIDATION_ERROR",
        ),
        (
            Recovery.REJECT,
            Reason.REQUIRED_MISSING,
            "MISSING_REQUIRED_PROPERTY MISSING_CONDITIONAL_REQUIRED_PROPERTY",
        ),
        (Recovery.REREAD, Reason.FIELD_GONE, "PROPERTY_DOESNT_EXIST"),
        (Recovery.REREAD, Reason.NO_FIELD_ACCESS, "READ_ONLY_VALUE"),
        (
            Recovery.MISCONFIGURED,
            Reason.TOKEN_EXPIRED,
            "INVALID_AUTHENTICATION EXPIRED_AUTHENTICATION",
        ),
        (Recovery.MISCONFIGURED, Reason.SCOPE_MISSING, "MISSING_SCOPES"),
    )
)
"""Error code, or category where there is none -> meaning."""
