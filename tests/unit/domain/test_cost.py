import pytest

from guestlist.domain.cost import Cost, estimate


@pytest.mark.parametrize(
    ("members", "salesforce_writes", "hubspot_writes", "cost"),
    [
        (0, 0, 0, Cost(0, 0)),
        (1, 1, 0, Cost(2, 2)),
        (1000, 1000, 0, Cost(14, 2)),
        (1000, 0, 0, Cost(14, 1)),
        (1001, 1001, 101, Cost(18, 4)),
    ],
)
def test_a_sweep_costs_what_its_batches_cost(members, salesforce_writes, hubspot_writes, cost):
    assert (
        estimate(members, salesforce_writes=salesforce_writes, hubspot_writes=hubspot_writes)
        == cost
    )


def test_a_thousand_members_stay_within_the_promise():
    cost = estimate(1000, salesforce_writes=1000, hubspot_writes=100)
    assert cost.hubspot <= 16
    assert cost.salesforce <= 3
