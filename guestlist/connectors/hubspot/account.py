"""The HubSpot account itself: which one it is, and how much of its day is used."""

from datetime import datetime
from typing import NamedTuple

from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.portal import Portal


class Account(NamedTuple):
    """Which portal a token belongs to."""

    portal_id: str
    account_type: str
    time_zone: str
    """May be a legacy name such as ``US/Eastern``."""
    ui_domain: str


class Usage(NamedTuple):
    """Calls of the day, of all private apps of the account together."""

    used: int
    limit: int
    resets_at: datetime | None


TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"  # noqa: S105
"""Undated.  Public clients send the token as ``tokenKey`` and, for some regions, as the bearer."""


def scopes(portal: Portal) -> frozenset[str] | None:
    """Return what a private app's token may; ``None``: HubSpot does not say, as of service keys."""
    answer = portal.introspect(TOKEN_INFO)
    if answer is None:
        return None
    with shaped("HubSpot's word on its token"):
        return frozenset(str(each) for each in answer["scopes"])


def account(portal: Portal) -> Account:
    answer = portal.get(f"{portal.paths.account()}/details")
    with shaped("HubSpot's account details"):
        return Account(
            str(answer["portalId"]),
            answer.get("accountType") or "",
            answer["timeZone"],
            answer.get("uiDomain") or "",
        )


def usage(portal: Portal) -> Usage | None:
    """Return the day's usage as HubSpot counts it; ``None`` when it counts none for this token."""
    answer = portal.get(f"{portal.paths.account()}/api-usage/daily/private-apps")
    with shaped("HubSpot's API usage"):
        for row in answer["results"]:
            if row["name"] == "private-apps-api-calls-daily":
                resets_at = row.get("resetsAt")
                return Usage(
                    int(row["currentUsage"]),
                    int(row["usageLimit"]),
                    datetime.fromisoformat(resets_at) if resets_at else None,
                )
    return None
