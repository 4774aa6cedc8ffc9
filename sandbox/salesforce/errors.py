"""What Salesforce answers when it refuses, in the two shapes it has."""

from collections.abc import Mapping, Sequence
from typing import Any


class SalesforceError(Exception):
    """One refusal: an error code, a message, and where it was a whole request, a status."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        fields: Sequence[str] = (),
        status: int = 400,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status
        self.extra = dict(extra or {})

    def top_level(self) -> list[dict[str, Any]]:
        """Return the body of a refused request: an array, the key is ``errorCode``."""
        body: dict[str, Any] = {**self.extra, "message": self.message, "errorCode": self.code}
        if self.fields:
            body["fields"] = self.fields
        return [body]

    def element(self) -> dict[str, Any]:
        """Return the error of one record of many: the key is ``statusCode``."""
        return {
            "statusCode": self.code,
            "message": self.message,
            "fields": self.fields,
            **self.extra,
        }


def not_found(message: str = "The requested resource does not exist") -> SalesforceError:
    """Refuse an address nothing is at."""
    return SalesforceError("NOT_FOUND", message, status=404)


def deleted(*, status: int = 404) -> SalesforceError:
    """Refuse a write to a record in the recycle bin."""
    return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", status=status)


def unknown_column(name: str, sobject: str) -> SalesforceError:
    """Refuse a field the object does not have."""
    message = f"No such column '{name}' on sobject of type {sobject}"
    return SalesforceError("INVALID_FIELD", message)


def unparsable(kind: str, token: str, value: object) -> SalesforceError:
    """Refuse a value of the wrong JSON or lexical type, in the parser's words."""
    message = (
        f"Cannot deserialize instance of {kind} from {token} value {value} "
        "or request may be missing a required field at [line:1, column:1]"
    )
    return SalesforceError("JSON_PARSER_ERROR", message)
