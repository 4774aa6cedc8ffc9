"""The demo's installation: a folder of its own, set up as a person would set one up."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from console.exits import Exit
from console.keeping import point_to
from console.session import Refusal

ROOM_BYTES = 64 * 2**20
ROOM_BYTES_PER_CONTACT = 8 * 2**10
"""Database, broker's log, journal: measured, and doubled."""

TOML = """\
# Written by `guestlist demo`; gone when it ends.
development = true      # both CRMs are on this machine, over plain http
environment = "demo"

[flow]                  # a killed worker's records are taken over soon
lease_s = 30
dispatch_after_s = 10

[retries]
first_s = 1

[guards]
settle_s = 2            # these lists are evaluated at once

[polls]                 # what changes is found within seconds
hubspot_s = 1
salesforce_s = 1
joins_s = 2
leaves_s = 5

[objects.contacts]
create_in_hubspot = true    # whom Salesforce creates enters HubSpot, in the list or not

[[objects.contacts.fields]]
hubspot = "phone"
rule = "two_way"

[[objects.contacts.fields]]
hubspot = "city"
rule = "two_way"
"""


@contextmanager
def folder_for(contacts: int) -> Iterator[Path]:
    """Give an empty folder with room for so many contacts, and remove it at the end."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="guestlist-demo-"))
    except OSError as error:
        raise Refusal(
            f"no folder for the demo's data: {error.strerror}: {error.filename}",
            code=Exit.UNREACHABLE,
            fix="set TMPDIR to a folder you may write to",
        ) from error
    try:
        _refuse_full(folder, ROOM_BYTES + contacts * ROOM_BYTES_PER_CONTACT)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_full(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise Refusal(
            f"{folder.parent} has {free // 2**20} MB left, this needs {wanted // 2**20} MB",
            code=Exit.UNREACHABLE,
            fix="make room, set TMPDIR to a folder with more, or ask for fewer --contacts",
        )


def environ_for(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the demo's processes: no setting of another installation in it.

    No proxy either: all of it happens on this machine.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("GUESTLIST_")}
    away = {"http_proxy", "https_proxy", "all_proxy"}
    kept = {name: value for name, value in kept.items() if name.lower() not in away}
    return {**kept, "GUESTLIST_PROBE_DIR": str(folder / "probes")}


@contextmanager
def entered(folder: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Work in *folder* and with *environ* until the block ends."""
    here, before = Path.cwd(), dict(os.environ)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(here)


def write_toml(folder: Path, toml: str) -> None:
    """Write the settings that are no addresses and no secrets."""
    (folder / "guestlist.toml").write_text(toml, encoding="utf-8")


def write_addresses(folder: Path, sandbox: Mapping[str, Any], broker_url: str) -> None:
    """Write ``.env`` beside ``guestlist.toml``, so that any shell can work in *folder*."""
    values = {
        "GUESTLIST_BROKER_URL": broker_url,
        "GUESTLIST_HUBSPOT_BASE_URL": sandbox["hubspot"],
        "GUESTLIST_HUBSPOT_TOKEN": sandbox["hubspot_token"],
        "GUESTLIST_SALESFORCE_LOGIN_URL": sandbox["salesforce"],
        "GUESTLIST_SALESFORCE_CLIENT_ID": sandbox["salesforce_client_id"],
        "GUESTLIST_SALESFORCE_CLIENT_SECRET": sandbox["salesforce_client_secret"],
        "FLOWER_PASSWORD": secrets.token_hex(8),
    }
    point_to(folder / ".env", values)
