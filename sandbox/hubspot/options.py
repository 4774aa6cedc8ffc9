"""The switches of the sandbox's HubSpot: lags, limits, and answers where reality is not known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self
from zoneinfo import available_timezones

from sandbox.switches import fitted


@dataclass(slots=True)
class Options:
    """Mutable at any time; lags are seconds by the sandbox clock."""

    index_lag: float = 0.0
    """Search matches on values this old; records are returned fresh."""
    list_lag: float = 0.0
    """From a change to the membership change it causes, and from new filters to COMPLETE."""
    property_lag: float = 0.0
    """From a property's change until reads and writes see it."""
    limits_enabled: bool = True
    burst_per_10s: int = 190
    oauth_burst_per_10s: int = 110
    search_per_second: int = 5
    daily: int = 625_000
    time_zone: str = "US/Eastern"
    shuffle_batches: bool = True
    """Batch results come in another order than the inputs (recorded)."""
    object_id_sorts_as_text: bool = False
    """Search compares and sorts ``hs_object_id`` as text (suspected by others)."""
    short_pages: bool = False
    """Search pages may be shorter than ``limit`` and still have a next cursor."""
    refuse_upsert_by_email: bool = False
    """Refuse every contact upsert with ``idProperty: email`` ("partial upserts" undefined)."""
    noop_moves_lastmodified: bool = True
    """A write of equal values still moves the last-modified stamp."""
    blocklist_refuses_create: bool = True
    """A GDPR-deleted e-mail can not be created again."""
    rotate_refresh_tokens: bool = False
    """Each use of a refresh token brings another one and makes it worthless (HubSpot: not yet)."""
    consent: bool = True
    """The administrator who is asked to approve an app says yes."""
    tells_scopes: bool = True
    """Whoever shows a static token is told its scopes; off: it is a service key (open)."""
    check_owners: bool = True
    """``hubspot_owner_id`` must be an existing owner's id."""
    membership_total: bool = True
    """Membership pages carry ``total``."""
    converted_processing_type: Literal["MANUAL", "SNAPSHOT"] = "MANUAL"
    """What a converted DYNAMIC list becomes: MANUAL or SNAPSHOT."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Build from plain values; unknown names raise ``KeyError``."""
        options = cls()
        options.update(values)
        return options

    def update(self, values: Mapping[str, Any]) -> None:
        """Change some switches; unknown names raise ``KeyError``, wrong values ``ValueError``."""
        known = {field.name: field for field in fields(self)}
        fit = {name: fitted(known[name], value) for name, value in values.items()}
        if "time_zone" in fit and fit["time_zone"] not in available_timezones():
            raise ValueError(f"there is no time zone {fit['time_zone']}")
        for name, value in fit.items():
            setattr(self, name, value)

    def to_mapping(self) -> dict[str, Any]:
        """Return all switches as plain values."""
        return asdict(self)
