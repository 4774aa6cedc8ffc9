"""Files that are not what their name says, and files that were written elsewhere."""

from pathlib import Path

import pytest

from worker.settings import SettingsError, load

MARK = b"\xef\xbb\xbf"


def test_what_is_no_file_but_has_its_name_does_not_mean_the_defaults(tmp_path: Path) -> None:
    """Docker makes a folder of a file that it is to mount and does not find."""
    named = tmp_path / "guestlist.toml"
    named.mkdir()
    with pytest.raises(SettingsError, match=r"guestlist.toml: can not be read: Is a directory"):
        load({}, directory=tmp_path)
    named.rmdir()
    named.symlink_to(tmp_path / "gone.toml")
    with pytest.raises(SettingsError, match=r"guestlist.toml: can not be read: No such file"):
        load({}, directory=tmp_path)


def test_files_may_begin_with_the_mark_that_windows_gives_them(tmp_path: Path) -> None:
    (tmp_path / "guestlist.toml").write_bytes(MARK + b'log_level = "debug"\r\n')
    (tmp_path / ".env").write_bytes(MARK + b"GUESTLIST_ENVIRONMENT=here\r\n")
    (tmp_path / "token").write_bytes(MARK + b"pat-na1-made-up\r\n")
    environ = {"GUESTLIST_HUBSPOT_TOKEN_FILE": str(tmp_path / "token")}
    settings = load(environ, directory=tmp_path).settings
    assert (settings.log_level, settings.environment) == ("debug", "here")
    assert settings.hubspot.token.reveal() == "pat-na1-made-up"
