"""Versions of settings: the values people set while everything runs, and what they may set.

A version holds what differs from the files, by name; the rest goes on following them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from marshmallow import ValidationError

from guestlist.domain.edit import Edit
from guestlist.domain.errors import Misconfigured
from guestlist.store.database import Database
from guestlist.store.versions import Version
from schemas.fields import unknown_key
from schemas.settings import Settings
from schemas.settings_schema import SettingsSchema
from schemas.toml_text import pairs
from schemas.variables import SECTIONS, as_text, editable
from worker.settings import DEFAULT, Loaded, SettingsError, problem_lines
from worker.versions import Proposed, digest, keep

NAME = "[settings]"
"""What versions of settings are kept under; an object can not be named like this."""
SOURCE = "settings version"
Values = Mapping[str, str]
"""Settings by name, as they would be written in an environment variable."""


def laid_over(loaded: Loaded, version: Version) -> Loaded:
    """Return what was loaded with a version over it, while it counts.

    What the environment says wins.  Raises ``SettingsError`` for one that can not be used any more.
    """
    if not version.body or not usable(loaded, version):
        return loaded
    settings = restored(loaded, version)
    changed = (each.place for each in edits(loaded.written, settings))
    source = f"{SOURCE} {version.version}"
    return replace(
        loaded,
        settings=_with_sections(loaded.settings, settings),
        sources={**loaded.sources, **dict.fromkeys(changed, source)},
        versions={**loaded.versions, NAME: version.version},
    )


def usable(loaded: Loaded, version: Version) -> bool:
    """Return whether the file still says what it said of these values when they were set."""
    allowed = loaded.settings.console.edit_settings
    return allowed and version.base == base_of(loaded, version.body or {})


def base_of(loaded: Loaded, values: Values) -> str:
    """Return one word for what the file says of these settings, the environment aside."""
    return digest({name: loaded.said.get(name) for name in values})


def restored(loaded: Loaded, version: Version | None) -> Settings:
    """Return the settings of a version; ``None``: as they are written."""
    if version is None or not version.body:
        return loaded.written
    values = {name: text for name, text in version.body.items() if name not in loaded.pinned}
    try:
        return with_values(loaded.written, values)
    except SettingsError as error:
        told = f"{SOURCE} {version.version} can not be used"
        raise SettingsError([f"{told}: {each}" for each in error.problems]) from None


def with_values(settings: Settings, values: Values) -> Settings:
    """Return the settings with these values, checked as a file would be.

    Raises ``SettingsError`` with everything that is wrong.
    """
    if unknown := [name for name in values if name not in editable()]:
        lines = [f"{name}: {unknown_key(name, editable())}" for name in unknown]
        raise SettingsError(lines)
    tables: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for name, text in (texts(settings) | dict(values)).items():
        section, _, key = name.partition(".")
        tables[section][key] = text
    try:
        read: Settings = SettingsSchema(only=SECTIONS).load(tables)
    except ValidationError as refused:
        raise SettingsError(problem_lines(refused.messages_dict, "")) from None
    return _with_sections(settings, read)


def texts(settings: Settings) -> dict[str, str]:
    """Return what may be set, as it is now."""
    return {name: as_text(each.value(settings)) for name, each in editable().items()}


def edits(before: Settings, after: Settings) -> list[Edit]:
    """Return what has to be set in *before* to have *after*."""
    old, new = texts(before), texts(after)
    return [Edit(name, old[name], new[name]) for name in old if old[name] != new[name]]


def changes_of(loaded: Loaded, before: Version | None, after: Version) -> list[Edit]:
    """Return what a version set anew beside the one before it."""
    plain = texts(loaded.written)
    old, new = ({**plain, **((each and each.body) or {})} for each in (before, after))
    names = [*plain, *(name for name in {**old, **new} if name not in plain)]
    return [
        Edit(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    ]


def proposed(loaded: Loaded, values: Values) -> Settings:
    """Return the settings in force with these values; raises what :func:`with_values` does.

    Also raises ``Misconfigured`` for what may not be set.
    """
    refuse_unwanted(loaded, values)
    return with_values(loaded.settings, values)


def refuse_unwanted(loaded: Loaded, values: Values) -> None:
    """Raise ``Misconfigured`` for what is set elsewhere."""
    if not loaded.settings.console.edit_settings:
        message = "settings are changed in the settings file only (console.edit_settings is off)"
        raise Misconfigured(message)
    if wrong := [f"{name} ({loaded.pinned[name]})" for name in values if name in loaded.pinned]:
        raise Misconfigured(f"not to be set here: {', '.join(wrong)}")


def save(
    loaded: Loaded,
    database: Database,
    wanted: Proposed[Settings],
    *,
    clock: Callable[[], datetime],
) -> Version:
    """Add a version; from now on it is in force.

    Raises ``Misconfigured`` where it may not be, would change nothing, or somebody else made one
    meanwhile.
    """
    target = wanted.target or loaded.written
    changed = edits(loaded.settings, target)
    refuse_unwanted(loaded, {each.place: "" for each in changed})
    if not changed:
        raise Misconfigured("nothing would change")
    body = {each.place: each.after or "" for each in edits(loaded.written, target)}
    made = Version(
        object=NAME,
        version=wanted.seen + 1,
        base=base_of(loaded, body),
        body=body or None,
        note=wanted.note,
        made_at=clock(),
        made_by=wanted.who,
    )
    keep(database, made, changed, what="settings.saved")
    return made


def text_of(loaded: Loaded) -> str:
    """Return what is in force, and no default, as it would stand in the settings file."""
    lines = "\n".join(_lines(loaded)).strip()
    return f"{lines or '# Nothing here is other than the default.'}\n"


def _lines(loaded: Loaded) -> Iterator[str]:
    for section in SECTIONS:
        names = [
            each
            for each in editable()
            if each.startswith(f"{section}.") and loaded.source(each) != DEFAULT
        ]
        around = [each for each in names if loaded.pinned.get(each) == loaded.source(each)]
        yield from (f"# {each} comes from {loaded.source(each)}" for each in around)
        ours = [each for each in names if each not in around]
        if ours:
            values = {each: editable()[each].value(loaded.settings) for each in ours}
            yield f"[{section}]"
            yield from pairs({name.partition(".")[2]: value for name, value in values.items()})
            yield ""


def _with_sections(settings: Settings, read: Settings) -> Settings:
    """Return *settings* with what may be set as it is in *read*."""
    changed = {}
    for section in SECTIONS:
        names = (name.partition(".") for name in editable())
        keys = [key for table, _, key in names if table == section]
        values = {key: getattr(getattr(read, section), key) for key in keys}
        changed[section] = replace(getattr(settings, section), **values)
    return replace(settings, **changed)
