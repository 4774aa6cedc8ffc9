"""A world as apps on ports: control under ``/sandbox/`` first, then faults, then the CRM."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.control import Control
from sandbox.crm import CRM
from sandbox.delivery import PLAIN, Treatment
from sandbox.running import Listening, listen
from sandbox.server import Site
from sandbox.wire import App, Request, Response
from sandbox.world import World

PREFIX = "/sandbox/"


def app(world: World, crm: CRM) -> App:
    """Return *crm* with control before it; the journal's file is written before any answer."""
    control = Control(world)

    def handle(request: Request) -> Response:
        if request.path.startswith(PREFIX):
            response = control.handle(request)
        else:
            response = world.handle(crm, request)
        world.journal_file.flush()
        return response

    return handle


def treat(world: World, crm: CRM, request: Request) -> Treatment:
    """Return the fate of *request*; control never suffers."""
    return PLAIN if request.path.startswith(PREFIX) else world.faults.treat(crm, request)


def site(world: World, crm: CRM, *, port: int = 0) -> Site:
    """Return *crm* of *world* as the server wants it."""
    return Site(
        app=app(world, crm),
        clock=world.clock,
        treat=lambda request: treat(world, crm, request),
        port=port,
    )


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two CRMs of a served world answer."""

    hubspot: str
    salesforce: str
    listening: Listening


@contextmanager
def serve(world: World, *, hubspot_port: int = 0, salesforce_port: int = 0) -> Iterator[Addresses]:
    """Serve *world* from a background thread until the block ends, then close it.

    Meanwhile touch the world through ``addresses.listening.call`` or over HTTP.
    """
    hubspot = site(world, CRM.HUBSPOT, port=hubspot_port)
    salesforce = site(world, CRM.SALESFORCE, port=salesforce_port)
    try:
        with listen(hubspot, salesforce) as listening:
            at_hubspot, at_salesforce = listening.addresses
            yield Addresses(at_hubspot, at_salesforce, listening)
    finally:
        world.close()
