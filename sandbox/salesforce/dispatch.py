"""Which answer belongs to which address below the version."""

from collections.abc import Callable

from sandbox.salesforce import capture, describe, limits, many, query, sobjects
from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.record import Table

_DESCRIBED = ("describe", "updated", "deleted")


def dispatch(call: Call) -> Reply:
    """Answer one call, alone or within a composite."""
    match call.parts:
        case ():
            return allowed(call, GET=describe.resources)
        case ("limits",):
            return allowed(call, GET=limits.limits)
        case ("limits", "recordCount"):
            return allowed(call, GET=limits.record_count)
        case ("query",):
            return allowed(call, GET=lambda c: query.query(c, deleted=False))
        case ("queryAll",):
            return allowed(call, GET=lambda c: query.query(c, deleted=True))
        case ("query" | "queryAll", locator):
            return allowed(call, GET=lambda c: query.more(c, locator))
        case ("sobjects", *rest):
            return _sobjects(call, rest)
        case ("composite", "sobjects", *rest):
            return _collections(call, rest)
        case _:
            raise not_found()


def _sobjects(call: Call, rest: list[str]) -> Reply:
    if not rest:
        return allowed(call, GET=describe.everything)
    table = call.org.table(rest[0])
    match rest[1:]:
        case []:
            return allowed(
                call,
                GET=lambda c: describe.basics(c, table),
                POST=lambda c: sobjects.create(c, table),
            )
        case [word] if word in _DESCRIBED:
            return _about(call, table, word)
        case [record_id]:
            return _on(call, lambda c: sobjects.by_id(c, table, record_id))
        case [field, *value] if value:
            return _on(call, lambda c: sobjects.by_key(c, table, field, "/".join(value)))
        case _:
            raise not_found()


def _about(call: Call, table: Table, word: str) -> Reply:
    answers: dict[str, Callable[[Call, Table], Reply]] = {
        "describe": describe.sobject,
        "updated": capture.updated,
        "deleted": capture.deleted,
    }
    return allowed(call, GET=lambda c: answers[word](c, table))


def _on(call: Call, answer: Callable[[Call], Reply]) -> Reply:
    return allowed(call, GET=answer, PATCH=answer, DELETE=answer)


def _collections(call: Call, rest: list[str]) -> Reply:
    match rest:
        case []:
            return allowed(
                call,
                POST=many.create_many,
                PATCH=many.update_many,
                DELETE=many.delete_many,
            )
        case [name]:
            read = lambda c: many.read_many(c, name)  # noqa: E731
            return allowed(call, GET=read, POST=read)
        case [name, field]:
            return allowed(call, PATCH=lambda c: many.upsert_many(c, name, field))
        case _:
            raise not_found()


def allowed(call: Call, **answers: Callable[[Call], Reply]) -> Reply:
    """Let the answer of the call's method answer it, or refuse the method."""
    answer = answers.get(call.method)
    if answer is None:
        names = ",".join(answers)
        message = f"HTTP Method '{call.method}' not allowed. Allowed are {names}"
        raise SalesforceError("METHOD_NOT_ALLOWED", message, status=405)
    return answer(call)
