"""Which two accounts an installation is of: its links and cursors mean nothing in others."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.errors import OtherAccount
from guestlist.store import meta
from guestlist.store.database import Database
from schemas.records import Crm
from schemas.settings import Lane


class _Pinned(NamedTuple):
    id: str
    by: str
    """Fingerprint of the credentials that showed it: the same ones need not be asked again."""


class AccountWatch:
    """Holds the credentials of now against the accounts that were pinned when all began.

    Raises ``OtherAccount`` where they are of others; nothing is written then, and nothing unlinked.
    """

    def __init__(
        self,
        database: Database,
        hubspot: HubSpot,
        salesforce: Salesforce,
        *,
        credentials: Callable[[Connection], str],
    ) -> None:
        self._database = database
        self._hubspot = hubspot
        self._salesforce = salesforce
        self._credentials = credentials
        self._good: dict[Crm, str] = {}

    def pin(self) -> None:
        """Note the accounts for good, unless they are noted; a call at most."""
        self._of_hubspot(pin=True)
        self._of_salesforce()

    def confirm(self) -> None:
        """Check both; Salesforce's name comes with its token, HubSpot's costs a call a token."""
        self.confirm_hubspot()
        self._of_salesforce()

    def confirm_hubspot(self) -> None:
        self._of_hubspot(pin=False)

    def _of_hubspot(self, *, pin: bool) -> None:
        with self._database.read() as connection:
            by = self._credentials(connection)
            if self._good.get(Crm.HUBSPOT) == by:
                return
            known = _get(connection, Crm.HUBSPOT)
        if known is None and not pin:
            return
        if known is None or known.by != by:
            account = self._hubspot.on(Lane.INTERACTIVE).account()
            self._hold(Crm.HUBSPOT, known, _Pinned(account.portal_id, by))
        self._good[Crm.HUBSPOT] = by

    def _of_salesforce(self) -> None:
        id = self._salesforce.organization_id
        if self._good.get(Crm.SALESFORCE) == id:
            return
        with self._database.read() as connection:
            known = _get(connection, Crm.SALESFORCE)
        self._hold(Crm.SALESFORCE, known, _Pinned(id, ""))
        self._good[Crm.SALESFORCE] = id

    def _hold(self, crm: Crm, known: _Pinned | None, now: _Pinned) -> None:
        if known and known.id != now.id:
            raise OtherAccount(
                f"this installation is of {_NAMES[crm]} {known.id}, and its credentials are of "
                f"{now.id} now: put back those of {known.id}, or begin with an empty database"
            )
        if known != now:
            with self._database.begin() as connection:
                meta.put(connection, _name(crm), [*now])


_NAMES = {Crm.HUBSPOT: "the HubSpot account", Crm.SALESFORCE: "the Salesforce org"}


def _name(crm: Crm) -> str:
    return f"account.{crm}"


def _get(connection: Connection, crm: Crm) -> _Pinned | None:
    kept = meta.get(connection, _name(crm))
    return _Pinned(*kept) if kept else None
