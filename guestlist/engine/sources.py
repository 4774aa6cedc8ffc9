"""Where a batch is read from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.engine.services import Services
from guestlist.store.database import Database
from schemas.settings import Lane


@dataclass(frozen=True, slots=True)
class Sources:
    """Both CRMs on one lane, counting their calls, and the store."""

    hubspot: HubSpot
    salesforce: Salesforce
    database: Database
    clock: Callable[[], datetime]

    @classmethod
    def on(
        cls,
        services: Services,
        lane: Lane,
        *,
        retry: bool = False,
        patience_s: float | None = None,
    ) -> "Sources":
        return cls(
            services.hubspot.on(lane, retry=retry, patience_s=patience_s),
            services.salesforce.on(lane, retry=retry, patience_s=patience_s),
            services.database,
            services.clock,
        )

    @property
    def calls(self) -> dict[str, int]:
        """Calls made through these, by CRM."""
        return {"hubspot": self.hubspot.calls, "salesforce": self.salesforce.calls}
