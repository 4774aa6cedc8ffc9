"""Load the settings: flag, then environment, ``.env``, ``guestlist.toml``, default."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.overlay import overlay
from schemas.settings import Settings
from schemas.settings_schema import SettingsSchema
from schemas.variables import (
    PREFIX,
    SECTIONS,
    Variable,
    as_text,
    editable,
    object_variables,
    variables,
)
from worker.sources import (
    Found,
    Layer,
    apply,
    drop_blanks,
    packaged_objects,
    read_dotenv,
    read_toml,
    refuse_secrets,
    refuse_unknown,
)

DEFAULT = "default"
CONFIG = "GUESTLIST_CONFIG"


class SettingsError(Exception):
    """The settings can not be used; *problems* holds everything that is wrong, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(self.problems)


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as ``config show`` prints it."""

    name: str
    value: str
    """Secrets and passwords masked."""
    source: str
    env: str
    editable: bool = False
    """It may be set while everything runs."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and where each that is not the default comes from."""

    settings: Settings
    sources: Mapping[str, str]
    config: Path | None
    """The settings file, if there is one."""
    files: tuple[Path, ...] = ()
    """All that was read, or would have been had it been there."""
    said: Mapping[str, str] = field(default_factory=dict)
    """What the settings file alone says of single settings, as text."""
    pinned: Mapping[str, str] = field(default_factory=dict)
    """Settings that no version may hold, and why: something else than the file says them."""
    written: Settings = field(default_factory=Settings)
    """The settings as files and environment say, once versions may be in force."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Which version is in force instead of what is written: by object, and of the settings."""
    revision: int = 0
    """How many versions there were when these were chosen."""

    def source(self, name: str) -> str:
        return self.sources.get(name, DEFAULT)

    def may_edit(self, name: str) -> bool:
        """Return whether a setting may be set while everything runs."""
        allowed = self.settings.console.edit_settings
        return allowed and name in editable() and name not in self.pinned

    def shown(self) -> list[Shown]:
        every = [*variables(), *object_variables(self.settings.objects)]
        return [
            Shown(
                v.name,
                v.masked(v.value(self.settings)),
                self.source(v.name),
                v.env,
                self.may_edit(v.name),
            )
            for v in every
        ]

    @property
    def version(self) -> str:
        """The same for the same mapping and guards: what a run was made with."""
        decisive = repr((self.settings.objects, self.settings.guards))
        return hashlib.sha256(decisive.encode()).hexdigest()[:12]


def load(
    environ: Mapping[str, str],
    *,
    config: Path | None = None,
    flags: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Loaded:
    """Load and check everything, or raise ``SettingsError`` with all problems at once.

    *flags* are keyed by dotted name (``log_level``).  ``.env`` and ``guestlist.toml`` are looked
    for in *directory*, by default the current one.
    """
    here = directory or Path()
    layers = [
        Layer("flag", {Variable(name).env: value for name, value in (flags or {}).items()}),
        Layer("env", environ),
        read_dotenv(here / ".env"),
    ]
    path = config or _config_path(layers, here)
    found = read_toml(path) if path else Found({})
    label = path.name if path else ""
    _gather(found, layers, label=label)
    try:
        settings = SettingsSchema().load(found.tree)
    except ValidationError as refused:
        found.problems += _lines(refused.messages_dict, found.sources)
        raise SettingsError(found.problems) from None
    if found.problems:
        raise SettingsError(found.problems)
    files = tuple(each.absolute() for each in _files(layers, path, here))
    return Loaded(
        _completed(settings, here),
        found.sources,
        path,
        files,
        said=found.said,
        pinned=_pinned(settings, found.sources, label),
    )


def unconnected(settings: Settings) -> list[str]:
    """What is still missing before the CRMs can be called; empty: nothing."""
    salesforce = settings.salesforce
    missing = []
    if not settings.hubspot.token and not settings.hubspot.client_id:
        missing.append(
            "HubSpot: set GUESTLIST_HUBSPOT_TOKEN (a service key or private-app token), or "
            "GUESTLIST_HUBSPOT_CLIENT_ID with GUESTLIST_HUBSPOT_CLIENT_SECRET for OAuth."
        )
    if not salesforce.client_secret and not salesforce.private_key:
        missing.append(
            "Salesforce: set GUESTLIST_SALESFORCE_CLIENT_ID with "
            "GUESTLIST_SALESFORCE_CLIENT_SECRET, or with GUESTLIST_SALESFORCE_USERNAME "
            "and GUESTLIST_SALESFORCE_PRIVATE_KEY."
        )
    return missing


def _pinned(settings: Settings, sources: Mapping[str, str], label: str) -> dict[str, str]:
    """Return what versions may not hold: the environment wins, and two people stay two.

    Where a held list needs two, one alone could let everybody in by setting the guards.
    """
    found = {name: source for name, source in sources.items() if source != label}
    if settings.guards.four_eyes:
        guards = (name for name in editable() if name.startswith("guards."))
        found = dict.fromkeys(guards, "guards.four_eyes is on") | found
    return found


def _files(layers: list[Layer], config: Path | None, here: Path) -> Iterator[Path]:
    yield config or here / "guestlist.toml"
    yield here / ".env"
    for layer in layers:
        named = (value for name, value in layer.values.items() if _names_file(name))
        yield from (Path(value.strip()) for value in named if value.strip())


def _names_file(name: str) -> bool:
    return name.startswith(PREFIX) and name.endswith("_FILE")


def _config_path(layers: list[Layer], here: Path) -> Path | None:
    for layer in layers:
        if named := layer.values.get(CONFIG, "").strip():
            return Path(named)
    usual = here / "guestlist.toml"
    # Whatever has that name: a folder, or a link to nothing, would else mean all defaults.
    return usual if os.path.lexists(usual) else None


def _gather(found: Found, layers: list[Layer], *, label: str) -> None:
    """Fill *found* from all layers, the packaged mapping underneath."""
    given = found.tree.get("objects", {})
    found.sources |= dict.fromkeys(_leaves(found.tree), label)
    plain = variables()
    refuse_secrets(found, plain)
    packaged = packaged_objects()
    if isinstance(given, dict):
        found.tree["objects"], problems = overlay(given, packaged)
        found.problems += [f"{name}: {text} ({label})" for name, text in problems.items()]
    objects = found.tree["objects"]
    every = plain + object_variables(objects if isinstance(objects, dict) else packaged)
    drop_blanks(found, every)
    found.said = _said(found.tree)
    apply(found, layers, every)
    refuse_unknown(found, layers, every)


def _said(tree: Mapping[str, Any]) -> dict[str, str]:
    """Return what a file says of the settings that people may set meanwhile."""
    tables = {section: tree.get(section) for section in SECTIONS}
    return {
        f"{section}.{key}": as_text(value)
        for section, table in tables.items()
        if isinstance(table, dict)
        for key, value in table.items()
        if f"{section}.{key}" in editable()
    }


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of what a file sets; mapping rows by their HubSpot property."""
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{name}.")
        elif isinstance(value, list) and key == "fields":
            yield from (f"{name}.{row['hubspot']}" for row in value if _has_property(row))
        else:
            yield name


def _has_property(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("hubspot"), str)


def _completed(settings: Settings, here: Path) -> Settings:
    """Fill in what follows from other settings."""
    state_dir = (here / settings.state_dir).absolute()
    database = settings.database_url or f"sqlite:///{state_dir / 'guestlist.db'}"
    scheme, _, rest = database.partition("://")
    if scheme in {"postgres", "postgresql"}:
        database = f"postgresql+psycopg://{rest}"
    return replace(
        settings,
        state_dir=state_dir,
        database_url=database,
        limits_url=settings.limits_url or _redis_address(settings.broker_url),
    )


def _redis_address(broker: str) -> str | None:
    scheme, _, rest = broker.partition("://")
    match scheme:
        case "redis" | "rediss":
            return broker
        case "redis+socket":
            return f"unix://{rest}"
        case _:
            return None


def problem_lines(messages: Mapping[str, Any], at: str) -> list[str]:
    """Return a line for each problem that a schema found under *at*."""
    return _lines(messages, {}, at)


def _lines(messages: Mapping[str, Any], sources: Mapping[str, str], at: str = "") -> list[str]:
    lines: list[str] = []
    for key, below in messages.items():
        name = at if key in {"_schema", ""} else f"{at}.{key}".removeprefix(".")
        if isinstance(below, Mapping):
            lines += _lines(below, sources, name)
        else:
            lines += [f"{name}: {text}{_from(name, sources)}" for text in below]
    return lines


def _from(name: str, sources: Mapping[str, str]) -> str:
    """The source in brackets: of the setting, of the row around it, or of something inside."""
    for known, source in sources.items():
        if known == name or known.startswith(f"{name}.") or name.startswith(f"{known}."):
            return f" ({source})"
    return ""
