"""The demo's processes: started, looked after, ended with it whatever becomes of it."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from console.exits import Exit
from console.session import Refusal

PATIENCE_S = 8.0
LOOK_EVERY_S = 0.02
TAIL = 15
"""Lines of a log that are shown when its process has ended by itself."""


@dataclass(slots=True)
class Part:
    """One process of the demo; its output is in *log*."""

    name: str
    command: Sequence[str]
    log: Path
    process: "subprocess.Popen[bytes]"

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def tail(self) -> str:
        """Return the last lines it wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-TAIL:])


class Processes:
    """Starts programs in *folder*, each in a process group of its own: Ctrl-C is for the demo."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._logs = folder / "logs"
        self._logs.mkdir()
        self.parts: dict[str, Part] = {}
        command = [sys.executable, "-m", "console.demo.guardian", str(folder)]
        self._guardian = subprocess.Popen(
            command, stdin=subprocess.PIPE, start_new_session=True, text=True
        )

    def start(self, name: str, command: Sequence[str]) -> Part:
        """Start a program; what was started under this name before is forgotten."""
        log = self._logs / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._tell(f"+{process.pid}")
        self.parts[name] = Part(name, command, log, process)
        return self.parts[name]

    def restart(self, part: Part) -> Part:
        """Start again what has ended."""
        self._tell(f"-{part.process.pid}")
        return self.start(part.name, part.command)

    def ended(self) -> list[Part]:
        """Return what is no longer running, although nobody ended it."""
        return [part for part in self.parts.values() if part.ended]

    def refuse_ended(self) -> None:
        """Raise ``Refusal`` with its last words if a process has ended by itself."""
        for part in self.ended():
            code = part.process.returncode
            raise Refusal(
                f"{part.name} ended by itself with {code}\n{part.tail()}".rstrip(),
                code=Exit.UNREACHABLE,
                fix="run it again; if that does not help, report the lines above",
            )

    def wait_until(
        self,
        holds: Callable[[], bool],
        *,
        what: str,
        patience: float,
        every: float = LOOK_EVERY_S,
    ) -> None:
        """Look until it holds; raise ``Refusal`` when a process ends first, or time runs out."""
        until = time.monotonic() + patience
        while not holds():
            self.refuse_ended()
            if time.monotonic() > until:
                raise Refusal(
                    f"{what}: not after {patience:g} s",
                    code=Exit.UNREACHABLE,
                    fix="run it again when this machine is less busy",
                )
            time.sleep(every)

    def stop(self) -> None:
        """End everything, last started first; what does not listen is killed."""
        parts = [*reversed(self.parts.values())]
        for part in parts:
            part.process.terminate()
        until = time.monotonic() + PATIENCE_S
        for part in parts:
            try:
                part.process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()
            self._tell(f"-{part.process.pid}")
        self.parts.clear()
        if self._guardian.stdin:
            with suppress(BrokenPipeError):
                self._guardian.stdin.close()
        self._guardian.wait()

    def _tell(self, line: str) -> None:
        """A guardian that someone has killed is no reason to stop."""
        if self._guardian.stdin:
            with suppress(BrokenPipeError):
                self._guardian.stdin.write(f"{line}\n")
                self._guardian.stdin.flush()
