"""Logic with three answers: true, false, and ``None`` for what can not be known (Kleene's)."""

from collections.abc import Iterable

Answer = bool | None


def every(answers: Iterable[Answer]) -> Answer:
    """One *no* settles it; otherwise one unknown leaves it open."""
    open_ = False
    for answer in answers:
        if answer is False:
            return False
        open_ = open_ or answer is None
    return None if open_ else True


def some(answers: Iterable[Answer]) -> Answer:
    """One *yes* settles it; otherwise one unknown leaves it open."""
    open_ = False
    for answer in answers:
        if answer:
            return True
        open_ = open_ or answer is None
    return None if open_ else False


def negated(answer: Answer) -> Answer:
    return None if answer is None else not answer
