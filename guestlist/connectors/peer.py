"""Connections that end at public addresses: the peer is checked, not only the name."""

import socket
from collections.abc import Iterator

from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from guestlist.domain.errors import RetryLater
from schemas.address import is_inside


class NotSent(RetryLater):
    """No connection came about: the CRM has not seen the request."""


class PublicConnection(HTTPSConnection):
    """Connects to addresses of its own one look-up, once all of them are public.

    A second look-up could be answered otherwise; here what was checked is what is called.
    """

    def _new_conn(self) -> socket.socket:
        name, failed = self._dns_host, None
        try:
            for address in self._addresses():
                self.host = address
                try:
                    return super()._new_conn()
                except NewConnectionError as error:
                    failed = error
        finally:
            self.host = name  # the certificate has to be the name's
        raise failed or NewConnectionError(self, "its name has no address")

    def _addresses(self) -> Iterator[str]:
        try:
            found = socket.getaddrinfo(
                self._dns_host, self.port, allowed_gai_family(), socket.SOCK_STREAM
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
        if any(map(is_inside, addresses)):
            raise NotSent(f"no connection: the name {self.host} leads into a private network")
        return iter(addresses)


class PublicPool(HTTPSConnectionPool):
    """A pool of such connections."""

    ConnectionCls = PublicConnection
