"""Several calls in one: /composite with references, /composite/batch, /composite/tree."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from sandbox.salesforce import saving, versions
from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.dispatch import dispatch
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.limits import check_allowance
from sandbox.salesforce.many import MOST_RECORDS
from sandbox.salesforce.transaction import Transaction

MOST_CALLS = 25
MOST_HEAVY = 5
"""Collections and queries within one composite."""
_REFERENCE = re.compile(r"@\{([^}]*)\}")
_PATH = re.compile(r"(\w+)((?:\.\w+|\[\d+\])+)")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_VERSIONED = re.compile(r"/*services/data/([^/]*)/(.*)", re.DOTALL)
_RESOURCES = ("batch", "sobjects", "tree")
_INHERITED = frozenset({"accept", "authorization", "content-type"})
"""All that subrequests take from the headers of the whole; they may not say it themselves."""
_OURS = frozenset({"host", "x-forwarded-proto", "x-request-id"})
"""What the sandbox itself goes by."""
_HALTED = "The transaction was rolled back since another operation in the same transaction failed."


class _Unresolved(Exception):
    """A reference to something no earlier call answered."""


def resources(call: Call) -> Reply:
    """Answer GET /composite: what is below it."""
    return Reply(200, {name: f"{call.base}/composite/{name}" for name in _RESOURCES})


def composite(call: Call) -> Reply:
    """Answer /composite: subrequests in order, later ones may use earlier answers."""
    requests = _listed(call, "compositeRequest")
    _check_ids(requests)
    _check_heavy(requests)
    _check_headers(requests)
    kept = _INHERITED | _OURS
    call = replace(call, headers={name: call.headers[name] for name in kept & call.headers.keys()})
    all_or_none = bool(call.body.get("allOrNone"))
    outer = Transaction(call.org, call.author()) if all_or_none else None
    answers: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    for request in requests:
        reply = _sub(call, request, answers, outer)
        answers[request["referenceId"]] = reply.body
        results.append(_shown(reply, request["referenceId"]))
        if outer and reply.status >= 400:
            outer.roll_back()
            results = _all_halted(requests, results)
            break
    if outer:
        outer.commit()
    return Reply(200, {"compositeResponse": results})


def _listed(call: Call, key: str) -> list[dict[str, Any]]:
    requests = call.body.get(key) if isinstance(call.body, dict) else None
    if not isinstance(requests, list) or not all(isinstance(item, dict) for item in requests):
        raise SalesforceError("JSON_PARSER_ERROR", f"The request needs {key}")
    if len(requests) > MOST_CALLS:
        message = f"The number of subrequests is limited to {MOST_CALLS}"
        raise SalesforceError("LIMIT_EXCEEDED", message)
    return requests


def _check_ids(requests: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for request in requests:
        name = request.get("referenceId")
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9]\w*", name, re.ASCII):
            message = f"Provided referenceId ('{name}') must start with a letter or a number"
            raise SalesforceError("INVALID_INPUT", message)
        if name in seen:
            message = f"The referenceId {name} is used more than once"
            raise SalesforceError("INVALID_INPUT", message)
        seen.add(name)


def _check_heavy(requests: list[dict[str, Any]]) -> None:
    heavy = sum(_is_heavy(str(request.get("url", ""))) for request in requests)
    if heavy > MOST_HEAVY:
        message = f"At most {MOST_HEAVY} subrequests can be sObject collections or queries"
        raise SalesforceError("LIMIT_EXCEEDED", message)


def _check_headers(requests: list[dict[str, Any]]) -> None:
    for request in requests:
        headers = request.get("httpHeaders")
        named = headers if isinstance(headers, dict) else {}
        if own := [name for name in named if name.lower() in _INHERITED]:
            message = f"a subrequest may not set the header {own[0]}"
            raise SalesforceError("INVALID_INPUT", message)


def _is_heavy(url: str) -> bool:
    found = _VERSIONED.match(url)
    path = found.group(2) if found else ""
    return path.startswith(("query", "composite/sobjects"))


def _sub(
    call: Call, request: Mapping[str, Any], answers: Mapping[str, Any], outer: Transaction | None
) -> Reply:
    try:
        if _refers(request):
            request = _filled(request, answers)
        inner = _inner(call, request, request.get("body"), request.get("httpHeaders") or {})
        return dispatch(replace(inner, outer=outer))
    except _Unresolved as error:
        refusal = SalesforceError("PROCESSING_HALTED", str(error))
        return Reply(400, refusal.top_level())
    except SalesforceError as error:
        return Reply(error.status, error.top_level())


def _inner(call: Call, request: Mapping[str, Any], body: Any, headers: Any) -> Call:
    """Return the call that a subrequest asks for."""
    url = str(request.get("url", ""))
    split = urlsplit(url)
    found = _VERSIONED.fullmatch(split.path)
    if found is None:
        raise SalesforceError("INVALID_INPUT", f"not a REST resource: {url}")
    if not isinstance(headers, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "httpHeaders is not an object")
    parts = tuple(unquote(part) for part in found.group(2).split("/") if part)
    merged = {**call.headers, **{name.lower(): str(value) for name, value in headers.items()}}
    query = dict(parse_qsl(split.query, keep_blank_values=True))
    if parts[:1] == ("composite",) and parts[1:2] != ("sobjects",):
        raise SalesforceError("INVALID_INPUT", "a composite cannot hold another one")
    return replace(
        call,
        method=str(request.get("method", "")).upper(),
        parts=parts,
        query=query,
        headers=merged,
        body=body,
        version=versions.answering(found.group(1)),
    )


def _refers(request: Mapping[str, Any]) -> bool:
    """Tell at little cost whether there is anything to fill in: as a rule there is not."""
    try:
        return b"@{" in orjson.dumps(request)
    except orjson.JSONEncodeError:
        raise SalesforceError("JSON_PARSER_ERROR", "nested too deeply") from None


def _filled(value: Any, answers: Mapping[str, Any]) -> Any:
    """Return *value* with every ``@{reference}`` replaced."""
    match value:
        case str() if "@{" in value:
            whole = _REFERENCE.fullmatch(value)
            if whole:
                return _looked_up(whole.group(1), answers)
            return _REFERENCE.sub(lambda found: str(_looked_up(found.group(1), answers)), value)
        case dict():
            return {key: _filled(inner, answers) for key, inner in value.items()}
        case list():
            return [_filled(inner, answers) for inner in value]
        case _:
            return value


def _looked_up(where: str, answers: Mapping[str, Any]) -> Any:
    """Return what a reference names, or refuse what no earlier call answered."""
    found = _PATH.fullmatch(where)
    if found is None:
        raise _unresolved(where)
    value = answers.get(found.group(1))
    for key, index in _STEP.findall(found.group(2)):
        if index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        elif key and isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise _unresolved(where)
    return value


def _unresolved(where: str) -> _Unresolved:
    name = re.split(r"[.\[]", where, maxsplit=1)[0]
    return _Unresolved(f"Invalid reference specified. No value for {where} found in {name}")


def _shown(reply: Reply, name: str) -> dict[str, Any]:
    headers = {_header(key): value for key, value in reply.headers.items()}
    return {
        "body": reply.body,
        "httpHeaders": headers,
        "httpStatusCode": reply.status,
        "referenceId": name,
    }


def _header(name: str) -> str:
    return "ETag" if name == "etag" else name.title()


def _all_halted(
    requests: list[dict[str, Any]], results: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the culprit's own answer, and for all the others that they were rolled back."""
    halted = SalesforceError("PROCESSING_HALTED", _HALTED)
    culprit = results[-1]
    shown = [_shown(Reply(400, halted.top_level()), request["referenceId"]) for request in requests]
    shown[len(results) - 1] = culprit
    return shown


def batch(call: Call) -> Reply:
    """Answer /composite/batch: independent calls, each counted on its own."""
    requests = _listed(call, "batchRequests")
    halt = bool(call.body.get("haltOnError"))
    results: list[dict[str, Any]] = []
    failed = False
    for request in requests:
        if failed and halt:
            refusal = SalesforceError("BATCH_PROCESSING_HALTED", "Batch processing halted")
            reply = Reply(412, refusal.top_level())
        else:
            reply = _batched(call, request)
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": reply.body})
    return Reply(200, {"hasErrors": failed, "results": results})


def _batched(call: Call, request: Mapping[str, Any]) -> Reply:
    below = str(request.get("url", "")).rpartition("services/data/")[2].lstrip("/")
    asked = {**request, "url": f"/services/data/{below}"}
    try:
        check_allowance(call.org)
        call.org.usage.spend(call.org.clock.timestamp())
        return dispatch(_inner(call, asked, request.get("richInput"), {}))
    except SalesforceError as error:
        return Reply(error.status, error.top_level())


def tree(call: Call, sobject: str) -> Reply:
    """Answer /composite/tree/X: creates flat records, all or none."""
    table = call.org.table(sobject)
    records = _planted(call, table.name)
    tx = call.begin()
    mark, made, failed = len(tx.changes), [], []
    for name, fields in records.items():
        try:
            made.append({"referenceId": name, "id": saving.create(tx, table, fields).id})
        except SalesforceError as error:
            failed.append({"referenceId": name, "errors": [error.element()]})
    if failed:
        tx.roll_back(mark)
        return Reply(400, {"hasErrors": True, "results": failed})
    call.end(tx)
    return Reply(201, {"hasErrors": False, "results": made})


def _planted(call: Call, sobject: str) -> dict[str, dict[str, Any]]:
    """Return a tree's records by the reference id that each must bring."""
    records = call.body.get("records") if isinstance(call.body, dict) else None
    if not isinstance(records, list) or len(records) > MOST_RECORDS:
        message = f"a tree holds at most {MOST_RECORDS} records"
        raise SalesforceError("INVALID_INPUT", message)
    named: dict[str, dict[str, Any]] = {}
    for fields in records:
        attributes = fields.get("attributes") if isinstance(fields, dict) else None
        about = attributes if isinstance(attributes, dict) else {}
        name = about.get("referenceId")
        if about.get("type") != sobject or not isinstance(name, str) or name in named:
            message = f"a record of a tree needs the type {sobject} and a referenceId of its own"
            raise SalesforceError("INVALID_INPUT", message)
        named[name] = fields
    return named
