"""Whatever people, time, faults and crashes do: I1 to I9 hold.

A failure prints its steps, and a blob that plays it again.  ``--model-examples 10000`` plays more.
"""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Machine
from tests.model.playing import playing

PARTS = 4
"""So that several processes share the work."""


@pytest.mark.parametrize("part", range(PARTS))
def test_I1_to_I9_hold_whatever_happens(
    part: int, machine: type[Machine], model_examples: int
) -> None:
    run_state_machine_as_test(machine, settings=playing(model_examples // PARTS))
