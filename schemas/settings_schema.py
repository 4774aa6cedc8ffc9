"""The shape of the settings file and of ``GUESTLIST_*``: types, limits and what each one means."""

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import OneOf, Range, Regexp

from schemas.address import broker_problem, database_problem, plain_text_to, refusal
from schemas.alert_schema import AlertsSchema
from schemas.fields import Folder, Keyed, SecretText, StrictSchema, Text, Whole
from schemas.keyring import ring_problem
from schemas.mapping_schema import ObjectMappingSchema
from schemas.records import Crm
from schemas.section import AT_LEAST_ONE, SECONDS, SectionSchema, meaning
from schemas.settings import (
    ConsoleSettings,
    FlowSettings,
    HubSpotSettings,
    RetrySettings,
    SalesforceSettings,
    Settings,
    default_lanes,
)
from schemas.work_schema import (
    BudgetSchema,
    FlowSchema,
    GuardsSchema,
    LanesSchema,
    PollsSchema,
    RetriesSchema,
)

LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
BROKER = Regexp(
    r"(rediss?|redis\+socket|sentinel|amqps?|pyamqp|memory)://",
    error="Must begin with redis://, rediss://, redis+socket://, sentinel://, amqp:// or amqps://.",
)
SHARED_LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")


class HubSpotSchema(SectionSchema):
    value = HubSpotSettings
    base_url = fields.String(metadata=meaning("Address of the HubSpot API."))
    api_version = fields.String(
        validate=Regexp(r"(v3|20\d\d-\d\d)\Z", error="Must be v3 or a dated version (2026-09)."),
        metadata=meaning("Version in the paths: a dated one, or v3."),
    )
    token = SecretText(
        validate=lambda secret: _printable(secret.reveal()),
        metadata=meaning("Service key or private-app token.", secret=True),
    )
    client_id = fields.String(
        metadata=meaning("Client id of the app that OAuth connects, instead of a token.")
    )
    client_secret = SecretText(
        validate=lambda secret: _printable(secret.reveal()),
        metadata=meaning("Client secret of that app.", secret=True),
    )
    burst_per_10s = Whole(
        validate=AT_LEAST_ONE,
        metadata=meaning(
            "Requests in any 10 seconds, by all workers together. HubSpot allows a private app "
            "190 on Professional and Enterprise, 250 with the API add-on, 100 below."
        ),
    )
    search_per_second = fields.Float(
        validate=Range(min=0, min_inclusive=False),
        metadata=meaning("Searches a second. HubSpot allows 5 for the whole account."),
    )
    daily = Whole(
        allow_none=True,
        validate=AT_LEAST_ONE,
        metadata=meaning("Requests a day we may use. Not set: what the account has left."),
    )
    timeout_s = fields.Float(validate=SECONDS, metadata=meaning("Seconds to wait for an answer."))
    batch = Whole(
        validate=Range(min=1, max=100),
        metadata=meaning("Records a batch call carries. HubSpot takes at most 100."),
    )
    webhook_secret = SecretText(
        validate=lambda secret: _printable(secret.reveal()),
        metadata=meaning(
            "Client secret of the HubSpot app whose webhooks are taken. Not set: none are.",
            secret=True,
        ),
    )

    @validates_schema
    def one_way_in(self, data: dict[str, Any], **_: Any) -> None:
        """Half an app is a mistake, and so are two ways in."""
        problems: dict[str, list[str]] = {}
        if data.get("client_secret") and not data.get("client_id"):
            problems["client_id"] = ["Needed with client_secret."]
        if data.get("client_id") and not data.get("client_secret"):
            problems["client_secret"] = ["Needed with client_id."]
        if data.get("client_id") and data.get("token"):
            problems["client_id"] = ["Set this or token, not both."]
        if problems:
            raise ValidationError(problems)


class SalesforceSchema(SectionSchema):
    value = SalesforceSettings
    login_url = fields.String(
        metadata=meaning(
            "Address that hands out access. The client credentials flow needs the org's own "
            "My Domain, e.g. https://acme.my.salesforce.com."
        )
    )
    api_version = Text(
        validate=Regexp(
            r"(4[1-9]|[5-9]\d|\d{3})\.0\Z", error="Must be 41.0 or later, written like 67.0."
        ),
        metadata=meaning("API version. Salesforce refuses versions before 31 and drops 31 to 40."),
    )
    client_id = fields.String(metadata=meaning("Consumer key of the External Client App."))
    client_secret = SecretText(
        allow_none=True,
        metadata=meaning("Consumer secret: chooses the client credentials flow.", secret=True),
    )
    username = fields.String(
        allow_none=True, metadata=meaning("User the JWT bearer flow acts for.")
    )
    private_key = SecretText(
        allow_none=True,
        metadata=meaning("Private key (PEM text): chooses the JWT bearer flow.", secret=True),
    )
    timeout_s = fields.Float(validate=SECONDS, metadata=meaning("Seconds to wait for an answer."))
    daily_calls = Whole(
        allow_none=True,
        validate=AT_LEAST_ONE,
        metadata=meaning("Calls a day we may use. Not set: what the org has left."),
    )
    batch = Whole(
        validate=Range(min=1, max=200),
        metadata=meaning("Records a collection carries. Salesforce takes at most 200."),
    )
    outbound_secret = SecretText(
        validate=lambda secret: _unguessable(secret.reveal()),
        metadata=meaning(
            "Last part of the address that Salesforce sends outbound messages to: 32 letters and "
            "digits or more, made up by you. Not set: none are taken.",
            secret=True,
        ),
    )
    organization_id = fields.String(
        validate=Regexp(r"(00D[0-9A-Za-z]{12}([0-9A-Z]{3})?)?\Z", error="Must be an id, 00D..."),
        metadata=meaning("Id of the org whose outbound messages are taken: `guestlist doctor`."),
    )

    @validates_schema
    def one_flow(self, data: dict[str, Any], **_: Any) -> None:
        """Half a credential is a mistake; none at all is an installation not connected yet."""
        secret, key, user = (data.get(k) for k in ("client_secret", "private_key", "username"))
        problems: dict[str, list[str]] = {}
        if secret and key:
            problems["private_key"] = ["Set this or client_secret, not both."]
        if key and not user:
            problems["username"] = ["The JWT bearer flow (private_key) needs it."]
        if user and not key:
            problems["private_key"] = ["The JWT bearer flow (username) needs it."]
        if key and "-----BEGIN" not in key.reveal():
            problems["private_key"] = [
                "Must be the key itself in PEM form; use ..._FILE for a path."
            ]
        if (secret or key) and not data.get("client_id"):
            problems["client_id"] = ["Needed with client_secret or private_key."]
        login = data.get("login_url", SalesforceSettings().login_url)
        if secret and login.rstrip("/") in SHARED_LOGIN_HOSTS:
            problems["login_url"] = ["The client credentials flow needs the org's own My Domain."]
        if data.get("outbound_secret") and not data.get("organization_id"):
            problems["organization_id"] = ["Needed with outbound_secret."]
        if problems:
            raise ValidationError(problems)


class ConsoleSchema(SectionSchema):
    value = ConsoleSettings
    host = fields.String(
        validate=Regexp(r"[0-9A-Za-z.:_-]{1,255}\Z", error="Must be a host name or an address."),
        metadata=meaning("Address it listens on. Anything but loopback needs a password."),
    )
    port = Whole(validate=Range(min=1, max=65_535), metadata=meaning("Port it listens on."))
    password = SecretText(
        metadata=meaning(
            "Password of the user admin. Not set: made up at the first start and told once.",
            secret=True,
        ),
    )
    public_url = fields.String(
        validate=Regexp(
            r"(https?://[0-9A-Za-z.:_-]+)?\Z", error="Must be https://name, without a path."
        ),
        metadata=meaning(
            "Address people and HubSpot reach it by, e.g. https://sync.acme.example. Not set: "
            "only this machine does."
        ),
    )
    idle_minutes = Whole(
        validate=Range(min=1, max=1440),
        metadata=meaning("Minutes without a request after which one has to sign in again."),
    )
    session_hours = Whole(
        validate=Range(min=1, max=168),
        metadata=meaning("Hours after which one has to sign in again in any case."),
    )
    flower_url = fields.String(
        validate=Regexp(r"(https?://\S+)?\Z", error="Must be an http address."),
        metadata=meaning("Where Flower is, for links to it."),
    )
    edit_mapping = fields.Boolean(
        metadata=meaning(
            "Admins may change the mapping on the console; false: only here, in the files."
        ),
    )
    edit_settings = fields.Boolean(
        metadata=meaning(
            "Admins may change polls, budget, guards, retries and thresholds of alerts on the "
            "console; false: only here, in the files."
        ),
    )


class SettingsSchema(StrictSchema):
    """The whole file.  ``objects`` must have been laid over the packaged mapping before."""

    hubspot = fields.Nested(HubSpotSchema)
    salesforce = fields.Nested(SalesforceSchema)
    objects = Keyed(fields.Nested(ObjectMappingSchema))
    lanes = fields.Nested(LanesSchema)
    guards = fields.Nested(GuardsSchema)
    retries = fields.Nested(RetriesSchema)
    flow = fields.Nested(FlowSchema)
    budget = fields.Nested(BudgetSchema)
    polls = fields.Nested(PollsSchema)
    console = fields.Nested(ConsoleSchema)
    alerts = fields.Nested(AlertsSchema)
    broker_url = fields.String(
        validate=BROKER, metadata=meaning("Celery broker: Redis, or RabbitMQ.", address=True)
    )
    limits_url = fields.String(
        allow_none=True,
        validate=Regexp(r"(rediss?|unix)://", error="Must be a Redis address."),
        metadata=meaning(
            "Redis through which all workers share the CRMs' limits. Not set: the broker when "
            "that is Redis, else each process limits itself.",
            address=True,
        ),
    )
    plain_broker = fields.Boolean(
        metadata=meaning(
            "Lets Redis and RabbitMQ be on another machine without TLS: for a private network "
            "that is trusted, as in docker-compose.yml."
        )
    )
    database_url = fields.String(
        validate=Regexp(
            r"(sqlite|postgres(ql)?(\+psycopg)?)://", error="Must be sqlite:// or postgresql://."
        ),
        metadata=meaning("State. Not set: SQLite, guestlist.db under state_dir.", address=True),
    )
    keep_values_days = fields.Float(
        validate=Range(min=1, max=3650),
        metadata=meaning(
            "Days for which values of records stay with ended runs, conflicts and solved errors."
        ),
    )
    keep_runs_days = fields.Float(
        validate=Range(min=1, max=36_500),
        metadata=meaning(
            "Days that runs which people started stay in the history, with what became of each "
            "record; those of polls: polls.keep_days."
        ),
    )
    vault_keys = SecretText(
        validate=lambda secret: _ring(secret.reveal()),
        metadata=meaning(
            "Keys that seal what OAuth grants, id:base64 each, the first one seals. "
            "`guestlist keys rotate` makes them.",
            secret=True,
        ),
    )
    state_dir = Folder(metadata=meaning("Folder of the SQLite database."))
    development = fields.Boolean(
        metadata=meaning("Allows CRM addresses other than the vendors' own, and plain http.")
    )
    otel_endpoint = fields.String(
        validate=Regexp(r"(https?://\S+)?\Z", error="Must be an http address."),
        metadata=meaning(
            "OpenTelemetry collector that takes spans, OTLP over HTTP: http://127.0.0.1:4318. "
            "Needs guestlist[otel]. Not set: no spans are made.",
            address=True,
        ),
    )
    log_level = fields.String(
        validate=OneOf(LOG_LEVELS), metadata=meaning(f"One of {', '.join(LOG_LEVELS)}.")
    )
    environment = fields.String(
        validate=Regexp(r"[A-Za-z0-9_.-]{1,40}\Z", error="Must be a short word."),
        metadata=meaning("Name of this installation, in every log line."),
    )

    @validates_schema(skip_on_field_errors=False)
    def addresses(self, data: dict[str, Any], **_: Any) -> None:
        problems: dict[str, Any] = {}
        for crm, key in ((Crm.HUBSPOT, "base_url"), (Crm.SALESFORCE, "login_url")):
            address = _part(data.get(crm), key)
            development = data.get("development", False)
            if address and (why := refusal(address, crm, development=development)):
                problems[crm.value] = {key: [f"It {why}."]}
        for name in ("broker_url", "limits_url"):
            if why := _refused(data.get(name) or "", plain=data.get("plain_broker", False)):
                problems[name] = [f"It {why}."]
        if why := database_problem(data.get("database_url") or ""):
            problems["database_url"] = [f"It {why}."]
        if problems:
            raise ValidationError(problems)

    @validates_schema
    def reasonable(self, data: dict[str, Any], **_: Any) -> None:
        retries, flow = data.get("retries", RetrySettings()), data.get("flow", FlowSettings())
        lanes = data.get("lanes", default_lanes())
        problems: dict[str, Any] = {}
        if retries.cap_s < retries.first_s:
            problems["retries"] = {"cap_s": ["Must not be less than first_s."]}
        widest = max(lane.width for lane in lanes.values())
        if flow.in_flight < widest:
            problems["flow"] = {"in_flight": [f"Must not be less than the widest lane ({widest})."]}
        if problems:
            raise ValidationError(problems)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Settings:
        return Settings(**data)


def _refused(broker: str, *, plain: bool) -> str | None:
    return broker_problem(broker) or (None if plain else plain_text_to(broker))


def _part(section: Any, key: str) -> Any:
    """Of a section that loaded, or of the good half of one that did not."""
    return section.get(key) if isinstance(section, dict) else getattr(section, key, None)


def _ring(text: str) -> None:
    if problem := ring_problem(text):
        raise ValidationError(problem)


def _unguessable(secret: str) -> None:
    if secret and not re.fullmatch(r"[0-9A-Za-z_-]{32,200}", secret):
        raise ValidationError("Must be 32 to 200 letters, digits, - and _.")


def _printable(token: str) -> None:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ValidationError("Holds characters no token has; was it copied whole?")
