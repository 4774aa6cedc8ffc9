"""The world a chaos run plays in, and the installation's settings."""

from datetime import timedelta
from pathlib import Path
from random import Random

from sandbox.crm import CRM
from sandbox.world import World
from tests.chaos.annals import Annals
from tests.chaos.crowd import Crowd, populate
from tests.chaos.order import Order
from tests.model.fields import settings
from tests.model.people import FILTERS

AGE = timedelta(days=30)


def grown(order: Order) -> tuple[World, Crowd, Annals]:
    """Fill both CRMs by the seed; nothing of that is in the journal."""
    world = World(order.seed)
    world.portal.options.blocklist_refuses_create = False
    dice = Random(f"{order.seed}/world")
    membership, world.journal.membership = world.journal.membership, lambda _contact_id: {}
    with world.clock.visit(world.clock.now() - AGE):
        list_id = world.portal.create_list("Customers", FILTERS[0])
        handpicked = world.portal.create_list("Handpicked", None, processing_type="MANUAL")
        populate(world, order.records, dice)
    world.journal.membership = membership
    world.journal.entries.clear()
    world.portal.calls.clear()
    annals = Annals(world, list_id)
    story = annals.story
    story.enters = story.doubtful = True
    story.late_s = order.times.zombie
    story.proof_age_s = order.times.proof_age
    world.set_options(CRM.HUBSPOT, {"list_lag": order.times.lag, "index_lag": order.times.lag})
    world.set_options(CRM.SALESFORCE, {"commit_delay": order.times.lag, "late_commits": "inside"})
    return world, Crowd(world, list_id, handpicked), annals


def environ_for(order: Order) -> dict[str, str]:
    """Return the settings that give no run time to be bored."""
    times = order.times
    named = {
        "DEVELOPMENT": "true",
        "HUBSPOT_TIMEOUT_S": times.patience,
        "SALESFORCE_TIMEOUT_S": times.patience,
        "FLOW_LEASE_S": times.lease,
        "FLOW_DISPATCH_AFTER_S": times.lease / 2,
        "RETRIES_FIRST_S": 0.5,
        "RETRIES_CAP_S": 4,
        "RETRIES_ATTEMPTS": 100,
        "LANES_BULK_WIDTH": times.width,
        "LANES_CHANGES_WIDTH": times.width,
        "GUARDS_PROOF_AGE_S": times.proof_age,
        "GUARDS_SETTLE_S": 2 * times.lag + 1,
        "GUARDS_LIST_CACHE_S": 2,
        "GUARDS_BRAKE_RECORDS": brake_records(order),
        "POLLS_HUBSPOT_S": times.poll,
        "POLLS_SALESFORCE_S": times.poll,
        "POLLS_JOINS_S": times.poll,
        "POLLS_LEAVES_S": 10 * times.poll,
    }
    return {f"GUESTLIST_{name}": str(value) for name, value in named.items()}


def brake_records(order: Order) -> int:
    """Return how many may enter or leave the list before a person is asked."""
    return max(5, order.records // 100)


def write_settings(folder: Path, *, create: bool) -> None:
    """Write ``guestlist.toml``, at once: *create* lets members be created in Salesforce."""
    head, _, rest = settings().partition("[objects.contacts]\n")
    words = f"create_in_hubspot = true\ncreate_in_salesforce = {str(create).lower()}\n"
    fresh = folder / "guestlist.new"
    fresh.write_text(f"{head}[objects.contacts]\n{words}{rest}")
    fresh.replace(folder / "guestlist.toml")
