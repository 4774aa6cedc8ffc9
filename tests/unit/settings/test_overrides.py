"""What versions of settings hold, when they count, and what they may never touch."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.errors import Misconfigured
from guestlist.store.versions import Version
from schemas.settings import AlertSettings, GuardSettings, Settings
from schemas.variables import SECTIONS, editable
from worker.overrides import (
    NAME,
    base_of,
    changes_of,
    edits,
    laid_over,
    proposed,
    restored,
    text_of,
    with_values,
)
from worker.settings import Loaded, SettingsError, load

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHARE = "guards.brake_share"


def read(folder: Path, toml: str = "", **environ: str) -> Loaded:
    (folder / "guestlist.toml").write_text(toml)
    loaded = load(environ, directory=folder)
    return replace(loaded, written=loaded.settings)


def version(loaded: Loaded, values: Mapping[str, str], number: int = 1) -> Version:
    return Version(NAME, number, base_of(loaded, values), values, "", NOW, "anna")


def test_every_value_of_these_tables_may_be_set_but_who_is_told_and_that_two_answer() -> None:
    assert {name.partition(".")[0] for name in editable()} == set(SECTIONS)
    guards = {f"guards.{each.name}" for each in fields(GuardSettings)}
    assert guards - set(editable()) == {"guards.four_eyes"}
    alerts = {each.name for each in fields(AlertSettings) if f"alerts.{each.name}" in editable()}
    assert alerts == {
        "after_s",
        "remind_hours",
        "per_hour",
        "quiet_from",
        "quiet_until",
        "time_zone",
        "error_share",
        "error_records",
        "budget_share",
        "silent_s",
    }
    assert not any(each.secret or each.address for each in editable().values())


def test_values_go_where_they_belong_and_nothing_else_moves(tmp_path: Path) -> None:
    before = read(tmp_path, "[alerts]\nsmtp_host = 'mail'\nmail_from='a@b.c'\nmail_to='d@e.f'")
    after = with_values(before.settings, {"alerts.per_hour": "3", SHARE: "0.30"})
    assert after.alerts == replace(before.settings.alerts, per_hour=3)
    assert after.guards == replace(before.settings.guards, brake_share=0.3)
    rest = replace(after, alerts=before.settings.alerts, guards=before.settings.guards)
    assert rest == before.settings


@given(st.floats(0, 1), st.integers(0, 10**9), st.floats(1e-3, 86_400))
def test_what_is_written_as_text_reads_as_the_same(part: float, number: int, s: float) -> None:
    guards = GuardSettings(brake_share=part, ask_above_creates=number, settle_s=s)
    wanted = replace(Settings(), guards=guards)
    told = {each.place: each.after or "" for each in edits(Settings(), wanted)}
    assert with_values(Settings(), told) == wanted
    assert edits(with_values(Settings(), told), wanted) == []


def test_everything_wrong_is_told_at_once() -> None:
    wrong = {SHARE: "7", "budget.reads": "x", "alerts.time_zone": "Nowhere", "polls.audit_s": ""}
    with pytest.raises(SettingsError) as told:
        with_values(Settings(), wrong)
    assert sorted(line.partition(":")[0] for line in told.value.problems) == sorted(wrong)
    with pytest.raises(SettingsError, match=r"Did you mean 'guards\.brake_share'"):
        with_values(Settings(), {"guards.brake_shar": "0.1"})


def test_a_version_counts_while_the_file_says_the_same_of_its_values(tmp_path: Path) -> None:
    made = version(read(tmp_path, "[guards]\nbrake_share = 0.2"), {SHARE: "0.3"})
    same = laid_over(read(tmp_path, "[guards]\nbrake_share = 0.20\n[polls]\naudit_s=60"), made)
    assert same.settings.guards.brake_share == 0.3
    assert same.settings.polls.audit_s == 60, "other values follow the file"
    assert same.source(SHARE) == "settings version 1"
    assert same.versions == {NAME: 1}
    for toml in ("[guards]\nbrake_share = 0.25", ""):
        other = laid_over(read(tmp_path, toml), made)
        assert other.settings == other.written
        assert other.versions == {}


def test_the_environment_wins_and_sets_nothing_else_aside(tmp_path: Path) -> None:
    made = version(read(tmp_path), {SHARE: "0.3", "guards.brake_records": "5"})
    env = read(tmp_path, GUESTLIST_GUARDS_BRAKE_SHARE="0.1")
    now = laid_over(env, made)
    assert (now.settings.guards.brake_share, now.settings.guards.brake_records) == (0.1, 5)
    assert now.source(SHARE) == "env GUESTLIST_GUARDS_BRAKE_SHARE"
    assert not now.may_edit(SHARE)
    assert now.may_edit("guards.brake_records")
    with pytest.raises(Misconfigured, match="env GUESTLIST_GUARDS_BRAKE_SHARE"):
        proposed(now, {SHARE: "0.5"})


def test_dot_env_counts_as_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GUESTLIST_POLLS_AUDIT_S=60\n")
    assert not read(tmp_path).may_edit("polls.audit_s")


def test_S18_where_two_have_to_answer_one_alone_does_not_set_the_guards(tmp_path: Path) -> None:
    made = version(read(tmp_path), {SHARE: "1", "guards.brake_records": "1000000"})
    two = read(tmp_path, "[guards]\nfour_eyes = true")
    now = laid_over(two, made)
    assert now.settings.guards == two.settings.guards, "not by a version made before either"
    with pytest.raises(Misconfigured, match=r"guards\.four_eyes is on"):
        proposed(now, {SHARE: "1"})
    assert proposed(now, {"polls.audit_s": "60"}).polls.audit_s == 60


def test_a_version_that_can_not_be_used_says_which_and_why(tmp_path: Path) -> None:
    made = version(read(tmp_path), {"budget.retries": "0.85"}, 4)
    env = read(tmp_path, GUESTLIST_BUDGET_READS="0.8")
    with pytest.raises(SettingsError, match=r"settings version 4 can not be used: budget\.retries"):
        laid_over(env, made)


def test_changes_of_a_version_are_told_though_a_setting_is_gone(tmp_path: Path) -> None:
    loaded = read(tmp_path)
    first = version(loaded, {SHARE: "0.3", "guards.of_old": "1"})
    second = version(loaded, {SHARE: "0.4"}, 2)
    told = changes_of(loaded, first, second)
    assert [tuple(each) for each in told] == [
        (SHARE, "0.3", "0.4"),
        ("guards.of_old", "1", None),
    ]
    with pytest.raises(SettingsError, match=r"guards\.of_old"):
        restored(loaded, first)


def test_what_is_exported_reads_as_what_is_in_force(tmp_path: Path) -> None:
    values = {SHARE: "0.3", "alerts.quiet_from": "22:00", "alerts.quiet_until": "07:00"}
    now = laid_over(read(tmp_path), version(read(tmp_path), values))
    again = read(tmp_path, text_of(now))
    assert again.settings == now.settings
    assert text_of(again) == text_of(now)
