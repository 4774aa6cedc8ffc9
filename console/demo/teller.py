"""How the demo tells its story: talk on standard error, tables for people on standard output."""

from collections.abc import Callable

from console.printer import Printer


class Teller:
    """Numbers the steps; in front of each command a person could type the same."""

    def __init__(self, printer: Printer) -> None:
        self.printer = printer
        self._step = 0

    def step(self, title: str) -> None:
        """Begin the next step."""
        self._step += 1
        self.printer.say("")
        self.printer.say(f"{self._step}. {title}", bold=True)

    def typed(self, command: str) -> None:
        """Name the command that does what follows."""
        self.printer.say(f"$ guestlist {command}", fg="cyan")

    def say(self, text: str) -> None:
        self.printer.say(text)

    def tell(self, text: str) -> None:
        """Print a line of data for people; where standard output is a program's, talk."""
        (self.printer.say if self.printer.json else self.printer.line)(text)

    def show(self, draw: Callable[[], None]) -> None:
        """Let *draw* print data for people; a program gets its one object at the end."""
        if not self.printer.json:
            draw()
