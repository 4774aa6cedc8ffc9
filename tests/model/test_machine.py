"""Whatever people, time, faults and crashes do: I1 to I9 hold."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Machine


def test_I1_to_I9_hold_whatever_happens(machine: type[Machine], model_examples: int) -> None:
    chosen = settings(
        max_examples=model_examples,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(machine, settings=chosen)
