"""Where a SOQL path leads: a field of the object, or of a parent."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.salesforce.record import Table, Values
from sandbox.salesforce.schema.field import FieldSpec
from sandbox.salesforce.soql_lexer import soql_error
from sandbox.salesforce.soql_tree import Path

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Getter = Callable[[Values], Any]
_HINT = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom "
    "field name. Please reference your WSDL or the describe call for the appropriate names."
)
_RELATION_HINT = (
    _HINT.replace("custom field name", "custom relationship name")
    .replace("use a custom field", "use a custom relationship")
    .replace("'__c'", "'__r'")
)


class Resolved(NamedTuple):
    """A path with its field; ``parents`` are the reference fields on the way there."""

    parents: tuple[FieldSpec, ...]
    spec: FieldSpec
    get: Getter

    @property
    def plain(self) -> bool:
        """Tell whether it is a field of the object itself."""
        return not self.parents


class Resolver:
    """Resolves the paths of one query."""

    def __init__(self, org: "Org", table: Table, text: str, alias: str | None) -> None:
        self.org = org
        self.table = table
        self.text = text
        self.prefixes = {table.name.lower(), (alias or table.name).lower()}

    def resolve(self, path: Path) -> Resolved:
        """Return the field *path* leads to, or refuse the query."""
        steps = path.text.split(".")
        if len(steps) > 1 and steps[0].lower() in self.prefixes:
            steps = steps[1:]
        tables: tuple[Table, ...] = (self.table,)
        parents: list[FieldSpec] = []
        for step in steps[:-1]:
            reference = self._reference(tables[0], step, path)
            parents.append(reference)
            tables = self._targets(reference, step, path)
        spec = self._field(tables, steps[-1], path)
        return Resolved(tuple(parents), spec, self._getter(tuple(parents), spec))

    def _reference(self, table: Table, step: str, path: Path) -> FieldSpec:
        for reference in table.references.values():
            if reference.relationship and reference.relationship.lower() == step.lower():
                return reference
        message = f"Didn't understand relationship '{step}' in field path. {_RELATION_HINT}"
        raise soql_error(self.text, path.start, message, code="INVALID_FIELD")

    def _targets(self, reference: FieldSpec, step: str, path: Path) -> tuple[Table, ...]:
        tables = self.org.tables
        known = [tables[name] for name in reference.reference_to if name in tables]
        if not known:
            message = f"Didn't understand relationship '{step}' in field path. {_RELATION_HINT}"
            raise soql_error(self.text, path.start, message, code="INVALID_FIELD")
        return tuple(known)

    def _field(self, tables: tuple[Table, ...], name: str, path: Path) -> FieldSpec:
        """Return the field of a parent; of several possible parents any that has it."""
        for table in tables:
            if known := table.names.get(name.lower()):
                return table.spec.fields[known]
        entity = tables[0].name if len(tables) == 1 else "Name"
        message = f"No such column '{name}' on entity '{entity}'. {_HINT}"
        raise soql_error(self.text, path.start, message, code="INVALID_FIELD")

    def _getter(self, parents: tuple[FieldSpec, ...], spec: FieldSpec) -> Getter:
        read = address_reader(spec) if spec.type == "address" else _reader(spec.name)
        if not parents:
            return read
        return lambda values: self._follow(parents, values, read)

    def _follow(self, parents: tuple[FieldSpec, ...], values: Values, read: Getter) -> Any:
        for reference in parents:
            parent = self.parent(values, reference)
            if parent is None:
                return None
            values = parent[1]
        return read(values)

    def parent(self, values: Values, reference: FieldSpec) -> tuple[Table, Values] | None:
        """Return a parent's table and what readers see of it."""
        target = values.get(reference.name)
        table = self.org.table_of(target) if target else None
        record = table.find(target) if table and target else None
        if table is None or record is None or record.shown is None:
            return None
        return table, record.shown


def _reader(name: str) -> Getter:
    return lambda values: values.get(name)


def address_reader(spec: FieldSpec) -> Getter:
    """Return a reader that puts a compound address together."""
    prefix = spec.name.removesuffix("Address")
    parts = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State")
    keys = {part[0].lower() + part[1:]: prefix + part for part in (*parts, "Street")}

    def read(values: Values) -> dict[str, Any] | None:
        address = {key: values.get(name) for key, name in keys.items()}
        return address if any(value is not None for value in address.values()) else None

    return read
