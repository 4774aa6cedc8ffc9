"""What a switch of a CRM may be set to, by the type and the bounds of its field."""

import math
from dataclasses import Field
from typing import Any, Literal, get_args, get_origin

Bounds = tuple[float, float]
AT_LEAST_0: Bounds = (0, math.inf)


def fitted(spec: "Field[Any]", value: Any, *, bounds: Bounds = AT_LEAST_0) -> Any:
    """Return *value* as the field holds it; raises ``ValueError`` where it does not fit."""
    if spec.type is bool and not isinstance(value, bool):
        raise ValueError(f"{spec.name} is true or false, not {value!r}")
    if spec.type in (int, float):
        return _number(spec, value, bounds)
    if get_origin(spec.type) is Literal and value not in get_args(spec.type):
        raise ValueError(f"{spec.name} is {' or '.join(get_args(spec.type))}, not {value!r}")
    return value


def _number(spec: "Field[Any]", value: Any, bounds: Bounds) -> Any:
    least, most = bounds
    whole = spec.type is int
    if not least <= value <= most or (whole and value != int(value)):
        kind = "whole number" if whole else "number"
        raise ValueError(f"{spec.name} is a {kind} from {least} to {most}, not {value!r}")
    return int(value) if whole else float(value)
