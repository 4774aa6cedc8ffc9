"""Addresses of the broker and the database that lead nowhere, or elsewhere than was meant."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from worker.settings import SettingsError, load

DATABASES = [
    "sqlite:////var/lib/a@b:c/guestlist.db",
    "postgresql://db/guestlist",
    "postgresql://guestlist@db:5432/guestlist",
    "postgresql://guestlist:a/b:c#d?e@db/guestlist",
    "postgresql://guestlist:p%40ss@db:5432/guestlist?sslmode=require",
    "postgresql://guestlist@[::1]:5432/guestlist",
    "postgresql+psycopg://postgres@/guestlist?host=/run/postgresql",
]


def problem(tmp_path: Path, name: str, value: str) -> str:
    environ = {f"GUESTLIST_{name.upper()}": value, "GUESTLIST_PLAIN_BROKER": "true"}
    with pytest.raises(SettingsError) as refused:
        load(environ, directory=tmp_path)
    [line] = refused.value.problems
    return line


@pytest.mark.parametrize("url", DATABASES)
def test_a_database_that_can_be_found_is_taken(url: str, tmp_path: Path) -> None:
    settings = load({"GUESTLIST_DATABASE_URL": url}, directory=tmp_path).settings
    assert make_url(settings.database_url).host in {None, "db", "::1"}


@pytest.mark.parametrize("port", ["port", "99999", "5432,db2:5432"])
def test_a_port_that_is_none_is_told(port: str, tmp_path: Path) -> None:
    line = problem(tmp_path, "database_url", f"postgresql://u:hush@db:{port}/guestlist")
    assert line.startswith("database_url: It names no port")
    assert "hush" not in line


def test_a_password_that_hides_the_host_is_told(tmp_path: Path) -> None:
    line = problem(tmp_path, "database_url", "postgresql://u:hu@sh@db/guestlist")
    assert "write that as %40" in line
    assert "sh@db" not in line


@pytest.mark.parametrize("name", ["broker_url", "limits_url"])
@pytest.mark.parametrize(
    ("url", "beginning"),
    [
        ("redis://cache:port/0", "It names no port"),
        ("redis://cache:99999/0", "It names no port"),
        ("redis://:a/b@cache/0", "It names no port"),
        ("redis://[cache", "It names no port"),
        ("rediss://cache/first", "It must end with the number of a database"),
    ],
)
def test_a_broker_that_can_not_be_found_is_told(
    name: str, url: str, beginning: str, tmp_path: Path
) -> None:
    assert problem(tmp_path, name, url).startswith(f"{name}: {beginning}")


@pytest.mark.parametrize(
    "url",
    [
        "redis://cache",
        "redis://:p@ss@cache:6379/2",
        "redis+socket:///run/redis.sock",
        "sentinel://one:26379;sentinel://two:26379",
        "amqp://guest:guest@queue//",
    ],
)
def test_a_broker_that_can_be_found_is_taken(url: str, tmp_path: Path) -> None:
    environ = {"GUESTLIST_BROKER_URL": url, "GUESTLIST_PLAIN_BROKER": "true"}
    assert load(environ, directory=tmp_path).settings.broker_url == url
