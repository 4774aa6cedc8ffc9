"""Seeded bugs: the machine has to find every one of them, or it proves nothing."""

import pytest
from hypothesis import Phase
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Machine
from tests.model.mutants import MUTANTS, Mutant
from tests.model.playing import playing

EXAMPLES = 300
"""Worlds in which a bug has to show; most do within fifty."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_machine_finds(
    mutant: Mutant, machine: type[Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant.mutate(monkeypatch)
    machine.themes = (mutant.theme,)
    machine.pinned = mutant.pinned
    chosen = playing(EXAMPLES, phases=[Phase.generate], derandomize=True)
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(machine, settings=chosen)
    assert any(f"'{invariant}'" in str(found.value) for invariant in mutant.breaks)
