"""Rules of the tree that a machine can see."""

import re
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from console.commands.doctor import PAGES
from console.diagnosis import CHECKS

ROOT = Path(__file__).parents[2]
NO_NAMES = {"utils", "util", "helpers", "manager", "common", "base", "misc"}
LINKS = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)?(#[^)\s]+)?\)")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout", allow_module_level=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def anchor(heading: str) -> str:
    """The anchor a forge makes of a heading."""
    plain = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    return {anchor(found) for found in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)}


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("*.py")
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_modules_are_named_for_what_they_are() -> None:
    assert [path for path in tracked("*.py") if path.stem in NO_NAMES] == []


def test_nothing_unfinished_is_kept() -> None:
    # Each word in two parts, so that this file does not find itself.
    words = re.compile(r"\b(TO" + "DO|FIX" + r"ME)[:( ]|NotImplemented" + "Error")
    found = [path for path in tracked("*.py", "*.md") if words.search(path.read_text())]
    assert found == []


def test_no_file_names_a_package_index() -> None:
    hosts = re.compile("pypi[.]org|python" + "hosted|registry[.]npm" + "js|deb[.]debian[.]org")
    found = [
        path
        for path in tracked()
        if hosts.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    dead = []
    for target, fragment in LINKS.findall(page.read_text()):
        if "://" in target or target.startswith("mailto:"):
            continue
        goal = (page.parent / target).resolve() if target else page
        known = not fragment or goal.suffix != ".md" or fragment[1:] in anchors(goal)
        if not goal.exists() or not known:
            dead.append(target + fragment)
    assert dead == []


def test_the_doctor_sends_people_to_pages_that_are_there() -> None:
    assert set(PAGES) == set(CHECKS)
    for page in PAGES.values():
        path, _, fragment = page.partition("#")
        assert not fragment or fragment in anchors(ROOT / path), page
        assert (ROOT / path).is_file(), page


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md", ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        targets = [target for target, _ in LINKS.findall(page.read_text()) if target]
        waiting += [(page.parent / target).resolve() for target in targets if "://" not in target]
    assert set(tracked("docs/*.md")) - seen == set()


def test_every_package_of_the_build_is_in_the_import_contracts() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    built = set(pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    linted = set(pyproject["tool"]["importlinter"]["root_packages"])
    assert built - linted == {"migrations"}
    for package in built:
        assert (ROOT / package).is_dir()


def test_the_guestlist_command_is_installed_or_loadable() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert pyproject["project"]["scripts"] == {"guestlist": "console.cli:main"}
    for script in entry_points(group="console_scripts", name="guestlist"):
        assert callable(script.load())
