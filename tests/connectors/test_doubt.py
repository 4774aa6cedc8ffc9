import pytest

from guestlist.connectors.doubt import AFTER_REPAIR_S, SOON_S, doubt
from guestlist.connectors.http import NoAnswer
from guestlist.connectors.peer import NotSent
from guestlist.domain.errors import (
    Misconfigured,
    Missing,
    MissingScope,
    RetryLater,
    SyncError,
    Unauthorized,
    Unusable,
    Waiting,
)
from guestlist.domain.reason import Reason
from guestlist.domain.write import Postponed, Unknown


@pytest.mark.parametrize("error", [NoAnswer("x"), RetryLater("503"), Unusable("html")])
def test_without_a_usable_answer_the_records_may_have_been_written(error: SyncError) -> None:
    doubtful = doubt(error)

    assert isinstance(doubtful.inside, Unknown)
    assert doubtful.behind == Postponed(SOON_S, Reason.RETRY_AT)
    assert not doubtful.nothing_sent


@pytest.mark.parametrize(
    ("error", "postponed"),
    [
        (NotSent("refused"), Postponed(SOON_S, Reason.RETRY_AT)),
        (Waiting(7, Reason.RATE_LIMITED), Postponed(7, Reason.RATE_LIMITED)),
        (Unauthorized("401"), Postponed(AFTER_REPAIR_S, Reason.TOKEN_EXPIRED)),
        (MissingScope("403"), Postponed(AFTER_REPAIR_S, Reason.SCOPE_MISSING)),
        (Misconfigured("405"), Postponed(AFTER_REPAIR_S, Reason.FIELD_GONE)),
        (Missing("404"), Postponed(SOON_S, Reason.RETRY_AT)),
    ],
)
def test_what_was_refused_or_never_sent_was_not_written(
    error: SyncError, postponed: Postponed
) -> None:
    doubtful = doubt(error)

    assert doubtful.nothing_sent
    assert (doubtful.inside, doubtful.behind) == (postponed, postponed)
