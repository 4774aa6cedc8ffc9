"""The ways an alert leaves: posted as JSON, or handed to a mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from enum import StrEnum

import orjson

from guestlist.connectors.http import Transport
from guestlist.domain import notice
from guestlist.domain.errors import Misconfigured, RetryLater
from guestlist.domain.notice import Document
from schemas.settings import AlertSettings

TIMEOUT_S = 10.0


class Channel(StrEnum):
    """One way."""

    WEBHOOK = "webhook"
    MAIL = "mail"


def channels(settings: AlertSettings) -> list[Channel]:
    """Return the ways that are set."""
    ways = {Channel.WEBHOOK: settings.webhook_url, Channel.MAIL: settings.smtp_host}
    return [channel for channel, given in ways.items() if given]


def send(channel: Channel, message: Document, settings: AlertSettings, *, now: datetime) -> None:
    """Send a message; raises ``RetryLater`` or ``Misconfigured`` with why it did not arrive."""
    match channel:
        case Channel.WEBHOOK:
            _post(message, settings)
        case Channel.MAIL:
            _mail(message, settings, now=now)


def _post(message: Document, settings: AlertSettings) -> None:
    body = notice.slack(message) if settings.webhook_format == "slack" else dict(message)
    answer = Transport(timeout_s=TIMEOUT_S).send(
        "POST",
        settings.webhook_url.reveal(),
        headers={"Content-Type": "application/json"},
        body=orjson.dumps(body),
    )
    if not 200 <= answer.status < 300:
        words = f"the webhook answered {answer.status}"
        again = answer.status in {408, 429} or answer.status >= 500
        raise (
            RetryLater(words) if again else Misconfigured(f"{words}: is alerts.webhook_url right?")
        )


def _mail(message: Document, settings: AlertSettings, *, now: datetime) -> None:
    letter = EmailMessage()
    letter["From"] = settings.mail_from
    letter["To"] = settings.mail_to
    letter["Subject"] = notice.headline(message)
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = make_msgid(domain=parseaddr(settings.mail_from)[1].rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(notice.text(message))
    with _named_by_recovery(), _connected(settings) as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.reveal())
        server.send_message(letter)


def _connected(settings: AlertSettings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(host, port, timeout=TIMEOUT_S)


@contextmanager
def _named_by_recovery() -> Iterator[None]:
    """Turn what smtplib raises into what to do about it; its words may hold addresses."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        words = f"the mail server refuses the user name or password ({error.smtp_code})"
        raise Misconfigured(words) from error
    except smtplib.SMTPNotSupportedError as error:
        words = "the mail server does not offer what alerts.smtp_security or smtp_user ask for"
        raise Misconfigured(words) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({str(code) for code, _ in error.recipients.values()})
        words = f"the mail server takes no mail for alerts.mail_to ({', '.join(codes)})"
        raise Misconfigured(words) from error
    except smtplib.SMTPResponseException as error:
        raise RetryLater(f"the mail server answered {error.smtp_code}") from error
    except ssl.SSLError as error:
        raise RetryLater(f"no secure connection to the mail server: {error.reason}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise RetryLater(f"the mail server can not be reached: {type(error).__name__}") from error
