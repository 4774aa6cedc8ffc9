"""Build what the engine acts through, once per process and never at import."""

import hashlib
import os
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.hubspot.bearer import Bearer
from guestlist.connectors.hubspot.oauth import OAuth
from guestlist.connectors.limiter import open_limiter
from guestlist.connectors.line import Line
from guestlist.connectors.presence import open_presence
from guestlist.connectors.salesforce import Salesforce
from guestlist.connectors.turn import PATIENCE_S, Limiter
from guestlist.engine.accounts import AccountWatch
from guestlist.engine.inclusion import InclusionWatch
from guestlist.engine.schema import SchemaWatch
from guestlist.engine.services import Keeper, Publisher, Services
from guestlist.engine.tokens import GrantedTokens
from guestlist.store import grants
from guestlist.store.database import Database
from guestlist.store.vault import Vault
from schemas.keyring import ring_of
from schemas.records import Crm
from schemas.settings import Lane, Settings
from worker.celery import app
from worker.keeper import LeaseKeeper
from worker.layers import VersionWatch, in_force
from worker.publisher import CeleryPublisher
from worker.reload import Current, FileWatch
from worker.settings import Loaded, load
from worker.tracing import spans_of, traced

if TYPE_CHECKING:
    from worker.spans import Spans


def now() -> datetime:
    """Return the time, aware, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a short random word, unique enough for a run, a lease or a request."""
    return secrets.token_hex(6)


def _transport(timeout_s: float) -> Transport:
    return Transport(timeout_s=timeout_s, public_only=True)


def _anywhere(timeout_s: float) -> Transport:
    return Transport(timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What comes from outside: time, chance, and the ways to the CRMs and their limits."""

    clock: Callable[[], datetime] = now
    sleep: Callable[[float], object] = time.sleep
    new_id: Callable[[], str] = new_id
    jitter: random.Random = field(default_factory=random.Random)
    transport: Callable[[float], Transport] = _transport
    """Takes the time limit of a call, in seconds."""
    limiter: Callable[[Settings], Limiter] = open_limiter
    patience_s: float = PATIENCE_S
    """How long a call waits for its turn."""
    spans: Callable[[Settings], "Spans | None"] = spans_of
    keeper: Callable[[float], Keeper] = LeaseKeeper
    """Takes how long a lease lasts, in seconds."""
    database: Callable[[str], Database] = Database
    """Takes the database's URL."""


def surroundings_of(settings: Settings) -> Surroundings:
    """Return what the settings ask for: where we develop, a CRM may be at any address."""
    return Surroundings(transport=_anywhere if settings.development else _transport)


def _build_from_environment() -> Services:
    return build(load(os.environ), CeleryPublisher(app))


services = Current(_build_from_environment)
"""This process's services, built from the environment at first use and anew when the files of
the settings change.

Not before first use: a prefork child must not inherit its parent's sockets and pools.
"""


def build(
    loaded: Loaded, publisher: Publisher, surroundings: Surroundings | None = None
) -> Services:
    """Put the parts together for these settings and the versions in force."""
    around = surroundings or surroundings_of(loaded.settings)
    database = around.database(loaded.settings.database_url)
    loaded = in_force(loaded, database)
    settings = loaded.settings
    limiter = around.limiter(settings)
    transport = traced(around.transport, around.spans(settings))
    file_changed = FileWatch(loaded.files).changed
    version_added = VersionWatch(loaded, database).changed
    hubspot = HubSpot.connect(
        settings.hubspot,
        limiter=limiter,
        development=settings.development,
        clock=around.clock,
        sleep=around.sleep,
        new_id=around.new_id,
        patience_s=around.patience_s,
        transport=transport(settings.hubspot.timeout_s),
        bearer=_bearer(settings, database, limiter, replace(around, transport=transport)),
    )
    salesforce = Salesforce.connect(
        settings.salesforce,
        limiter=limiter,
        development=settings.development,
        clock=around.clock,
        sleep=around.sleep,
        new_id=around.new_id,
        patience_s=around.patience_s,
        transport=transport(settings.salesforce.timeout_s),
    )
    return Services(
        settings=settings,
        settings_version=loaded.version,
        database=database,
        hubspot=hubspot,
        salesforce=salesforce,
        schemas=SchemaWatch(settings.objects, database, hubspot, salesforce, around.clock),
        inclusions=InclusionWatch(database, hubspot, around.clock, settings.guards),
        accounts=AccountWatch(
            database, hubspot, salesforce, credentials=partial(_credentials, settings)
        ),
        publisher=publisher,
        keeper=around.keeper(settings.flow.lease_s),
        limiter=limiter,
        presence=open_presence(settings),
        clock=around.clock,
        superseded=lambda: file_changed() or version_added(),
        new_id=around.new_id,
        jitter=around.jitter,
    )


def _credentials(settings: Settings, connection: Connection) -> str:
    """Return what tells one HubSpot credential from another, without telling it."""
    hubspot = settings.hubspot
    spoken = hubspot.token.reveal() or grants.account(connection, Crm.HUBSPOT) or ""
    return hashlib.sha256(f"{hubspot.base_url}\n{spoken}".encode()).hexdigest()[:16]


def _bearer(
    settings: Settings, database: Database, limiter: Limiter, around: Surroundings
) -> Bearer | None:
    """Return what keeps the token of an OAuth grant fresh; ``None``: the settings hold a token."""
    hubspot = settings.hubspot
    if hubspot.token or not hubspot.client_id:
        return None
    line = Line(
        Crm.HUBSPOT,
        around.transport(hubspot.timeout_s),
        limiter=limiter,
        lane=Lane.INTERACTIVE,
        sleep=around.sleep,
        new_id=around.new_id,
    )
    return GrantedTokens(
        database,
        Vault(ring_of(settings.vault_keys.reveal())),
        OAuth(hubspot, line, development=settings.development),
        clock=around.clock,
        sleep=around.sleep,
        new_id=around.new_id,
    )
