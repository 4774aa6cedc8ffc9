"""A world in a file: versioned JSON, so that a proof can be run again from the same start."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from sandbox.crm import CRM
from sandbox.journal_file import entry, plain
from sandbox.world import World

FORMAT = "guestlist-sandbox"
VERSION = 1
_PARTS = frozenset({"seed", "landmarks", "clock", "dice", "hubspot", "salesforce", "journal"})


def save(world: World, path: Path) -> None:
    """Write *world* to *path*, whole or not at all; fault rules are not part of it."""
    content = orjson.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "seed": world.seed,
            "landmarks": world.landmarks,
            "clock": {"at": world.clock.timestamp(), "frozen": world.clock.frozen},
            "dice": {crm.value: dice.getstate() for crm, dice in world.dice.items()},
            "hubspot": world.portal.dump(),
            "salesforce": world.org.dump(),
            "journal": world.journal.entries,
        },
        default=plain,
    )
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def load(world: World, path: Path) -> None:
    """Replace all of *world*, the instant too.

    Raises ``ValueError`` for a file that is no snapshot or a damaged one, and leaves *world* as it
    was: another one takes it in first.
    """
    content = _read(path)
    try:
        _fill(World("trial"), content)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{path} is damaged: {type(error).__name__}: {error}") from error
    _fill(world, content)


def _fill(world: World, content: dict[str, Any]) -> None:
    world.clear(content["seed"])
    _set_clock(world, **content["clock"])
    world.portal.load(content["hubspot"])
    world.org.load(content["salesforce"])
    for name, state in content["dice"].items():
        _set_dice(world.dice[CRM(name)], state)
    world.journal.entries.extend(map(entry, content["journal"]))
    world.landmarks = content["landmarks"]
    world.admit()
    world.journal_file.restart()


def _read(path: Path) -> dict[str, Any]:
    content: Any = orjson.loads(path.read_bytes())
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"{path} is no snapshot of the sandbox")
    if content["version"] != VERSION:
        raise ValueError(f"{path} has version {content['version']}, this sandbox reads {VERSION}")
    if missing := sorted(_PARTS - content.keys()):
        raise ValueError(f"{path} is cut: it has no {', '.join(missing)}")
    return content


def _set_clock(world: World, *, at: float, frozen: bool) -> None:
    world.clock.freeze(datetime.fromtimestamp(at, UTC))
    if not frozen:
        world.clock.thaw()


def _set_dice(dice: random.Random, state: list[Any]) -> None:
    version, internal, gauss = state
    dice.setstate((version, tuple(internal), gauss))
