"""The import contracts hold, and they notice when they do not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "guestlist", "worker", "tasks", "console", "sandbox")

BREACHES = {
    "guestlist/domain/breach.py": "import requests",
    "guestlist/connectors/breach.py": "import guestlist.store",
    "guestlist/store/breach.py": "import guestlist.engine",
    "schemas/breach.py": "import guestlist",
    "sandbox/breach.py": "import schemas",
    "console/breach.py": "import sandbox",
    "tasks/breach.py": "import requests",
}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--no-logo"],
        cwd=tree,
        env={"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """Every module of ours, empty, under the contracts of pyproject.toml."""
    for source in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.touch()
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return tmp_path


def test_the_contracts_hold_for_empty_modules(skeleton: Path) -> None:
    done = lint(skeleton)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("module", "line"), BREACHES.items())
def test_a_breach_of_the_contracts_is_noticed(skeleton: Path, module: str, line: str) -> None:
    (skeleton / module).write_text(f"{line}\n")
    done = lint(skeleton)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout
