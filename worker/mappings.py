"""Versions of a mapping: what may be one, what it changes, and the mapping that it makes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError

from guestlist.domain.check import misfits
from guestlist.domain.edit import Edit, edits, fixed
from guestlist.domain.errors import Misconfigured
from guestlist.store.versions import Version
from schemas.mapping import ObjectMapping
from schemas.mapping_schema import ObjectMappingSchema
from schemas.mapping_text import table_of
from schemas.overlay import overlay
from worker.settings import Loaded, SettingsError, problem_lines
from worker.sources import packaged_objects, parse_toml
from worker.versions import Proposed, digest, keep

if TYPE_CHECKING:
    from guestlist.engine.services import Services


def laid_over(loaded: Loaded, version: Version) -> Loaded:
    """Return what was loaded with a version over the files' mapping, while it counts.

    Raises ``SettingsError`` for one that can not be used any more.
    """
    if version.body is None or not usable(loaded, version):
        return loaded
    name, written = version.object, loaded.written.objects[version.object]
    mapping = restored(written, version)
    source = f"mapping version {version.version}"
    changed = {f"objects.{name}.{each.place}": source for each in edits(written, mapping)}
    return replace(
        loaded,
        settings=replace(loaded.settings, objects={**loaded.settings.objects, name: mapping}),
        sources={**loaded.sources, **changed},
        versions={**loaded.versions, name: version.version},
    )


def usable(loaded: Loaded, version: Version) -> bool:
    """Return whether the files still say what they said when the version was made."""
    written = loaded.written.objects.get(version.object)
    allowed = loaded.settings.console.edit_mapping
    return allowed and written is not None and version.base == base_of(written)


def base_of(written: ObjectMapping) -> str:
    """Return one word for what the files say of an object, but for a list pinned there."""
    return digest(table_of(written))


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


def save(
    loaded: Loaded, services: "Services", name: str, proposed: Proposed[ObjectMapping]
) -> Version:
    """Add a version; from now on it is in force.

    Raises ``Misconfigured`` where it may not be, would change nothing, does not fit the CRMs, or
    somebody else made one meanwhile.
    """
    written = loaded.written.objects[name]
    target = proposed.target or written
    current = services.settings.objects[name]
    changed = edits(current, target)
    refuse_unwanted(loaded, name, target)
    if not changed:
        raise Misconfigured("nothing would change")
    refuse_misfit(services, name, target)
    made = Version(
        object=name,
        version=proposed.seen + 1,
        base=base_of(written),
        body=table_of(target) if proposed.target else None,
        note=proposed.note,
        made_at=services.clock(),
        made_by=proposed.who,
    )
    keep(services.database, made, changed, what="mapping.saved")
    return made


def refuse_unwanted(loaded: Loaded, name: str, target: ObjectMapping) -> None:
    """Raise ``Misconfigured`` for what is changed in the files only."""
    if not loaded.settings.console.edit_mapping:
        message = "the mapping is changed in the settings file only (console.edit_mapping is off)"
        raise Misconfigured(message)
    if names := fixed(loaded.written.objects[name], target):
        message = f"{', '.join(names)}: links rest on it; change it in the settings file"
        raise Misconfigured(message)


def refuse_misfit(services: "Services", name: str, target: ObjectMapping) -> None:
    """Raise ``Misconfigured`` where nothing, or a field that it changes, could sync with it."""
    before = services.schemas.check(services.settings.objects[name])
    if errors := misfits(services.schemas.check(target), before):
        lines = "\n".join(f"  {each.field}: {each.message}. {each.fix}" for each in errors)
        raise Misconfigured(f"it does not fit the CRMs:\n{lines}")


def restored(written: ObjectMapping, version: Version | None) -> ObjectMapping:
    """Return the mapping of a version; ``None``: there was none yet, so it is as written."""
    if version is None or version.body is None:
        return written
    try:
        return mapping_of(written, version.body)
    except SettingsError as error:
        told = f"version {version.version} of the mapping of {version.object} can not be used"
        raise SettingsError([f"{told}: {each}" for each in error.problems]) from None


def changes_of(written: ObjectMapping, before: Version | None, after: Version) -> list[Edit]:
    """Return what a version changed in the one before it."""
    return edits(restored(written, before), restored(written, after))
