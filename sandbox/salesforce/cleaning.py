"""What a field makes of a sent value: the stored form, or a refusal in Salesforce's words."""

import math
import re
from collections.abc import Callable
from typing import Any

from sandbox.salesforce.dates import read_day, read_instant, stamp
from sandbox.salesforce.errors import SalesforceError, unparsable
from sandbox.salesforce.ids import full
from sandbox.salesforce.options import Options
from sandbox.salesforce.schema.field import NUMBER_TYPES, TEXT_TYPES, FieldSpec

Cleaner = Callable[[Any], Any]
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+"
    r"@(?:[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+\.)+[A-Za-z][A-Za-z0-9-]*+",
    re.ASCII,
)
_INT_BOUND = 10**8


def cleaner(spec: FieldSpec, options: Options) -> Cleaner:
    """Return the check of one field; null never reaches it."""
    if spec.type in TEXT_TYPES:
        return _text(spec, options)
    if spec.type in NUMBER_TYPES:
        return lambda value: _number(spec, value)
    match spec.type:
        case "boolean":
            return lambda value: _boolean(spec, value)
        case "date":
            return lambda value: _date(spec, value)
        case "datetime":
            return lambda value: _datetime(spec, value)
        case _:
            return lambda value: _reference(spec, value)


def _text(spec: FieldSpec, options: Options) -> Cleaner:
    check = _text_check(spec, options)
    most = spec.length if spec.length > 0 else math.inf

    def clean(value: Any) -> str | None:
        if type(value) is not str:
            value = _as_text(spec, options, value)
        if options.trim_text:
            value = value.strip()
        if not value:
            return None
        if len(value) > most:
            raise _too_long(spec, value)
        return check(value) if check else value

    return clean


def _text_check(spec: FieldSpec, options: Options) -> Callable[[str], str] | None:
    if spec.type == "email":
        return lambda value: _email(spec, options, value)
    if spec.restricted and spec.values:
        if spec.type == "multipicklist":
            return lambda value: ";".join(_restricted(spec, each) for each in value.split(";"))
        return lambda value: _restricted(spec, value)
    return None


def _as_text(spec: FieldSpec, options: Options, value: Any) -> str:
    if options.number_in_text == "accept" and isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    raise _wrong_token(spec, value)


def _too_long(spec: FieldSpec, value: str) -> SalesforceError:
    message = f"{spec.label}: data value too large: {value} (max length={spec.length})"
    return SalesforceError("STRING_TOO_LONG", message, fields=[spec.name])


def _email(spec: FieldSpec, options: Options, value: str) -> str:
    if not _EMAIL.fullmatch(value):
        message = f"{spec.label}: invalid email address: {value}"
        raise SalesforceError("INVALID_EMAIL_ADDRESS", message, fields=[spec.name])
    return value.lower() if options.lowercase_email else value


def _restricted(spec: FieldSpec, value: str) -> str:
    for known in spec.values:
        if known.lower() == value.lower():
            return known
    message = f"{spec.label}: bad value for restricted picklist field: {value}"
    code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    raise SalesforceError(code, message, fields=[spec.name])


def _number(spec: FieldSpec, value: Any) -> float | int | None:
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong_token(spec, value)
    try:
        number = float(value)
    except ValueError:
        raise _wrong_token(spec, value) from None
    whole = spec.precision - spec.scale
    bound = 10.0**whole if spec.precision else float(_INT_BOUND)
    if not math.isfinite(number) or abs(number) >= bound:
        message = f"{spec.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", message, fields=[spec.name])
    return int(number) if spec.type == "int" else round(number, spec.scale)


def _boolean(spec: FieldSpec, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _wrong_token(spec, value)


def _date(spec: FieldSpec, value: Any) -> str | None:
    if value == "":
        return None
    day = read_day(value[:10]) if isinstance(value, str) else None
    if day is None or (len(value) > 10 and read_instant(value) is None):
        raise _wrong_token(spec, value)
    return day.isoformat()


def _datetime(spec: FieldSpec, value: Any) -> str | None:
    if value == "":
        return None
    if isinstance(value, str) and read_day(value):
        return f"{value}T00:00:00.000+0000"
    moment = read_instant(value) if isinstance(value, str) else None
    if moment is None:
        raise _wrong_token(spec, value)
    return stamp(moment)


def _reference(spec: FieldSpec, value: Any) -> str | None:
    if value == "":
        return None
    if not isinstance(value, str):
        raise _wrong_token(spec, value)
    found = full(value)
    if found is None:
        message = f"{spec.label}: id value of incorrect type: {value}"
        raise SalesforceError("MALFORMED_ID", message, fields=[spec.name])
    return found


def _wrong_token(spec: FieldSpec, value: Any) -> SalesforceError:
    match value:
        case bool():
            return unparsable(spec.type, f"VALUE_{str(value).upper()}", str(value).lower())
        case int():
            return unparsable(spec.type, "VALUE_NUMBER_INT", value)
        case float():
            return unparsable(spec.type, "VALUE_NUMBER_FLOAT", value)
        case dict():
            return unparsable(spec.type, "START_OBJECT", "{")
        case list():
            return unparsable(spec.type, "START_ARRAY", "[")
        case _:
            return unparsable(spec.type, "VALUE_STRING", value)
