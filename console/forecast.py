"""What a run will cost of both CRMs' day, said before it starts."""

from collections.abc import Iterator, Mapping

from console.planning import Left
from console.printer import count
from guestlist.domain.budget import Day, fits, stops_at
from guestlist.domain.cost import Cost, estimate
from schemas.settings import Lane, Settings


def most(members: int) -> Cost:
    """Return the calls of a list sync that has every member to write, to Salesforce alone."""
    return estimate(members, salesforce_writes=members)


def told(cost: Cost, allowances: Mapping[str, Left], settings: Settings) -> Iterator[str]:
    """Yield a line a CRM: calls, what is left today, and a warning where a run has to stop."""
    share = settings.lanes[Lane.BULK].share
    stop = stops_at(Lane.BULK, retry=False, share=share, budget=settings.budget)
    for crm, calls in cost._asdict().items():
        left = allowances[crm]
        yield f"{crm}: at most about {count(calls)} API calls{left.words()}"
        if left.used is None or left.limit is None:
            continue
        if not fits(calls, Day(left.used, left.limit), stop=stop):
            yield (
                f"{crm}: a run stops at {stop:.0%} of the day and goes on the next one: "
                f"{count(max(0, int(left.limit * stop) - left.used))} calls until then"
            )
