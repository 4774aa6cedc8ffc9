"""What the machine draws from: people, values, faults, and the themes of its worlds."""

from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from sandbox.crm import CRM
from sandbox.faults import Kind, When
from tests.model.people import ADDRESSES, STAGES

which = st.integers(0, 7)
names = st.sampled_from(["firstname", "firstname", "jobtitle", "fax", "city"])
values = st.sampled_from(["a", "b", None])
addresses = st.sampled_from(ADDRESSES)
stages = st.sampled_from(STAGES)
types = st.sampled_from(["Contact", "Lead"])
then = st.sampled_from(["", "wait", "work", "soon"])
"""What Guestlist does after somebody acted: nothing, find it, and look at it; or do so sooner."""
ROUTES = ("batch/read", "memberships", "composite", "crm/lists", "search", "batch/update")
LATE_S = 45.0
"""Longer than the clients wait for an answer."""
FAULTS: tuple[tuple[Kind, dict[str, Any]], ...] = (
    (Kind.STATUS, {"status": 429, "times": 2}),
    (Kind.STATUS, {"status": 503, "times": 1}),
    (Kind.LOST_RESPONSE, {"times": 1}),
    (Kind.DUPLICATE, {"times": 30}),
    (Kind.DUPLICATE, {"times": 60}),
    (Kind.TRUNCATE, {"times": 1}),
    (Kind.HTML_200, {"times": 1}),
    (Kind.DELAY, {"times": 1, "seconds": 20.0}),
    (Kind.DELAY, {"times": 1, "seconds": LATE_S}),
    (Kind.DELAY, {"times": 1, "seconds": LATE_S, "when": When.BEFORE}),
)
WHERE = {
    CRM.HUBSPOT: ("*", "*/batch/*e", "*/memberships*"),
    CRM.SALESFORCE: ("*", "*composite", "*composite"),
}
THEMES = ("all", "list", "values", "lives", "trouble")
"""Most worlds know a part of the rules only: there its steps meet."""
Act = Callable[[], None]
Step = TypeVar("Step", bound=Callable[..., None])


def part_of(*themes: str) -> Callable[[Step], Step]:
    """Let a rule play in worlds of these themes, in those of all, and where it is named itself."""

    def decorate(step: Step) -> Step:
        known = frozenset({"all", step.__name__, *themes})
        allowed = precondition(lambda machine: not known.isdisjoint(machine.theme.split()))
        return allowed(step)

    return decorate
