import pickle

import pytest

from guestlist.domain import errors
from guestlist.domain.errors import (
    Fault,
    Misconfigured,
    Missing,
    MissingScope,
    OtherAccount,
    RetryLater,
    Split,
    SyncError,
    Unauthorized,
    Unusable,
    Waiting,
)
from guestlist.domain.write import Refused

ONE_OF_EACH = [
    SyncError("it failed"),
    RetryLater("no answer", "c-1"),
    Waiting(1.5, "RATE_LIMITED"),
    Waiting(1.5, "BUDGET_HELD", "used up"),
    Split(Refused("INVALID", "no such property", ("city",), "c-3")),
    Missing("list 9"),
    Misconfigured("no such object"),
    Unauthorized("expired"),
    MissingScope("scope missing"),
    OtherAccount("another account"),
    Fault("a fault of Guestlist itself: KeyError"),
    Unusable("not JSON"),
]


@pytest.mark.parametrize("error", ONE_OF_EACH, ids=repr)
def test_an_error_survives_pickling_with_all_it_says(error):
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_every_error_is_among_those_tried():
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    declared = {each for each in classes if issubclass(each, Exception)}
    assert declared == {type(error) for error in ONE_OF_EACH}
