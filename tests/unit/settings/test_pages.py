import re
import tomllib
from pathlib import Path

from schemas.variables import variables
from worker.reference import env_example, example_toml, page_with_table
from worker.settings import load

ROOT = Path(__file__).parents[3]
RENEW = "run: python -m worker.reference"


def test_the_settings_page_is_in_step_with_the_schemas() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert page == page_with_table(page), RENEW


def test_the_page_names_every_setting_with_a_meaning() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    for variable in variables():
        assert f"| `{variable.name}` | `{variable.env}`" in page
        assert variable.meaning


def test_the_page_shows_the_built_in_mapping_as_it_is(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    shown = re.findall(r"^\| `(\w+)` \| (\w+|–) \| (\w+) \|", page, flags=re.MULTILINE)
    contacts = load({}, directory=tmp_path).settings.objects["contacts"]
    real = [
        (row.hubspot, row.salesforce.get("Contact", "–"), row.salesforce["Lead"])
        for row in contacts.fields
    ]
    assert shown == real


def test_the_env_example_is_in_step_with_the_schemas() -> None:
    assert (ROOT / ".env.example").read_text() == env_example(), RENEW


def test_the_example_file_is_in_step_with_the_schemas() -> None:
    assert (ROOT / "guestlist.example.toml").read_text() == example_toml(), RENEW


def test_an_example_copied_as_it_is_loads(tmp_path: Path) -> None:
    (tmp_path / "guestlist.toml").write_text(example_toml())
    (tmp_path / ".env").write_text(env_example())
    assert load({}, directory=tmp_path).settings.objects


def test_the_example_with_every_comment_sign_removed_says_the_defaults(tmp_path: Path) -> None:
    plain = load({}, directory=tmp_path).settings
    settings, _, objects = example_toml().partition("# [objects]")
    lines = [re.sub(r"^# (?=\w+ = )", "", line) for line in settings.splitlines()]
    (tmp_path / "guestlist.toml").write_text("\n".join(lines))
    assert load({}, directory=tmp_path).settings == plain
    uncommented = "\n".join(line.removeprefix("#") for line in objects.splitlines()[1:])
    assert tomllib.loads(uncommented)["objects"]["contacts"]["create_as"] == "Contact"
