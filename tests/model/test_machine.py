"""Whatever people, time, faults and crashes do: I1 to I9 hold.

Without an option the same thousand worlds are played each time.  ``--model-examples 10000`` plays
others, anew each time; a failure prints its steps, and a blob that plays it again.
"""

import pytest
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Machine
from tests.model.playing import playing

EXAMPLES = 1000
PARTS = 10
"""So that several processes share the work: each takes some twenty seconds, and minutes more to
shorten the steps of a failure, which has to come to its end."""


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_I1_to_I9_hold_whatever_happens(
    part: int, machine: type[Machine], model_examples: int | None
) -> None:
    worlds = (model_examples or EXAMPLES) // PARTS
    played = machine if model_examples else seed(part)(machine)
    run_state_machine_as_test(played, settings=playing(worlds))
