"""The whole demo as a process, as a newcomer starts it, and every way it can end."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from tests.services.processes import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[2]
RUN = "from console.cli import main; main()"
PATIENCE = 90.0
KEYS = {
    *("schema", "seed", "contacts", "members", "broker", "outcomes", "api_calls", "setup_calls"),
    *("proof", "two_way", "seconds", "ok"),
}


@contextmanager
def demo(tmp_path: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    """Run it with a temporary folder of its own, so that all it leaves behind can be seen."""
    (tmp_path / "tmp").mkdir()
    environ = {n: v for n, v in os.environ.items() if not n.startswith("GUESTLIST_")}
    environ |= {"TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    environ["GUESTLIST_HUBSPOT_TOKEN"] = "of another installation"
    with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, "demo", *options],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            text=True,
            # A shell that runs us in the background may have told us to ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def said(tmp_path: Path) -> str:
    return (tmp_path / "err").read_text()


def started(tmp_path: Path) -> set[int]:
    """Every process with our temporary folder in its environment, or at work in it.

    A Redis writes over its environment; its folder can be seen on Linux only.
    """
    listed = subprocess.run(
        ["ps", "axeww", "-o", "pid=,stat=,command="], capture_output=True, text=True, check=True
    )
    ours = str(tmp_path / "tmp")
    found = set()
    for line in listed.stdout.splitlines():
        pid, state, command = line.split(maxsplit=2)
        with suppress(OSError):
            command += str(Path(f"/proc/{pid}/cwd").readlink())
        if ours in command and not state.startswith("Z"):
            found.add(int(pid))
    return found


def nothing_is_left(tmp_path: Path) -> bool:
    return not started(tmp_path) and list((tmp_path / "tmp").iterdir()) == []


def test_it_prints_one_object_and_proves_what_it_did(tmp_path: Path) -> None:
    with demo(tmp_path, "--json", "--contacts", "300") as process:
        assert process.wait(timeout=PATIENCE) == 0, said(tmp_path)
    told = json.loads((tmp_path / "out").read_text())
    assert set(told) == KEYS
    assert told["schema"] == "guestlist/demo@1"
    assert (told["contacts"], told["seed"], told["ok"]) == (300, "1", True)
    proof = told["proof"]
    assert proof["members_in_step"] + proof["members_failed"] == told["members"]
    assert proof["members_in_step"] > told["members"] / 2
    assert sum(told["outcomes"].values()) == told["members"]
    assert {name: proof[name] for name in ("outside_written", "duplicates")} == {
        "outside_written": 0,
        "duplicates": 0,
    }
    assert proof["second_run_writes"] == 0
    follows_both_sides(told["two_way"])
    for calls in (told["api_calls"], told["setup_calls"]):
        assert set(calls) == {"hubspot", "salesforce"}
        assert min(calls.values()) > 0
    assert "\x1b" not in said(tmp_path)
    assert nothing_is_left(tmp_path)


def follows_both_sides(told: dict[str, float]) -> None:
    assert (told["edits"], told["carried"], told["imported"]) == (48, 48, 6)
    assert 0 < told["converged_seconds"] < 60
    assert told["entered"] == 1
    forbidden = ("left_written", "entered_written", "outside_written", "duplicates")
    assert [told[name] for name in forbidden] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_in_the_middle_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with demo(tmp_path, "--contacts", "300") as process:
        wait_until(lambda: "3. Plan" in said(tmp_path), what="it plans", patience=PATIENCE)
        assert started(tmp_path)
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE) == code, said(tmp_path)
    assert nothing_is_left(tmp_path)


def test_killing_it_leaves_nothing_behind(tmp_path: Path) -> None:
    with demo(tmp_path, "--contacts", "300") as process:
        wait_until(lambda: "3. Plan" in said(tmp_path), what="it plans", patience=PATIENCE)
        process.kill()
        process.wait()
        wait_until(lambda: nothing_is_left(tmp_path), what="all of it is gone")


def test_served_it_can_be_used_from_another_shell_and_survives_kills(tmp_path: Path) -> None:
    with demo(tmp_path, "--serve", "--contacts", "300") as process:
        wait_until(
            lambda: "sync start --wait" in directions(tmp_path),
            what="it is served",
            patience=PATIENCE,
        )
        assert "The proof holds" in (tmp_path / "out").read_text()
        assert "GREEN" in typed(tmp_path, "doctor")
        assert "Guestlist" in console_page(tmp_path)
        assert "0 created, 0 updated" not in typed(tmp_path, "sync start --wait", codes={1})
        kill_all_but_the_sandbox(tmp_path)
        again = typed(tmp_path, "sync start --wait", codes={1})
        assert re.search(r"complete: \d+ unchanged, \d+ held, \d+ failed", again)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0, said(tmp_path)
    assert nothing_is_left(tmp_path)


def console_page(tmp_path: Path) -> str:
    """Sign in to the console as the demo says, and return the page one comes to."""
    told = re.search(r"console +(\S+)  user (\S+), password (\S+)", (tmp_path / "out").read_text())
    assert told
    url, name, password = told.groups()
    with requests.Session() as session:
        entered = session.post(
            f"{url}/login",
            data={"name": name, "password": password},
            headers={"Origin": url},
            timeout=30,
        )
    assert entered.status_code == 200, entered.text
    return entered.text


def directions(tmp_path: Path) -> str:
    return (tmp_path / "out").read_text().partition("In another shell:")[2]


def typed(tmp_path: Path, command: str, *, codes: set[int] | None = None) -> str:
    """Type the printed line that ends so, as it stands, in a shell of its own."""
    enter = re.search(r"^ +(cd .*)$", directions(tmp_path), re.MULTILINE)
    line = re.search(rf"^ +(.* {command})$", directions(tmp_path), re.MULTILINE)
    assert enter
    assert line
    done = subprocess.run(
        ["sh", "-c", f"{enter[1]} && {line[1]}"],
        env={n: v for n, v in os.environ.items() if not n.startswith("GUESTLIST_")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode in (codes or {0}), done.stdout + done.stderr
    return done.stdout + done.stderr


def kill_all_but_the_sandbox(tmp_path: Path) -> None:
    """Kill workers, beat and broker at once; each has to come back."""
    table = (tmp_path / "out").read_text()
    listed = re.findall(r"^(?:broker|worker|beat).* (\d+)$", table, re.MULTILINE)
    assert len(listed) == 4
    for pid in map(int, listed):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: said(tmp_path).count("is started again") == 4, what="all are back")
