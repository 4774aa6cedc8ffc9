"""The seeded world: two CRMs that have grown apart for a quarter of a year, the same every time."""

from datetime import timedelta
from random import Random

from sandbox.counterparts import RULES, Counterparts
from sandbox.hostile import Gone, Known, Role, cast, role_of
from sandbox.hubspot.portal import Portal
from sandbox.people import Person, company_domain, company_name, person
from sandbox.seed_lists import add_lists
from sandbox.seed_owners import add_owners
from sandbox.world import World

HISTORY = timedelta(days=90)
_KNOWN_EVERY = 11
"""One contact in eleven is in Salesforce already."""
_FIXABLE: Role = "professor without a title"


def seed(world: World, *, contacts: int) -> None:
    """Fill an empty *world*; what this writes is the start of things and not in the journal."""
    now = world.clock.now()
    membership, world.journal.membership = world.journal.membership, lambda _contact_id: {}
    try:
        with world.clock.visit(now - HISTORY):
            _grow(world, contacts)
    finally:
        world.journal.membership = membership
    world.journal.entries.clear()
    world.journal_file.restart()
    world.portal.calls.clear()
    world.org.calls.clear()


def _grow(world: World, contacts: int) -> None:
    lists = add_lists(world.portal)
    world.org.set_options(RULES)
    story = _Story(world, contacts)
    step = HISTORY / (contacts + 1)
    for number in range(contacts):
        world.clock.move(step)
        story.meet(number)
    story.end()
    world.portal.set_members(lists["static"], story.ids[::7])
    world.landmarks["lists"] = lists
    world.landmarks["people"] = {str(role): id for role, id in story.roles.items()}
    if _FIXABLE in story.roles:
        properties = {"jobtitle": "Professor of Botany"}
        world.landmarks["fixable"] = {"id": story.roles[_FIXABLE], "properties": properties}


class _Story:
    """Contacts come one by one: into HubSpot all of them, into Salesforce some."""

    def __init__(self, world: World, contacts: int) -> None:
        self._portal: Portal = world.portal
        self._dice = Random(f"{world.seed}/people")
        self._contacts = contacts
        self._companies = max(3, contacts // 20)
        self.ids: list[str] = []
        self.roles: dict[Role, str] = {}
        """The first contact of each role."""
        for number in range(self._companies):
            properties = {"name": company_name(number), "domain": company_domain(number)}
            self._portal.create("companies", properties)
        self._owners = add_owners(world.portal, world.org)
        self._salesforce = Counterparts(world.org, self._dice, companies=self._companies)

    def meet(self, number: int) -> None:
        """Add contact *number* and whatever the CRMs made of it."""
        made = person(number, self._dice, companies=self._companies)
        role = role_of(number, contacts=self._contacts)
        if role:
            made = cast(made, role, number)
        if owner := self._owners.of(number):
            made = {**made, "hubspot_owner_id": owner}
        contact_id = self._portal.create("contacts", made)
        match role:
            case Known():
                self._salesforce.accident(made, role)
            case Gone():
                contact_id = self._lose(contact_id, made, role)
            case None if number % _KNOWN_EVERY == 3:
                self._salesforce.ordinary(made, number)
        self.ids.append(contact_id)
        if role:
            self.roles.setdefault(role, contact_id)

    def end(self) -> None:
        """Add the people whom only Salesforce knows."""
        for number in range(self._contacts, self._contacts + self._contacts // 50):
            self._salesforce.alone(number)

    def _lose(self, contact_id: str, made: Person, role: Gone) -> str:
        """Return the id that is left."""
        match role:
            case Gone.ARCHIVED:
                self._portal.archive("contacts", contact_id)
                return contact_id
            case Gone.MERGED:
                double = self._portal.create("contacts", {**made, "email": "old." + made["email"]})
                return self._portal.merge("contacts", double, contact_id)
