"""HubSpot's lifecycle stage, which only moves forward: a step back is ignored without an error."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from guestlist.domain.write import Sides

_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
    "other",
)
_RANKS: Mapping[str, int] = MappingProxyType({stage: rank for rank, stage in enumerate(_STAGES)})
"""HubSpot's own stages in their order; where an account puts stages of its own is not known."""


def forward_only(
    option_of: Callable[[str], str],
) -> Callable[[Sides, Sides | None, Sides], Sides]:
    """Keep what the rule wants from stepping back in HubSpot.

    *option_of* names the HubSpot option of a canonical value.  A step among stages of the
    account's own is tried once: if HubSpot ignores it, HubSpot's value is left alone after that.
    """

    def rank(value: str | None) -> int | None:
        return None if value is None else _RANKS.get(option_of(value))

    def steps_back(now: Sides, agreed: Sides | None, stage: str) -> bool:
        before, after = rank(now.hubspot), rank(stage)
        if before is not None and after is not None:
            return after < before
        tried = agreed is not None and now.salesforce == agreed.salesforce
        return tried and now.hubspot is not None

    def within(now: Sides, agreed: Sides | None, wanted: Sides) -> Sides:
        stage = wanted.hubspot
        if stage is None or stage == now.hubspot or not steps_back(now, agreed, stage):
            return wanted
        return Sides(now.hubspot, wanted.salesforce)

    return within
