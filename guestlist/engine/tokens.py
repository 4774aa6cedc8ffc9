"""Keep HubSpot's access token fresh for all workers: one of them renews it, the others read it.

HubSpot: a 401 is no signal to renew by; ``expires_in`` is.  A token is renewed after four fifths of
its life, so that nobody waits for it while whoever renews it does.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from guestlist.connectors.hubspot.oauth import Granted, OAuth
from guestlist.domain.errors import RetryLater, SyncError, Unauthorized
from guestlist.store import audit, grants
from guestlist.store.database import Database
from guestlist.store.grants import Grant, Held
from guestlist.store.vault import Vault
from schemas.records import Crm
from schemas.settings import Secret

RENEW_AFTER = 0.8
"""Part of a token's life."""
RENEWAL_LASTS = timedelta(seconds=60)
"""Longer than a request may take: a mark that is older is that of a process that is gone."""
PROBE_AFTER = timedelta(hours=1)
"""After a refusal one more request an hour: only a person can change the answer."""
ONCE_IN = timedelta(minutes=1)
"""A token so young that HubSpot refuses is not renewed again: that is not what is wrong."""
LOOKS, LOOK_EVERY_S = 20, 0.1
BY = "guestlist"


class GrantedTokens:
    """HubSpot's token out of the grant that the database keeps."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        oauth: OAuth,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], object],
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._vault = vault
        self._oauth = oauth
        self._clock = clock
        self._sleep = sleep
        self._new_id = new_id
        self._lock = threading.Lock()
        self._known: Grant | None = None

    def current(self) -> Secret:
        known = self._known
        if known and self._clock() < _renew_at(known):
            return known.access
        with self._lock:
            return self._fresh(None)

    def renewed(self, stale: Secret) -> Secret | None:
        with self._lock:
            known = self._known
            young = known is not None and self._clock() - known.issued_at < ONCE_IN
            if known is not None and young:
                return known.access if known.access != stale else None
            self._known = None
            return self._fresh(stale)

    def _fresh(self, stale: Secret | None) -> Secret:
        """Return a token other than *stale*: the one that is kept, or a new one."""
        for _ in range(LOOKS):
            held, now = self._held(), self._clock()
            grant = held.grant
            good = grant.access != stale
            if good and now < _renew_at(grant):
                self._known = grant
                return grant.access
            if held.refused_at and now - held.refused_at < PROBE_AFTER:
                raise Unauthorized(held.refused_why)
            holder = self._new_id()
            if self._claimed(holder, now):
                return self._renew(held, holder)
            if good and now < grant.expires_at:
                return grant.access
            self._sleep(LOOK_EVERY_S)
        raise RetryLater("another worker renews HubSpot's token and has not ended yet")

    def _held(self) -> Held:
        with self._database.read() as conn:
            held = grants.get(conn, self._vault, Crm.HUBSPOT)
        if held is None:
            message = "HubSpot is not connected: run `guestlist connect hubspot --oauth`"
            raise Unauthorized(message)
        return held

    def _claimed(self, holder: str, now: datetime) -> bool:
        with self._database.begin() as conn:
            until = now + RENEWAL_LASTS
            return grants.claim(conn, Crm.HUBSPOT, holder, now=now, until=until)

    def _renew(self, held: Held, holder: str) -> Secret:
        before = held.grant
        with self._database.read() as conn:  # somebody may have renewed it since it was read
            latest = grants.get(conn, self._vault, Crm.HUBSPOT)
        if latest and latest.grant.issued_at != before.issued_at:
            self._release(holder)
            self._known = latest.grant
            return latest.grant.access
        try:
            granted = self._asked(before)
        except Unauthorized as error:
            raise self._refused(held, error) from error
        except SyncError:
            self._release(holder)
            raise
        grant = renewal_of(before, granted, self._clock())
        with self._database.begin() as conn:
            grants.renewed(conn, self._vault, grant, before=before.issued_at)
        structlog.get_logger().info("token_renewed", crm=Crm.HUBSPOT.value)
        self._known = grant
        return grant.access

    def _asked(self, before: Grant) -> Granted:
        granted = self._oauth.refresh(before.refresh)
        if granted.account != before.account:
            message = f"it is for the account {granted.account} now, not {before.account}"
            raise Unauthorized(f"HubSpot's token was not taken: {message}")
        return granted

    def _refused(self, held: Held, error: Unauthorized) -> Unauthorized:
        """Note that a person has to connect again, and return the error that says so."""
        cut = "; a renewal before was cut off, and its answer lost" if held.cut_off else ""
        why = f"{error}{cut}: run `guestlist connect hubspot --oauth`"
        now = self._clock()
        with self._database.begin() as conn:
            before = held.grant.issued_at
            grants.refuse(conn, Crm.HUBSPOT, why=why, now=now, before=before)
            if held.refused_at is None:
                detail = {"crm": Crm.HUBSPOT.value, "account": held.grant.account}
                audit.append(conn, "credential.refused", who=BY, now=now, detail=detail)
        return Unauthorized(why)

    def _release(self, holder: str) -> None:
        with self._database.begin() as conn:
            grants.release(conn, Crm.HUBSPOT, holder)


def renewal_of(before: Grant, granted: Granted, now: datetime) -> Grant:
    """Return the grant with what a renewal brought."""
    return before._replace(
        refresh=granted.refresh,
        access=granted.access,
        scopes=granted.scopes or before.scopes,
        issued_at=now,
        expires_at=now + timedelta(seconds=granted.lasts_s),
    )


def _renew_at(grant: Grant) -> datetime:
    return grant.issued_at + (grant.expires_at - grant.issued_at) * RENEW_AFTER
