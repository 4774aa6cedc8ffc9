"""Versions of a mapping that people made while everything runs, and which of them is in force.

The files are the truth: a version is in force only while the files say what they said when it was
made.  Every process asks for itself, so a new version holds everywhere at once.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import structlog
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError

from guestlist.domain.check import Severity
from guestlist.domain.edit import Edit, edits, fixed
from guestlist.domain.errors import Misconfigured, Missing
from guestlist.store import mappings
from guestlist.store.database import Database
from guestlist.store.mappings import Version
from schemas.mapping import ObjectMapping
from schemas.mapping_schema import ObjectMappingSchema
from schemas.mapping_text import table_of
from schemas.overlay import overlay
from worker.reload import Watch
from worker.settings import Loaded, SettingsError, problem_lines
from worker.sources import packaged_objects, parse_toml

if TYPE_CHECKING:
    from guestlist.engine.services import Services

LOOK_EVERY_S = 0.2
AUDITED = 50
"""Differences that the audit keeps of one version; the version itself has all."""


class MappingWatch(Watch):
    """Tells whether another version than those known to *loaded* may be in force by now.

    A database that does not answer counts as a change.
    """

    def __init__(
        self,
        loaded: Loaded,
        database: Database,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._revision = loaded.mapping_revision
        self._database = database
        super().__init__(LOOK_EVERY_S, monotonic)

    def differs(self) -> bool:
        return _revision(self._database) != self._revision


def _revision(database: Database) -> int | None:
    try:
        with database.read() as conn:
            return mappings.revision(conn)
    except DBAPIError as error:
        structlog.get_logger().warning("mappings_unread", error=type(error).__name__)
        return None


def in_force(loaded: Loaded, database: Database) -> Loaded:
    """Return what was just loaded with the versions in force laid over the files' mappings.

    A database that does not answer, or is not set up yet, has none; :class:`MappingWatch` finds
    out before anything is written.  Raises ``SettingsError`` for a version that can not be used
    any more.
    """
    try:
        with database.read() as conn:
            revision, newest = mappings.revision(conn), mappings.newest(conn)
    except DBAPIError:
        return replace(loaded, written=loaded.settings.objects)
    written = loaded.settings.objects
    objects, sources, versions = dict(written), dict(loaded.sources), {}
    loaded = replace(loaded, written=written, mapping_revision=revision)
    for name, version in newest.items():
        if version.body is not None and usable(loaded, version):
            objects[name] = _laid_over(written[name], version)
            versions[name] = version.version
            changed = edits(written[name], objects[name])
            sources |= {f"objects.{name}.{each.place}": _source(version) for each in changed}
    settings = replace(loaded.settings, objects=objects)
    return replace(loaded, settings=settings, sources=sources, versions=versions)


def usable(loaded: Loaded, version: Version) -> bool:
    """Return whether the files still say what they said when the version was made."""
    written = loaded.written.get(version.object)
    allowed = loaded.settings.console.edit_mapping
    return allowed and written is not None and version.base == base_of(written)


def base_of(written: ObjectMapping) -> str:
    """Return one word for what the files say of an object, but for a list pinned there."""
    text = orjson.dumps(table_of(written), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]


def mapping_of(written: ObjectMapping, body: Mapping[str, Any]) -> ObjectMapping:
    """Read a table as it would be read from ``[objects.x]``, with the list that is pinned now.

    Raises ``SettingsError`` with everything that is wrong.
    """
    name = written.name
    trees, problems = overlay({name: body}, packaged_objects())
    if problems:
        raise SettingsError([f"{place}: {text}" for place, text in problems.items()])
    try:
        read: ObjectMapping = ObjectMappingSchema().load(trees[name])
    except ValidationError as refused:
        raise SettingsError(problem_lines(refused.messages_dict, f"objects.{name}")) from None
    return replace(read, inclusion_list=written.inclusion_list)


def imported(written: ObjectMapping, text: str) -> ObjectMapping:
    """Read the object's mapping out of the text of a settings file."""
    found = parse_toml(text)
    objects = found.get("objects")
    body = objects.get(written.name) if isinstance(objects, dict) else None
    if not isinstance(body, dict):
        raise SettingsError([f"The text has no [objects.{written.name}]."])
    return mapping_of(written, {**body, "inclusion_list": None})


class Proposed(NamedTuple):
    """A mapping that somebody wants, beside what there is."""

    mapping: ObjectMapping | None
    """``None``: as the files say."""
    seen: int
    """The newest version when it was looked at; 0: none."""
    who: str
    note: str = ""


def save(loaded: Loaded, services: "Services", name: str, proposed: Proposed) -> Version:
    """Add a version; from now on it is in force.

    Raises ``Misconfigured`` where it may not be, would change nothing, does not fit the CRMs, or
    somebody else made one meanwhile.
    """
    written = loaded.written[name]
    target = proposed.mapping or written
    current = services.settings.objects[name]
    changed = edits(current, target)
    refuse_unwanted(loaded, name, target)
    if not changed:
        raise Misconfigured("nothing would change")
    refuse_misfit(services, target)
    made = Version(
        object=name,
        version=proposed.seen + 1,
        base=base_of(written),
        body=table_of(target) if proposed.mapping else None,
        note=proposed.note,
        made_at=services.clock(),
        made_by=proposed.who,
    )
    with services.database.begin() as conn:
        added = mappings.add(conn, made, changed={"changes": _audited(changed)})
    if not added:
        raise Misconfigured("somebody changed the mapping meanwhile: look at it again")
    return made


def refuse_unwanted(loaded: Loaded, name: str, target: ObjectMapping) -> None:
    """Raise ``Misconfigured`` for what is changed in the files only."""
    if not loaded.settings.console.edit_mapping:
        message = "the mapping is changed in the settings file only (console.edit_mapping is off)"
        raise Misconfigured(message)
    if names := fixed(loaded.written[name], target):
        message = f"{', '.join(names)}: links rest on it; change it in the settings file"
        raise Misconfigured(message)


def refuse_misfit(services: "Services", target: ObjectMapping) -> None:
    """Raise ``Misconfigured`` where nothing could sync with it."""
    found = services.schemas.check(target)
    errors = [each for each in found if each.severity is Severity.ERROR]
    if errors:
        lines = "\n".join(f"  {each.field}: {each.message}. {each.fix}" for each in errors)
        raise Misconfigured(f"it does not fit the CRMs:\n{lines}")


def newest_of(services: "Services", name: str) -> Version | None:
    with services.database.read() as conn:
        return mappings.newest(conn).get(name)


def version_of(services: "Services", name: str, version: int) -> Version:
    """Return one version; ``Missing``: there is none."""
    with services.database.read() as conn:
        found = mappings.get(conn, name, version)
    if found is None:
        raise Missing(f"there is no version {version} of the mapping of {name}")
    return found


def restored(written: ObjectMapping, version: Version | None) -> ObjectMapping:
    """Return the mapping of a version; ``None``: there was none yet, so it is as written."""
    return _laid_over(written, version) if version and version.body is not None else written


def changes_of(written: ObjectMapping, before: Version | None, after: Version) -> list[Edit]:
    """Return what a version changed in the one before it."""
    return edits(restored(written, before), restored(written, after))


def adopt(
    loaded: Loaded, services: "Services", *, file_changed: Callable[[], bool]
) -> "tuple[Loaded, Services]":
    """Return what was loaded, and services, under the versions that are in force now.

    The ways to the CRMs stay as they are.
    """
    loaded = in_force(loaded, services.database)
    watch = MappingWatch(loaded, services.database)
    return loaded, replace(
        services,
        settings=replace(services.settings, objects=loaded.settings.objects),
        settings_version=loaded.version,
        schemas=services.schemas.under(loaded.settings.objects),
        superseded=lambda: file_changed() or watch.changed(),
    )


def _laid_over(written: ObjectMapping, version: Version) -> ObjectMapping:
    try:
        return mapping_of(written, version.body or {})
    except SettingsError as error:
        told = f"version {version.version} of the mapping of {version.object} can not be used"
        raise SettingsError([f"{told}: {each}" for each in error.problems]) from None


def _source(version: Version) -> str:
    return f"mapping version {version.version}"


def _audited(changed: list[Edit]) -> list[dict[str, str | None]]:
    return [each._asdict() for each in changed[:AUDITED]]
