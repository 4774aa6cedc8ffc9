from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import Secret
from worker.redaction import EMAIL_MASK, MASK, redacted, redactor

SECRETS = [
    "pat-na1-11111111-2222-3333-4444-555555555555",
    "Bearer CJT2pfXyMBIHAAMBAQAAAAAAAAAAAAEYw-made-up",
    "basic dXNlcjpwYXNzd29yZA==",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJtZSJ9.c2lnbmF0dXJl",
    "00D5g000001abcdEAA!AQ4AQMadeUpSessionIdThatIsLong.1234",
    "3MVG9A2kN3Bn17huXZp1OQhPe8y4bYhTMadeUpConsumerKey",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBg cut off",
]
PEOPLE = ["jane@acme.test", "Jane.O'Neil+x@sub.acme.co.uk", "jörg@müller.de", "jane%40acme.test"]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_token_shape_does_not_pass(secret: str) -> None:
    line = redacted(f"before {secret} after")
    assert line.startswith("before ")
    for part in secret.split():
        assert len(part) < 8 or part in {"Bearer", "basic", "PRIVATE"} or part not in line


@pytest.mark.parametrize("email", PEOPLE)
def test_an_e_mail_address_does_not_pass(email: str) -> None:
    assert "acme" not in redacted(f"duplicate value found: <{email}> on record")
    assert "müller" not in redacted(f"x={email}")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("redis://:hush@redis:6379/0", "redis://********@redis:6379/0"),
        ("postgresql+psycopg://u:hush@db/g", "postgresql+psycopg://********@db/g"),
        ("https://h/x?access_token=hush&y=1", "https://h/x?********&y=1"),
        ("grant&refresh_token=hush", "grant&********"),
    ],
)
def test_a_password_in_an_address_does_not_pass(text: str, left: str) -> None:
    assert redacted(text) == left


@pytest.mark.parametrize(
    "plain",
    [
        "run 3f2a9c list 1274 at 2026-11-24T04:48:58Z",
        "0035g00000abcdEAAQ",
        "celery@host1 ready",
        "guestlist.engine.sync",
        "6f1c1f2e-7c0a-4f0e-9a3f-1c2d3e4f5a6b",
    ],
)
def test_ids_times_and_nodes_stay_readable(plain: str) -> None:
    assert redacted(plain) == plain


@pytest.mark.parametrize(
    "key",
    ["token", "client_secret", "Authorization", "private_key", "apiKey", "password", "set-cookie"],
)
@pytest.mark.parametrize("value", ["x", 1, ["x"], {"a": "x"}, Secret("x")])
def test_a_secret_key_is_masked_whatever_it_holds(key: str, value: Any) -> None:
    assert redactor()(None, "", {key: value, "deep": {key: value}}) == {
        key: MASK,
        "deep": {key: MASK},
    }


def test_the_secrets_we_hold_are_masked_wherever_they_stand() -> None:
    redact = redactor([Secret("hunter2-long"), Secret("hunter2"), Secret("")])
    event = redact(None, "", {"event": "a hunter2-long b", "n": 1, "list": ["hunter2", b"hunter2"]})
    assert event == {"event": f"a {MASK} b", "n": 1, "list": [MASK, f"b'{MASK}'"]}


def test_numbers_and_flags_stay_what_they_are() -> None:
    event = {"created": 3, "seconds": 1.5, "ok": True, "next": None}
    assert redactor()(None, "", dict(event)) == event


_CANARY = "canary@acme.test"
_values = st.recursive(
    st.just(_CANARY) | st.text(max_size=8) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), _values))
def test_no_nesting_hides_an_address(event: dict[str, Any]) -> None:
    assert _CANARY not in str(redactor()(None, "", event))


def test_a_long_word_is_looked_through_once() -> None:
    """300,000 letters without an address took minutes: each was taken for the begin of one."""
    assert redacted("x" * 300_000 + " ann@example.com") == "x" * 300_000 + " " + EMAIL_MASK
