"""``guestlist init``: the files an installation begins with; no secret is ever among them."""

from pathlib import Path

import click

from console.session import Session, pass_session


@click.command()
@click.option("--force", is_flag=True, help="Write over files that are there.")
@pass_session
def init(session: Session, *, force: bool) -> None:
    """Write guestlist.toml and .env.example, in this folder or in --env FOLDER."""
    from worker.reference import env_example, example_toml

    folder = Path(session.asked.env or "")
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"guestlist.toml": example_toml(), ".env.example": env_example()}
    kept = [name for name in contents if (folder / name).exists() and not force]
    written = [name for name in contents if name not in kept]
    for name in written:
        (folder / name).write_text(contents[name], encoding="utf-8")

    def draw() -> None:
        for name in written:
            session.printer.line(f"wrote {folder / name}")
        for name in kept:
            session.printer.line(f"kept {folder / name}, which was there")

    body = {"folder": str(folder), "written": written, "kept": kept}
    session.printer.show("init", body, draw)
    session.printer.suggest("guestlist connect hubspot")
