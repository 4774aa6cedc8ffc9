"""Stragglers: writes whose answer never came, which may still arrive behind newer ones."""

from typing import NamedTuple

from guestlist.domain.write import Sides


class Late(NamedTuple):
    """The values of one field that may still arrive, by side."""

    hubspot: frozenset[str | None] = frozenset()
    salesforce: frozenset[str | None] = frozenset()

    def believed(self, now: Sides, agreed: Sides | None) -> Sides:
        """Return what people last left on both sides: a straggler that arrived is nobody's edit.

        Newer values were agreed on since it was sent; without them nothing can be told apart.
        """
        if agreed is None:
            return now
        hubspot = agreed.hubspot if now.hubspot in self.hubspot else now.hubspot
        salesforce = agreed.salesforce if now.salesforce in self.salesforce else now.salesforce
        return Sides(hubspot, salesforce)
