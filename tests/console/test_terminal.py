"""The command on a terminal: it asks, hides what is secret, and draws bars."""

import io
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.printer import Printer
from tests.console.conftest import Console

ROOT = Path(__file__).parents[2]
RUN = "from console.cli import main; main()"
PATIENCE_S = 30.0


class Screen(io.StringIO):
    """Says that it is a terminal, and keeps what is drawn."""

    def isatty(self) -> bool:
        return True


class Terminal:
    """A command on a pseudo-terminal, which a person types into."""

    def __init__(self, folder: Path, *line: str) -> None:
        ours, theirs = pty.openpty()
        self._at = ours
        self.seen = ""
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
        del environ["NO_COLOR"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", RUN, *line],
            cwd=folder,
            env=environ,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def read_until(self, wanted: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while wanted not in self.seen:
            assert time.monotonic() < until, self.seen
            if not self._read():
                raise AssertionError(f"it ended without {wanted!r}: {self.seen}")

    def type(self, text: str) -> None:
        os.write(self._at, f"{text}\n".encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._at)
        return self._process.wait(timeout=PATIENCE_S)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._at], [], [], 1.0)
        if not ready:
            return True
        try:
            text = os.read(self._at, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen += text.decode(errors="replace")
        return bool(text)


def test_a_no_leaves_everything_as_it_is(console: Console) -> None:
    terminal = Terminal(console.folder, "list", "use", console.inclusion)
    terminal.read_until("Make it the inclusion list of contacts? [y/N]")
    terminal.type("n")
    assert terminal.end() == 1
    assert "nothing was done" in terminal.seen
    assert console.json("list", "show")["list"] is None


def test_a_yes_does_it_with_a_bar_and_colours(console: Console) -> None:
    terminal = Terminal(console.folder, "list", "use", console.inclusion)
    terminal.read_until("[y/N]")
    terminal.type("y")
    assert terminal.end() == 0
    assert "━" in terminal.seen
    assert "\x1b[" in terminal.seen
    assert console.json("list", "show")["list"]["id"] == console.inclusion


def test_a_secret_is_typed_unseen(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUESTLIST_HUBSPOT_TOKEN")
    terminal = Terminal(console.folder, "connect", "hubspot")
    terminal.read_until("token: ")
    terminal.type(console.world.credentials.hubspot_token)
    assert terminal.end() == 0, terminal.seen
    assert console.world.credentials.hubspot_token not in terminal.seen
    assert "HubSpot account" in terminal.seen


def test_control_c_while_asked_is_130(console: Console) -> None:
    terminal = Terminal(console.folder, "list", "use", console.inclusion)
    terminal.read_until("[y/N]")
    os.write(terminal._at, b"\x04")
    assert terminal.end() == 130


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_terminals_table_breaks_no_word_and_cuts_nothing_off(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    headers = ("records", "reason", "who fixes it", "for example", "record", "fingerprint")
    rows = [
        ("1", "REQUIRED_MISSING", "someone who edits it", "MailingStreet: 323", "98001", "f7"),
        ("1", "DUP_MANY_MATCHES", "an administrator", "several of them", "100292", "297615c668f7"),
    ]
    terminal = Screen()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(width))
    Printer(plain=True).table(headers, rows)
    shown = re.sub(r"\x1b\[[\d;]*m", "", terminal.getvalue())
    assert all(len(line) <= width for line in shown.splitlines())
    for row in (headers, *rows):
        for word in " ".join(row).split():
            assert word in shown, word
