"""The org as JSON values, and back."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.auth import Client
from sandbox.salesforce.limits import Usage
from sandbox.salesforce.options import Options
from sandbox.salesforce.record import Record, Table
from sandbox.salesforce.schema import FieldSpec, stock_objects

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_PLAIN = ("instance", "organization_id", "admin_id", "integration_user_id")


def dump(org: "Org") -> dict[str, Any]:
    """Return all state but sessions, cursors, locks and rows not yet committed as late."""
    return {
        **{name: getattr(org, name) for name in _PLAIN},
        "options": org.options.to_mapping(),
        "clients": {name: list(client) for name, client in org.clients.items()},
        "public_keys": dict(org.public_keys),
        "refresh_tokens": dict(org.refresh_tokens),
        "assigned": dict(org.assigned),
        "trigger_runs": dict(org.trigger_runs),
        "tables": {name: _table(table) for name, table in org.tables.items()},
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "count": table.ids.count,
        "schema_changed": table.schema_changed,
        "custom": [asdict(spec) for spec in table.spec.fields.values() if spec.custom],
        "rows": [dict(record.values) for record in table.rows.values()],
    }


def load(org: "Org", state: Mapping[str, Any]) -> None:
    """Replace everything in *org* by what was dumped."""
    for name in _PLAIN:
        setattr(org, name, state[name])
    org.options = Options.from_mapping(state["options"])
    org.clients = {name: Client(*client) for name, client in state["clients"].items()}
    org.public_keys = dict(state["public_keys"])
    org.refresh_tokens = dict(state["refresh_tokens"])
    org.assigned = Counter(state["assigned"])
    org.trigger_runs = Counter(state["trigger_runs"])
    org.sessions.clear()
    org.cursors.clear()
    org.locks.clear()
    org.calls.clear()
    org.usage = Usage()
    stock = stock_objects()
    org.tables = {name: Table(stock[name], org.options, org.instance) for name in state["tables"]}
    for name, table in org.tables.items():
        _fill(table, state["tables"][name])


def _fill(table: Table, state: Mapping[str, Any]) -> None:
    spec = table.spec
    for custom in state["custom"]:
        spec = spec.with_field(FieldSpec.from_mapping(custom))
    table.set_spec(spec)
    table.ids.count = state["count"]
    table.schema_changed = state["schema_changed"]
    for values in state["rows"]:
        record = Record(values["Id"], table, dict(values))
        record.shown = record.values
        table.add(record)
        if record.deleted:
            table.bin[record.id] = record
    for record in sorted(table.rows.values(), key=_stamp):
        table.note(_stamp(record), record)


def _stamp(record: Record) -> str:
    return str(record.values.get("SystemModstamp", ""))
