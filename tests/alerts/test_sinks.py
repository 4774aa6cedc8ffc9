"""A webhook and mail servers that really listen: what arrives, and what is said if not."""

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from guestlist.connectors.channels import Channel, channels, send
from guestlist.domain import notice
from guestlist.domain.errors import Misconfigured, RetryLater
from schemas.settings import AlertSettings, Secret
from tests.alerts.conftest import PASSWORD, USER, Mail, Mailbox, Sink, listening, with_tls
from tests.services.processes import free_port

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MESSAGE = notice.trial(environment="prod", url="https://sync.example", who="ada", now=NOON)
MAIL = AlertSettings(
    smtp_host="127.0.0.1",
    smtp_security="none",
    mail_from="Guestlist <sync@acme.example>",
    mail_to="ops@acme.example",
)

WITH_PASSWORD = replace(
    MAIL, smtp_security="starttls", smtp_user=USER, smtp_password=Secret(PASSWORD)
)


def refused(settings: AlertSettings, channel: Channel, kind: type[Exception]) -> str:
    with pytest.raises(kind) as raised:
        send(channel, MESSAGE, settings, now=NOON)
    assert PASSWORD not in str(raised.value)
    assert "made-up-secret" not in str(raised.value)
    assert "@" not in str(raised.value)
    return str(raised.value)


def test_nothing_set_is_no_channel() -> None:
    assert channels(AlertSettings()) == []
    both = replace(MAIL, webhook_url=Secret("https://hooks.example/x"))
    assert channels(both) == [Channel.WEBHOOK, Channel.MAIL]


def test_slack_gets_a_text_and_programs_get_the_document(sink: Sink) -> None:
    settings = AlertSettings(webhook_url=Secret(sink.url))
    send(Channel.WEBHOOK, MESSAGE, settings, now=NOON)
    send(Channel.WEBHOOK, MESSAGE, replace(settings, webhook_format="json"), now=NOON)
    assert set(sink.taken[0]) == {"text"}
    assert sink.taken[0]["text"].startswith("Test: this message was asked for by ada")
    assert sink.taken[1] == MESSAGE


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, Misconfigured), (302, Misconfigured), (429, RetryLater), (500, RetryLater)],
)
def test_a_webhook_that_says_no_is_told_by_its_status(
    sink: Sink, status: int, kind: type[Exception]
) -> None:
    sink.status = status
    settings = AlertSettings(webhook_url=Secret(sink.url))
    assert str(status) in refused(settings, Channel.WEBHOOK, kind)


def test_a_webhook_that_is_not_there_is_told_without_its_secret_address() -> None:
    address = f"http://127.0.0.1:{free_port()}/services/made-up-secret"
    settings = AlertSettings(webhook_url=Secret(address))
    assert "no connection" in refused(settings, Channel.WEBHOOK, RetryLater)


def test_mail_arrives_with_a_subject_that_says_it_all(mail: Mail) -> None:
    send(Channel.MAIL, MESSAGE, replace(MAIL, smtp_port=mail.port), now=NOON)
    [letter] = mail.box.taken
    subject = " ".join(letter["Subject"].split())
    assert subject.startswith("[guestlist prod] Test: this message was asked for by ada")
    assert letter["From"] == "Guestlist <sync@acme.example>"
    assert letter["Date"] == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert letter["Message-ID"].endswith("@acme.example>")
    assert "nothing is wrong" in str(letter.get_payload())


def test_a_server_that_refuses_the_addresses_or_is_not_there_is_told(mail: Mail) -> None:
    mail.box.refusal = "550 no such user here"
    there = replace(MAIL, smtp_port=mail.port)
    assert "alerts.mail_to (550)" in refused(there, Channel.MAIL, Misconfigured)
    gone = replace(MAIL, smtp_port=free_port())
    assert "can not be reached" in refused(gone, Channel.MAIL, RetryLater)


def test_a_server_without_tls_gets_no_password(mail: Mail) -> None:
    settings = replace(WITH_PASSWORD, smtp_port=mail.port)
    assert "smtp_security" in refused(settings, Channel.MAIL, Misconfigured)
    assert mail.box.taken == []


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def secured(certificate: Path) -> Iterator[Mail]:
    """A mail server that wants TLS first and a password then."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    box = Mailbox()
    with listening(with_tls(context, box)) as port:
        yield Mail(port, box)


def test_mail_goes_over_tls_with_a_password(
    secured: Mail, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings = replace(WITH_PASSWORD, smtp_port=secured.port)
    send(Channel.MAIL, MESSAGE, settings, now=NOON)
    assert len(secured.box.taken) == 1
    wrong = replace(settings, smtp_password=Secret("another"))
    assert "user name or password" in refused(wrong, Channel.MAIL, Misconfigured)


def test_S24_a_certificate_nobody_vouches_for_gets_no_password(secured: Mail) -> None:
    settings = replace(WITH_PASSWORD, smtp_port=secured.port)
    assert "no secure connection" in refused(settings, Channel.MAIL, RetryLater)
    assert secured.box.taken == []
