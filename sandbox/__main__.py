"""``python -m sandbox``: both CRMs on loopback until a signal ends them."""

import argparse
import asyncio
import gc
import signal
import sys
from pathlib import Path

import orjson

from sandbox import snapshot
from sandbox.crm import CRM
from sandbox.mount import site
from sandbox.seed import seed
from sandbox.server import Server
from sandbox.world import World


def main(arguments: list[str] | None = None) -> int:
    """Build the world, serve it, and return the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    gc.disable()  # a world being built is all live: searching it for garbage only costs time
    try:
        world = _world(given)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    gc.freeze()
    gc.enable()
    try:
        asyncio.run(_serve(world, given))
    except OSError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--hubspot-port", type=_port, default=0, metavar="PORT", help="0 = any")
    parser.add_argument("--salesforce-port", type=_port, default=0, metavar="PORT", help="0 = any")
    parser.add_argument("--contacts", type=int, default=0, metavar="N", help="contacts to make up")
    parser.add_argument("--seed", default="1", help="the same seed makes the same world")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="stream accepted writes to it")
    parser.add_argument("--load", type=Path, metavar="FILE", help="start from a snapshot instead")
    parser.add_argument("--no-limits", action="store_true", help="no rate and daily limits")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text} is no port: those go from 0 to 65535")
    return int(text)


def _world(given: argparse.Namespace) -> World:
    if given.contacts < 0:
        raise ValueError("--contacts is at least 0")
    world = World(given.seed)
    if given.load:
        snapshot.load(world, given.load)
    else:
        seed(world, contacts=given.contacts)
    if given.no_limits:
        world.lift_limits()
    if given.journal:
        world.journal_file.follow(given.journal)
    return world


async def _serve(world: World, given: argparse.Namespace) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    server = Server()
    try:
        hubspot = await server.start(site(world, CRM.HUBSPOT, port=given.hubspot_port))
        salesforce = await server.start(site(world, CRM.SALESFORCE, port=given.salesforce_port))
        first_line = {"hubspot": hubspot, "salesforce": salesforce, **world.landmarks}
        print(orjson.dumps(first_line).decode(), flush=True)
        await ended.wait()
    finally:
        await server.stop()
        world.close()


if __name__ == "__main__":
    sys.exit(main())
