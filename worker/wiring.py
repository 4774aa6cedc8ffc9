"""Build what the engine acts through, once per process and never at import."""

import os
import random
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.limiter import open_limiter
from guestlist.connectors.salesforce import Salesforce
from guestlist.engine.inclusion import InclusionWatch
from guestlist.engine.schema import SchemaWatch
from guestlist.engine.services import Publisher, Services
from guestlist.store.database import Database
from worker.celery import app
from worker.publisher import CeleryPublisher
from worker.settings import Loaded, load


def now() -> datetime:
    """Return the time, aware, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a short random word, unique enough for a run, a lease or a request."""
    return secrets.token_hex(6)


@cache
def services() -> Services:
    """Return this process's services, built from the environment at first use.

    Not before: a prefork child must not inherit its parent's sockets and pools.
    """
    return build(load(os.environ), CeleryPublisher(app))


def build(loaded: Loaded, publisher: Publisher) -> Services:
    """Put the parts together for these settings; nothing is connected to yet."""
    settings = loaded.settings
    limiter = open_limiter(settings)
    database = Database(settings.database_url)
    hubspot = HubSpot.connect(
        settings.hubspot, limiter=limiter, development=settings.development, new_id=new_id
    )
    salesforce = Salesforce.connect(
        settings.salesforce, limiter=limiter, development=settings.development, new_id=new_id
    )
    list_age = timedelta(seconds=settings.guards.list_cache_s)
    return Services(
        settings=settings,
        settings_version=loaded.version,
        database=database,
        hubspot=hubspot,
        salesforce=salesforce,
        schemas=SchemaWatch(settings.objects, database, hubspot, salesforce, now),
        inclusions=InclusionWatch(database, hubspot, now, list_age),
        publisher=publisher,
        clock=now,
        new_id=new_id,
        jitter=random.Random(),
    )
