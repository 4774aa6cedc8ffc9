from collections.abc import Callable

import pytest

from guestlist.connectors.allowance import Allowance
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.limiter import LocalLimiter
from guestlist.connectors.salesforce import Salesforce
from schemas.records import Crm
from schemas.settings import HubSpotSettings, SalesforceSettings, Secret


@pytest.fixture
def limiter() -> LocalLimiter:
    """Counts, but never makes anybody wait."""
    return LocalLimiter({crm: Allowance(account="test") for crm in Crm})


@pytest.fixture
def hubspot_at(limiter: LocalLimiter) -> Callable[..., HubSpot]:
    def connect(address: str, **changes: object) -> HubSpot:
        settings = HubSpotSettings(base_url=address, token=Secret("a-token"), **changes)  # type: ignore[arg-type]
        return HubSpot.connect(settings, limiter=limiter, development=True)

    return connect


@pytest.fixture
def salesforce_at(limiter: LocalLimiter) -> Callable[..., Salesforce]:
    def connect(address: str, **changes: object) -> Salesforce:
        settings = SalesforceSettings(
            login_url=address,
            client_id="an-app",
            client_secret=Secret("its-secret"),
            **changes,  # type: ignore[arg-type]
        )
        return Salesforce.connect(settings, limiter=limiter, development=True)

    return connect
