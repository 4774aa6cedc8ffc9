"""The settings as frozen values; their checks are in ``schemas.settings_schema``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from schemas.mapping import ObjectMapping


class Secret:
    """A credential that prints as ``********``; only ``reveal`` gives it away.

    Not a ``str``, so that no formatting, joining or serializing leaks it by accident.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __str__(self) -> str:
        return "********" if self._value else ""

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"


class Lane(StrEnum):
    """The rate-limit queues, most urgent first."""

    INTERACTIVE = "interactive"
    """A person or a webhook waits."""
    CHANGES = "changes"
    BULK = "bulk"
    """Runs over whole lists."""
    UPKEEP = "upkeep"


@dataclass(frozen=True, slots=True)
class HubSpotSettings:
    base_url: str = "https://api.hubapi.com"
    api_version: str = "2026-09"
    """A dated version (``2026-09``) or ``v3``."""
    token: Secret = field(default_factory=Secret)
    """Service key or private-app token; empty: not connected yet."""
    client_id: str = ""
    """Of the app that OAuth connects, instead of a token."""
    client_secret: Secret = field(default_factory=Secret)
    burst_per_10s: int = 190
    """Requests in any 10 seconds; HubSpot's limit for private apps is 190 on Professional."""
    search_per_second: float = 5.0
    """HubSpot: 5 searches a second for the whole account."""
    daily: int | None = None
    """Requests a day we may use; ``None``: whatever the account says."""
    timeout_s: float = 30.0
    batch: int = 100
    """HubSpot: at most 100 inputs a batch."""
    webhook_secret: Secret = field(default_factory=Secret)
    """Client secret of the app whose webhooks are taken; empty: none are."""


@dataclass(frozen=True, slots=True)
class SalesforceSettings:
    login_url: str = "https://login.salesforce.com"
    """Client credentials need the org's own My Domain here."""
    api_version: str = "67.0"
    client_id: str = ""
    client_secret: Secret | None = None
    """Set: client credentials flow."""
    username: str | None = None
    """User the JWT bearer flow speaks for."""
    private_key: Secret | None = None
    """PEM text; set together with ``username``: JWT bearer flow."""
    timeout_s: float = 60.0
    daily_calls: int | None = None
    """Calls a day we may use; ``None``: whatever the org says."""
    batch: int = 200
    """Salesforce: at most 200 records a collection."""
    outbound_secret: Secret = field(default_factory=Secret)
    """Last part of the address that outbound messages are sent to; empty: none are taken."""
    organization_id: str = ""
    """The org whose outbound messages are taken."""


@dataclass(frozen=True, slots=True)
class LaneSettings:
    width: int
    """Records a task carries at most; halved when a call times out."""
    share: float
    """Part of a CRM's allowance this lane may use up; the rest is headroom for the other lanes."""


@dataclass(frozen=True, slots=True)
class GuardSettings:
    proof_age_s: float = 30.0
    """A membership read longer ago than this proves nothing."""
    settle_s: float = 60.0
    """How long HubSpot may take to re-evaluate a list after a contact changed."""
    ask_above_creates: int = 500
    """A run that would create more than this asks first."""
    list_cache_s: float = 10.0
    """How long a list's definition may be used without reading it again."""
    brake_share: float = 0.2
    """Part of the list that may enter or leave before a person has to approve it ..."""
    brake_records: int = 100
    """... or so many records, if that is more."""
    four_eyes: bool = False
    """A held list needs the yes of two people."""


@dataclass(frozen=True, slots=True)
class RetrySettings:
    first_s: float = 5.0
    cap_s: float = 900.0
    attempts: int = 8


@dataclass(frozen=True, slots=True)
class FlowSettings:
    in_flight: int = 8000
    """Producers stop enumerating while more records than this wait."""
    lease_s: float = 20.0
    """How long after its worker's last sign of life a record may be taken by another."""
    dispatch_after_s: float = 30.0
    """A queued record no worker took for this long is sent again."""


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """Parts of a CRM's day, or of our cap on it, after which something stops until there is a
    new one; HubSpot's own integration stops retries at 75 %.
    """

    retries: float = 0.75
    reads: float = 0.9
    """Runs over lists, enumerations, audits."""
    all: float = 0.95


@dataclass(frozen=True, slots=True)
class PollSettings:
    """How often what is followed is looked at, and how far each look reaches back."""

    hubspot_s: float = 60.0
    salesforce_s: float = 60.0
    joins_s: float = 60.0
    leaves_s: float = 3600.0
    """A whole enumeration of the inclusion list: a call for every 250 members."""
    audit_s: float = 86_400.0
    formulas_s: float = 3600.0
    """Salesforce: a formula's new value does not move the record's SystemModstamp."""
    hubspot_overlap_s: float = 120.0
    """HubSpot: search finds a change some time after it was made."""
    salesforce_overlap_s: float = 600.0
    """Salesforce: a transaction may take ten minutes, and its rows keep the time it set them."""
    keep_days: float = 30.0
    """How long runs that polls made stay in the history."""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """The web pages and the REST API."""

    host: str = "127.0.0.1"
    """Anything but loopback needs a password."""
    port: int = 8080
    password: Secret = field(default_factory=Secret)
    """Of the user ``admin``; empty: made up at the first start and told once."""
    public_url: str = ""
    """How people and HubSpot reach it from elsewhere; empty: only this machine does."""
    idle_minutes: int = 60
    session_hours: int = 12
    flower_url: str = ""
    edit_mapping: bool = True
    """People may change the mapping while everything runs; ``False``: in the files only."""
    edit_settings: bool = True
    """The same for schedules, budgets, guards, retries and thresholds of alerts."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Whom to tell when something is not as it should be; without a way nobody is told."""

    webhook_url: Secret = field(default_factory=Secret)
    """Whoever has it can post, so it is a secret."""
    webhook_format: str = "slack"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: Secret = field(default_factory=Secret)
    mail_from: str = ""
    mail_to: str = ""
    after_s: float = 60.0
    """How long something lasts, or is over, before it is told."""
    remind_hours: float = 24.0
    per_hour: int = 10
    quiet_from: str = ""
    quiet_until: str = ""
    time_zone: str = "UTC"
    error_share: float = 0.1
    error_records: int = 20
    budget_share: float = 0.8
    silent_s: float = 120.0


def default_lanes() -> dict[Lane, LaneSettings]:
    """A run's task of 1,250 records is five pages of its list, one Salesforce read and two writes.

    Salesforce takes five collections of 200 a call, and creations and updates share none: a
    thousand records that need both take two calls as well.
    """
    return {
        Lane.INTERACTIVE: LaneSettings(width=100, share=1.0),
        Lane.CHANGES: LaneSettings(width=1000, share=0.98),
        Lane.BULK: LaneSettings(width=1250, share=0.96),
        Lane.UPKEEP: LaneSettings(width=1000, share=0.96),
    }


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process of ours needs to know, checked as a whole."""

    hubspot: HubSpotSettings = HubSpotSettings()
    salesforce: SalesforceSettings = SalesforceSettings()
    objects: Mapping[str, ObjectMapping] = field(default_factory=dict)
    """By our key, e.g. ``contacts``."""
    lanes: Mapping[Lane, LaneSettings] = field(default_factory=default_lanes)
    guards: GuardSettings = GuardSettings()
    retries: RetrySettings = RetrySettings()
    flow: FlowSettings = FlowSettings()
    budget: BudgetSettings = BudgetSettings()
    polls: PollSettings = PollSettings()
    console: ConsoleSettings = ConsoleSettings()
    alerts: AlertSettings = AlertSettings()
    broker_url: str = "redis://127.0.0.1:6379/0"
    limits_url: str | None = None
    """Redis the limiter shares between workers; loading fills in the broker when that is Redis.
    ``None``: each process limits on its own."""
    plain_broker: bool = False
    """Lets Redis and RabbitMQ be on another machine without TLS, in a network that is trusted."""
    database_url: str = ""
    """SQLAlchemy address; loading fills in ``guestlist.db`` under ``state_dir``."""
    keep_values_days: float = 30.0
    """Values of records that ended, of conflicts and of solved errors are kept so long."""
    keep_runs_days: float = 365.0
    """Runs that people started are kept so long; those of polls ``polls.keep_days``."""
    vault_keys: Secret = field(default_factory=Secret)
    """Ring of keys that seal what OAuth grants: ``id:base64`` each, the first one seals."""
    state_dir: Path = Path("state")
    """Loading makes it absolute."""
    development: bool = False
    """Lets the CRM addresses be other hosts than the vendors', and plain http."""
    otel_endpoint: str = ""
    """Where spans are sent; empty: there are none."""
    log_level: str = "info"
    environment: str = "default"
    """Name of this installation, in every log line."""
