"""The inputs of a batch call: their shape, how many there may be, and which may fail alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.hubspot.answers import Call
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.shapes import Shape, each, members, text

LIMIT = 100
HISTORY_LIMIT = 50

Inputs = list[dict[str, Any]]


def batch_of(item: Shape, **more: Shape) -> Shape:
    """Return the shape of a batch's body; *more* are its other members."""
    return members("inputs", inputs=each(item), **more)


IDS = batch_of(members("id", id=text))


def read_inputs(call: Call, shape: Shape) -> Inputs:
    """Return the inputs of a batch, or raise the 400 for a wrong shape or too many."""
    inputs: Inputs = call.body(shape)["inputs"]
    limit_inputs(inputs)
    return inputs


def limit_inputs(inputs: Sequence[Any], *, limit: int = LIMIT) -> None:
    """Raise the 400 for too many."""
    if len(inputs) > limit:
        what = "" if limit == LIMIT else " request for property histories"
        raise invalid(
            f"The maximum number of inputs supported in a batch{what} is {limit}. "
            "Please reduce the number of items and try again"
        )


def ids_of(inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(item["id"]) for item in inputs]


def refuse_repeats(inputs: Sequence[Mapping[str, Any]]) -> None:
    """Raise the 400 for an id that comes twice."""
    repeated = [id for id, times in Counter(ids_of(inputs)).items() if times > 1]
    if repeated:
        ids = ", ".join(repeated)
        raise invalid(f"Duplicate IDs found in batch input: [{ids}]. IDs must be unique")


def traced(inputs: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether every input carries a trace id of its own: only then are failures single."""
    ids = [item.get("objectWriteTraceId") for item in inputs]
    return bool(ids) and None not in ids and len(set(map(str, ids))) == len(ids)
