"""The script that measures the sandbox works; what it measures is not a matter for a test."""

import pytest

from benchmarks.sandbox_speed import GOALS, Bench, measure


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(contacts=1_200, seeded="speed")


def test_every_call_it_measures_is_answered_in_every_round(bench: Bench) -> None:
    for call, (crm, ask) in bench.calls().items():
        cost = measure(bench.world, call, crm, ask, rounds=10)
        assert 0 < cost.median_ms <= cost.p95_ms


def test_every_goal_is_of_a_call_it_measures(bench: Bench) -> None:
    assert GOALS.keys() <= bench.calls().keys()
