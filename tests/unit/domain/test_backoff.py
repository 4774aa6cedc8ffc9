from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.backoff import due
from schemas.settings import RetrySettings
from tests.builders import NOW

RETRIES = RetrySettings(first_s=5, cap_s=60, attempts=8)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (7, 60)]
)
def test_waits_double_up_to_the_cap(attempts, seconds):
    at = due(attempts, now=NOW, retries=RETRIES, jitter=0.5)
    assert at == NOW + timedelta(seconds=seconds / 2)


@pytest.mark.parametrize("attempts", [8, 9, 10**9])
def test_after_the_last_attempt_it_gives_up(attempts):
    assert due(attempts, now=NOW, retries=RETRIES, jitter=0.0) is None


@given(
    st.integers(min_value=0, max_value=10**6),
    st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_no_wait_is_negative_or_beyond_the_cap(attempts, jitter):
    patient = RetrySettings(first_s=5, cap_s=60, attempts=10**9)
    at = due(attempts, now=NOW, retries=patient, jitter=jitter)
    assert at is not None
    assert NOW <= at <= NOW + timedelta(seconds=60)
