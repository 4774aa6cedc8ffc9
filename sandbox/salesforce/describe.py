"""Describes: the global one, one object in full, and the list of resources."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.auth import base_url, identity_url
from sandbox.salesforce.call import Call, Reply
from sandbox.salesforce.record import Table
from sandbox.salesforce.schema.field import FieldSpec
from sandbox.salesforce.sobjects import http_date

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_RESOURCES = ("composite", "limits", "query", "queryAll", "sobjects")
_SCHEMA_BORN = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
_UNGROUPED = ("double", "currency", "percent", "address")
_GLOBAL_NAMES = """
    activateable associateEntityType associateParentEntity createable custom customSetting
    deepCloneable deletable deprecatedAndHidden feedEnabled hasSubtypes isInterface isSubtype
    keyPrefix label labelPlural layoutable mergeable mruEnabled name queryable replicateable
    retrieveable searchable triggerable undeletable updateable urls
"""
_GLOBAL_KEYS = tuple(_GLOBAL_NAMES.split())


def resources(call: Call) -> Reply:
    """Answer the root of a version."""
    base = base_url(call.headers)
    identity = identity_url(call.org, base, call.session.user_id)
    below = {name: f"{call.base}/{name}" for name in _RESOURCES}
    return Reply(200, {**below, "identity": identity})


def everything(call: Call) -> Reply:
    """Answer the global describe."""
    tables = call.org.tables.values()
    changed = max(map(_changed, tables))
    unchanged, headers = _conditional(call, changed)
    if unchanged:
        return Reply(304, None, headers)
    described = [_object(call, table) for table in tables]
    shown = [{key: entry[key] for key in _GLOBAL_KEYS} for entry in described]
    return Reply(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": shown}, headers)


def basics(call: Call, table: Table) -> Reply:
    """Answer /sobjects/X: what the global describe says, and recent records (none)."""
    entry = _object(call, table)
    described = {key: entry[key] for key in _GLOBAL_KEYS}
    return Reply(200, {"objectDescribe": described, "recentItems": []})


def sobject(call: Call, table: Table) -> Reply:
    """Answer /sobjects/X/describe: every attribute of every field."""
    unchanged, headers = _conditional(call, _changed(table))
    if unchanged:
        return Reply(304, None, headers)
    body = _object(call, table)
    body["fields"] = [field(spec) for spec in table.spec.fields.values()]
    body["childRelationships"] = _children(call.org, table)
    body["recordTypeInfos"] = [_master_record_type(call)]
    return Reply(200, dict(sorted(body.items())), headers)


def _changed(table: Table) -> datetime:
    changed = datetime.fromtimestamp(table.schema_changed, UTC)
    return max(_SCHEMA_BORN, changed.replace(microsecond=0))


def _conditional(call: Call, changed: datetime) -> tuple[bool, dict[str, str]]:
    """Return whether the caller has this schema already, and the headers either way."""
    headers = {
        "last-modified": format_datetime(changed, usegmt=True),
        "etag": f'"{int(changed.timestamp()):x}"',
    }
    since = http_date(call.headers.get("if-modified-since"))
    return since is not None and changed <= since, headers


def _object(call: Call, table: Table) -> dict[str, Any]:
    spec = table.spec
    url = f"{call.base}/sobjects/{spec.name}"
    switches = (
        "queryable retrieveable searchable triggerable layoutable feedEnabled mruEnabled "
        "compactLayoutable searchLayoutable"
    )
    refused = (
        "activateable custom customSetting deepCloneable deprecatedAndHidden hasSubtypes "
        "isInterface isSubtype"
    )
    blank = (
        "associateEntityType associateParentEntity defaultImplementation extendedBy "
        "extendsInterfaces implementedBy implementsInterfaces listviewable lookupLayoutable "
        "networkScopeFieldName sobjectDescribeOption"
    )
    return {
        **dict.fromkeys(switches.split(), True),
        **dict.fromkeys(refused.split(), False),
        **dict.fromkeys(blank.split()),
        "actionOverrides": [],
        "childRelationships": [],
        "fields": [],
        "namedLayoutInfos": [],
        "recordTypeInfos": [],
        "supportedScopes": [
            {"label": f"All {spec.plural}", "name": "everything"},
            {"label": f"My {spec.plural}", "name": "mine"},
        ],
        "createable": spec.createable,
        "updateable": spec.createable,
        "deletable": spec.createable,
        "undeletable": spec.undeletable,
        "mergeable": spec.mergeable,
        "replicateable": spec.replicateable,
        "keyPrefix": spec.prefix,
        "label": spec.label,
        "labelPlural": spec.plural,
        "name": spec.name,
        "urls": {
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
            "sobject": url,
        },
    }


def field(spec: FieldSpec) -> dict[str, Any]:
    """Return all 57 attributes of a field, in the order a describe has."""
    reference = spec.type == "reference"
    long_text = not spec.filterable
    polymorphic = len(spec.reference_to) > 1
    compound = spec.type == "address"
    return {
        "aggregatable": not long_text and spec.type not in ("boolean", "address"),
        "aiPredictionField": False,
        "autoNumber": spec.auto_number,
        "byteLength": spec.byte_length,
        "calculated": spec.calculated,
        "calculatedFormula": None,
        "cascadeDelete": False,
        "caseSensitive": spec.case_sensitive,
        "compoundFieldName": spec.compound,
        "controllerName": None,
        "createable": spec.createable,
        "custom": spec.custom,
        "defaultValue": spec.default if spec.type == "boolean" else None,
        "defaultValueFormula": None,
        "defaultedOnCreate": spec.defaulted,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": spec.digits,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": spec.external_id,
        "extraTypeInfo": "plaintextarea" if spec.type == "textarea" else None,
        "filterable": spec.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": not long_text and spec.type not in _UNGROUPED,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "idLookup": spec.id_lookup,
        "inlineHelpText": None,
        "label": spec.label,
        "length": spec.length,
        "mask": None,
        "maskType": None,
        "name": spec.name,
        "nameField": spec.name in ("Name", "CaseNumber", "Subject"),
        "namePointing": polymorphic,
        "nillable": spec.nillable,
        "permissionable": spec.nillable and (spec.createable or spec.updateable),
        "picklistValues": [_picklist(spec, value) for value in spec.values],
        "polymorphicForeignKey": polymorphic,
        "precision": spec.precision,
        "queryByDistance": compound,
        "referenceTargetField": None,
        "referenceTo": list(spec.reference_to),
        "relationshipName": spec.relationship,
        "relationshipOrder": None,
        "restrictedDelete": False,
        "restrictedPicklist": spec.restricted,
        "scale": spec.scale,
        "searchPrefilterable": reference,
        "soapType": spec.soap_type,
        "sortable": spec.sortable,
        "type": spec.type,
        "unique": spec.unique,
        "updateable": spec.updateable,
        "writeRequiresMasterRead": False,
    }


def _picklist(spec: FieldSpec, value: str) -> dict[str, Any]:
    return {
        "active": True,
        "defaultValue": value == spec.default,
        "label": value,
        "validFor": None,
        "value": value,
    }


def _children(org: "Org", table: Table) -> list[dict[str, Any]]:
    """Return who points at the object."""
    return [
        {
            "cascadeDelete": False,
            "childSObject": other.name,
            "deprecatedAndHidden": False,
            "field": spec.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": None,
            "restrictedDelete": False,
        }
        for other in org.tables.values()
        for spec in other.references.values()
        if table.name in spec.reference_to
    ]


def _master_record_type(call: Call) -> dict[str, Any]:
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": "012000000000000AAA",
        "urls": {"layout": f"{call.base}/sobjects/describe/layouts/012000000000000AAA"},
    }
