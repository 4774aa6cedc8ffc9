"""Which addresses may be called: the vendors' own hosts over https, unless development is on."""

import re
from urllib.parse import SplitResult, urlsplit

from schemas.records import Crm

VENDOR_HOSTS = {
    Crm.HUBSPOT: ("hubapi.com",),
    Crm.SALESFORCE: ("salesforce.com", "force.com"),
}
"""Domains whose sub-domains the vendors alone hand out."""

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")


def refusal(address: str, crm: Crm, *, development: bool) -> str | None:
    """Why *address* may not be called, without repeating it; ``None``: it may.

    Also for addresses a CRM hands us, such as Salesforce's ``instance_url``.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "is not an address"
    if problem := _malformed(address, parts):
        return problem
    if development:
        return None if parts.scheme in {"http", "https"} else "must begin with http:// or https://"
    if parts.scheme != "https":
        return "must begin with https:// (plain http needs development = true)"
    if port is not None or not _is_vendor(parts.hostname or "", crm):
        hosts = " or ".join(f"*.{host}" for host in VENDOR_HOSTS[crm])
        return f"must be a host {hosts} without a port (others need development = true)"
    return None


def _malformed(address: str, parts: SplitResult) -> str | None:
    if not address.isascii() or not address.isprintable() or " " in address or "\\" in address:
        return "holds characters no address has"
    if not parts.hostname:
        return "names no host; write it as https://host"
    if "@" in parts.netloc:
        return "must not carry a user name or password"
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        return "must end after the host"
    return None


def _is_vendor(host: str, crm: Crm) -> bool:
    if not _HOST.fullmatch(host):
        return False
    return any(host.endswith(f".{domain}") for domain in VENDOR_HOSTS[crm])
