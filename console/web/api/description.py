"""What the API says of itself: OpenAPI 3.1, made from the schemas, errors as problem+json."""

from typing import Any

from apiflask import APIFlask

SUMMARY = (
    "Runs, plans, records, errors, lists, the mapping and settings of one Guestlist. Send a token "
    "as `Authorization: Bearer gl_...`. Long lists are paged by key: pass `next` on as `after` or "
    "`before`. Within v1 fields are only added."
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {"type": "array", "items": {"type": "string"}},
        "fix": {"type": "string"},
        "errors": {"type": "object"},
    },
}
_REFUSED = {
    "description": "Why not (RFC 9457)",
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    },
}
_VERBS = ("get", "post", "put", "patch", "delete")


def describe_api(app: APIFlask) -> None:
    """Say what the API is, and what goes for all of it."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_404_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        LOCAL_SPEC_PATH=None,
        SYNC_LOCAL_SPEC=False,
    )
    app.description = SUMMARY
    app.security_schemes = {"token": {"type": "http", "scheme": "bearer"}}
    app.spec_processor(_finish)


def _finish(spec: dict[Any, Any] | str) -> dict[Any, Any] | str:
    """Add what goes for every operation: the token, and what an error looks like."""
    if isinstance(spec, str):
        return spec
    spec["security"] = [{"token": []}]
    spec.pop("servers", None)
    spec.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path in spec["paths"].values():
        for verb in _VERBS:
            if verb in path:
                path[verb]["responses"]["default"] = _REFUSED
    return spec
