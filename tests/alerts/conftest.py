"""Installations that tell somebody: a webhook and a mail server that really listen."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from typing import Any

import orjson
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import AuthResult

from tests.engine.conftest import Install, install, logged
from tests.services.processes import free_port
from tests.services.receiver import receiving

__all__ = ["Install", "install", "logged"]

USER, PASSWORD = "guestlist", "made-up-password"


@dataclass
class Sink:
    """A webhook: what it was sent, and what it answers."""

    url: str = ""
    status: int = 200
    silent: threading.Event = field(default_factory=threading.Event)
    """Set: answers are let go.  Not set: it takes connections and says nothing."""
    asked: threading.Event = field(default_factory=threading.Event)
    taken: list[dict[str, Any]] = field(default_factory=list)

    def texts(self) -> list[str]:
        return [each["text"] for each in self.taken]


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    made.silent.set()

    def take(_headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        made.asked.set()
        made.silent.wait(30)
        if made.status == 200:
            made.taken.append(orjson.loads(body))
        return made.status, b""

    with receiving(take) as address:
        made.url = f"{address}/services/T000/B000/made-up-secret"
        yield made
        made.silent.set()


class Mailbox(MessageHandler):
    """Keeps the mail that a server took."""

    def __init__(self) -> None:
        super().__init__(EmailMessage)
        self.taken: list[Message] = []
        self.refusal = ""

    def handle_message(self, message: Message) -> None:
        self.taken.append(message)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"


@dataclass
class Mail:
    """A mail server and its mailbox."""

    port: int
    box: Mailbox


def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
    good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@pytest.fixture
def mail() -> Iterator[Mail]:
    """A mail server without TLS that asks for nothing."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    with listening(controller) as port:
        yield Mail(port, box)


@contextmanager
def listening(controller: Controller) -> Iterator[int]:
    """Run a mail server for a block, and yield its port."""
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def with_tls(context: ssl.SSLContext, box: Mailbox) -> Controller:
    """A mail server that takes mail only over TLS and with a password."""
    return Controller(
        box,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
    )
