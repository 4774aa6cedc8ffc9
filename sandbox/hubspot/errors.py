"""HubSpot's error bodies, one function per recorded case."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

Context = Mapping[str, Sequence[Any]]


class ApiError(Exception):
    """A refused call. ``fields`` are the body beside status, message and correlation id."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        category: str | None = None,
        fields: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.category = category
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})

    def body(self, correlation_id: str) -> dict[str, Any]:
        """Return the top-level error body; empty members are left out, as in real traffic."""
        body: dict[str, Any] = {"status": "error", "message": self.message}
        body["correlationId"] = correlation_id
        body.update(self.fields)
        if self.category:
            body["category"] = self.category
        return body

    def element(self, trace_id: str | None) -> dict[str, Any]:
        """Return the same error as an element of a 207's ``errors``."""
        context = dict(self.fields.get("context", {}))
        if trace_id is not None:
            context = {"objectWriteTraceId": [trace_id], **context}
        element: dict[str, Any] = {
            "status": "error",
            "category": self.category or "VALIDATION_ERROR",
        }
        if "subCategory" in self.fields:
            element["subCategory"] = self.fields["subCategory"]
        element["message"] = self.message
        if context:
            element["context"] = context
        return element


def invalid(message: str, **fields: Any) -> ApiError:
    """A plain 400 of category VALIDATION_ERROR."""
    return ApiError(400, message, category="VALIDATION_ERROR", fields=fields)


def invalid_json(detail: str) -> ApiError:
    """400 of HubSpot's parser: it has no category."""
    return ApiError(400, f"Invalid input JSON on line 1, column 1: {detail}")


def resource_not_found() -> ApiError:
    """404 of a numeric id: HubSpot leaves the category out."""
    return ApiError(404, "resource not found")


def non_numeric_id(text: str) -> ApiError:
    return ApiError(
        404,
        "Object not found.  objectId are usually numeric.",
        category="OBJECT_NOT_FOUND",
        fields={"context": {"id": [text]}},
    )


def unknown_object_type(name: str) -> ApiError:
    """400 without a category."""
    return ApiError(400, f"Unable to infer object type from: {name}")


def some_not_found(type_name: str, ids: Sequence[str]) -> ApiError:
    """The element of a 207 for ids that batch calls can not resolve."""
    message = (
        f"Could not get some {type_name.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid."
    )
    fields = {"context": {"ids": list(ids)}}
    return ApiError(404, message, category="OBJECT_NOT_FOUND", fields=fields)


def duplicate_email(existing_id: str, *, named: bool = True) -> ApiError:
    """409 of a create. The whole-batch form does not name the existing id."""
    message = "Contact already exists"
    fields: dict[str, Any] = {}
    if named:
        message += f". Existing ID: {existing_id}"
    return ApiError(409, message, category="CONFLICT", fields=fields)


def value_taken(
    portal_id: int, type_name: str, name: str, value: str, *, record_id: str, existing_id: str
) -> ApiError:
    """400 of an update (or a create) with the unique value of another record."""
    coordinates = (
        f"PropertyValueCoordinates{{portalId={portal_id}, "
        f"objectTypeId=ObjectTypeId{{legacyObjectType={type_name.upper()}}}, "
        f"propertyName={name}, value={value}}}"
    )
    return invalid(
        f"Cannot set {coordinates} on {record_id}. {existing_id} already has that value."
    )


def property_errors(portal_id: int, problems: Sequence[tuple[str, str, str]]) -> ApiError:
    """400 for values that were not valid; *problems* are (property, code, message)."""
    details = [
        {
            "isValid": False,
            "message": message,
            "error": code,
            "name": name,
            "localizedErrorMessage": message,
            "portalId": portal_id,
        }
        for name, code, message in problems
    ]
    errors = [
        {"message": message, "code": code, "context": {"propertyName": [name]}}
        for name, code, message in problems
    ]
    text = orjson.dumps(details).decode()
    return invalid(f"Property values were not valid: {text}", errors=errors)


def unauthenticated() -> ApiError:
    return ApiError(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and "
        "you can find more details at "
        "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        category="INVALID_AUTHENTICATION",
    )


def token_expired(seconds_ago: int, expire_time: str) -> ApiError:
    return ApiError(
        401,
        f"The OAuth token used to make this call expired {seconds_ago} second(s) ago.",
        category="EXPIRED_AUTHENTICATION",
        fields={"context": {"expire time": [expire_time]}},
    )


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes."
    )
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    return ApiError(403, message, category="MISSING_SCOPES", fields={"errors": [detail]})


def rate_limited(policy: str) -> ApiError:
    """429 by ``SECONDLY``, ``TEN_SECONDLY_ROLLING`` or ``DAILY``; none carries Retry-After."""
    if policy == "SECONDLY":
        return ApiError(429, "You have reached your secondly limit.", category="RATE_LIMITS")
    word = {"DAILY": "daily", "TEN_SECONDLY_ROLLING": "ten_secondly_rolling"}[policy]
    fields = {"errorType": "RATE_LIMIT", "policyName": policy}
    return ApiError(429, f"You have reached your {word} limit.", fields=fields)
