"""S14: nothing is sent in plain text to a Redis or RabbitMQ on another machine."""

from pathlib import Path

import pytest

from schemas.address import plain_text_to
from worker.settings import SettingsError, load

HERE = [
    "redis://127.0.0.1:6379/0",
    "redis://localhost/1",
    "redis://[::1]:6379",
    "redis://:pw@127.1.2.3/0",
    "redis+socket:///run/redis.sock",
    "unix:///run/redis.sock",
    "amqp://guest:guest@localhost//",
    "memory://",
]
SECURE = ["rediss://redis.acme.example:6380/0", "amqps://rabbit.acme.example//"]
PLAIN = [
    "redis://redis:6379/0",
    "redis://:pw@10.0.0.7/0",
    "redis://localhost.evil.example/0",
    "redis://127.0.0.1.evil.example/0",
    "redis://[2001:db8::1]:6379/0",
    "amqp://rabbit//",
    "redis://127.0.0.1/0;redis://elsewhere/0",
]
UNCHECKED = [
    "rediss://redis/0?ssl_cert_reqs=none",
    "rediss://redis/0?x=1&ssl_cert_reqs=CERT_NONE",
    "rediss://redis/0?ssl_cert_reqs=CERT_OPTIONAL",
]


@pytest.mark.parametrize("address", [*HERE, *SECURE])
def test_S14_what_stays_here_or_is_encrypted_is_taken(address: str) -> None:
    assert plain_text_to(address) is None


@pytest.mark.parametrize("address", [*PLAIN, *UNCHECKED])
@pytest.mark.parametrize("name", ["BROKER_URL", "LIMITS_URL"])
def test_S14_the_start_is_refused_with_a_redis_that_is_open_to_the_network(
    name: str, address: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as refused:
        load({f"GUESTLIST_{name}": address}, directory=tmp_path)
    told = str(refused.value)
    assert name.lower() in told
    shape = "Must be a Redis address" if address.startswith("amqp") else "nothing else"
    assert any(words in told for words in ("plain_broker", "certificate", shape))
    assert "pw" not in told


def test_S14_a_person_may_say_that_the_network_is_private(tmp_path: Path) -> None:
    environ = {"GUESTLIST_BROKER_URL": "redis://redis/0", "GUESTLIST_PLAIN_BROKER": "true"}
    assert load(environ, directory=tmp_path).settings.broker_url == "redis://redis/0"
