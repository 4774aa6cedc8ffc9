"""``guestlist completion``: what makes a shell complete our commands."""

import click
from click.shell_completion import get_completion_class

from console.session import Session


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash: eval "$(guestlist completion bash)"   in ~/.bashrc
    zsh:  eval "$(guestlist completion zsh)"    in ~/.zshrc
    fish: guestlist completion fish > ~/.config/fish/completions/guestlist.fish
    """  # noqa: D301 - the escape is click's, for lines that stay as they are
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"no completion for {shell}")
    root = context.find_root().command
    script = made(root, {}, "guestlist", "_GUESTLIST_COMPLETE").source()
    printer = context.ensure_object(Session).printer
    body = {"shell": shell, "script": script}
    printer.show("completion", body, lambda: printer.line(script))
