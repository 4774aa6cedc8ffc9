"""Answer SOQL: evaluate, order, cut into pages that may shrink, keep a cursor for the rest."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.candidates import candidates
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.paths import Resolved, Resolver
from sandbox.salesforce.predicate import Compiler
from sandbox.salesforce.record import Record, Table, Values
from sandbox.salesforce.soql_lexer import soql_error
from sandbox.salesforce.soql_parser import parse
from sandbox.salesforce.soql_tree import Order, Path, Query

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Row = Callable[[Record, Values, str], dict[str, Any]]
_SMALLEST_PAGE, _LARGEST_PAGE = 200, 2_000
_TYPE_HINT = (
    "is not supported. If you are attempting to use a custom object, be sure to append the '__c' "
    "after the entity name. Please reference your WSDL or the describe call for the appropriate "
    "names."
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The rows of a query that did not fit one page, as they were when it ran."""

    rows: list[tuple[Record, Values]]
    row: Row
    opened: float


def query(call: Call, *, deleted: bool) -> Reply:
    """Answer ``query``, or with *deleted* ``queryAll``."""
    text = call.query.get("q")
    if text is None:
        raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
    parsed = parse(text)
    table = _source(call.org, parsed)
    resolver = Resolver(call.org, table, text, parsed.alias)
    rows = _matching(call.org, resolver, parsed, deleted=deleted)
    if parsed.count:
        return Reply(200, {"totalSize": len(rows), "done": True, "records": []})
    if parsed.counts:
        return Reply(200, _counted(resolver, parsed, rows))
    row = _row(resolver, _selected(resolver, parsed.paths))
    return _page(call, Cursor(rows, row, call.org.clock.timestamp()), None, 0)


def _source(org: "Org", parsed: Query) -> Table:
    table = org.table_named(parsed.sobject)
    if table is None:
        message = f"sObject type '{parsed.sobject}' {_TYPE_HINT}"
        raise soql_error(parsed.text, parsed.sobject_start, message, code="INVALID_TYPE")
    return table


def _matching(
    org: "Org", resolver: Resolver, parsed: Query, *, deleted: bool
) -> list[tuple[Record, Values]]:
    """Return what readers see of the records that match, ordered and cut."""
    today = datetime.fromtimestamp(org.clock.timestamp(), UTC).date()
    test = Compiler(resolver, today).compile(parsed.where) if parsed.where else None
    found = _visible(org, resolver, parsed, deleted=deleted)
    rows = [pair for pair in found if test is None or test(pair[1])]
    for key in reversed(parsed.order):
        rows = _sorted(rows, _sorting(resolver, key), key)
    end = None if parsed.limit is None else parsed.offset + parsed.limit
    return rows[parsed.offset : end]


def _visible(
    org: "Org", resolver: Resolver, parsed: Query, *, deleted: bool
) -> Iterable[tuple[Record, Values]]:
    table = resolver.table
    records = candidates(resolver, parsed.where)
    late = [record for record in org.unsettled() if record.table is table]
    if late or (deleted and table.bin):
        also = [*late, *(table.bin.values() if deleted else ())]
        records = {id(record): record for record in (*records, *also)}.values()
    for record in records:
        shown = record.shown
        if shown is not None and (deleted or not shown.get("IsDeleted")):
            yield record, shown


def _sorting(resolver: Resolver, key: Order) -> Resolved:
    field = resolver.resolve(key.path)
    if not field.spec.sortable:
        message = f"field '{key.path.text}' can not be sorted in a query call"
        raise soql_error(resolver.text, key.path.start, message)
    return field


def _sorted(
    rows: list[tuple[Record, Values]], field: Resolved, key: Order
) -> list[tuple[Record, Values]]:
    get = field.get
    blank = [row for row in rows if get(row[1]) is None]
    rest = [row for row in rows if get(row[1]) is not None] if blank else rows
    if field.spec.soap_type == "xsd:string":
        rest = sorted(rest, key=lambda row: get(row[1]).lower(), reverse=key.descending)
    else:
        rest = sorted(rest, key=lambda row: get(row[1]), reverse=key.descending)
    return blank + rest if key.nulls_first else rest + blank


def _counted(
    resolver: Resolver, parsed: Query, rows: list[tuple[Record, Values]]
) -> dict[str, Any]:
    result: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
    for position, count in enumerate(parsed.counts):
        get = resolver.resolve(count.path).get
        name = count.alias or f"expr{position}"
        result[name] = sum(get(values) is not None for _, values in rows)
    return {"totalSize": 1, "done": True, "records": [result]}


def _selected(resolver: Resolver, paths: Sequence[Path]) -> list[Resolved]:
    """Return the fields to show; a field may be named once, however it is spelled."""
    fields: dict[tuple[str, ...], Resolved] = {}
    for path in paths:
        field = resolver.resolve(path)
        steps = (*(parent.name for parent in field.parents), field.spec.name)
        if steps in fields:
            message = f"duplicate field selected: {field.spec.name}"
            raise soql_error(resolver.text, path.start, message)
        fields[steps] = field
    return list(fields.values())


def _row(resolver: Resolver, fields: list[Resolved]) -> Row:
    """Return the function that renders a record with the selected fields."""
    name = resolver.table.name
    if all(field.plain and field.spec.type != "address" for field in fields):
        names = [field.spec.name for field in fields]

        def plain(record: Record, values: Values, base: str) -> dict[str, Any]:
            row: dict[str, Any] = {"attributes": _attributes(base, name, record.id)}
            row.update(zip(names, map(values.get, names), strict=True))
            return row

        return plain

    def nested(record: Record, values: Values, base: str) -> dict[str, Any]:
        row: dict[str, Any] = {"attributes": _attributes(base, name, record.id)}
        for field in fields:
            _place(resolver, row, field, values, base)
        return row

    return nested


def _attributes(base: str, name: str, record_id: str) -> dict[str, str]:
    return {"type": name, "url": f"{base}/sobjects/{name}/{record_id}"}


def _place(
    resolver: Resolver, row: dict[str, Any], field: Resolved, values: Values, base: str
) -> None:
    """Put one field into the row, below its parents."""
    for reference in field.parents:
        parent = resolver.parent(values, reference)
        key = reference.relationship or reference.name
        if parent is None:
            row[key] = None
            return
        table, parent_values = parent
        target = str(values[reference.name])
        shown = "Name" if len(reference.reference_to) > 1 else table.name
        inner = row.get(key)
        if inner is None:
            inner = row[key] = {"attributes": _attributes(base, table.name, target)}
            inner["attributes"]["type"] = shown
        row, values = inner, parent_values
    row[field.spec.name] = field.get(values) if field.plain else values.get(field.spec.name)


def more(call: Call, locator: str) -> Reply:
    """Answer the next page of an open cursor."""
    cursor_id, _, offset = locator.rpartition("-")
    cursor = call.org.cursors.get(cursor_id[:15])
    now = call.org.clock.timestamp()
    if (
        cursor is None
        or not offset.isdecimal()
        or now - cursor.opened > call.org.options.cursor_ttl
    ):
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, cursor, cursor_id, int(offset))


def _page(call: Call, cursor: Cursor, cursor_id: str | None, start: int) -> Reply:
    size = _page_size(call)
    rows = cursor.rows[start : start + size]
    body: dict[str, Any] = {
        "totalSize": len(cursor.rows),
        "done": start + size >= len(cursor.rows),
    }
    if not body["done"]:
        cursor_id = cursor_id or _keep(call.org, cursor)
        body["nextRecordsUrl"] = f"{call.base}/query/{cursor_id}-{start + size}"
    base, row = call.base, cursor.row
    body["records"] = [row(record, values, base) for record, values in rows]
    return Reply(200, body)


def _page_size(call: Call) -> int:
    options = call.org.options
    size = options.page_size
    header = call.headers.get("sforce-query-options", "").lower()
    wanted = header.rpartition("batchsize=")[2].strip() if "batchsize=" in header else ""
    if wanted.isdecimal():
        size = min(size, max(_SMALLEST_PAGE, min(int(wanted), _LARGEST_PAGE)))
    return call.org.rng.randint(max(1, size // 2), size) if options.shrink_pages else size


def _keep(org: "Org", cursor: Cursor) -> str:
    oldest = org.clock.timestamp() - org.options.cursor_ttl
    for key in [key for key, held in org.cursors.items() if held.opened < oldest]:
        del org.cursors[key]
    cursor_id = org.cursor_ids.next()
    org.cursors[cursor_id[:15]] = cursor
    return cursor_id
