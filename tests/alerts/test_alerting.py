"""What is wrong is told once, to whoever listens, and its end as well; nothing waits for it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis

from guestlist.connectors.presence import Kind, Presence
from guestlist.domain.brake import Cause, Hold
from guestlist.engine import alerting
from guestlist.engine.services import Services
from guestlist.engine.upkeep import MESSAGES, prune
from guestlist.store import alerts, inclusion
from sandbox.crm import CRM
from sandbox.faults import Kind as Fault
from tests.alerts.conftest import Install, Mail, Sink
from tests.engine.world import Installation
from tests.producers.watcher import Watcher
from worker.courier import Courier

MINUTE = 60.0


def look(here: Installation, *, minutes: int = 1, services: Services | None = None) -> None:
    """Do what beat asks for, twice a minute."""
    for _ in range(2 * minutes):
        here.move(MINUTE / 2)
        alerting.check(services or here.services)
        alerting.deliver(services or here.services)


def look_while_polled(watcher: Watcher, *, minutes: int) -> None:
    for _ in range(minutes):
        watcher.tick()
        alerting.check(watcher.here.services)
        alerting.deliver(watcher.here.services)


def set_brake(here: Installation) -> None:
    with here.services.database.begin() as conn:
        chosen = inclusion.get(conn, "contacts")
        assert chosen
        inclusion.hold(conn, "contacts", chosen, Hold(Cause.SIZE, here.now()), now=here.now())


def release(here: Installation) -> None:
    here.choose(here.inclusion)


@pytest.fixture
def told(install: Install, sink: Sink, mail: Mail) -> Installation:
    """An installation that tells a webhook and a mail server."""
    return install(
        alerts__webhook_url=sink.url,
        alerts__smtp_host="127.0.0.1",
        alerts__smtp_port=mail.port,
        alerts__smtp_security="none",
        alerts__mail_from="sync@acme.example",
        alerts__mail_to="ops@acme.example, ada@acme.example",
        environment="prod",
        console__public_url="https://sync.acme.example",
    )


def test_the_brake_is_told_to_both_once_and_so_is_its_end(
    told: Installation, sink: Sink, mail: Mail
) -> None:
    look(told, minutes=3)
    assert sink.taken == []
    set_brake(told)
    look(told, minutes=5)
    [first] = sink.texts()
    assert first.startswith("Alert: the inclusion list of contacts is held, more records")
    assert "guestlist list show" in first
    release(told)
    look(told, minutes=5)
    assert len(sink.taken) == len(mail.box.taken) == 2
    assert sink.texts()[1].startswith("Over: the inclusion list of contacts is held")
    subject = mail.box.taken[0]["Subject"]
    assert subject.startswith("[guestlist prod] Alert: the inclusion list of contacts is held")
    assert mail.box.taken[0]["X-RcptTo"] == "ops@acme.example, ada@acme.example"
    assert mail.box.taken[0]["Auto-Submitted"] == "auto-generated"
    with told.services.database.read() as conn:
        assert alerts.states(conn) == []


def test_E6_without_beat_the_poll_age_is_told_at_most_a_minute_after_two_intervals(
    told: Installation, sink: Sink
) -> None:
    watcher = Watcher(told)
    watcher.follow()
    watcher.tick(3)
    look(told)
    assert sink.taken == []
    silent_since = told.now()
    while not sink.taken and told.now() - silent_since < timedelta(hours=1):
        look(told)
    assert told.now() - silent_since <= timedelta(seconds=2 * 60 + 2 * MINUTE)
    assert "nobody has looked for changes of contacts" in sink.texts()[0]
    look_while_polled(watcher, minutes=3)
    assert sink.texts()[-1].startswith("Over: nobody has looked")


def test_D4_a_refused_credential_is_told_and_so_is_its_renewal(
    told: Installation, sink: Sink
) -> None:
    watcher = Watcher(told)
    watcher.follow()
    token = told.world.credentials.hubspot_token
    held = told.world.portal.tokens.pop(token)
    for _ in range(3):
        watcher.poll()
        look(told)
    assert [text.splitlines()[0].partition(". Since")[0] for text in sink.texts()][:1] == [
        "Alert: HubSpot refuses our credential: nothing syncs until it is renewed"
    ]
    told.world.portal.tokens[token] = held
    look_while_polled(watcher, minutes=3)
    assert any("Over: HubSpot refuses our credential" in text for text in sink.texts())


def test_a_used_up_day_is_told(told: Installation, sink: Sink) -> None:
    told.world.org.set_options({"daily_limit": 20})
    for _ in range(8):
        told.services.salesforce.organization()
        told.services.salesforce.allowance()
    look(told, minutes=2)
    assert any("Salesforce: " in text and "% of the calls" in text for text in sink.texts())


def test_many_failures_are_told_without_a_word_of_whose(
    install: Install, sink: Sink, mail: Mail
) -> None:
    here = install(alerts__webhook_url=sink.url, alerts__error_records=3)
    for number in range(5):
        here.contact(f"canary{number}@secret.example", lastname="", firstname=f"Canary{number}")
    here.run()
    look(here, minutes=2)
    [text] = sink.texts()
    assert "5 of 5 looks at contacts failed within the last hour" in text
    assert "anary" not in str(sink.taken)
    assert "secret.example" not in str(sink.taken)
    here.move(3600)
    look(here, minutes=2)
    assert sink.texts()[-1].startswith("Over: ")


def test_silent_workers_and_beat_are_told_while_quiet_hours_hold_back_the_brake(
    install: Install, sink: Sink, redis_url: str
) -> None:
    here = install(
        alerts__webhook_url=sink.url, alerts__quiet_from="00:00", alerts__quiet_until="23:59"
    )
    with redis.Redis.from_url(redis_url) as client:
        presence = Presence(client)
        services = with_presence(here.services, presence)
        presence.note(Kind.WORKER, "one@here")
        presence.note(Kind.BEAT, "beat@here")
        set_brake(here)
        look(here, minutes=2, services=services)
        assert sink.taken == []
        for kind in Kind:
            key = f"guestlist:presence:{kind.value}"
            for node, at in client.hgetall(key).items():
                client.hset(key, node, float(at) - 600)
        look(here, minutes=2, services=services)
        [text] = sink.texts()
        assert "no worker has been heard of lately" in text
        assert "no beat has been heard of lately" in text
        assert "inclusion list" not in text
        presence.note(Kind.WORKER, "two@here")
        look(here, minutes=2, services=services)
        assert sink.texts()[-1].startswith("Over: no worker has been heard of lately")


def with_presence(services: Services, presence: Presence) -> Services:
    from dataclasses import replace

    return replace(services, presence=presence)


def test_many_beats_and_consoles_tell_it_once(told: Installation, sink: Sink, mail: Mail) -> None:
    set_brake(told)
    alerting.check(told.services)
    told.move(MINUTE)
    others = [told.worker() for _ in range(6)]
    start = threading.Barrier(len(others))

    def tick(services: Services) -> None:
        start.wait()
        alerting.check(services)
        alerting.deliver(services)

    with ThreadPoolExecutor(len(others)) as pool:
        list(pool.map(tick, others))
    assert len(sink.taken) == len(mail.box.taken) == 1


def test_a_dead_webhook_holds_up_no_mail_and_gets_its_message_later(
    told: Installation, sink: Sink, mail: Mail
) -> None:
    sink.status = 503
    set_brake(told)
    look(told, minutes=3)
    release(told)
    look(told, minutes=3)
    assert len(mail.box.taken) == 2
    assert sink.taken == []
    with told.services.database.read() as conn:
        letter = alerts.last(conn, "webhook")
    assert letter
    sink.status = 200
    look(told, minutes=20)
    assert [text.split(":")[0] for text in sink.texts()] == ["Alert", "Over"]


def test_a_message_that_never_arrives_is_given_up_after_a_day(
    told: Installation, sink: Sink
) -> None:
    sink.status = 404
    set_brake(told)
    look(told, minutes=2)
    with told.services.database.read() as conn:
        letter = alerts.last(conn, "webhook")
    assert letter
    assert letter.problem == "the webhook answered 404: is alerts.webhook_url right?"
    told.move(86_400)
    alerting.deliver(told.services)
    with told.services.database.read() as conn:
        letter = alerts.last(conn, "webhook")
    assert letter
    assert (letter.due_at, letter.sent_at) == (None, None)
    told.move((MESSAGES + timedelta(days=1)).total_seconds())
    prune(told.services)
    with told.services.database.read() as conn:
        assert alerts.last(conn, "webhook") is None


def test_E12_a_sink_that_never_answers_slows_no_sync(told: Installation, sink: Sink) -> None:
    """The tick comes back at once; while the webhook is silent a list syncs to its end."""
    set_brake(told)
    look(told, minutes=2)
    assert len(sink.taken) == 1
    sink.asked.clear()
    sink.taken.clear()
    release(told)
    told.contacts(30)
    told.move(MINUTE)
    alerting.check(told.services)
    told.move(MINUTE)
    sink.silent.clear()
    courier = Courier()
    alerting.check(told.services)
    under_way = courier(told.services)
    assert under_way
    assert sink.asked.wait(30)
    assert courier(told.services) is None, "there is one delivery at a time"
    run = told.run()
    assert (run.created, run.failed) == (30, 0)
    assert under_way.is_alive(), "it was silent all the while"
    sink.silent.set()
    under_way.join(30)
    assert [text.split(":")[0] for text in sink.texts()] == ["Over"]


def test_a_store_that_fails_ends_no_thread_for_good(told: Installation) -> None:
    def fail(_: Services) -> None:
        raise RuntimeError("no database")

    courier = Courier(fail)
    for _ in range(2):
        thread = courier(told.services)
        assert thread
        thread.join(30)


def test_without_a_channel_nothing_is_looked_for(install: Install) -> None:
    here = install()
    set_brake(here)
    look(here, minutes=3)
    with here.services.database.read() as conn:
        assert alerts.states(conn) == []
    assert alerting.trial(here.services, by="tester") == []


def test_while_redis_is_silent_a_credential_is_neither_refused_nor_renewed(
    told: Installation, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.services.limiter.refuse(CRM.HUBSPOT)  # type: ignore[arg-type]
    look(told, minutes=2)
    assert len(sink.taken) == 1

    def silent(*_: Any) -> Any:
        from guestlist.domain.errors import RetryLater

        raise RetryLater("the limiter's Redis does not answer")

    monkeypatch.setattr(told.services.limiter, "known", silent)
    look(told, minutes=10)
    assert len(sink.taken) == 1


def test_a_fault_of_hubspot_is_no_refused_credential(told: Installation, sink: Sink) -> None:
    watcher = Watcher(told)
    watcher.follow()
    told.fault(CRM.HUBSPOT, Fault.STATUS, status=503, times=3)
    watcher.poll()
    look(told, minutes=2)
    assert not any("credential" in text for text in sink.texts())
