"""How Hypothesis plays the machine."""

from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, settings

STEPS = 10
ALL = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)


def playing(examples: int, *, phases: Sequence[Phase] = ALL, derandomize: bool = False) -> settings:
    """Return the profile: so many worlds, a few steps in each, a failure that can be repeated."""
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=phases,
        derandomize=derandomize,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
