import pytest

from guestlist.domain.fingerprint import fingerprint
from guestlist.domain.reason import Reason

SAME = [
    (
        "duplicate value found: Key__c duplicates value on record with id: 003AB00000Xq1Za",
        "duplicate value found: Key__c duplicates value on record with id: 003AB00000Xq1ZbYAJ",
    ),
    ("Email address ada@example.com is invalid", "Email address bob@example.org is invalid"),
    ("asd: 'red' is no option", "asd: 'dark blue' is no option"),
    ("41 characters, 40 fit", "1.500 characters, 40 fit"),
    ("see https://a.example/1", "see  HTTPS://b.example/2?x=y"),
    (
        "request 0b0fdc4e-9b3c-4a34-8c3e-6d2f0d8f4d11 failed",
        "Request 9b0fdc4e-9b3c-4a34-8c3e-6d2f0d8f4d12 failed",
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_only_differs_in_particulars_is_one_group(one, other):
    fields = ["A", "B"]
    assert fingerprint(Reason.BAD_FORMAT, fields, one) == fingerprint(
        Reason.BAD_FORMAT, fields[::-1], other
    )


@pytest.mark.parametrize(
    ("reason", "fields", "message"),
    [
        (Reason.TOO_LONG, ["A"], "too long"),
        (Reason.BAD_FORMAT, ["B"], "too long"),
        (Reason.BAD_FORMAT, ["A"], "administratively too long"),
        (Reason.BAD_FORMAT, ["A", "B"], "too long"),
    ],
)
def test_another_reason_field_or_message_is_another_group(reason, fields, message):
    assert fingerprint(reason, fields, message) != fingerprint(Reason.BAD_FORMAT, ["A"], "too long")


def test_a_fingerprint_is_the_same_in_every_process():
    assert fingerprint(Reason.TOO_LONG, ["Title"], "too long") == "74069b9c4c8d"


def test_half_characters_do_no_harm():
    assert len(fingerprint(Reason.TOO_LONG, [], "\ud800")) == 12
