"""Read what a person has set, in files and the environment, and remember where."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from guestlist.domain.errors import Misconfigured
from schemas.fields import did_you_mean
from schemas.variables import PREFIX, Variable

READ_ELSEWHERE = {
    "GUESTLIST_CONFIG": "Path of the settings file; not set: guestlist.toml where you are.",
    "GUESTLIST_FAILPOINTS": "Where the tests say at which step a worker dies, in development.",
    "GUESTLIST_PROBE_DIR": "Folder of the heartbeat and ready files; not set: one in /tmp.",
    "GUESTLIST_SHARED": "Read by the tests: where recorded schemas are.",
}
"""Variables with our prefix that are no settings."""

_MEANT = ("GUESTLIST_CONFIG", "GUESTLIST_PROBE_DIR")
"""Those of them that a person may want."""
TEXT = "utf-8-sig"
"""Also what editors on Windows begin a file with."""

_INJECTED = re.compile(r"GUESTLIST_(\w+_)?(SERVICE_(HOST|PORT)(_\w+)?|PORT(_\d+_\w+)?)")
"""What Kubernetes adds for services named guestlist-something."""


@dataclass(slots=True)
class Found:
    """What the sources say, before any of it is checked."""

    tree: dict[str, Any]
    """Nested as in the file."""
    sources: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    """What the file alone says of single settings, as text."""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings by variable name, from one place."""

    label: str
    values: Mapping[str, str]


def read_toml(path: Path) -> Found:
    found = Found({})
    try:
        found.tree = tomllib.loads(path.read_text(encoding=TEXT))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found.problems.append(f"{path}: is not TOML: {error}")
    except OSError as error:
        found.problems.append(f"{path}: can not be read: {error.strerror}")
    return found


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a settings file's text says; raises ``Misconfigured`` if it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"it is not TOML: {error}") from None


def packaged_objects() -> dict[str, Any]:
    """The ``[objects]`` that come with Guestlist."""
    text = files("schemas").joinpath("defaults.toml").read_text(encoding="utf-8")
    objects: dict[str, Any] = tomllib.loads(text)["objects"]
    return objects


def read_dotenv(path: Path) -> Layer:
    there = path.is_file()
    values = dotenv_values(path, interpolate=False, encoding=TEXT) if there else {}
    return Layer(path.name, {name: value for name, value in values.items() if value is not None})


def refuse_secrets(found: Found, variables: Iterable[Variable]) -> None:
    """A settings file gets committed and mailed; secrets come from elsewhere."""
    for variable in variables:
        section, _, key = variable.name.rpartition(".")
        table = found.tree.get(section)
        if variable.secret and isinstance(table, dict) and table.pop(key, None) is not None:
            found.problems.append(
                f"{variable.name}: A secret does not belong in the file. "
                f"Set {variable.env} or {variable.env_file}."
            )


def drop_blanks(found: Found, variables: Iterable[Variable]) -> None:
    """Take ``daily = ""`` for what it means: not set."""
    for variable in variables:
        *sections, key = variable.name.split(".")
        table: Any = found.tree
        for section in sections:
            table = table.get(section) if isinstance(table, dict) else None
        if isinstance(table, dict) and table.get(key) == "":
            del table[key]
            found.sources.pop(variable.name, None)


def apply(found: Found, layers: Iterable[Layer], variables: Iterable[Variable]) -> None:
    """Lay the layers, strongest first, over the tree of the file.  A blank value is not set."""
    ordered = list(layers)
    for variable in variables:
        for layer in ordered:
            if value := _value(found, layer, variable):
                _put(found.tree, variable.name, value[0])
                found.sources[variable.name] = value[1]
                break


def refuse_unknown(found: Found, layers: Iterable[Layer], variables: Iterable[Variable]) -> None:
    known = {name for v in variables for name in (v.env, v.env_file) if name}
    for layer in layers:
        for name in sorted(layer.values):
            ours = name.startswith(PREFIX) and name not in READ_ELSEWHERE
            if ours and name not in known and not _INJECTED.fullmatch(name):
                words = [k.lower() for k in (*known, *_MEANT)]
                close = did_you_mean(name.lower(), words).upper()
                hint = close.replace("DID YOU MEAN", "Did you mean")
                found.problems.append(f"{name}: Unknown setting.{hint} ({layer.label})")


def _value(found: Found, layer: Layer, variable: Variable) -> tuple[str, str] | None:
    text = layer.values.get(variable.env, "").strip()
    path = layer.values.get(variable.env_file, "").strip() if variable.env_file else ""
    if text and path:
        found.problems.append(f"{variable.env}: Set it or {variable.env_file}, not both.")
    if text:
        return text, _source(layer, variable.env)
    if not path:
        return None
    try:
        content = Path(path).read_text(encoding=TEXT).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        found.problems.append(f"{variable.env_file}: {path} can not be read: {reason}")
        return None
    if not content:
        found.problems.append(f"{variable.env_file}: {path} is empty")
        return None
    return content, f"{path} ({variable.env_file})"


def _source(layer: Layer, env: str) -> str:
    return "flag" if layer.label == "flag" else f"{layer.label} {env}"


def _put(tree: dict[str, Any], name: str, value: str) -> None:
    *sections, key = name.split(".")
    table: Any = tree
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            return  # the schema says what is wrong with it
    table[key] = value
