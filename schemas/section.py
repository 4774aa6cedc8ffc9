"""A table of the settings file: loads into one frozen value, and says what each setting means."""

from collections.abc import Callable
from typing import Any, ClassVar

from marshmallow import post_load
from marshmallow.validate import Range

from schemas.fields import StrictSchema

MOST = 1_000_000_000
"""No count here is larger; the database would not take one past 2^63."""
AT_LEAST_ONE = Range(min=1, max=MOST)
SECONDS = Range(min=0, min_inclusive=False, max=86_400)


def meaning(text: str, **more: Any) -> dict[str, Any]:
    """Metadata from which the settings page, ``.env.example`` and the example file are made."""
    return {"meaning": text, **more}


class SectionSchema(StrictSchema):
    """A table that loads into one frozen value, which knows the defaults."""

    value: ClassVar[Callable[..., Any]]

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Any:
        return type(self).value(**data)
