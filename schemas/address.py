"""Which addresses may be called: the vendors' own hosts over https, unless development is on."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from schemas.records import Crm

VENDOR_HOSTS = {
    Crm.HUBSPOT: ("hubapi.com",),
    Crm.SALESFORCE: ("salesforce.com", "force.com"),
}
"""Domains whose sub-domains the vendors alone hand out."""

_ENCRYPTED = {"rediss": "redis", "amqps": "amqp"}
_NUMBERED = {"redis", "rediss", "sentinel"}
"""Brokers whose path is the number of a database."""
_UNCHECKED = re.compile(r"(?i)(?:^|&)ssl_cert_reqs=(?:cert_)?(?:none|optional)(?:&|$)")

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address."""

_USER = re.compile(r"[^:/]*(?::[^@]*)?@")
"""Who a database's address is for, as SQLAlchemy reads it: the first @ ends the password."""
_PORT = "names no port: a number up to 65535. In a password write / as %2F, # as %23, ? as %3F"

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


def is_inside(ip: str) -> bool:
    """Tell whether an IP address is no public one: private, loopback, link-local, multicast ..."""
    address = ip_address(ip)
    if isinstance(address, IPv6Address):
        address = _carried_by(address) or address
    return not address.is_global or address.is_multicast


def _carried_by(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that is meant where one is written as IPv6."""
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def broker_problem(broker: str) -> str | None:
    """Why a broker could not be found by its address, without repeating it; ``None``: it can."""
    return next(filter(None, map(_broker_problem, broker.split(";"))), None)


def database_problem(address: str) -> str | None:
    """Why a database could not be found by its address, without repeating it; ``None``: it can."""
    scheme, _, rest = address.partition("://")
    if scheme == "sqlite":
        return None
    user = _USER.match(rest)
    server = re.split(r"[/?]", rest[user.end() if user else 0 :], maxsplit=1)[0]
    if "@" in server:
        return "has an @ in its password: write that as %40"
    port = server.rpartition("]")[2].partition(":")[2]
    return _PORT if port and not (port.isdecimal() and int(port) <= 65_535) else None


def plain_text_to(broker: str) -> str | None:
    """Why a broker's address may not be used as it is: it talks in plain text to another machine.

    ``None``: it stays on this machine, or is encrypted and its certificate is checked.  Several,
    for fail-over, are separated by semicolons.
    """
    return next(filter(None, map(_plain_text_to, broker.split(";"))), None)


def _broker_problem(broker: str) -> str | None:
    try:
        parts = urlsplit(broker)
        _ = parts.port
    except ValueError:
        return _PORT
    database = parts.path.strip("/")
    if parts.scheme in _NUMBERED and database and not database.isdecimal():
        return "must end with the number of a database, such as /0"
    return None


def _plain_text_to(broker: str) -> str | None:
    parts = urlsplit(broker)
    scheme = parts.scheme.partition("+")[0]
    if scheme in _ENCRYPTED:
        unchecked = _UNCHECKED.search(parts.query)
        return "must not turn off the check of the certificate" if unchecked else None
    if scheme not in _ENCRYPTED.values() or parts.scheme == "redis+socket":
        return None
    if _is_here(parts.hostname or "localhost"):
        return None
    secure = next(name for name, plain in _ENCRYPTED.items() if plain == scheme)
    return (
        f"would be sent in plain text to another machine: use {secure}://, or set "
        "plain_broker = true for a private network that is trusted"
    )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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
